//! The description as it is given out, read once.

use std::sync::LazyLock;

use serde_json::Value;
use url::Url;

use crate::api::description::TEXT;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or_default());

/// One call.
pub(super) struct Call {
    /// `GET`, in small letters.
    pub(super) method: &'static str,
    /// Below `/api/v1`.
    pub(super) path: &'static str,
    /// Its operationId.
    pub(super) id: &'static str,
    /// What it does, in a sentence.
    pub(super) summary: &'static str,
    /// All of what is said of it.
    pub(super) operation: &'static Value,
}

/// The kinds of things that calls are about, each with a sentence.
pub(super) fn tags() -> impl Iterator<Item = (&'static str, &'static str)> {
    let tags = DOCUMENT["tags"].as_array().into_iter().flatten();
    tags.map(|tag| (text(&tag["name"]), text(&tag["description"])))
}

/// What is to be known of all calls.
pub(super) fn introduction() -> &'static str {
    text(&DOCUMENT["info"]["description"])
}

/// What a reference leads to.
pub(super) fn resolved(schema: &'static Value) -> &'static Value {
    let target = schema["$ref"].as_str().and_then(|reference| DOCUMENT.pointer(reference.strip_prefix('#')?));
    target.unwrap_or(schema)
}

/// A text of the document, or nothing.
pub(super) fn text(value: &'static Value) -> &'static str {
    value.as_str().unwrap_or_default()
}

impl Call {
    /// Those of a kind, in the order of their paths.
    pub(super) fn of(tag: &str) -> Vec<Self> {
        let paths = DOCUMENT["paths"].as_object().into_iter().flatten();
        let calls = paths.flat_map(|(path, item)| {
            let operations = item.as_object().into_iter().flatten();
            operations.map(move |(method, operation)| Self {
                method,
                path,
                id: text(&operation["operationId"]),
                summary: text(&operation["summary"]),
                operation,
            })
        });
        calls.filter(|call| call.operation["tags"][0] == tag).collect()
    }

    /// `GET /projects`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// Parameters of its path, query and headers.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &'static Value> {
        self.operation["parameters"].as_array().into_iter().flatten()
    }

    /// What its body is, with an example.
    pub(super) fn request(&self) -> Option<&'static Value> {
        self.operation.pointer("/requestBody/content/application~1json")
    }

    /// The good answer: its status and, where it has a body, what that is.
    pub(super) fn answer(&self) -> Option<(&'static str, Option<&'static Value>)> {
        let mut answers = self.operation["responses"].as_object()?.iter();
        let (status, answer) = answers.find(|(status, _)| status.starts_with('2'))?;
        Some((status, answer["content"].as_object().and_then(|contents| contents.values().next())))
    }

    /// The same as a command, with the token in `$TOKEN`.
    pub(super) fn command(&self, base: &Url) -> String {
        let mut path = self.path.to_owned();
        let mut query = Vec::new();
        for parameter in self.parameters() {
            let (name, example) = (text(&parameter["name"]), text(&parameter["example"]));
            match text(&parameter["in"]) {
                "path" => path = path.replace(&format!("{{{name}}}"), example),
                "query" if !example.is_empty() => query.push(format!("{name}={example}")),
                _ => {}
            }
        }
        let method = match self.method {
            "get" => String::new(),
            other => format!(" -X {}", other.to_uppercase()),
        };
        let query = if query.is_empty() { query.concat() } else { format!("?{}", query.join("&")) };
        let body = self.request().map(|content| {
            let json = content["example"].to_string().replace('\'', "'\\''");
            format!(" -H 'Content-Type: application/json' -d '{json}'")
        });
        let base = base.as_str().trim_end_matches('/');
        let body = body.unwrap_or_default();
        format!("curl -sS{method} -H \"Authorization: Bearer $TOKEN\"{body} '{base}/api/v1{path}{query}'")
    }
}
