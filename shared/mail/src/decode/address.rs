//! Address lists (RFC 5322, section 3.4): mail-parser's grammar over our own decoding of words.

use mail_parser::{HeaderValue, parsers::MessageStream};

use crate::{Address, defect::Defects};

use super::words;

/// More addresses in one field are not kept.
const MAX_ADDRESSES: usize = 1000;

/// The addresses of a field in order, groups opened.
pub(crate) fn addresses(raw: &[u8], defects: &mut Defects) -> Vec<Address> {
    let mut found = parse(raw, defects);
    found.truncate(MAX_ADDRESSES);
    found.into_iter().flat_map(|(name, address)| finish(name, address)).collect()
}

type Pair = (Option<String>, Option<String>);

fn parse(raw: &[u8], defects: &mut Defects) -> Vec<Pair> {
    let mut line = words::in_utf8(&words::unfold(raw), defects);
    line.push(b'\n');
    let HeaderValue::Address(list) = MessageStream::new(&line).parse_address() else { return Vec::new() };
    list.iter().map(|addr| (addr.name().map(str::to_owned), addr.address().map(str::to_owned))).collect()
}

fn finish(name: Option<String>, address: Option<String>) -> Option<Address> {
    let name = name.map(|name| unquoted(&name)).filter(|name| !name.is_empty());
    let address: String = address.unwrap_or_default().split_whitespace().collect();
    let address = address.trim_matches(['<', '>', '"', '\'']).to_owned();
    match (name, address.is_empty()) {
        (name, false) => Some(Address { name, address }),
        (None, true) => None,
        // The whole address was encoded, as some programs do.
        (Some(name), true) if name.contains('@') => {
            let inner = parse(name.as_bytes(), &mut Defects::default())
                .into_iter()
                .find(|(_, address)| address.is_some());
            let (name, address) = inner?;
            Some(Address { name: name.map(|name| unquoted(&name)), address: address.unwrap_or_default() })
        }
        // A word alone, as programs write for a local user; two words are a name without an address.
        (Some(name), true) => (!name.contains(' ')).then_some(Address { name: None, address: name }),
    }
}

/// Blanks as one, no control characters, no quotes around.
fn unquoted(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let inner = name.strip_prefix('\'').and_then(|name| name.strip_suffix('\''));
    inner.unwrap_or(&name).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: &[(&str, &str)]) {
        let found = addresses(raw.as_bytes(), &mut Defects::default());
        let found: Vec<_> =
            found.iter().map(|a| (a.name.as_deref().unwrap_or_default(), a.address.as_str())).collect();
        assert_eq!(found, expected, "{raw}");
    }

    #[test]
    fn addresses_in_their_forms() {
        check(" Jane <jane@example.com>", &[("Jane", "jane@example.com")]);
        check("jane@example.com (Jane Doe)", &[("Jane Doe", "jane@example.com")]);
        check("\"Doe, Jane\" <Jane@Example.com>, b@c", &[("Doe, Jane", "Jane@Example.com"), ("", "b@c")]);
        check("team: a@b, C <c@d>;", &[("", "a@b"), ("C", "c@d")]);
        check("undisclosed-recipients:;", &[]);
        check("root", &[("", "root")]);
        check("No Address", &[]);
        check("'Jane' <j@k>", &[("Jane", "j@k")]);
    }

    #[test]
    fn names_are_decoded() {
        check("=?utf-8?q?J=C3=B6rg?= <j@k>", &[("Jörg", "j@k")]);
        check("=?utf-8?q?Doe=2C_J=C3=B6rg?= <j@k>, b@c", &[("Doe, Jörg", "j@k"), ("", "b@c")]);
        check("\"=?utf-8?q?J=C3=B6rg?=\" <j@k>", &[("Jörg", "j@k")]);
        check("=?utf-8?b?5pel5pys?= =?utf-8?b?6A==?= =?utf-8?b?qp4=?= <j@k>", &[("日本語", "j@k")]);
        check("=?iso-2022-jp?b?GyRCOzNFRBsoQg==?= <y@k>", &[("山田", "y@k")]);
        check("=?eucgb2312_cn?b?zfXP/sP3?= <w@x>", &[("王晓明", "w@x")]);
        check("Jörg <j@k>", &[("Jörg", "j@k")]);
        check("=?utf-8?q?J=C3=B6rg_<j@k>?=", &[("Jörg", "j@k")]);
    }
}
