//! A document is applied: rehearsed first, then for good.

use intake::{App, Error, FieldError, Kind, Result, Sentence, flows::config::Rehearsal, types::audit::Actor};
use serde_json::Value;

use crate::{diff::ObjectChange, document::Document, export::Present, walk::Walk};

/// How a document is applied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Only tell what would change.
    pub dry_run: bool,
    /// Delete integrations and mailboxes that are not listed.
    pub prune: bool,
    /// Also what breaks a running mailbox.
    pub force: bool,
}

/// What came of it, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// In the order in which they are made.
    pub changes: Vec<ObjectChange>,
    /// What would break: pointers into the document, and sentences.
    pub risks: Vec<FieldError>,
}

/// Why a document was not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotApplied {
    /// It would break what is running: pointers into the document, and sentences.
    WouldBreak(Vec<FieldError>),
    /// It is not right, or a fault came in between.
    Failed(Error),
}

impl From<Error> for NotApplied {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<NotApplied> for Error {
    fn from(refused: NotApplied) -> Self {
        match refused {
            NotApplied::Failed(error) => error,
            NotApplied::WouldBreak(fields) => {
                Self { fields: fields.into(), ..Self::told(Kind::Conflict, "would_break") }
            }
        }
    }
}

/// Makes the installation as the document says. Everything is tried out first: what is wrong is told at once, and then
/// nothing is changed. What the document does not list stays, unless it is to be pruned.
pub async fn apply(
    app: &App,
    actor: &Actor,
    document: Value,
    options: Options,
) -> Result<Applied, NotApplied> {
    let (document, errors) = Document::read(document);
    let present = Present::read(app).await?;
    let rehearsal = Rehearsal::of(app);
    let mut tried = Walk::new(&rehearsal.app, actor, &present);
    tried.errors = errors;
    tried.all(&document).await?;
    if options.prune {
        tried.prune(&document, true).await?;
    }
    tried.finish()?;
    let applied = Applied { changes: tried.changes, risks: tried.risks };
    if options.dry_run || applied.changes.is_empty() {
        return Ok(applied);
    }
    if !applied.risks.is_empty() && !options.force {
        return Err(NotApplied::WouldBreak(applied.risks));
    }
    let mut walk = Walk::new(app, actor, &present);
    let mut done = walk.all_for_good(&document).await;
    if done.is_ok() && options.prune {
        done = walk.prune(&document, false).await;
    }
    done.map_err(|error| half_done(error, walk.changes.len(), applied.changes.len()))?;
    Ok(applied)
}

/// A fault in between: what was done stays, and the rest is done by applying again.
fn half_done(error: Error, done: usize, all: usize) -> Error {
    error.within(Sentence::new("half_applied").with("done", done).with("all", all))
}
