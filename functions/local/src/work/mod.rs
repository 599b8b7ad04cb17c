//! What commands have done on the data, by the running process or by themselves: each has a request that can be told to
//! another process, and what carries it out.

pub(crate) mod api;
pub(crate) mod configuration;
pub(crate) mod import;
pub(crate) mod tokens;
