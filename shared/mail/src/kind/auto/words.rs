//! What the texts of automatic replies say, in lower case.

use super::super::phrases::squeezed;
use crate::languages::{self, Words};

/// Of the text that is searched for phrases, bytes.
const MAX_TEXT: usize = 600;

/// Programs say this of themselves.
static SAID: Words = Words::new(|| languages::words("absence", "program says"));

/// People say this of their absence, too: evidence only in an answer that a machine seems to have sent.
static ABSENCES: Words = Words::new(|| languages::words("absence", "away"));

/// What absence notices say of the end of an absence.
static RETURNS: Words = Words::new(|| languages::words("absence", "back"));

/// What a text says of an absence or of its end at its top.
pub(super) fn away(text: &str) -> Option<&'static str> {
    absence(text).or_else(|| find(text, &RETURNS))
}

/// What a program says of itself at the top of a text.
pub(super) fn said(text: &str) -> Option<&'static str> {
    find(text, &SAID)
}

/// What a text says of an absence at its top.
pub(super) fn absence(text: &str) -> Option<&'static str> {
    find(text, &SAID).or_else(|| find(text, &ABSENCES))
}

fn find(text: &str, table: &Words) -> Option<&'static str> {
    let top = squeezed(&text[..text.floor_char_boundary(MAX_TEXT)]);
    table.iter().copied().find(|phrase| top.contains(phrase))
}
