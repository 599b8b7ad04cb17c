//! Parts of a mail that FETCH can name.

use std::collections::BTreeSet;

use bytes::{BufMut, Bytes, BytesMut};

/// A part of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Whole,
    Header,
    Text,
    /// Header fields with these names in capitals, or all others.
    Fields {
        names: BTreeSet<String>,
        others: bool,
    },
}

impl Section {
    pub(crate) fn of(&self, raw: &Bytes) -> Bytes {
        let split = header_length(raw);
        match self {
            Self::Whole => raw.clone(),
            Self::Header => raw.slice(..split),
            Self::Text => raw.slice(split..),
            Self::Fields { names, others } => fields(&raw[..split], |name| names.contains(name) != *others),
        }
    }
}

/// Length of the header with the empty line that ends it.
fn header_length(raw: &[u8]) -> usize {
    if raw.starts_with(b"\r\n") {
        return 2;
    }
    raw.windows(4).position(|window| window == b"\r\n\r\n").map_or(raw.len(), |at| at + 4)
}

fn fields(header: &[u8], wanted: impl Fn(&str) -> bool) -> Bytes {
    let mut kept = BytesMut::new();
    let mut keep = false;
    for line in header.split_inclusive(|byte| *byte == b'\n') {
        if matches!(line, b"\r\n" | b"\n") {
            break;
        }
        if !matches!(line.first(), Some(b' ' | b'\t')) {
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
            keep = wanted(String::from_utf8_lossy(name).trim_end().to_ascii_uppercase().as_str());
        }
        if keep {
            kept.put_slice(line);
        }
    }
    kept.put_slice(b"\r\n");
    kept.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &[u8] = b"From: a@example.test\r\nSubject: one\r\n two\r\nTo: b@example.test\r\n\r\nHello\r\n";

    fn names(list: &[&str]) -> BTreeSet<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_mail_is_its_header_and_its_text() {
        let raw = Bytes::from_static(RAW);
        assert_eq!(Section::Text.of(&raw), b"Hello\r\n"[..]);
        assert!(Section::Header.of(&raw).ends_with(b"example.test\r\n\r\n"));
    }

    #[test]
    fn folded_fields_stay_whole() {
        let raw = Bytes::from_static(RAW);
        let subject = Section::Fields { names: names(&["SUBJECT"]), others: false };
        assert_eq!(subject.of(&raw), b"Subject: one\r\n two\r\n\r\n"[..]);
        let rest = Section::Fields { names: names(&["SUBJECT"]), others: true };
        assert_eq!(rest.of(&raw), b"From: a@example.test\r\nTo: b@example.test\r\n\r\n"[..]);
    }
}
