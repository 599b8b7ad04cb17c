//! Courier and Cyrus: the same cases at each, by IMAP and by POP3.

mod after_import;
mod import;
mod kills;
mod refusals;
mod scene;
mod watch;
