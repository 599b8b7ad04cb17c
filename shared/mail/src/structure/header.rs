//! Header blocks: fields as raw bytes, within limits.

use memchr::memchr;

use crate::defect::{Defect, Defects};

/// Bytes of one block; later fields are ignored.
pub(crate) const MAX_BLOCK: usize = 256 * 1024;
/// Letters of `https` and the like.
const MAX_SCHEME: usize = 10;
/// Bytes of one field; the rest is cut.
pub(crate) const MAX_FIELD: usize = 64 * 1024;

/// A header field as it stands in the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// In lower case.
    pub(crate) name: String,
    /// With folds and line ends.
    pub(crate) raw: Vec<u8>,
}

/// Whether a line begins a header field: visible ASCII, then a colon.
pub(crate) fn is_field(line: &[u8]) -> bool {
    match memchr(b':', &line[..line.len().min(MAX_FIELD)]) {
        Some(colon) => {
            let name = line[..colon].trim_ascii_end();
            !name.is_empty() && name.iter().all(|b| (33..=126).contains(b))
        }
        None => false,
    }
}

/// What some editors put at the start of every file.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whether there are blanks before the line end, and nothing else.
pub(super) fn is_only_blanks(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t')) && line.trim_ascii().is_empty()
}

/// Whether the header goes on with this line, after one of nothing but blanks.
pub(super) fn goes_on(line: &[u8]) -> bool {
    let folded = matches!(line.first(), Some(b' ' | b'\t')) && !line.trim_ascii().is_empty();
    // The first line of a text may begin with an address of the web.
    folded || is_field(line) && !line.windows(3).take(MAX_SCHEME).any(|window| window == b"://")
}

/// Collects the fields of one block.
#[derive(Debug, Default)]
pub(super) struct Block {
    fields: Vec<Field>,
    size: usize,
    ignoring: bool,
}

/// Fields of a header that came through a few servers.
const USUAL: usize = 24;

impl Block {
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub(super) fn into_fields(self) -> Vec<Field> {
        self.fields
    }

    /// Takes a line that [`is_field`] accepts. `budget` counts down over all blocks of a mail.
    pub(super) fn field(&mut self, line: &[u8], budget: &mut usize, defects: &mut Defects) {
        let colon = memchr(b':', line).unwrap_or(line.len());
        let allowed = MAX_BLOCK.saturating_sub(self.size).min(*budget);
        self.ignoring = line.len() > allowed;
        if self.ignoring {
            defects.note(Defect::HeadersTooLarge);
            return;
        }
        let name = String::from_utf8_lossy(line[..colon].trim_ascii_end()).to_ascii_lowercase();
        let value = &line[(colon + 1).min(line.len())..];
        if self.fields.is_empty() {
            self.fields.reserve(USUAL);
        }
        self.fields.push(Field { name, raw: Vec::new() });
        self.append(value, budget, defects);
    }

    /// Takes a folded line, if there is a field that it continues.
    pub(super) fn continuation(&mut self, line: &[u8], budget: &mut usize, defects: &mut Defects) {
        if !self.ignoring {
            self.append(line, budget, defects);
        }
    }

    fn append(&mut self, bytes: &[u8], budget: &mut usize, defects: &mut Defects) {
        let Some(field) = self.fields.last_mut() else { return };
        let room = MAX_FIELD - field.raw.len().min(MAX_FIELD);
        let take = bytes.len().min(room).min(*budget);
        if take < bytes.len() {
            defects.note(Defect::HeaderTooLong);
        }
        field.raw.extend_from_slice(&bytes[..take]);
        self.size += take;
        *budget -= take;
    }
}

/// The fields at the start of `bytes`, as of an attached mail; stops at the empty line.
pub(crate) fn header_of(bytes: &[u8]) -> Vec<Field> {
    let (mut block, mut budget, mut defects) = (Block::default(), MAX_BLOCK, Defects::default());
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        if line.trim_ascii().is_empty() {
            if block.is_empty() {
                continue;
            }
            break;
        }
        if line[0] == b' ' || line[0] == b'\t' {
            block.continuation(line, &mut budget, &mut defects);
        } else if is_field(line) {
            block.field(line, &mut budget, &mut defects);
        }
    }
    block.into_fields()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_from_text() {
        assert!(is_field(b"Subject: x"));
        assert!(is_field(b"X-Odd :x"));
        assert!(!is_field(b"two words: x"));
        assert!(!is_field(b": x"));
        assert!(!is_field(b"no colon"));
    }

    #[test]
    fn a_field_is_cut_and_a_block_ends() {
        let long = format!("A: {}\nB: 2\n\nC: 3\n", "x".repeat(MAX_FIELD * 2));
        let fields = header_of(long.as_bytes());
        assert_eq!(fields.len(), 2);
        assert_eq!(fields[0].raw.len(), MAX_FIELD);
        assert_eq!(fields[1].raw, b" 2\n");
    }
}
