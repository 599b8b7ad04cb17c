//! What a mail says of itself where one of its texts says nothing.

use crate::{
    decode::charset::{self, Hint},
    splitter::Part,
};

/// A top-level domain is not longer.
const MAX_TLD: usize = 24;

/// The charset of the first text that names one, and the country or kind of the sender's domain.
pub(super) fn hint(parts: &[Part], forced: Option<&str>) -> Hint {
    let texts = parts.iter().filter(|part| part.content.media().starts_with("text/"));
    let mut charsets = texts.filter_map(|part| part.content.param("charset"));
    let from = parts.first().and_then(|part| part.fields.iter().find(|field| field.name == "from"));
    Hint {
        forced: forced.map(str::to_owned),
        charset: forced.map(str::to_owned).or_else(|| charsets.find(|name| charset::is_named(name))),
        tld: from.and_then(|field| tld(&field.raw)),
    }
}

fn tld(from: &[u8]) -> Option<String> {
    let at = from.iter().rposition(|b| *b == b'@')?;
    let domain =
        from[at..].split(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'@'))).next()?;
    let label = domain.rsplit(|b| *b == b'.').next()?;
    let good = (2..=MAX_TLD).contains(&label.len()) && label.iter().all(u8::is_ascii_alphabetic);
    good.then(|| String::from_utf8_lossy(label).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_label_of_the_sender_tells() {
        assert_eq!(tld(b"Jane <jane@mail.example.JP>\r\n").as_deref(), Some("jp"));
        assert_eq!(tld(b"jane@[192.0.2.1]"), None);
        assert_eq!(tld(b"jane"), None);
    }
}
