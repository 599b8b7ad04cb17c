//! Reading and triaging issues: the projects, the list of one, an issue as a conversation, and one made by hand. Each file
//! uses only those before it.

mod by_hand;
mod changes;
mod conversation;
mod details;
mod issue;
mod list;
mod looking;
mod project;
mod projects;
mod thread;

use axum::{
    Router,
    routing::{get, post},
};

use crate::Web;

/// The pages of projects and issues.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/projects", get(projects::page).post(projects::create))
        .route("/projects/{key}", get(list::page))
        .route("/projects/{key}/settings", get(project::settings).post(project::save))
        .route("/projects/{key}/delete", get(project::ask).post(project::delete))
        .route("/projects/{key}/new", get(by_hand::page).post(by_hand::create))
        .route("/issues/{key}", get(issue::page).post(changes::change))
        .route("/issues/{key}/status", post(changes::move_on).get(issue::from_form))
        .route("/issues/{key}/comments", post(changes::comment).get(issue::from_form))
}
