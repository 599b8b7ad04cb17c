//! Text that says it is Base64 and is not, as some programs and mailing lists make it.

use crate::defect::Defects;

use super::base64::{self, Base64};

/// How much is looked at.
const SAMPLE: usize = 512;
/// Words of Base64 are lines; shorter ones are words of a language.
const SHORT_WORD: usize = 20;

/// Holds the start of a body until it can be told what it is.
#[derive(Debug, Default)]
pub(crate) struct Unsure {
    held: Vec<u8>,
}

impl Unsure {
    /// Whether it is text, when enough was seen, and what was held.
    pub(super) fn push(&mut self, data: &[u8]) -> Option<(bool, Vec<u8>)> {
        self.held.extend_from_slice(data);
        (self.held.len() >= SAMPLE).then(|| self.decide())
    }

    /// The same by what was seen so far.
    pub(super) fn decide(&mut self) -> (bool, Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        (is_text(first_paragraph(&held[..held.len().min(SAMPLE)])), held)
    }
}

/// What follows an empty line may be the footer of a mailing list.
fn first_paragraph(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.trim_ascii_start();
    let mut end = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        end += line.len();
    }
    &bytes[..end]
}

/// Words or signs that Base64 has not, and that give no text when they are taken as Base64.
fn is_text(sample: &[u8]) -> bool {
    let words: Vec<&[u8]> =
        sample.split(|b| b.is_ascii_whitespace()).filter(|word| !word.is_empty()).collect();
    let total: usize = words.iter().map(|word| word.len()).sum();
    let foreign = words.iter().flat_map(|word| word.iter()).filter(|b| !base64::is_digit(**b)).count();
    let several = sample.trim_ascii().iter().any(|b| matches!(b, b' ' | b'\t'));
    let looks = foreign * 10 > total || several && total < words.len() * SHORT_WORD;
    looks && !is_printable(sample)
}

/// Whether Base64 gives text.
fn is_printable(sample: &[u8]) -> bool {
    let (mut decoder, mut printable) = (Base64::default(), true);
    let mut look = |decoded: &[u8]| {
        printable &= decoded.iter().all(|b| matches!(b, b' '..=b'~' | b'\r' | b'\n' | b'\t'));
    };
    decoder.push(sample, &mut look);
    decoder.finish(&mut Defects::default(), &mut look);
    printable
}
