//! The one integration test binary: everything against real servers, and the rules of the workspace itself.
#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod after_import;
mod bad_input;
mod bounds;
mod browser;
mod company;
mod consent;
mod console;
mod crash;
mod cut;
mod deployed;
mod faults;
mod file_import;
mod grants;
mod guide;
mod health;
mod hostile;
mod idle;
mod imports;
mod lambdas;
mod limits;
mod log_lines;
mod mails;
mod names;
mod other_servers;
mod pop3;
mod reach;
mod refresh;
mod road;
mod rows;
mod secrets;
mod sign_in;
mod template;
mod texts;
mod vault;
mod workspace;
