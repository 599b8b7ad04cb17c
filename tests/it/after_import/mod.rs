//! What is done to mails on their server after the import, against the real server.

mod actions;
mod faults;
mod kills;
mod refusals;
mod scene;
