//! Bytes under the name of text that are none: a type that is missing, misspelt or wrong hides a file.

/// Bytes that are looked at.
const SAMPLE: usize = 4096;
/// Fewer control characters are damage of a text.
const FEW: usize = 4;
/// In a text, at most one byte of so many is a control character.
const RARE: usize = 20;

/// How files begin, and what they are.
const BEGINNINGS: [(&[u8], &str); 21] = [
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1A\n", "image/png"),
    (b"\x89PNG", "image/png"),
    (b"\xFF\xD8\xFF", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1F\x8B\x08", "application/gzip"),
    (b"BZh91AY", "application/x-bzip2"),
    (b"\xFD7zXZ\0", "application/x-xz"),
    (b"7z\xBC\xAF\x27\x1C", "application/x-7z-compressed"),
    (b"Rar!\x1A\x07", "application/vnd.rar"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", UNKNOWN),
    (b"\x78\x9F\x3E\x22", "application/ms-tnef"),
    (b"\x7FELF", UNKNOWN),
    (b"MZ\x90\0", UNKNOWN),
    (b"OggS\0", "audio/ogg"),
    (b"ID3\x03\0", "audio/mpeg"),
];
const UNKNOWN: &str = "application/octet-stream";

/// The media type of what is no text; none for text. `charset`: what the bytes are said to be in.
pub(crate) fn binary(bytes: &[u8], charset: impl FnOnce() -> Option<String>) -> Option<&'static str> {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let beginning = BEGINNINGS.iter().find(|(beginning, _)| sample.starts_with(beginning));
    if let Some((beginning, media)) = beginning
        && (!beginning.iter().all(u8::is_ascii_graphic) || goes_on(sample, beginning.len()))
    {
        return Some(media);
    }
    // Most texts have none, and a loop without an early end tells so faster.
    if !sample.iter().fold(false, |any, byte| any | is_control(*byte)) {
        return None;
    }
    let controls = sample.iter().filter(|byte| is_control(**byte)).count();
    let many = controls >= FEW && controls * RARE >= sample.len();
    let wide = || is_wide(sample) || charset().is_some_and(|name| is_wide_name(&name));
    (many && !wide()).then_some(UNKNOWN)
}

/// Whether a file follows, and not a sentence about such files.
fn goes_on(sample: &[u8], from: usize) -> bool {
    let rest = &sample[from..];
    rest.iter().any(|byte| is_control(*byte)) || memchr::memmem::find(rest, b" 0 obj").is_some()
}

/// What no text holds: neither its white space nor the escapes of ISO 2022.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x10..=0x1A | 0x1C..=0x1F)
}

fn is_wide_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["utf-16", "utf16", "utf-32", "utf32", "ucs"].iter().any(|wide| name.contains(wide))
}

/// Text of two or four bytes a character: a mark, or the zeros of Latin letters, all in the same places.
fn is_wide(sample: &[u8]) -> bool {
    if matches!(sample, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
        return true;
    }
    let zeros = |from: usize| sample.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let others = sample.iter().filter(|byte| is_control(**byte) && **byte != 0).count();
    others == 0 && even.min(odd) == 0 && even.max(odd) * 4 >= sample.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_from_texts() {
        let said = |bytes: &[u8]| binary(bytes, || None);
        for (bytes, media) in [
            (&b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"[..], "application/pdf"),
            (b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n\0", "application/pdf"),
            (b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", "image/png"),
            (b"\xFF\xD8\xFF\xE0\0\x10JFIF\0", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0", "image/gif"),
            (b"PK\x03\x04\x14\0\0\0", "application/zip"),
            (b"\x1F\x8B\x08\0", "application/gzip"),
            (b"\0\x01\x02\x03\xFE\xFF", UNKNOWN),
            (b"header\0\0\0\x05data\x01\x02", UNKNOWN),
        ] {
            assert_eq!(said(bytes), Some(media), "{bytes:?}");
        }
        for text in [
            &b"Hello\r\n\tJane\x0C\r\n"[..],
            b"%PDF-1.4 files cannot be printed",
            b"GIF89a is what the file begins with",
            b"PK is our product",
            b"a\0b",
            b"a\0b\x01c\x7Fd\x08e, and more of a text that was damaged",
            b"\x1B$B$3$s$K$A$O\x1B(B",
            b"H\0i\0 \0J\0a\0n\0e\0",
            b"\0H\0i\0 \0J\0a\0n\0e",
            b"\xFF\xFEH\0i\0\x01\x04\x02\x04\x03\x04\x05\x04",
            "Grüße, 日本語".as_bytes(),
            b"",
        ] {
            assert_eq!(said(text), None, "{text:?}");
        }
        let cyrillic = b"\x1F\x04@\x048\x042\x045\x04B\x04";
        assert_eq!(binary(cyrillic, || Some("UTF-16LE".to_owned())), None);
    }
}
