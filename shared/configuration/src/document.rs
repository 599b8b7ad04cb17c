//! The document: objects by name, each in the words of the API's own requests.

use std::{collections::BTreeMap, fmt};

use intake::{FieldError, Sentence, flows::change::Entry, json::pointer, types::name::Name};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The format that this version writes and reads.
pub const FORMAT: u64 = 1;

/// A whole configuration. Names are keys, and references are names: there are no identifiers, no state, no secrets.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Document {
    /// [`FORMAT`].
    pub format: u64,
    /// By key.
    pub projects: BTreeMap<String, Entry>,
    /// By name.
    pub integrations: BTreeMap<String, Entry>,
    /// By name.
    pub mailboxes: BTreeMap<String, Entry>,
}

/// A document that is to be applied may carry secrets: it tells its size only.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = [self.projects.len(), self.integrations.len(), self.mailboxes.len()];
        write!(f, "Document {sizes:?}")
    }
}

impl Document {
    /// A document as somebody wrote it, and everything that is wrong with its outline.
    pub(super) fn read(value: Value) -> (Self, Vec<FieldError>) {
        let mut errors = Vec::new();
        let mut document = Self { format: FORMAT, ..Self::default() };
        let Value::Object(parts) = value else {
            errors.push(wrong("", "field.document"));
            return (document, errors);
        };
        if !parts.contains_key("format") {
            errors.push(wrong("/format", Sentence::new("field.format_required").with("format", FORMAT)));
        }
        for (name, part) in parts {
            let at = pointer([&name]);
            match name.as_str() {
                "format" if part.as_u64() == Some(FORMAT) => {}
                "format" => errors.push(wrong(&at, Sentence::new("field.format").with("format", FORMAT))),
                "projects" => document.projects = section(part, &at, str::to_owned, &mut errors),
                "integrations" => document.integrations = section(part, &at, name_key, &mut errors),
                "mailboxes" => document.mailboxes = section(part, &at, name_key, &mut errors),
                _ => errors.push(wrong(&at, "field.part")),
            }
        }
        (document, errors)
    }
}

/// Something wrong at one place.
pub(super) fn wrong(at: &str, detail: impl Into<Sentence>) -> FieldError {
    FieldError::new(at, detail)
}

/// The same, below another place.
pub(super) fn below(at: &str, wrongs: Vec<FieldError>) -> impl Iterator<Item = FieldError> {
    wrongs.into_iter().map(move |wrong| FieldError { pointer: format!("{at}{}", wrong.pointer), ..wrong })
}

/// By which names are compared.
pub(super) fn name_key(name: &str) -> String {
    Name::new(name).map_or_else(|_| name.to_owned(), |name| name.key())
}

/// A section without anything in it is null in YAML.
fn section(
    value: Value,
    at: &str,
    key: fn(&str) -> String,
    errors: &mut Vec<FieldError>,
) -> BTreeMap<String, Entry> {
    let mut section = BTreeMap::new();
    let entries = match value {
        Value::Object(entries) => entries,
        Value::Null => return section,
        _ => {
            errors.push(wrong(at, "field.section"));
            return section;
        }
    };
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    for (name, entry) in entries {
        let at = format!("{at}{}", pointer([&name]));
        if let Some(other) = keys.insert(key(&name), name.clone()) {
            let detail = Sentence::new("field.same_name").with("other", other);
            errors.push(wrong(&at, detail));
            continue;
        }
        match entry {
            Value::Object(fields) => {
                section.insert(name, fields);
            }
            Value::Null => {
                section.insert(name, Entry::new());
            }
            _ => errors.push(wrong(&at, "field.entry")),
        }
    }
    section
}
