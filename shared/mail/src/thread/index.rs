//! Outlook's `Thread-Index` (MS-OXOMSG, section 2.2.1.3).

use crate::{
    Mail,
    decode::transfer::{self, Decoder},
    defect::Defects,
};

use super::subject::conversation_subject;

/// Time, then the GUID, then one block for each reply.
const HEAD: usize = 22;
const TIME: usize = 6;
const BLOCK: usize = 5;
/// Longer indexes are not read, bytes of base64.
const MAX_INDEX: usize = 16 * 1024;

/// A mail's place in a conversation, as Outlook and Exchange count it. Anyone can write one: it joins mails only
/// together with the same [`conversation_subject`] and within one project, and only an answer to what it answers: its
/// index is the other one's with blocks added. A program that writes the same index each time joins nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ThreadIndex {
    /// The GUID of the conversation, then what each reply added. The time before it has two forms and does not count.
    path: Vec<u8>,
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
        // Some programs write the first bytes and nothing else; a GUID of zeros joins strangers.
        if bytes.get(TIME..HEAD)?.iter().all(|byte| *byte == 0) {
            return None;
        }
        let whole = bytes.len() - (bytes.len() - HEAD) % BLOCK;
        Some(Self { path: bytes[TIME..whole].to_vec() })
    }

    /// The index of a mail with the subject of its conversation.
    pub fn of(mail: &Mail) -> Option<(Self, String)> {
        let index = mail.header("thread-index").find_map(Self::parse)?;
        Some((index, conversation_subject(mail)))
    }

    /// How many replies led to this mail; 0 for the first.
    pub fn depth(&self) -> usize {
        (self.path.len() - (HEAD - TIME)) / BLOCK
    }

    /// In hexadecimal: that of an answer begins with that of the mail that it answers.
    pub fn text(&self) -> String {
        hex::encode(&self.path)
    }

    /// What led to this mail: its parent first, the first of the conversation last.
    pub fn ancestors(&self) -> impl DoubleEndedIterator<Item = Self> + '_ {
        let lengths = (0..self.depth()).rev().map(|depth| HEAD - TIME + depth * BLOCK);
        lengths.map(|length| Self { path: self.path[..length].to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_adds_to_what_it_answers() {
        let first = ThreadIndex::parse("AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQ==").unwrap();
        assert_eq!((first.text().as_str(), first.depth()), ("02030405060708090a0b0c0d0e0f1011", 0));
        assert_eq!(first.ancestors().count(), 0);
        let reply = ThreadIndex::parse("AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQABAgMEAAECAwQ=").unwrap();
        assert_eq!(reply.depth(), 2);
        let ancestors: Vec<_> = reply.ancestors().collect();
        assert_eq!(ancestors.iter().map(ThreadIndex::depth).collect::<Vec<_>>(), [1, 0]);
        assert_eq!(ancestors[1], first);
        assert!(reply.text().starts_with(&ancestors[0].text()));
        let folded = ThreadIndex::parse("AdxcKz0BAgMEBQYHCAkK CwwNDg8QEQ==").unwrap();
        assert_eq!(folded, first);
        let cut_off = ThreadIndex::parse("AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQABAg==").unwrap();
        assert_eq!(cut_off, first, "half a block is none");
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
