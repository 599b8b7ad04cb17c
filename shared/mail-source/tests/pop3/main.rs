//! The POP3 client against servers that say what a test tells them to: honest ones, refusing ones, hostile ones.
#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod fake;
mod hostile;
mod identity;
mod large;
mod pipelining;
mod reading;
mod sign_in;
mod ways;
