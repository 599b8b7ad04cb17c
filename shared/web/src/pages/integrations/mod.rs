//! Integrations: the list, one with its history, a new one, and what is done with them.

mod acts;
mod change;
pub(super) mod form;
mod list;
pub(super) mod new;
mod one;
mod remove;
mod reveal;

use axum::{
    Router,
    routing::{get, post},
};

use crate::Web;

/// Their pages.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/integrations", get(list::page).post(new::create))
        .route("/integrations/new", get(new::page))
        .route("/integrations/prepare", post(new::prepare))
        .route("/integrations/{id}", get(one::page).post(change::save))
        .route("/integrations/{id}/edit", get(change::page))
        .route("/integrations/{id}/delete", get(remove::page).post(remove::go))
        .route("/integrations/{id}/reveal", get(reveal::page).post(reveal::show))
        .route("/integrations/{id}/redirect-url", post(acts::generate))
        .route("/integrations/{id}/test", post(acts::test))
        .route("/integrations/{id}/consent", post(acts::consent))
}
