//! The guide: from an address to the first issue. It can be left at any point and gone on with, because what it made is in the
//! store and what was answered in the address of each page.

mod begin;
mod consent;
mod finish;
mod mailbox;
mod register;
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
        .route("/setup/kind", get(begin::kind))
        .route("/setup/way", get(way::page))
        .route("/setup/register", get(register::page))
        .route("/setup/integration", get(register::integration).post(register::save))
        .route("/setup/integration/prepare", post(register::prepare))
        .route("/setup/mailbox", get(mailbox::page).post(mailbox::save))
        .route("/setup/consent", get(consent::page).post(consent::go))
        .route("/setup/test", get(finish::test_page).post(finish::test))
        .route("/setup/import", get(finish::import_page).post(finish::import))
}
