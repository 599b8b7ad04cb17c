//! Message ids (RFC 5322, section 3.6.4), also as broken programs write them.

/// Ids above this are not ids.
const MAX_ID: usize = 998;

/// The ids of an unfolded field, without angle brackets, in order.
pub(crate) fn ids(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    let bracketed: Vec<String> = text
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .filter_map(|(id, _)| good(id))
        .collect();
    if !bracketed.is_empty() {
        return bracketed;
    }
    // Without brackets: words with an at sign.
    text.split([' ', '\t', ',', ';']).filter(|word| word.contains('@')).filter_map(good).collect()
}

/// The single id of a Message-ID field: brackets may be missing, and the at sign too.
pub(crate) fn id(raw: &[u8]) -> Option<String> {
    if let Some(id) = ids(raw).into_iter().next() {
        return Some(id);
    }
    let text = String::from_utf8_lossy(raw);
    text.split_whitespace().next().and_then(|word| good(word.trim_matches(['<', '>'])))
}

fn good(id: &str) -> Option<String> {
    let id: String =
        id.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>')).collect();
    (!id.is_empty() && id.len() <= MAX_ID).then_some(id)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_all_their_forms() {
        assert_eq!(ids(b" <a@b> (comment) <c@d>"), ["a@b", "c@d"]);
        assert_eq!(ids(b"<a@b><c@d>"), ["a@b", "c@d"]);
        assert_eq!(ids(b"a@b, c@d"), ["a@b", "c@d"]);
        assert_eq!(ids(b"Your message of Monday"), Vec::<String>::new());
        assert_eq!(ids(b"<a @ b>"), ["a@b"]);
        assert_eq!(id(b" no-at-sign ").unwrap(), "no-at-sign");
        assert_eq!(id(b" <> "), None);
    }
}
