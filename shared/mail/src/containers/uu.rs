//! Files that old programs put into the text by uuencode.

use memchr::memmem;

use crate::{
    Defect,
    decode::{
        charset::{self, Hint},
        params::Content,
        transfer::uuencode,
    },
    defect::Defects,
    splitter::{MAX_TEXT, Part},
};

use super::found;

/// More files in one text are not taken out.
const MAX_FILES: usize = 100;

/// Takes the blocks out of the text of `part`; the leaf itself stays as it is.
pub(super) fn open(part: &mut Part, defects: &mut Defects) -> Vec<Part> {
    let bytes = &part.leaf.bytes[..part.leaf.bytes.len().min(MAX_TEXT)];
    if part.content.media() != "text/plain" || !may_hold(bytes) {
        return Vec::new();
    }
    let mut text = Vec::with_capacity(bytes.len());
    let mut files = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        let block = uuencode::begins(line)
            .filter(|_| files.len() < MAX_FILES)
            .and_then(|name| Some((name, block(after)?)));
        rest = match block {
            Some((name, (file, after))) => {
                let name = charset::decode_with(name, None, &Hint::default(), &mut Defects::default());
                files.push(found(Content::file("application/octet-stream", Some(&name)), file, None));
                after
            }
            None => {
                text.extend_from_slice(line);
                after
            }
        };
    }
    if !files.is_empty() {
        defects.note(Defect::UuencodedFile);
        part.text = Some(text);
    }
    files
}

fn may_hold(bytes: &[u8]) -> bool {
    bytes.starts_with(b"begin ") || memmem::find(bytes, b"\nbegin ").is_some()
}

fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
    bytes.split_at(end)
}

/// The lines of one block up to its end, decoded; None if it is no block. One that was cut off counts as far as it goes.
fn block(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut out = Vec::new();
    let mut rest = bytes;
    let mut lines = 0usize;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        if uuencode::ends(line) {
            return (lines > 0).then_some((out, after));
        }
        if !line.trim_ascii().is_empty() && !uuencode::line(line, &mut out) {
            return None;
        }
        lines += 1;
        rest = after;
    }
    (!out.is_empty()).then_some((out, rest))
}
