//! Message ids (RFC 5322, section 3.6.4), also as broken programs write them.

use crate::defect::Defects;

use super::words;

/// Ids above this are not ids.
const MAX_ID: usize = 998;

/// The ids of an unfolded field, without angle brackets, in order.
pub(crate) fn ids(raw: &[u8]) -> Vec<String> {
    of(raw, false)
}

/// [`ids`] of an In-Reply-To field, where old programs write sentences.
pub(crate) fn parents(raw: &[u8]) -> Vec<String> {
    of(raw, true)
}

fn of(raw: &[u8], prose: bool) -> Vec<String> {
    let text = text(raw);
    let bracketed = bracketed(&text, prose);
    if !bracketed.is_empty() {
        return bracketed;
    }
    // Without brackets: words with an at sign, unless they stand in a sentence.
    let words: Vec<&str> = text.split([' ', '\t', ',', ';']).filter(|word| !word.is_empty()).collect();
    if prose && words.iter().any(|word| !word.contains('@')) {
        return Vec::new();
    }
    words.into_iter().filter(|word| word.contains('@')).filter_map(good).collect()
}

/// The single id of a Message-ID field: brackets may be missing, and the at sign too.
pub(crate) fn id(raw: &[u8]) -> Option<String> {
    if let Some(id) = ids(raw).into_iter().next() {
        return Some(id);
    }
    let text = text(raw);
    let mut words = text.split_whitespace();
    let with_sign = words.clone().find(|word| word.contains('@'));
    with_sign.or_else(|| words.next()).and_then(good)
}

/// Programs encode ids that are too long for a line.
fn text(raw: &[u8]) -> String {
    if raw.windows(2).any(|pair| pair == b"=?") {
        return words::decode(raw, &mut Defects::default());
    }
    String::from_utf8_lossy(raw).into_owned()
}

/// Ids in brackets; what stands in quotes outside of them is prose. A bracket that never closes ends at a blank.
/// In prose one right behind a word is the address of a person, if there are others: `from Jane <jane@example.com>`.
fn bracketed(text: &str, prose: bool) -> Vec<String> {
    let mut out: Vec<(bool, String)> = Vec::new();
    let mut named = false;
    let mut rest = text;
    while let Some(start) = rest.find(['<', '"']) {
        let word = prose && rest[..start].trim_end().ends_with(char::is_alphanumeric);
        let quoted = rest[start..].starts_with('"');
        rest = &rest[start + 1..];
        if quoted {
            rest = rest.find('"').map_or(rest, |end| &rest[end + 1..]);
            continue;
        }
        let end = rest.find(['<', '>']).unwrap_or(rest.len());
        let inner = &rest[..end];
        let closed = rest[end..].starts_with('>');
        let inner =
            if closed { Some(inner) } else { inner.split_whitespace().next().filter(|id| id.contains('@')) };
        out.extend(inner.and_then(good).map(|id| (word, id)));
        named |= !word;
        rest = &rest[end..];
    }
    out.into_iter().filter(|(word, _)| !word || !named).map(|(_, id)| id).collect()
}

fn good(id: &str) -> Option<String> {
    let id: String = id.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let id = id.trim_matches(['<', '>', ',']);
    (!id.is_empty() && id.len() <= MAX_ID).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_all_their_forms() {
        assert_eq!(ids(b" <a@b> (comment) <c@d>"), ["a@b", "c@d"]);
        assert_eq!(ids(b"<a@b><c@d>"), ["a@b", "c@d"]);
        assert_eq!(ids(b"a@b, c@d"), ["a@b", "c@d"]);
        assert_eq!(ids(b"Your message of Monday"), Vec::<String>::new());
        assert_eq!(ids(b"<a @ b>"), ["a@b"]);
        assert_eq!(parents(b"message from x@y of \"Mon, 5 Jan <z@y>\" <a@b>"), ["a@b"]);
        assert_eq!(parents(b"Message from jane@x of Monday"), Vec::<String>::new());
        assert_eq!(parents(b"Message from Jane <x@y> of \"Monday\" <a@b>"), ["a@b"]);
        assert_eq!(parents(b"Your message of Monday <a@b>"), ["a@b"]);
        assert_eq!(ids(b"<a@b> , <c@d>;<e@f"), ["a@b", "c@d", "e@f"]);
        assert_eq!(ids(b"<a@b <c@d>"), ["a@b", "c@d"]);
        assert_eq!(ids(b"<<a@b>>"), ["a@b"]);
        assert_eq!(ids(b"=?us-ascii?Q?=3Ca=40b=3E?= =?us-ascii?Q?=3Cc=40d=3E?="), ["a@b", "c@d"]);
        assert_eq!(ids(b"<a@b>, junk <c@d"), ["a@b", "c@d"]);
        assert_eq!(ids(b"<no-at-sign>"), ["no-at-sign"]);
        assert_eq!(ids(b"<\"a b\"@c>"), ["\"ab\"@c"]);
        assert_eq!(id(b"<a@b> (added by x@y)").unwrap(), "a@b");
        assert_eq!(id(b"id: a@b").unwrap(), "a@b");
        assert_eq!(id(b" no-at-sign ").unwrap(), "no-at-sign");
        assert_eq!(id(b" <> "), None);
    }
}
