//! What the system does: pure orders of steps over the ports.

pub mod audit;
pub mod authorize;
pub mod callback;
pub mod change;
pub mod comments;
pub mod config;
pub mod credentials;
pub mod files;
pub mod grants;
pub mod handlers;
pub mod health;
pub mod integrations;
pub mod issues;
pub mod mailboxes;
pub mod master_key;
pub mod messages;
pub mod poll;
pub mod prerequisites;
pub mod probe;
pub mod projects;
pub mod refresh;
pub mod refresher;
mod secrets;
pub mod sessions;
pub mod status;
pub mod tokens;
mod waiting;
