//! The settings: what everybody chooses for themselves, and for administrators tokens, sessions and the configuration.

mod configuration;
mod general;
mod secrets;
mod sessions;
mod tabs;
mod tokens;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use crate::{Web, budget::MAX_LONG_FORM};

/// The pages of the settings.
pub(super) fn routes() -> Router<Web> {
    let documents = Router::new()
        .route("/settings/configuration/plan", post(configuration::plan))
        .route("/settings/configuration/apply", post(configuration::carry_out))
        .layer(DefaultBodyLimit::max(MAX_LONG_FORM));
    Router::new()
        .route("/settings", get(general::page).post(general::save))
        .route("/settings/tokens", get(tokens::page).post(tokens::create))
        .route("/settings/tokens/{id}/revoke", get(tokens::ask).post(tokens::revoke))
        .route("/settings/sessions", get(sessions::page))
        .route("/settings/sessions/{id}/end", get(sessions::ask).post(sessions::end))
        .route("/settings/configuration", get(configuration::page))
        .route("/settings/configuration/download", get(configuration::saved))
        .merge(documents)
}
