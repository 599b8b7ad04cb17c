//! What the system does: pure orders of steps over the ports.

pub mod change;
pub mod integrations;
pub mod projects;
pub mod sessions;
pub mod tokens;
