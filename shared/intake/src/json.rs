//! JSON as people write it, read strictly: what is wrong is told with its place (a JSON pointer, RFC 6901) and without its
//! value, which may be a secret.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::{Error, Kind, Result, Sentence};

/// Why a text was not read.
#[derive(Debug)]
pub enum Unread {
    /// It is no JSON.
    Malformed(serde_json::Error),
    /// It says something else than what is wanted.
    Unwanted(Error),
}

/// Reads JSON of any shape, without unknown fields.
pub fn strictly<T: DeserializeOwned>(text: &str) -> Result<T, Unread> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let at = pointer_of_path(error.path());
        let error = error.into_inner();
        if error.is_data() {
            Unread::Unwanted(not_as_wanted(&at, &error.to_string()))
        } else {
            Unread::Malformed(error)
        }
    })?;
    deserializer.end().map_err(Unread::Malformed)?;
    Ok(value)
}

/// Something that was read as JSON already, as strictly.
pub fn part<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let at = pointer_of_path(error.path());
        not_as_wanted(&at, &error.into_inner().to_string())
    })
}

/// The pointer that leads through these names.
pub fn pointer<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> String {
    let token = |name: N| format!("/{}", name.as_ref().replace('~', "~0").replace('/', "~1"));
    names.into_iter().map(token).collect()
}

/// The names that a pointer leads through.
pub fn names(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"))
}

/// The pointer to where serde found something.
pub fn pointer_of_path(path: &Path) -> String {
    pointer(path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key: name } | Segment::Enum { variant: name } => Some(name.clone()),
        Segment::Unknown => None,
    }))
}

/// serde's words, without the position and without the list of all fields.
fn not_as_wanted(at: &str, message: &str) -> Error {
    let message = message.split(" at line ").next().unwrap_or(message);
    let quoted = |start: &str| {
        let name = message.strip_prefix(start)?.strip_prefix('`')?.split('`').next()?;
        Some(name.to_owned())
    };
    if let Some(name) = quoted("unknown field ") {
        let name = pointer([name]);
        let at = if at.ends_with(&name) { at.to_owned() } else { format!("{at}{name}") };
        return unknown_field(&at);
    }
    if quoted("duplicate field ").is_some() {
        return Error::field(at, "field.twice");
    }
    // `invalid type: string "…", expected u32`: the value itself may be a secret.
    let expected = message.rsplit_once("expected ").map(|(_, wanted)| wanted);
    Error::field(at, expected.map_or(Sentence::new("field.another"), plain))
}

fn unknown_field(at: &str) -> Error {
    Error::told(Kind::Invalid, "unknown_field").at(at, "field.unknown")
}

fn plain(expected: &str) -> Sentence {
    Sentence::new(match expected {
        "i64" | "u64" | "u32" | "u16" | "i32" => "field.whole_number",
        "a boolean" => "field.true_or_false",
        "a sequence" => "field.list",
        "a string" => "field.a_string",
        other => return Sentence::new("field.expected").with_own("wanted", other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_through_any_names() {
        for (all, text) in [(vec![], ""), (vec!["a", "0"], "/a/0"), (vec!["a/b", "~1", ""], "/a~1b/~01/")] {
            assert_eq!(pointer(&all), text);
            assert_eq!(names(text).collect::<Vec<_>>(), all);
        }
    }
}
