//! Items: what every one has, and how values become attributes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use intake::{Error, Kind, Sentence, Timestamp};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::keys::Key;

/// The newest shape of items that this version writes and understands. Values of ours are JSON text; in format 1 they
/// were maps of attributes, which is still read.
///
/// As text a value is one attribute, not thirty: an eighth of the time of a write was spent on taking maps apart.
pub const FORMAT: u64 = 2;

/// When an issue or the record of a mail was last written; beside the record.
pub(crate) const WRITTEN: &str = "written_at";

/// Attributes by name.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Text.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number.
pub(crate) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A value of ours as an attribute.
pub(crate) fn encode<T: Serialize>(value: &T) -> Result<AttributeValue, Error> {
    serde_json::to_string(value)
        .map(AttributeValue::S)
        .map_err(|error| Error::internal(format!("a record cannot be written ({error})")))
}

/// An item with its key, type and format.
pub(crate) fn new(key: &Key, kind: &str) -> Item {
    let fields = [("pk", text(&key.pk)), ("sk", text(&key.sk)), ("type", text(kind)), ("v", number(FORMAT))];
    fields.map(|(name, value)| (name.to_owned(), value)).into()
}

/// An item that carries a value of ours.
pub(crate) fn carrying<T: Serialize>(key: &Key, kind: &str, value: &T) -> Result<Item, Error> {
    let mut item = new(key, kind);
    item.insert("data".to_owned(), encode(value)?);
    Ok(item)
}

/// Sets an index key.
pub(crate) fn index(item: &mut Item, n: u8, pk: String, sk: String) {
    item.insert(format!("gsi{n}pk"), text(pk));
    item.insert(format!("gsi{n}sk"), text(sk));
}

/// Sets the time after which an item counts as gone.
pub(crate) fn expires(item: &mut Item, at: Timestamp) {
    item.insert("ttl".to_owned(), number(at.as_second()));
}

/// Whether an item counts as gone already.
pub(crate) fn is_expired(item: &Item, now: Timestamp) -> bool {
    number_of(item, "ttl").is_some_and(|end| i64::try_from(end).unwrap_or(i64::MAX) <= now.as_second())
}

/// Whether an item has these attributes; when it was written does not matter.
pub(crate) fn has<'a>(
    there: &Item,
    mut attributes: impl Iterator<Item = (&'a String, &'a AttributeValue)>,
) -> bool {
    attributes.all(|(name, value)| there.get(name).is_some_and(|there| there == value || name == WRITTEN))
}

/// A number attribute.
pub(crate) fn number_of(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// A text attribute.
pub(crate) fn text_of<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// The value that an item carries.
pub(crate) fn carried<T: DeserializeOwned>(item: &Item) -> Result<T, Error> {
    field(item, "data")
}

/// A value of ours in an attribute.
pub(crate) fn field<T: DeserializeOwned>(item: &Item, name: &str) -> Result<T, Error> {
    let kind = text_of(item, "type").unwrap_or("unknown").to_owned();
    if number_of(item, "v").is_some_and(|format| format > FORMAT) {
        return Err(Error::told(Kind::Installation, Sentence::new("item_too_new").with("record", kind)));
    }
    let value = match item.get(name) {
        None => serde_json::from_str("null"),
        // A word by itself is format 1.
        Some(there @ AttributeValue::S(text)) => {
            serde_json::from_str(text).or_else(|error| format_1(there).map_err(|_| error))
        }
        Some(there) => format_1(there),
    };
    value.map_err(|error| Error::internal(format!("a record ({kind}) cannot be read ({error})")))
}

/// A value as format 1 wrote it. By way of text: it is rare, and every type has code to be read from text already.
fn format_1<T: DeserializeOwned>(value: &AttributeValue) -> serde_json::Result<T> {
    serde_json::from_str(&json_of(value).to_string())
}

fn json_of(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => Value::from(text.as_str()),
        AttributeValue::N(number) => serde_json::from_str(number).unwrap_or(Value::Null),
        AttributeValue::Bool(bool) => Value::from(*bool),
        AttributeValue::L(list) => list.iter().map(json_of).collect(),
        AttributeValue::M(map) => map.iter().map(|(name, value)| (name.as_str(), json_of(value))).collect(),
        _ => Value::Null,
    }
}
