//! What the system does: pure orders of steps over the ports.

pub mod change;
pub mod comments;
pub mod integrations;
pub mod issues;
pub mod mailboxes;
pub mod messages;
pub mod projects;
pub mod sessions;
pub mod status;
pub mod tokens;
