//! Folder names: modified UTF-7 (RFC 3501 section 5.1.3).

use base64::{
    Engine,
    alphabet::Alphabet,
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};

/// A folder name for the wire; an error where it holds control characters.
pub(crate) fn encode(name: &str) -> Result<String, ()> {
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(());
    }
    // Base64 with `,` for `/`.
    let alphabet =
        Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").map_err(|_| ())?;
    let engine = GeneralPurpose::new(&alphabet, NO_PAD);
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

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn names_are_encoded_as_the_rfc_shows() {
        assert_eq!(encode("~peter/mail/台北/日本語").as_deref(), Ok("~peter/mail/&U,BTFw-/&ZeVnLIqe-"));
        assert_eq!(encode("A&B").as_deref(), Ok("A&-B"));
        assert_eq!(encode("Entwürfe 😀").as_deref(), Ok("Entw&APw-rfe &2D3eAA-"));
        assert!(encode("a\r\nA1 LOGOUT").is_err());
    }
}
