//! The words of structured trace fields (RFC 5322, section 3.2): comments left out, quotes opened.

/// More words of one field are not read.
const MAX_WORDS: usize = 2000;

/// A piece of a structured field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    Equals,
    Semicolon,
}

/// Splits a field. None if a comment or a quoted string does not end.
pub(super) fn tokens(value: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        let end = match c {
            '(' => {
                skip_comment(&mut chars)?;
                None
            }
            '=' => Some(Token::Equals),
            ';' => Some(Token::Semicolon),
            c if c.is_whitespace() => None,
            '"' => {
                quoted(&mut chars, word.get_or_insert_default())?;
                continue;
            }
            c => {
                word.get_or_insert_default().push(c);
                continue;
            }
        };
        tokens.extend(word.take().map(Token::Word));
        tokens.extend(end);
        if tokens.len() > MAX_WORDS {
            return None;
        }
    }
    tokens.extend(word.map(Token::Word));
    Some(tokens)
}

fn skip_comment(chars: &mut std::str::Chars<'_>) -> Option<()> {
    let mut depth = 1;
    while depth > 0 {
        match chars.next()? {
            '(' => depth += 1,
            ')' => depth -= 1,
            '\\' => drop(chars.next()?),
            _ => {}
        }
    }
    Some(())
}

fn quoted(chars: &mut std::str::Chars<'_>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '\\' => word.push(chars.next()?),
            c => word.push(c),
        }
    }
}

/// The host that wrote a Received field, in lower case, and whether the field names whom the mail came from.
pub(super) fn received_by(value: &str) -> Option<(String, bool)> {
    let tokens = tokens(value)?;
    let is =
        |token: &Token, name: &str| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(name));
    let by = tokens.iter().position(|token| is(token, "by"))?;
    let Some(Token::Word(host)) = tokens.get(by + 1) else { return None };
    Some((host.trim_end_matches('.').to_ascii_lowercase(), is(&tokens[0], "from")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_quotes() {
        let word = |word: &str| Token::Word(word.to_owned());
        let found = tokens("a (b (c\\) d)) \"e; \\\"f\"@g=h;").unwrap_or_default();
        assert_eq!(found, [word("a"), word("e; \"f@g"), Token::Equals, word("h"), Token::Semicolon]);
        assert_eq!(tokens("a (b"), None);
        assert_eq!(tokens("a \"b"), None);
    }

    #[test]
    fn the_writer_of_a_received_field() {
        let by = |value| received_by(value).map(|(host, from)| format!("{host} {from}"));
        assert_eq!(
            by("from a (b by c) by MX.Example.org. with SMTP id 1; Mon").as_deref(),
            Some("mx.example.org true")
        );
        assert_eq!(by("by 2002:a05:1::1 with SMTP id 1").as_deref(), Some("2002:a05:1::1 false"));
        assert_eq!(by("from a"), None);
    }
}
