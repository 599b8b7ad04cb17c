//! Signed-in accounts: the list, one of them, what is done with it, and consents under way.

mod acts;
mod list;
mod one;
mod revoke;
mod told;

use axum::{
    Router,
    routing::{get, post},
};

use super::consent;
use crate::Web;

/// Their pages.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/accounts", get(list::page))
        .route("/accounts/consent/{id}", get(consent::page))
        .route("/accounts/consent/{id}/send", post(consent::send))
        .route("/accounts/{id}", get(one::page))
        .route("/accounts/{id}/test", post(acts::test))
        .route("/accounts/{id}/refresh", post(acts::refresh))
        .route("/accounts/{id}/consent", post(acts::consent_again))
        .route("/accounts/{id}/revoke", get(revoke::page).post(revoke::go))
}
