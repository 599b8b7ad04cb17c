//! `Authentication-Results` (RFC 8601, section 2.2).

use super::words::{Token, tokens};

/// One field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Results {
    /// Who wrote it, in lower case; none in Microsoft's form.
    pub(super) authserv_id: Option<String>,
    pub(super) list: Vec<MethodResult>,
}

/// `dkim=pass header.d=example.com`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MethodResult {
    /// In lower case, without its version.
    pub(super) method: String,
    /// In lower case.
    pub(super) result: String,
    /// `header.d` and the like in lower case, with their values; also `reason`, and what Microsoft adds.
    pub(super) properties: Vec<(String, String)>,
}

impl MethodResult {
    pub(super) fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Results {
    /// Reads a field; none if it does not follow the grammar, or is of a version other than 1.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let tokens = tokens(value)?;
        let mut pieces = tokens.split(|token| *token == Token::Semicolon).peekable();
        let mut results = Self::default();
        if !pieces.peek()?.contains(&Token::Equals) {
            results.authserv_id = Some(authserv_id(pieces.next()?)?);
        }
        for piece in pieces.filter(|piece| !piece.is_empty()) {
            if !matches!(piece, [Token::Word(word)] if word.eq_ignore_ascii_case("none")) {
                results.list.push(result(piece)?);
            }
        }
        Some(results)
    }

    /// Reads the field that a sealer wrote (RFC 8617, section 4.1.1): its instance stands first.
    pub(super) fn parse_arc(value: &str) -> Option<(u32, Self)> {
        let (instance, rest) = value.split_once(';')?;
        Some((self::instance(instance)?, Self::parse(rest)?))
    }
}

/// `i=1`
fn instance(tag: &str) -> Option<u32> {
    let (name, value) = tag.split_once('=')?;
    (name.trim() == "i").then(|| value.trim().parse().ok()).flatten()
}

/// The domain that signed a seal: its tag `d`.
pub(super) fn sealer(value: &str) -> Option<String> {
    let tags = value.split(';').filter_map(|tag| tag.split_once('='));
    tags.filter(|(name, _)| name.trim() == "d").map(|(_, value)| value.trim().to_ascii_lowercase()).next()
}

fn authserv_id(piece: &[Token]) -> Option<String> {
    match piece {
        [Token::Word(id)] => Some(id.to_ascii_lowercase()),
        [Token::Word(id), Token::Word(version)] if version == "1" => Some(id.to_ascii_lowercase()),
        _ => None,
    }
}

/// Names and values: a value is one word; all words up to the next equals sign are a name, as blanks may stand around
/// its dots.
fn result(piece: &[Token]) -> Option<MethodResult> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut name = String::new();
    let mut tokens = piece.iter();
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(word) => name.push_str(&word.to_ascii_lowercase()),
            Token::Semicolon => return None,
            Token::Equals => match tokens.next()? {
                Token::Word(value) if !name.is_empty() => {
                    pairs.push((std::mem::take(&mut name), value.clone()))
                }
                _ => return None,
            },
        }
    }
    let (method, value) = if pairs.is_empty() { return None } else { pairs.remove(0) };
    let method = method.split('/').next().unwrap_or_default().to_owned();
    Some(MethodResult { method, result: value.to_ascii_lowercase(), properties: pairs })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(value: &str) -> String {
        let Some(results) = Results::parse(value) else { return "bad".to_owned() };
        let list = results.list.iter().map(|one| {
            let properties: String =
                one.properties.iter().map(|(name, value)| format!(" {name}={value}")).collect();
            format!("{}={}{properties}", one.method, one.result)
        });
        let list: Vec<String> = list.collect();
        format!("{}: {}", results.authserv_id.as_deref().unwrap_or("-"), list.join(", "))
    }

    #[test]
    fn fields_in_their_forms() {
        for (value, expected) in [
            ("mx.example.org; none", "mx.example.org: "),
            (
                "MX.example.org 1; dkim=pass header.d=a.example",
                "mx.example.org: dkim=pass header.d=a.example",
            ),
            ("mx.example.org 2; dkim=pass", "bad"),
            (
                "mx.example.org (x; y) ; dkim = pass (good; really) header . d = a.example",
                "mx.example.org: dkim=pass header.d=a.example",
            ),
            (
                "mx; dkim/1=PASS reason=\"all; well\" header.i=@A.example header.b=\"x=y\"",
                "mx: dkim=pass reason=all; well header.i=@A.example header.b=x=y",
            ),
            (
                "mx; spf=pass smtp.mailfrom=\"; dmarc=pass\"@evil.example;",
                "mx: spf=pass smtp.mailfrom=; dmarc=pass@evil.example",
            ),
            (
                "mx; dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=a.example",
                "mx: dmarc=pass header.from=a.example",
            ),
            (
                "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example; dkim=pass (signature was verified) header.d=a.example;dmarc=pass action=none header.from=a.example;compauth=pass reason=100",
                "-: spf=pass smtp.mailfrom=a.example, dkim=pass header.d=a.example, dmarc=pass action=none header.from=a.example, compauth=pass reason=100",
            ),
            ("mx; dkim", "bad"),
            ("mx; dkim=pass header.d=", "bad"),
            ("mx (dkim=pass", "bad"),
            ("mx two words; dkim=pass", "bad"),
            ("", "bad"),
        ] {
            assert_eq!(show(value), expected, "{value}");
        }
    }

    #[test]
    fn seals() {
        let (instance, results) =
            Results::parse_arc(" i=1; mx.example.net 1; dmarc=pass header.from=a.example").unwrap();
        assert_eq!((instance, results.list[0].method.as_str()), (1, "dmarc"));
        assert_eq!(Results::parse_arc("mx; dmarc=pass"), None);
        assert_eq!(sealer("i=1; a=rsa-sha256; d=Example.net; s=x").as_deref(), Some("example.net"));
    }
}
