//! The guide: from an address to the first issue. It can be left at any point and gone on with, because what it made is in the
//! store and what was answered in the address of each page.

mod begin;
mod consent;
mod import;
mod integration;
mod mailbox;
mod probe;
mod server;
mod shell;
mod trip;
mod way;

use axum::{
    Router,
    routing::{get, post},
};

use crate::Web;

/// Its pages.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/setup", get(begin::address))
        .route("/setup/way", get(way::page))
        .route("/setup/integration", get(integration::page).post(integration::save))
        .route("/setup/integration/prepare", post(integration::prepare))
        .route("/setup/mailbox", get(mailbox::page).post(mailbox::save))
        .route("/setup/consent", get(consent::page).post(consent::go))
        .route("/setup/test", get(probe::ask).post(probe::test))
        .route("/setup/import", get(import::page).post(import::import))
}
