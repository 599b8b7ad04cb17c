//! Why a commit did not happen, change by change.

use super::Remembered;
use crate::{
    error::{Error, Kind},
    types::{ids::MessageId, project::IssueKey},
};

/// Why a commit did not happen. In every case nothing of it was written, except for [`StoreError::Fault`], after which
/// the outcome may be unknown: all changes can be repeated safely.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Conditions failed.
    #[error("{}", told(.0))]
    Rejected(Vec<Rejection>),
    /// The store could not be asked, or contended too long.
    #[error(transparent)]
    Fault(#[from] Error),
}

impl StoreError {
    /// The error where no other decision can answer a refusal: a lost lease, or our own mistake.
    pub fn unanswerable(self) -> Error {
        match self {
            Self::Fault(error) => error,
            Self::Rejected(rejections) if rejections.iter().any(|r| r.why == Why::FenceLost) => {
                Error::told(Kind::LeaseLost, "lease_lost.poll")
            }
            Self::Rejected(rejections) => Error::internal(told(&rejections)),
        }
    }
}

fn told(rejections: &[Rejection]) -> String {
    let one = |Rejection { change, why }: &Rejection| format!("change {change}, because {why}");
    format!("the store refused {}", rejections.iter().map(one).collect::<Vec<_>>().join("; "))
}

/// A refused part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Its place in the list given to [`Store::commit`](super::Store::commit).
    pub change: usize,
    /// Why.
    pub why: Why,
}

impl Rejection {
    /// The first rejection of this list that concerns the change at this place.
    pub fn of(rejections: &[Self], change: usize) -> Option<&Why> {
        rejections.iter().find(|r| r.change == change).map(|r| &r.why)
    }
}

/// Why a part of a transaction was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Another object has this name (or key).
    #[error("its name is taken")]
    NameTaken,
    /// It changed or went away since it was read.
    #[error("it was changed meanwhile")]
    Stale,
    /// What it refers to is not there: `integration`, `grant`, `mailbox`, `project` or `issue`.
    #[error("there is no {0}")]
    Missing(&'static str),
    /// Something still uses it.
    #[error("it is in use")]
    InUse,
    /// This mail was made into something by another message.
    #[error("the mail was made into something by {by}")]
    Seen {
        /// Which.
        by: MessageId,
    },
    /// This Message-ID belongs to another issue.
    #[error("the Message-ID belongs to {issue}")]
    Threaded {
        /// Which.
        issue: IssueKey,
    },
    /// It exists already.
    #[error("it exists")]
    Exists,
    /// The lease went to another run.
    #[error("the lease went to another run")]
    FenceLost,
    /// The Idempotency-Key was used.
    #[error("the Idempotency-Key was used")]
    Remembered(Remembered),
}
