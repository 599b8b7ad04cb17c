//! Outlook's `Thread-Index` (MS-OXOMSG, section 2.2.1.3).

use crate::{
    Mail,
    decode::transfer::{self, Decoder},
    defect::Defects,
};

use super::subject::conversation_subject;

/// Time, then the GUID, then one block for each reply.
const HEAD: usize = 22;
const BLOCK: usize = 5;
/// Longer indexes are not read, bytes of base64.
const MAX_INDEX: usize = 16 * 1024;

/// A conversation as Outlook and Exchange count it. Anyone can write one: it joins mails only together with the same
/// [`conversation_subject`] and within one project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThreadIndex {
    /// The conversation: bytes 6 to 21.
    pub guid: [u8; 16],
    /// How many replies led to this mail; 0 for the first.
    pub depth: usize,
}

impl ThreadIndex {
    /// Reads the value of the field; none if it is too short or not base64.
    pub fn parse(value: &str) -> Option<Self> {
        let value: String = value.chars().filter(|c| !c.is_whitespace()).take(MAX_INDEX + 1).collect();
        let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        if value.len() > MAX_INDEX || !value.bytes().all(is_base64) {
            return None;
        }
        let mut ignored = Defects::default();
        let bytes = transfer::decode(Decoder::of("base64", &mut ignored), value.as_bytes(), &mut ignored);
        let guid = bytes.get(6..HEAD)?.try_into().ok()?;
        // Some programs write the first bytes and nothing else; a GUID of zeros joins strangers.
        (guid != [0; 16]).then_some(Self { guid, depth: (bytes.len() - HEAD) / BLOCK })
    }

    /// The index of a mail with the subject of its conversation: two mails with the same pair belong together.
    pub fn of(mail: &Mail) -> Option<(Self, String)> {
        let index = mail.header("thread-index").find_map(Self::parse)?;
        Some((index, conversation_subject(mail)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn replies_share_the_guid() {
        let first = ThreadIndex::parse("AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQ==").unwrap();
        assert_eq!((first.guid[0], first.depth), (2, 0));
        let reply = ThreadIndex::parse("AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQABAgMEAAECAwQ=").unwrap();
        assert_eq!((reply.guid, reply.depth), (first.guid, 2));
        let folded = ThreadIndex::parse("AdxcKz0BAgMEBQYHCAkK CwwNDg8QEQ==").unwrap();
        assert_eq!(folded, first);
    }

    #[test]
    fn others_are_none() {
        for value in
            ["", "AdxcKz0B", "not base64!", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", &"A".repeat(MAX_INDEX + 4)]
        {
            assert_eq!(ThreadIndex::parse(value), None, "{value}");
        }
    }
}
