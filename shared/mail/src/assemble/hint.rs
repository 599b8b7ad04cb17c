//! What a mail says of itself where one of its texts says nothing.

use crate::{
    decode::{
        charset::{self, Hint},
        words,
    },
    defect::Defects,
    html,
    part::Part,
    structure::Field,
};

/// A top-level domain is not longer.
const MAX_TLD: usize = 24;
/// Of a text whose letters are looked at.
const MAX_SAMPLE: usize = 64 * 1024;
/// Languages that a header names.
const MAX_LANGUAGES: usize = 5;

/// The charset of the first text that names one, and the country by whose letters the rest is guessed.
pub(super) fn hint(parts: &[Part], forced: Option<&str>) -> Hint {
    let texts = parts.iter().filter(|part| part.content.media().starts_with("text/"));
    let mut charsets = texts.filter_map(|part| part.content.param("charset"));
    let from = parts.first().and_then(|part| part.fields.iter().find(|field| field.name == "from"));
    let sender = from.and_then(|field| tld(&field.raw));
    Hint {
        forced: forced.map(str::to_owned),
        charset: forced.map(str::to_owned).or_else(|| charsets.find(|name| charset::is_named(name))),
        tld: by_letters(parts, sender.as_deref()).or(sender),
    }
}

/// The country of the language that the mail is in, looked for only where bytes in a header do not tell it themselves.
fn by_letters(parts: &[Part], sender: Option<&str>) -> Option<String> {
    let is_raw = |field: &Field| !field.raw.is_ascii() && std::str::from_utf8(&field.raw).is_err();
    if !parts.iter().any(|part| part.fields.iter().any(is_raw)) {
        return None;
    }
    let subject = parts.first().and_then(|part| part.fields.iter().find(|field| field.name == "subject"));
    let subject = subject.filter(|field| !is_raw(field)).map(|field| words::plain(&field.raw));
    let texts = parts.iter().filter(|part| !part.multipart && part.content.is_shown_text());
    let country = texts.map(sample).chain(subject).find_map(|text| charset::country(&text))?;
    // Who writes from another country of the same letters knows better.
    let same = |other: &str| {
        matches!((country, other), ("tw", "hk" | "mo") | ("cn", "sg") | ("ru", "bg" | "by" | "kz"))
    };
    Some(sender.filter(|sender| same(sender)).unwrap_or(country).to_owned())
}

/// The start of a text, decoded by what it says itself.
fn sample(part: &Part) -> String {
    let bytes = &part.leaf.bytes[..part.leaf.bytes.len().min(MAX_SAMPLE)];
    let text = charset::decode(bytes, part.content.param("charset").as_deref(), &mut Defects::default());
    if part.content.media() == "text/html" { html::to_text(&text) } else { text }
}

/// Tags of the languages that the header names, the first that counts first.
pub(super) fn languages(parts: &[Part]) -> Vec<String> {
    let fields = parts.first().map_or(&[][..], |part| part.fields.as_slice());
    let of = |name: &'static str| fields.iter().filter(move |field| field.name == name);
    let named = of("content-language").chain(of("accept-language")).map(|field| words::plain(&field.raw));
    let tag = |tag: &str| tag.split(';').next().unwrap_or_default().trim().to_owned();
    named.flat_map(|tags| tags.split(',').map(tag).collect::<Vec<_>>()).take(MAX_LANGUAGES).collect()
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
