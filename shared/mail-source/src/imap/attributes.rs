//! What FETCH says of one mail.

use async_imap::imap_proto::{AttributeValue, MessageSection, SectionPath};
use intake::Timestamp;

/// What a FETCH response says of one mail.
pub(crate) struct Attributes<'a> {
    /// Its place in the folder.
    pub(crate) sequence: u32,
    /// Its UID, said here or in an answer before.
    pub(crate) uid: Option<u32>,
    values: &'a [AttributeValue<'a>],
}

impl<'a> Attributes<'a> {
    pub(crate) fn new(sequence: u32, values: &'a [AttributeValue<'a>]) -> Self {
        let uid = values.iter().find_map(|attribute| match attribute {
            AttributeValue::Uid(uid) => Some(*uid),
            _ => None,
        });
        Self { sequence, uid, values }
    }

    fn find<T>(&self, wanted: impl Fn(&'a AttributeValue<'a>) -> Option<T>) -> Option<T> {
        self.values.iter().find_map(wanted)
    }

    /// RFC822.SIZE.
    pub(crate) fn size(&self) -> Option<u32> {
        self.find(|attribute| match attribute {
            AttributeValue::Rfc822Size(size) => Some(*size),
            _ => None,
        })
    }

    /// INTERNALDATE.
    pub(crate) fn received_at(&self) -> Option<Timestamp> {
        self.find(|attribute| match attribute {
            AttributeValue::InternalDate(date) => internal_date(date),
            _ => None,
        })
    }

    /// BODY[], or a piece of it.
    pub(crate) fn body(&self) -> Option<&'a [u8]> {
        self.find(|attribute| match attribute {
            AttributeValue::BodySection { section: None, data: Some(data), .. }
            | AttributeValue::Rfc822(Some(data)) => Some(&**data),
            _ => None,
        })
    }

    /// `BODY[HEADER]`.
    pub(crate) fn header(&self) -> Option<&'a [u8]> {
        self.find(|attribute| match attribute {
            AttributeValue::BodySection {
                section: Some(SectionPath::Full(MessageSection::Header)),
                data: Some(data),
                ..
            }
            | AttributeValue::Rfc822Header(Some(data)) => Some(&**data),
            _ => None,
        })
    }
}

/// RFC 3501's `date-time`: ` 1-Nov-2026 10:00:00 +0100`.
fn internal_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?.to_timestamp().ok()
}

#[cfg(test)]
mod tests {
    use super::internal_date;

    #[test]
    fn dates_are_read_with_and_without_a_leading_blank() {
        for text in [" 1-Nov-2026 10:00:00 +0100", "1-Nov-2026 10:00:00 +0100", "01-Nov-2026 09:00:00 +0000"]
        {
            assert_eq!(internal_date(text).unwrap().to_string(), "2026-11-01T09:00:00Z", "{text}");
        }
        assert_eq!(internal_date("31-Feb-2026 10:00:00 +0100"), None);
    }
}
