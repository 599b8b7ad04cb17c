//! The harness of the integration tests: what is outside of Maildocket, started for a test and ended with it.

pub mod inside;

pub use inside::{HandClock, Inside};
