//! Mail addresses within free text.

/// Longest address (RFC 5321, section 4.5.3.1).
const MAX_ADDRESS: usize = 254;
/// Longest part before the at sign that is looked for. Above the 64 of RFC 5321: gateways pack whole names into it.
const MAX_LOCAL: usize = 200;

/// An address in a text, with the bytes that it takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found<'a> {
    pub(super) address: &'a str,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The addresses of a text in order. Only ASCII ones, because CJK texts put no blank before and after them.
pub(super) fn addresses(text: &str) -> impl Iterator<Item = Found<'_>> {
    find(text, false)
}

/// The addresses of a field that holds nothing else: may hold any letters (RFC 6531), and hosts without a dot.
pub(super) fn addresses_in_field(value: &str) -> impl Iterator<Item = Found<'_>> {
    find(value, true)
}

fn find(text: &str, in_field: bool) -> impl Iterator<Item = Found<'_>> {
    let mut last = 0;
    text.match_indices('@').filter_map(move |(at, _)| {
        let start = local_start(text, last, at, in_field)?;
        let end = at + 1 + domain_len(&text[at + 1..], in_field);
        let domain = text[at + 1..end].trim_end_matches(['.', '-']);
        let end = at + 1 + domain.len();
        let dotted = in_field || domain.trim_matches('.').contains('.') || domain.starts_with('[');
        let good = !domain.is_empty() && dotted && !domain.starts_with('.') && end - start <= MAX_ADDRESS;
        last = if good { end } else { at + 1 };
        good.then(|| Found { address: &text[start..end], start, end })
    })
}

fn local_start(text: &str, floor: usize, at: usize, in_field: bool) -> Option<usize> {
    let floor = floor.max(at.saturating_sub(MAX_LOCAL));
    let before = text.as_bytes().get(floor..at)?;
    if let Some(inner) = before.strip_suffix(b"\"") {
        // "john doe"@example.com
        return inner.iter().rposition(|b| *b == b'"').map(|quote| floor + quote);
    }
    let is_local = |b: &u8| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(b);
    let len = before.iter().rev().take_while(|b| is_local(b) || in_field && **b >= 0x80).count();
    let mut start = at - len;
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let local = &text[start..at];
    let start = at - local.trim_start_matches(['.', '\'', '*', '-', '`', '|']).len();
    (start < at).then_some(start)
}

fn domain_len(rest: &str, in_field: bool) -> usize {
    if rest.starts_with('[') {
        return rest.bytes().take(64).position(|b| b == b']').map_or(0, |end| end + 1);
    }
    let is_domain = |c: &char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '.' | '-')
            || in_field && !c.is_ascii() && c.is_alphanumeric()
    };
    rest.chars().take(MAX_ADDRESS).take_while(is_domain).map(char::len_utf8).sum()
}

/// What Exchange packed into the address of its own gateway: `IMCEASMTP-jane+40example+2Ecom@host` is
/// `jane@example.com`. Others, such as X.500 names (`IMCEAEX-`), hold no address and stay.
pub(super) fn unpacked(address: &str) -> String {
    let upper = address.to_ascii_uppercase();
    let packed = ["IMCEASMTP-", "IMCEAMAILTO-", "IMCEAINVALID-"];
    let Some(prefix) = packed.iter().find(|prefix| upper.starts_with(**prefix)) else {
        return address.to_owned();
    };
    let local = address[prefix.len()..].rsplit_once('@').map_or("", |(local, _)| local);
    let mut pieces = local.split('+');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let code = piece.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code.filter(u8::is_ascii_graphic) {
            Some(byte) => {
                out.push(char::from(byte));
                out.push_str(&piece[2..]);
            }
            None => return address.to_owned(),
        }
    }
    if out.contains('@') { out } else { address.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<_> = addresses(text).map(|found| found.address).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn addresses_are_found_in_text() {
        check("<a@b.example>: no, but d@e is none. mailto:x@y.example.", &["a@b.example", "x@y.example"]);
        check("宛先x@example.comは存在しません", &["x@example.com"]);
        check("'jane.doe+tag@example.com' on Monday", &["jane.doe+tag@example.com"]);
        check(
            "to \"jane doe\"@example.com and j@[192.0.2.1]",
            &["\"jane doe\"@example.com", "j@[192.0.2.1]"],
        );
        check("@example.com a@ a@b@c.example é@example.com", &["b@c.example"]);
        check("to=<o'neil@example.com>,", &["o'neil@example.com"]);
    }

    #[test]
    fn fields_may_hold_any_letters() {
        let found: Vec<_> =
            addresses_in_field("user@localhost, žena@příklad.example").map(|f| f.address).collect();
        assert_eq!(found, ["user@localhost", "žena@příklad.example"]);
    }

    #[test]
    fn exchange_addresses_are_unpacked() {
        assert_eq!(unpacked("IMCEASMTP-jane+2Edoe+40example+2Ecom@example.org"), "jane.doe@example.com");
        let name = "IMCEAEX-_O=EXAMPLE_OU=FIRST_CN=JANE@example.org";
        assert_eq!(unpacked(name), name);
        assert_eq!(unpacked("IMCEASMTP-+zz@x"), "IMCEASMTP-+zz@x");
        assert_eq!(unpacked("a@b"), "a@b");
    }
}
