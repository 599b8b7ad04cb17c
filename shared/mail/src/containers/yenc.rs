//! yEnc, by which programs for newsgroups put files into a text byte for byte (its draft 1.3).

/// Before each byte that would end a line or mean something else.
const ESCAPE: u8 = b'=';

/// The name in a line `=ybegin line=128 size=5 name=a.bin`; the name comes last and may hold blanks.
pub(super) fn begins(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"=ybegin ")?;
    let at = memchr::memmem::find(rest, b"name=").map(|at| at + b"name=".len());
    let has_size = memchr::memmem::find(rest, b"size=").is_some();
    has_size.then(|| at.map_or(&rest[rest.len()..], |at| rest[at..].trim_ascii()))
}

/// Decodes a line into `out`, if it is one of data.
pub(super) fn line(line: &[u8], out: &mut Vec<u8>) {
    if line.starts_with(b"=ypart ") {
        return;
    }
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // A dot that SMTP doubled at the start of a line was undone on the way.
    let mut bytes = line.iter();
    while let Some(byte) = bytes.next() {
        let byte = if *byte == ESCAPE { bytes.next().map(|byte| byte.wrapping_sub(64)) } else { Some(*byte) };
        out.extend(byte.map(|byte| byte.wrapping_sub(42)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_decoded() {
        let mut out = Vec::new();
        line(b"=ypart begin=1 end=3\r\n", &mut out);
        line(b"\x8B\x8C\x8D\r\n", &mut out);
        // NUL, line feed and the escape itself.
        line(b"*=t=}=}\n", &mut out);
        assert_eq!(out, b"abc\0\n\x13\x13");
        assert_eq!(begins(b"=ybegin line=128 size=5 name= a b.bin \r\n"), Some(&b"a b.bin"[..]));
        assert_eq!(begins(b"=ybegin part=1 line=128 size=5\n"), Some(&b""[..]));
        assert_eq!(begins(b"=ybegin is how it starts\n"), None);
    }
}
