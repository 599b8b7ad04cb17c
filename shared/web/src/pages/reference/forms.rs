//! Forms of values, as the description has them: in a word, and field by field.

use serde_json::Value;

use super::document::{resolved, text};

/// How deep fields of fields are told.
const DEPTH: usize = 2;

/// One field or parameter.
pub(super) struct Field {
    /// With the names of those around it, `auth.method`.
    pub(super) name: String,
    /// In a word.
    pub(super) form: String,
    /// It must be given.
    pub(super) required: bool,
    /// What it is.
    pub(super) about: &'static str,
}

/// A form in a word, with its bounds.
pub(super) fn form(schema: &'static Value) -> String {
    if let Some(ways) = schema["oneOf"].as_array() {
        let ways = ways.iter().map(form).collect::<Vec<_>>();
        let short = ways.len() <= 2;
        return if short { ways.join(" | ") } else { "object".to_owned() };
    }
    let schema = resolved(schema);
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| word.to_string()).collect::<Vec<_>>().join(" | ");
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" | "),
        Value::String(kind) => kind.clone(),
        _ => "object".to_owned(),
    };
    if schema["items"].is_object() {
        return kind.replace("array", &format!("[{}]", form(&schema["items"])));
    }
    [kind, bounds(schema)].join(" ").trim().to_owned()
}

fn bounds(schema: &'static Value) -> String {
    let between = |least: &Value, most: &Value| match (least.as_i64(), most.as_i64()) {
        (Some(least), Some(most)) => format!("{least}…{most}"),
        (None, Some(most)) => format!("≤ {most}"),
        _ => String::new(),
    };
    let number = between(&schema["minimum"], &schema["maximum"]);
    let length = between(&schema["minLength"], &schema["maxLength"]);
    let length = if length.is_empty() { length } else { format!("({length})") };
    [number, length, text(&schema["format"]).to_owned(), text(&schema["pattern"]).to_owned()]
        .into_iter()
        .filter(|part| !part.is_empty() && part != "int64" && part != "int32")
        .collect::<Vec<_>>()
        .join(" ")
}

/// The fields of an object, with those of objects in it.
pub(super) fn fields(schema: &'static Value) -> Vec<Field> {
    let mut all = Vec::new();
    collect(schema, "", DEPTH, &mut all);
    all
}

fn collect(schema: &'static Value, around: &str, depth: usize, all: &mut Vec<Field>) {
    let schema = resolved(schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(part, around, depth, all);
    }
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|n| n == name));
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        let (place, whole) = (format!("{around}{name}"), resolved(inner));
        let about = if inner["description"].is_string() { inner } else { whole };
        let required = required(name);
        all.push(Field {
            name: place.clone(),
            form: form(inner),
            required,
            about: text(&about["description"]),
        });
        if depth > 1 && whole["properties"].is_object() {
            collect(whole, &format!("{place}."), depth - 1, all);
        }
    }
}
