//! What goes wrong in the middle of an import, and that nothing is lost and nothing doubled by it.

mod again;
mod clocks;
mod crashes;
mod downloads;
mod every_call;
mod ledger;
mod liars;
mod mails;
mod odd;
mod panics;
mod renumbered;
mod rescans;
mod scene;
mod servers;
mod stand_ins;
mod store_faults;
mod talkers;
mod unreadable;
mod watch;
