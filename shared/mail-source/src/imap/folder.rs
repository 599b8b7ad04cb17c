//! Folder names: modified UTF-7 (RFC 3501 section 5.1.3).

use base64::{
    Engine,
    alphabet::Alphabet,
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};

/// Base64 with `,` for `/`.
fn engine() -> Result<GeneralPurpose, ()> {
    let alphabet = Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,");
    Ok(GeneralPurpose::new(&alphabet.map_err(|_| ())?, NO_PAD))
}

/// A folder name for people. What is not encoded as it should be stays as it is.
pub(crate) fn decode(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name;
    while let Some((before, coded)) = rest.split_once('&') {
        out.push_str(before);
        let decoded = coded.split_once('-').and_then(|(coded, rest)| Some((text(coded)?, rest)));
        match decoded {
            Some((text, after)) => {
                out.push_str(&text);
                rest = after;
            }
            None => {
                out.push('&');
                rest = coded;
            }
        }
    }
    out + rest
}

/// What stands between `&` and `-`.
fn text(coded: &str) -> Option<String> {
    if coded.is_empty() {
        return Some("&".to_owned());
    }
    let bytes = engine().ok()?.decode(coded).ok()?;
    let units: Vec<u16> =
        bytes.chunks(2).map(|two| two.iter().fold(0, |n, byte| n << 8 | u16::from(*byte))).collect();
    String::from_utf16(&units).ok()
}

/// Whether a name begins with this; of INBOX, case does not matter.
pub(crate) fn lies_below(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
}

/// A folder name for the wire; an error where it holds control characters.
pub(crate) fn encode(name: &str) -> Result<String, ()> {
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(());
    }
    let engine = engine()?;
    let mut out = String::new();
    let mut other = Vec::new();
    let flush = |other: &mut Vec<u8>, out: &mut String| {
        if !other.is_empty() {
            out.push('&');
            out.push_str(&engine.encode(&*other));
            out.push('-');
            other.clear();
        }
    };
    for c in name.chars() {
        if c.is_ascii() {
            flush(&mut other, &mut out);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0; 2];
            other.extend(c.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    flush(&mut other, &mut out);
    Ok(out)
}

/// A name as a quoted string.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn names_are_decoded_as_far_as_they_are_encoded() {
        for name in ["~peter/mail/台北/日本語", "A&B", "Entwürfe 😀", "&", "INBOX.Erledigt"] {
            assert_eq!(decode(&encode(name).unwrap_or_default()), name);
        }
        assert_eq!(decode("A&B C&-D&U,B-E"), "A&B C&D&U,B-E");
    }

    #[test]
    fn names_are_encoded_as_the_rfc_shows() {
        assert_eq!(encode("~peter/mail/台北/日本語").as_deref(), Ok("~peter/mail/&U,BTFw-/&ZeVnLIqe-"));
        assert_eq!(encode("A&B").as_deref(), Ok("A&-B"));
        assert_eq!(encode("Entwürfe 😀").as_deref(), Ok("Entw&APw-rfe &2D3eAA-"));
        assert!(encode("a\r\nA1 LOGOUT").is_err());
    }
}
