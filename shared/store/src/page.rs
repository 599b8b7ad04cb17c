//! Pages of lists: an opaque cursor is the last key, checked when it comes back.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use intake::{Error, Kind};

use crate::item::{Item, text};

/// The attributes that can be part of a last key.
const KEYS: [&str; 8] = ["pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "gsi3pk", "gsi3sk"];

/// A last key as text.
pub(crate) fn to_cursor(key: &Item) -> String {
    let fields: BTreeMap<&str, &str> =
        key.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_s().ok()?.as_str()))).collect();
    let json = serde_json::to_string(&fields).unwrap_or_default();
    intake::types::secret::hex(json.as_bytes())
}

/// The key behind a cursor. It must lie in the partition that is asked for, so that it cannot reach into another list.
pub(crate) fn from_cursor(cursor: &str, partition: (&str, &str)) -> Result<Item, Error> {
    let invalid =
        || Error::new(Kind::Invalid, "invalid_cursor", "The cursor is not one that this list gave out.");
    let bytes = unhex(cursor).ok_or_else(invalid)?;
    let fields: BTreeMap<String, String> = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
    let known = fields.keys().all(|name| KEYS.contains(&name.as_str()));
    let here = fields.get(partition.0).map(String::as_str) == Some(partition.1);
    if !known || !here {
        return Err(invalid());
    }
    Ok(fields
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect::<std::collections::HashMap<String, AttributeValue>>())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() || text.len() > 4096 {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_stays_in_its_list() {
        let key: Item =
            [("pk", "A"), ("sk", "1"), ("gsi1pk", "L")].map(|(n, v)| (n.to_owned(), text(v))).into();
        let cursor = to_cursor(&key);
        assert_eq!(from_cursor(&cursor, ("gsi1pk", "L")).unwrap(), key);
        assert_eq!(from_cursor(&cursor, ("gsi1pk", "M")).unwrap_err().code, "invalid_cursor");
        for bad in ["", "zz", "7b", "é", "0"] {
            assert!(from_cursor(bad, ("pk", "A")).is_err(), "{bad}");
        }
    }
}
