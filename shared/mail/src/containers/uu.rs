//! Files that old programs put into the text, by uuencode or yEnc.

use memchr::memmem;

use crate::{
    Defect,
    decode::{
        charset::{self, Hint},
        params::Content,
        transfer::uuencode,
    },
    defect::Defects,
    part::{MAX_TEXT, Part},
};

use super::yenc;

/// More files in one text are not taken out.
const MAX_FILES: usize = 100;
const YENC_ENDS: &[u8] = b"\n=yend";

/// A file in a text.
struct Block<'a> {
    name: &'a [u8],
    bytes: Vec<u8>,
    /// What it was encoded by.
    defect: Defect,
    /// The text behind it.
    after: &'a [u8],
}

/// Takes the blocks out of the text of `part`; the leaf itself stays as it is.
pub(super) fn open(part: &mut Part, defects: &mut Defects) -> Vec<Part> {
    let bytes = &part.leaf.bytes[..part.leaf.bytes.len().min(MAX_TEXT)];
    if part.content.media() != "text/plain" || !may_hold(bytes) {
        return Vec::new();
    }
    let mut text = Vec::with_capacity(bytes.len());
    let mut files = Vec::new();
    let mut rest = bytes;
    // Blocks of yEnc that never end are not looked for one by one.
    let last_end = memmem::rfind(bytes, YENC_ENDS);
    let behind_last_end = last_end.map_or(usize::MAX, |at| bytes.len() - at);
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        let block = (files.len() < MAX_FILES).then(|| {
            let ends = after.len() >= behind_last_end;
            uuencoded(line, after).or_else(|| if ends { yencoded(line, after) } else { None })
        });
        let Some(block) = block.flatten() else {
            text.extend_from_slice(line);
            rest = after;
            continue;
        };
        defects.note(block.defect);
        let name = charset::decode_with(block.name, None, &Hint::default(), &mut Defects::default());
        let name = Some(name).filter(|name| !name.is_empty());
        files.push(Part::found(
            Content::file("application/octet-stream", name.as_deref()),
            block.bytes,
            None,
        ));
        rest = block.after;
    }
    if !files.is_empty() {
        part.text = Some(text);
    }
    files
}

fn may_hold(bytes: &[u8]) -> bool {
    let begins = |mark: &[u8]| memmem::find_iter(bytes, mark).any(|at| at == 0 || bytes[at - 1] == b'\n');
    begins(b"begin ") || begins(b"=ybegin ")
}

fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
    bytes.split_at(end)
}

/// The lines of one block up to its end. One that was cut off counts as far as it goes, if it has a name.
fn uuencoded<'a>(line: &'a [u8], bytes: &'a [u8]) -> Option<Block<'a>> {
    let name = uuencode::begins(line)?;
    let mut block = Block { name, bytes: Vec::new(), defect: Defect::UuencodedFile, after: bytes };
    let mut lines = 0usize;
    while !block.after.is_empty() {
        let (line, after) = split_line(block.after);
        if uuencode::ends(line) {
            block.after = after;
            return (lines > 0).then_some(block);
        }
        if !line.trim_ascii().is_empty() && !uuencode::line(line, &mut block.bytes) {
            return None;
        }
        lines += 1;
        block.after = after;
    }
    (!block.bytes.is_empty() && !name.is_empty()).then_some(block)
}

/// The same of yEnc, where any line may be data, so that one that never ends is no block.
fn yencoded<'a>(line: &'a [u8], bytes: &'a [u8]) -> Option<Block<'a>> {
    let name = yenc::begins(line)?;
    let end = memmem::find(bytes, YENC_ENDS)? + 1;
    let mut block = Block { name, bytes: Vec::new(), defect: Defect::YencFile, after: &bytes[end..] };
    bytes[..end].split_inclusive(|b| *b == b'\n').for_each(|line| yenc::line(line, &mut block.bytes));
    (_, block.after) = split_line(block.after);
    Some(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name and the bytes of a file.
    type File = (Option<String>, Vec<u8>);

    /// What is left of the text, and the files.
    fn opened(text: &[u8]) -> (String, Vec<File>) {
        let mut part = Part::found(Content::text(), text.to_vec(), None);
        let files = open(&mut part, &mut Defects::default());
        let files =
            files.into_iter().map(|file| (file.content.filename(&mut Defects::default()), file.leaf.bytes));
        let files = files.collect();
        (String::from_utf8_lossy(part.text.as_deref().unwrap_or(text)).into_owned(), files)
    }

    #[test]
    fn blocks_in_texts() {
        let named = |name: &str, bytes: &[u8]| (Some(name.to_owned()), bytes.to_vec());
        for (text, left, files) in [
            ("a\nbegin 644 b.txt\n#0V%T\n`\nend\nc\n", "a\nc\n", vec![named("b.txt", b"Cat")]),
            ("a\nbegin 644\n#0V%T\n`\nend\nc\n", "a\nc\n", vec![(None, b"Cat".to_vec())]),
            ("begin 0644 \r\n#0V%T\r\n`\r\nend\r\n", "", vec![(None, b"Cat".to_vec())]),
            ("begin 644 b.txt\n#0V%T\n", "", vec![named("b.txt", b"Cat")]),
            (
                "=ybegin line=128 size=3 name=a b.bin\n\u{8b}\n=yend size=3\nc\n",
                "c\n",
                vec![named("a b.bin", b"\x98\x61")],
            ),
            (
                "=ybegin part=1 line=128 size=3 name=a\n=ypart begin=1 end=1\nk\n=yend size=1 part=1\n",
                "",
                vec![named("a", b"A")],
            ),
            ("=ybegin line=128 size=1\nk\n=yend size=1", "", vec![(None, b"A".to_vec())]),
        ] {
            assert_eq!(opened(text.as_bytes()), (left.to_owned(), files), "{text:?}");
        }
        for text in [
            "We begin 644 jobs.\nbegin 644\nend of the day\n",
            "begin 644\n#0V%T\n",
            "begin 644\nend\n",
            "begin with this:\n#0V%T\nend\n",
            "=ybegin line=128 size=3 name=a\nk\n",
            "=ybegin is a line of yEnc\n=yend is another\n",
            "> =ybegin line=128 size=3 name=a\n> k\n> =yend size=3\n",
        ] {
            assert_eq!(opened(text.as_bytes()), (text.to_owned(), vec![]), "{text:?}");
        }
    }
}
