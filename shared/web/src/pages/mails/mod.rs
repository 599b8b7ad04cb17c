//! Mails: every one that was seen, one of them, and those that wait for a person. Each file uses only those before it.

mod filters;
mod held;
mod list;
mod one;
mod parts;
mod redrive;
mod told;

use axum::{
    Router,
    routing::{get, post},
};

use crate::Web;

/// The pages of mails.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/messages", get(list::page))
        .route("/messages/{id}", get(one::page))
        .route("/messages/{id}/release", post(one::release))
        .route("/messages/{id}/dismiss", post(one::dismiss))
        .route("/messages/{id}/redrive", get(redrive::page).post(redrive::submit))
        .route("/messages/{id}/files/{n}", get(one::file))
        .route("/held", get(held::page))
        .route("/held/confirm", get(held::confirm))
        .route("/held/carry-out", post(held::carry_out))
}
