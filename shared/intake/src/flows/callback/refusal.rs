//! Consents that come to nothing.

use crate::{error::Error, flows::change::Diff};

/// Why a consent came to nothing, and whose account was told from whose.
pub(super) struct Refusal {
    pub(super) error: Box<Error>,
    pub(super) told: Diff,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error: Box::new(error), told: Diff::default() }
    }
}
