//! Mailboxes: the list, one of them, its form, and its handlers. Each file uses only those before it.

mod acts;
mod common;
mod delete;
mod edit;
mod handlers;
mod list;
mod report;
mod show;
mod sign_in;
mod state;

use axum::{Router, extract::DefaultBodyLimit, routing::get};

use crate::{Web, budget::MAX_LONG_FORM};

/// The pages of mailboxes.
pub(super) fn routes() -> Router<Web> {
    let below = |path: &str| format!("/mailboxes/{{id}}/{path}");
    Router::new()
        .route("/mailboxes", get(list::page))
        .route("/mailboxes/new", get(edit::new).post(edit::create))
        .route("/mailboxes/{id}", get(show::page))
        .route(&below("edit"), get(edit::page).post(edit::change))
        .route(&below("delete"), get(delete::page).post(delete::submit))
        .route(
            &below("handlers"),
            get(handlers::page).post(handlers::submit).layer(DefaultBodyLimit::max(MAX_LONG_FORM)),
        )
        .route(&below("test"), get(acts::back).post(acts::test))
        .route(&below("poll"), get(acts::back).post(acts::poll_now))
        .route(&below("pause"), get(acts::back).post(acts::pause))
        .route(&below("resume"), get(acts::back).post(acts::resume))
        .route(&below("consent"), get(acts::back).post(acts::consent))
        .route(&below("change-over"), get(acts::back).post(acts::change_over))
        .route(&below("preview"), get(acts::back).post(acts::preview))
        .route(&below("reconcile"), get(acts::back).post(acts::reconcile))
        .route(&below("backfill"), get(acts::back).post(acts::backfill))
}
