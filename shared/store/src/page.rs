//! Pages of lists: an opaque cursor is the last key, checked when it comes back.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use intake::Error;

use crate::item::{Item, text};

/// The most bytes of a partition key and of a sort key (DynamoDB's own limits): none is longer in a key that was given
/// out.
const MAX_PARTITION: usize = 2_048;
const MAX_SORT: usize = 1_024;
/// The most characters of a cursor.
const MAX_CURSOR: usize = 4_096;

/// A last key as text.
pub(crate) fn to_cursor(key: &Item) -> String {
    let fields: BTreeMap<&str, &str> =
        key.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_s().ok()?.as_str()))).collect();
    let json = serde_json::to_string(&fields).unwrap_or_default();
    hex::encode(json)
}

/// The key of an entry: these of its attributes.
pub(crate) fn key_of(entry: &Item, names: [&str; 4]) -> Item {
    names.iter().filter_map(|name| Some(((*name).to_owned(), entry.get(*name)?.clone()))).collect()
}

/// Where keys of a list lie.
pub(crate) struct Bounds<'a> {
    /// The names of the partition and sort key, of the table or of an index.
    pub(crate) names: (&'a str, &'a str),
    /// The partition.
    pub(crate) partition: &'a str,
    /// Sort keys begin so.
    pub(crate) prefix: Option<&'a str>,
    /// Sort keys lie between these two.
    pub(crate) between: Option<(&'a str, &'a str)>,
}

impl Bounds<'_> {
    fn hold(&self, sort: &str) -> bool {
        self.prefix.is_none_or(|prefix| sort.starts_with(prefix))
            && self.between.is_none_or(|(first, last)| (first..=last).contains(&sort))
    }
}

/// The key behind a cursor. It has to be one that a query of this list can have ended with, no more and no less: else it
/// could reach into another list, or DynamoDB would refuse it as our mistake.
pub(crate) fn from_cursor(cursor: &str, list: &Bounds<'_>) -> Result<Item, Error> {
    if cursor.len() > MAX_CURSOR {
        return Err(Error::invalid_cursor());
    }
    let bytes = hex::decode(cursor).map_err(|_| Error::invalid_cursor())?;
    let fields: BTreeMap<String, String> =
        serde_json::from_slice(&bytes).map_err(|_| Error::invalid_cursor())?;
    let (partition, sort) = list.names;
    // An index's last key names the item in the table as well.
    let names = std::collections::BTreeSet::from(["pk", "sk", partition, sort]);
    let is_key = |(name, value): (&String, &String)| {
        let most = if name.ends_with("pk") { MAX_PARTITION } else { MAX_SORT };
        names.contains(name.as_str()) && (1..=most).contains(&value.len())
    };
    let whole = fields.len() == names.len() && fields.iter().all(is_key);
    let here = fields.get(partition).map(String::as_str) == Some(list.partition);
    if !whole || !here || !fields.get(sort).is_some_and(|sort| list.hold(sort)) {
        return Err(Error::invalid_cursor());
    }
    Ok(fields
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect::<std::collections::HashMap<String, AttributeValue>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(fields: &[(&str, &str)]) -> Item {
        fields.iter().map(|(name, value)| ((*name).to_owned(), text(*value))).collect()
    }

    #[test]
    fn a_cursor_stays_in_its_list() {
        let list = |partition: &'static str| Bounds {
            names: ("gsi1pk", "gsi1sk"),
            partition,
            prefix: None,
            between: None,
        };
        let whole = [("pk", "A"), ("sk", "1"), ("gsi1pk", "L"), ("gsi1sk", "2")];
        let cursor = to_cursor(&key(&whole));
        assert_eq!(from_cursor(&cursor, &list("L")).unwrap(), key(&whole));
        let refused = |cursor: &str, list: &Bounds<'_>| {
            assert_eq!(from_cursor(cursor, list).unwrap_err().code, "invalid_cursor", "{cursor}");
        };
        refused(&cursor, &list("M"));
        for bad in ["", "zz", "7b", "é", "0", "+1+2", &cursor[..cursor.len() - 2]] {
            refused(bad, &list("L"));
        }
        for missing in 0..whole.len() {
            let mut part = whole.to_vec();
            part.remove(missing);
            refused(&to_cursor(&key(&part)), &list("L"));
            let mut empty = whole.to_vec();
            empty[missing].1 = "";
            refused(&to_cursor(&key(&empty)), &list("L"));
        }
        refused(&to_cursor(&key(&[&whole[..], &[("gsi2pk", "L")]].concat())), &list("L"));
    }

    #[test]
    fn a_cursor_stays_in_its_part_of_a_partition() {
        let base = |prefix, between| Bounds { names: ("pk", "sk"), partition: "P", prefix, between };
        let cursor = to_cursor(&key(&[("pk", "P"), ("sk", "C#5")]));
        assert!(from_cursor(&cursor, &base(Some("C#"), None)).is_ok());
        assert!(from_cursor(&cursor, &base(Some("D#"), None)).is_err());
        assert!(from_cursor(&cursor, &base(None, Some(("C#5", "C#6")))).is_ok());
        assert!(from_cursor(&cursor, &base(None, Some(("C#6", "C#7")))).is_err());
    }
}
