//! What changes, object by object and field by field.

use std::collections::{BTreeMap, BTreeSet};

use intake::types::audit::FieldChange;
use serde_json::Value;

use super::document::Entry;

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

/// Field by field, down to the last level.
pub(super) fn fields_between(before: Option<&Entry>, after: &Entry) -> Vec<FieldChange> {
    let flat = |entry: Option<&Entry>| {
        let mut flat = BTreeMap::new();
        if let Some(entry) = entry {
            flatten("", entry, &mut flat);
        }
        flat
    };
    let (before, after) = (flat(before), flat(Some(after)));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names
        .into_iter()
        .map(|name| FieldChange {
            field: name.clone(),
            before: before.get(name).cloned().unwrap_or_default(),
            after: after.get(name).cloned().unwrap_or_default(),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

fn flatten(prefix: &str, entry: &Entry, flat: &mut BTreeMap<String, String>) {
    for (name, value) in entry {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Object(fields) => flatten(&name, fields, flat),
            Value::String(text) => {
                flat.insert(name, text.clone());
            }
            Value::Array(list) => {
                let texts = list.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
                flat.insert(name, texts.collect::<Vec<_>>().join(" "));
            }
            other => {
                flat.insert(name, other.to_string());
            }
        }
    }
}
