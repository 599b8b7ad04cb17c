//! Pages that were sent as plain text.

/// With which elements the source of a whole page begins.
const BEGINNINGS: [&str; 5] = ["<!doctype html", "<html", "<head", "<body", "<style"];

/// Whether a text is the source of a page and nothing else. `beside_page`: the page itself stands beside it.
pub(crate) fn is_source(text: &[u8], beside_page: bool) -> bool {
    let text = without_comment(text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)).trim_ascii();
    let begins = BEGINNINGS.iter().any(|start| {
        let head = text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()));
        head && matches!(text.get(start.len()), Some(b'>' | b' ' | b'\t' | b'\r' | b'\n'))
    });
    let ends = || text.ends_with(b">") && memchr::memmem::find(text, b"</").is_some();
    // A person's question about a page may begin with one, and does not end with one.
    begins && (beside_page || ends())
}

/// Without what stands before the page: `<?xml …?>` or a comment.
fn without_comment(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    let end = match text {
        [b'<', b'?', ..] => Some(&b"?>"[..]),
        [b'<', b'!', b'-', b'-', ..] => Some(&b"-->"[..]),
        _ => None,
    };
    let after = end.and_then(|end| memchr::memmem::find(text, end).map(|at| &text[at + end.len()..]));
    after.map_or(text, <[u8]>::trim_ascii_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_from_texts() {
        for page in [
            "<html><body><p>Hi</p></body></html>",
            "\r\n<!DOCTYPE html PUBLIC \"x\">\r\n<html>a</html>\r\n",
            "\u{FEFF}<HTML xmlns=\"x\">a</HTML>",
            "<style>p{}</style>\n<p>Hi</p>",
            "<?xml version=\"1.0\"?><!DOCTYPE html>\n<html>a</html>",
            "<!-- made by x --><head></head><body>a</body>",
            "<body bgcolor=white>a</body>",
        ] {
            assert!(is_source(page.as_bytes(), false), "{page}");
        }
        for text in [
            "<html> and </html> are in my mails, why?",
            "My page: <html><body></body></html>",
            "<b>bold</b>",
            "<header> is what is missing </header>",
            "<html",
            "",
        ] {
            assert!(!is_source(text.as_bytes(), false), "{text}");
        }
        assert!(is_source(b"<html>a page that was cut", true));
        assert!(!is_source(b"<jane@example.com> wrote:", true));
    }
}
