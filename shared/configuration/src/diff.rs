//! What changes, object by object and field by field.

use std::collections::BTreeMap;

use intake::{
    flows::change::{Entry, differences},
    types::audit::FieldChange,
};
use serde_json::Value;

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

/// What differs, field by field down to the last level; what is empty was not there.
pub(super) fn fields_between(before: Option<&Entry>, after: &Entry) -> Vec<FieldChange> {
    let flat = |entry: Option<&Entry>| {
        let mut flat = BTreeMap::new();
        entry.into_iter().for_each(|entry| flatten("", entry, &mut flat));
        flat
    };
    differences(&flat(before), &flat(Some(after)))
}

fn flatten(prefix: &str, entry: &Entry, flat: &mut BTreeMap<String, String>) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for (name, value) in entry {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Object(fields) => flatten(&name, fields, flat),
            Value::Array(list) => {
                flat.insert(name, list.iter().map(text).collect::<Vec<_>>().join(" "));
            }
            other => {
                flat.insert(name, text(other));
            }
        }
    }
}
