//! What changes, object by object and field by field.

use intake::types::audit::FieldChange;

/// What becomes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is made.
    Create,
    /// Some of its fields change.
    Change,
    /// It goes.
    Delete,
}

impl Action {
    /// The word used in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Delete => "delete",
        }
    }
}

/// An object that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectChange {
    /// `project`, `integration` or `mailbox`.
    pub kind: &'static str,
    /// Its name; of a project its key.
    pub name: String,
    /// What becomes of it.
    pub action: Action,
    /// Field by field, in the document's words; secrets are masked.
    pub fields: Vec<FieldChange>,
}
