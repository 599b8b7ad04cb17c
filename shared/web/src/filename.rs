//! Names of files, which mails bring and which may try to look like others.

use axum::http::HeaderValue;

/// A name without control characters and without those that turn the direction of text around, by which `exe.gpj` reads
/// as `jpg.exe` (Unicode TR 36 section 2.3). Those that join or part letters stay: Persian and emoji need them.
pub(crate) fn harmless(name: &str) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    name.chars().filter(|c| !odd(*c)).collect()
}

/// RFC 6266 section 4: the ASCII form for old clients, the whole name in RFC 8187.
pub(crate) fn disposition(filename: &str) -> HeaderValue {
    let filename = harmless(filename);
    let plain = |c: char| c.is_ascii_alphanumeric() || " .-_()".contains(c);
    let ascii: String = filename.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in filename.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    let text = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_header() {
        let value = disposition("a\"b\r\nX: 請求書.pdf");
        assert_eq!(
            value.to_str().ok(),
            Some(
                "attachment; filename=\"a_bX_ ___.pdf\"; filename*=UTF-8''a%22bX%3A%20%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf"
            )
        );
    }

    #[test]
    fn names_cannot_turn_around() {
        assert_eq!(harmless("photo_\u{202e}gpj.exe"), "photo_gpj.exe");
        for turns in
            ['\u{61c}', '\u{200f}', '\u{202a}', '\u{2067}', '\u{2069}', '\u{feff}', '\0', '\u{7f}', '\u{85}']
        {
            assert_eq!(harmless(&format!("a{turns}b")), "ab", "{turns:?}");
        }
        let joined = "می\u{200c}خواهم.pdf";
        assert_eq!(harmless(joined), joined);
        assert!(!disposition("a\u{202e}b").to_str().unwrap().contains("%E2%80%AE"));
    }
}
