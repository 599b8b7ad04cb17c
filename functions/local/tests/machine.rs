//! The machine under the installation: a full disk, a database that is none, a lost key, a first start that is cut off, an
//! output that nobody reads, folders with links in them.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod machine {
    pub(crate) mod disk;
    pub(crate) mod program;

    mod files;
    mod full;
    mod start;
}
