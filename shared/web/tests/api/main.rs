//! The JSON API over the real store: every call with good and bad input.
#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod administrators;
mod after_import;
mod attacks;
mod browser;
mod config;
mod cursors;
mod description;
mod document;
mod grants;
mod handlers;
mod hostile;
mod imports;
mod integrations;
mod issue_pages;
mod issues;
mod large;
mod mail_html;
mod mail_pages;
mod mailboxes;
mod messages;
mod oidc;
mod one_time_link;
mod outside;
mod pages;
mod pages_handlers;
mod pages_mailboxes;
mod presets;
mod roles;
mod settings;
mod setup_guide;
mod setup_pages;
mod sign_in;
mod site;
mod tokens;
mod unhealthy;
