//! What is done to mails on their server after the import: the choice, and how it went.

use intake::{
    one_of,
    types::errand::{AfterImport, ErrandStatus, Errands},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::last_error::ErrorView;

/// How what follows imports stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailboxErrands)]
pub(super) struct ErrandsView {
    /// Something may still be to do; the next poll sees to it.
    pending: bool,
    /// Why it waits.
    #[schema(required)]
    last_error: Option<ErrorView>,
}

impl From<Errands> for ErrandsView {
    fn from(errands: Errands) -> Self {
        Self {
            pending: errands.pending,
            last_error: errands.trouble.map(|trouble| ErrorView::from(trouble.problem)),
        }
    }
}

one_of!(MailActionWord: "mark_seen", "move", "delete");

/// What was or is to be done to one mail on its server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageAfterImport)]
pub(super) struct ErrandView {
    /// What it is.
    #[schema(value_type = MailActionWord)]
    action: &'static str,
    /// With `move`.
    #[schema(required)]
    folder: Option<String>,
    /// How it stands.
    status: ErrandStatus,
    /// Why it was given up; else empty.
    detail: String,
}

impl From<AfterImport> for ErrandView {
    fn from(after: AfterImport) -> Self {
        Self {
            action: after.action.as_str(),
            folder: after.action.folder().map(str::to_owned),
            status: after.status,
            detail: after.detail,
        }
    }
}
