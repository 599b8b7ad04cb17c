//! What the process needs around the roles: its data folder, its adapters, its runtime, its output.

pub(crate) mod allocator;
pub(crate) mod data;
pub(crate) mod disk;
pub(crate) mod offline;
pub(crate) mod out;
pub(crate) mod runtime;
pub(crate) mod scheduler;
pub(crate) mod wire;
