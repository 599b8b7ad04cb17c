//! The HTML of mails, in frame documents of their own: nothing in them runs, and nothing leads back to a page of ours. Each
//! file uses only those before it.

pub(super) mod document;
mod issue;
pub(super) mod message;
pub(super) mod picture;
pub(super) mod signed;

use axum::{Router, routing::get};

pub(super) use document::frame_for;

use crate::Web;

/// The frames, and the pictures in them.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/messages/{id}/html", get(message::frame))
        .route("/issues/{key}/html", get(issue::frame))
        .route("/issues/{key}/comments/{id}/html", get(issue::comment_frame))
        .route("/pictures/{what}/{until}/{tag}", get(picture::picture))
}
