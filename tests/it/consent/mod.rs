//! The way to the provider's consent page and back.

mod accounts;
mod crashes;
mod endpoints;
mod id_tokens;
mod mailboxes;
mod refusals;
mod sent;
