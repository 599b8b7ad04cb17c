//! Address lists (RFC 5322, section 3.4), as mail programs really write them.
//!
//! A grammar would refuse what people can read, so this reads as they do: commas and semicolons part entries, brackets
//! hold addresses, and what stands around them is the name.

mod reader;

use std::borrow::Cow;

use crate::{Address, defect::Defects};

use super::{
    charset::Hint,
    words::{self, Text},
};

use reader::{Reader, Token};

/// What programs put before addresses.
const SCHEMES: [&str; 2] = ["mailto:", "smtp:"];
/// More addresses in one field are not kept.
const MAX_ADDRESSES: usize = 1000;

/// The addresses of a field in order, groups opened.
pub(crate) fn addresses(raw: &[u8], hint: &Hint, defects: &mut Defects) -> Vec<Address> {
    let line = words::unfold(raw);
    list(Text::of(&line, hint, defects), true)
}

/// The addresses of a field that is read beside the mail's own; its defects are not counted.
pub(crate) fn addresses_of(raw: &[u8]) -> Vec<Address> {
    addresses(raw, &Hint::default(), &mut Defects::default())
}

/// `again`: an entry that was encoded as a whole is read once more.
fn list(text: Text, again: bool) -> Vec<Address> {
    let mut reader = Reader::new(&text);
    let mut entry = Entry::default();
    let mut found = Vec::new();
    while let Some(token) = reader.next() {
        if found.len() >= MAX_ADDRESSES {
            return found;
        }
        match token {
            Token::End if entry.may_go_on() && reader.bracket_comes() => entry.name.push(','),
            Token::End => std::mem::take(&mut entry).finish(again, &mut found),
            // A second address without a comma: what stood after the first is the name of this one.
            Token::Bracket(_) if entry.address.is_some() => {
                let name = std::mem::take(&mut entry.after);
                std::mem::replace(&mut entry, Entry { name, ..Entry::default() }).finish(again, &mut found);
                entry.take(token);
            }
            token => entry.take(token),
        }
    }
    entry.finish(again, &mut found);
    found
}

/// One entry of the list.
#[derive(Debug, Default)]
struct Entry {
    /// Before a colon that is part of the name, or of an address.
    prefix: String,
    name: String,
    comment: String,
    address: Option<String>,
    after: String,
}

impl Entry {
    fn take(&mut self, token: Token) {
        match token {
            Token::Text(text) => self.text(&text),
            Token::Blank => self.text(" "),
            Token::Comment(text) => {
                if self.may_go_on() {
                    self.name.push_str(&format!("({text})"));
                }
                self.comment = text;
            }
            Token::Bracket(text) => self.address = Some(text),
            Token::Colon { .. } if self.address.is_some() || self.name.contains('@') => self.text(":"),
            Token::Colon { group } => {
                let name = std::mem::take(&mut self.name);
                if let Some(before) = before_scheme(&name) {
                    self.name = before.to_owned();
                    return;
                }
                self.prefix = if group { String::new() } else { format!("{}{name}:", self.prefix) };
            }
            Token::End => {}
        }
    }

    fn text(&mut self, text: &str) {
        let place = if self.address.is_some() { &mut self.after } else { &mut self.name };
        place.push_str(text);
    }

    /// A comma within a name without quotes: `Doe, Jane <jane@example.com>`.
    fn may_go_on(&self) -> bool {
        self.address.is_none() && !self.name.contains('@') && !self.name.trim().is_empty()
    }

    fn finish(self, again: bool, found: &mut Vec<Address>) {
        let Self { prefix, name, comment, address, after } = self;
        let Some(address) = address.map(|inner| in_brackets(&inner)) else {
            // What was taken as part of a name is a comment, if there is no other address than the word before it.
            let name = name.trim().strip_suffix(&format!("({comment})")).unwrap_or(&name);
            return bare(name, &comment, again, found);
        };
        let (inner_name, address) = address;
        let mut names =
            [tidy(&format!("{prefix}{name}")), tidy(&inner_name), tidy(&after), tidy(&comment)].into_iter();
        let name = names.find(|name| !name.is_empty());
        if !address.is_empty() {
            found.push(Address { name, address });
        } else if let Some(name) = name.filter(|name| name.contains('@')) {
            bare(&name, "", again, found);
        }
    }
}

/// An address in brackets, and a name that stands there too.
fn in_brackets(inner: &str) -> (String, String) {
    let inner = inner.trim();
    // Names of X.400 and of Exchange's directory have blanks and parentheses of their own.
    if inner.starts_with('/') {
        return (String::new(), inner.to_owned());
    }
    let inner = without_scheme(inner);
    // A source route: what counts stands behind it.
    let inner = if inner.starts_with('@') { inner.rsplit(':').next().unwrap_or_default() } else { inner };
    let inner = without_blanks_at_dots(inner);
    let words: Vec<&str> = inner.split_whitespace().collect();
    let whole = |word: &str| word.find('@').is_some_and(|at| at > 0 && at + 1 < word.len());
    if let ([_, _, ..], Some(at)) = (words.as_slice(), words.iter().rposition(|word| whole(word)))
        && !inner.contains('"')
    {
        return (words[..at].join(" "), trimmed(words[at]));
    }
    (String::new(), trimmed(&if inner.contains('"') { inner.into_owned() } else { words.concat() }))
}

/// An entry without brackets: the word with the sign is the address, the others are the name.
fn bare(text: &str, comment: &str, again: bool, found: &mut Vec<Address>) {
    let text = text.trim();
    // Where all of the field was encoded, signs that part entries were too.
    if again
        && text.contains('@')
        && (text.contains('<') || text.matches('@').count() > 1)
        && !text.contains('"')
    {
        return found.extend(list(Text { text: text.to_owned(), encoded: Vec::new() }, false));
    }
    if text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("/o=")) {
        return found.push(Address { name: None, address: text.to_owned() });
    }
    let joined = around_sign(text);
    let words: Vec<&str> =
        if joined.starts_with('"') { vec![&joined] } else { joined.split_whitespace().collect() };
    let addresses: Vec<&&str> = words.iter().filter(|word| word.contains('@')).collect();
    let name = tidy(&words.iter().filter(|word| !word.contains('@')).copied().collect::<Vec<_>>().join(" "));
    let name =
        Some(name).filter(|name| !name.is_empty()).or_else(|| Some(tidy(comment)).filter(|c| !c.is_empty()));
    match (addresses.as_slice(), words.as_slice()) {
        // A word alone, as programs write for a local user; two words are a name without an address.
        ([], [word]) if !is_nobody(word) => {
            let name = Some(tidy(comment)).filter(|name| !name.is_empty());
            found.push(Address { name, address: trimmed(word) });
        }
        ([], _) => {}
        ([address], _) => found.push(Address { name, address: trimmed(address) }),
        (several, _) => {
            found.extend(several.iter().map(|address| Address { name: None, address: trimmed(address) }));
        }
    }
    found.retain(|address| !address.address.is_empty());
}

/// What stands for recipients that are not told.
fn is_nobody(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.contains("recipients") || word.starts_with("undisclosed") || !word.chars().any(char::is_alphanumeric)
}

/// `jane @ example.com` without the blanks around the sign.
fn around_sign(text: &str) -> String {
    let text = match text.split_once('@') {
        Some((local, host)) => format!("{local}@{}", without_blanks_at_dots(host)),
        None => text.to_owned(),
    };
    let text = without_scheme(&text);
    if !text.contains(" @") && !text.contains("@ ") {
        return text.to_owned();
    }
    let parts: Vec<&str> = text.split('@').collect();
    parts.iter().map(|part| part.trim()).collect::<Vec<_>>().join("@")
}

/// `host .example` and `host . example` without the blanks and folds that RFC 5322, section 4.4 allows at a dot.
/// A dot that stands at its word, as in `J. Doe`, keeps the blank behind it.
fn without_blanks_at_dots(text: &str) -> Cow<'_, str> {
    if text.contains('"') || !text.contains([' ', '\t']) || !text.contains('.') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('.') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        let kept = before.trim_end();
        out.push_str(kept);
        out.push('.');
        rest = if kept.len() < before.len() { after.trim_start() } else { after };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// `Jane Doe [mailto` without its last word.
fn before_scheme(text: &str) -> Option<&str> {
    let before = SCHEMES.iter().find_map(|scheme| {
        let at = text.len().checked_sub(scheme.len() - 1)?;
        let last = text.get(at..)?;
        last.eq_ignore_ascii_case(&scheme[..scheme.len() - 1]).then(|| &text[..at])
    });
    before.map(|before| before.trim_end_matches(['[', '(', '<']))
}

fn without_scheme(text: &str) -> &str {
    let scheme = SCHEMES
        .iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    scheme.map_or(text, |scheme| &text[scheme.len()..])
}

fn trimmed(address: &str) -> String {
    let address: String = address.chars().filter(|c| !c.is_control()).collect();
    let address = address.trim();
    // Quotes are part of an address only before the sign: `"jane doe"@example.com`.
    let quoted = address.starts_with('"') && address.contains("\"@");
    let signs: &[char] = if quoted { &['<', '>', ','] } else { &['<', '>', '"', '\'', ',', '[', ']'] };
    let inner = address.trim_start_matches(signs);
    // A domain may be a literal in square brackets.
    let literal = inner.contains("@[");
    inner.trim_end_matches(|c| signs.contains(&c) && !(literal && c == ']')).trim_end_matches(';').to_owned()
}

/// Blanks as one, no control characters, no quotes around.
fn tidy(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_end_matches([',', ';']).trim();
    let inner = name.strip_prefix('\'').and_then(|name| name.strip_suffix('\''));
    let inner = inner.or_else(|| name.strip_prefix('"').and_then(|name| name.strip_suffix('"')));
    inner.unwrap_or(name).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields as mail programs write them, with names and addresses.
    const SAMPLES: [(&str, &[(&str, &str)]); 57] = [
        (" Jane <jane@example.com>", &[("Jane", "jane@example.com")]),
        ("jane@example.com (Jane Doe)", &[("Jane Doe", "jane@example.com")]),
        ("\"Doe, Jane\" <Jane@Example.com>, b@c", &[("Doe, Jane", "Jane@Example.com"), ("", "b@c")]),
        ("team: a@b, C <c@d>;", &[("", "a@b"), ("C", "c@d")]),
        ("team: C <c@d>, a@b;, x@y", &[("C", "c@d"), ("", "a@b"), ("", "x@y")]),
        ("undisclosed-recipients:;", &[]),
        ("Undisclosed recipients:", &[]),
        ("undisclosed-recipients", &[]),
        ("root", &[("", "root")]),
        ("root (Charlie Root)", &[("Charlie Root", "root")]),
        ("No Address", &[]),
        ("'Jane' <j@k>", &[("Jane", "j@k")]),
        ("Doe, Jane <j@k>, b@c", &[("Doe, Jane", "j@k"), ("", "b@c")]),
        ("Doe, Jane, MD <j@k>", &[("Doe, Jane, MD", "j@k")]),
        ("b@c, Doe, Jane <j@k>", &[("", "b@c"), ("Doe, Jane", "j@k")]),
        ("a@b; c@d; Jane <j@k>", &[("", "a@b"), ("", "c@d"), ("Jane", "j@k")]),
        ("Jane Doe <j@k", &[("Jane Doe", "j@k")]),
        ("Jane <j@k, Bob <b@c>", &[("Jane", "j@k"), ("Bob", "b@c")]),
        ("Jane j@k>", &[("Jane", "j@k")]),
        ("Jane Doe j@k", &[("Jane Doe", "j@k")]),
        ("j@k Jane Doe", &[("Jane Doe", "j@k")]),
        ("<j@k> Jane Doe", &[("Jane Doe", "j@k")]),
        ("Jane <<j@k>>", &[("Jane", "j@k")]),
        ("<Jane <j@k>>", &[("Jane", "j@k")]),
        ("<Jane j@k>", &[("Jane", "j@k")]),
        ("Jane < j @ k >", &[("Jane", "j@k")]),
        ("j @ k", &[("", "j@k")]),
        ("<@relay.example,@b:j@k>", &[("", "j@k")]),
        ("<mailto:j@k>", &[("", "j@k")]),
        ("mailto:j@k", &[("", "j@k")]),
        ("Jane <mailto:j@k>", &[("Jane", "j@k")]),
        ("Jane <SMTP:j@k>", &[("Jane", "j@k")]),
        ("Jane Doe [mailto:j@k]", &[("Jane Doe", "j@k")]),
        ("a@b c@d", &[("", "a@b"), ("", "c@d")]),
        ("Jane <a@b> Bob <c@d>", &[("Jane", "a@b"), ("Bob", "c@d")]),
        ("j@k <j@k>", &[("j@k", "j@k")]),
        ("\"j@k\" <j@k>", &[("j@k", "j@k")]),
        ("\"j@k\"", &[("", "j@k")]),
        ("\"jane doe\"@k", &[("", "\"jane doe\"@k")]),
        ("<\"jane, doe\"@k>", &[("", "\"jane, doe\"@k")]),
        ("Jane (Sales) <j@k>", &[("Jane (Sales)", "j@k")]),
        ("Jane (Sales <j@k>", &[("Jane (Sales", "j@k")]),
        ("\"Jane <j@k>", &[("Jane", "j@k")]),
        ("j@k (a (nested) comment)", &[("a (nested) comment", "j@k")]),
        ("\"Jane \\\"JD\\\" Doe\" <j@k>", &[("Jane \"JD\" Doe", "j@k")]),
        ("\"WORK\\jane\" <j@k>", &[("WORK\\jane", "j@k")]),
        ("J. R. Doe <j@k>", &[("J. R. Doe", "j@k")]),
        ("Jane @ Work <j@k>", &[("Jane @ Work", "j@k")]),
        ("Support: Example <j@k>", &[("Support: Example", "j@k")]),
        ("j@[IPv6:2001:db8::1]", &[("", "j@[IPv6:2001:db8::1]")]),
        ("jane@bücher.example", &[("", "jane@bücher.example")]),
        ("Jane </O=EX/OU=GROUP (F23)/CN=JANE DOE>", &[("Jane", "/O=EX/OU=GROUP (F23)/CN=JANE DOE")]),
        ("<>", &[]),
        (",,, a@b,,", &[("", "a@b")]),
        ("Jane <>, a@b", &[("", "a@b")]),
        ("\"Jane\"<j@k>", &[("Jane", "j@k")]),
        ("Jane\t<j@k>,\r\n b@c", &[("Jane", "j@k"), ("", "b@c")]),
    ];

    fn check(raw: &str, expected: &[(&str, &str)]) {
        let found = addresses(raw.as_bytes(), &Hint::default(), &mut Defects::default());
        let found: Vec<_> =
            found.iter().map(|a| (a.name.as_deref().unwrap_or_default(), a.address.as_str())).collect();
        assert_eq!(found, expected, "{raw}");
    }

    #[test]
    fn addresses_in_their_forms() {
        for (raw, expected) in SAMPLES {
            check(raw, expected);
        }
    }

    #[test]
    fn blanks_at_the_dots_of_a_host() {
        for raw in [
            "jane@host .example",
            "jane@host\r\n .example",
            "<jane@host .example>",
            "<jane@host\r\n .example>",
            "<jane@host . example>",
            "<jane@host(a comment).example>",
            "<jane@host (a comment) .example>",
            "<jane @ host .example>",
            "jane @ host .example",
        ] {
            check(raw, &[("", "jane@host.example")]);
        }
        check("jane@host (Jane) .example", &[("Jane", "jane@host.example")]);
        check(
            "J. Doe <jane . doe@mail .host .example>, b@c",
            &[("J. Doe", "jane.doe@mail.host.example"), ("", "b@c")],
        );
        // Elsewhere a dot is one of a name.
        check("<J. Doe j@k.example>", &[("J. Doe", "j@k.example")]);
        check("j@k.example J. Doe", &[("J. Doe", "j@k.example")]);
        check("a@b.example c.d@e.example", &[("", "a@b.example"), ("", "c.d@e.example")]);
        check("J. R . Doe <j@k>", &[("J. R . Doe", "j@k")]);
        check("<\"jane . doe\"@k>", &[("", "\"jane . doe\"@k")]);
    }

    #[test]
    fn names_are_decoded() {
        check("=?utf-8?q?J=C3=B6rg?= <j@k>", &[("Jörg", "j@k")]);
        check("=?utf-8?q?Doe=2C_J=C3=B6rg?= <j@k>, b@c", &[("Doe, Jörg", "j@k"), ("", "b@c")]);
        check("=?utf-8?q?Doe, J=C3=B6rg?= <j@k>, b@c", &[("Doe, Jörg", "j@k"), ("", "b@c")]);
        check("\"=?utf-8?q?J=C3=B6rg?=\" <j@k>", &[("Jörg", "j@k")]);
        check("\"=?utf-8?q?Doe=2C_J=C3=B6rg?=\" <j@k>", &[("Doe, Jörg", "j@k")]);
        check("=?utf-8?b?5pel5pys?= =?utf-8?b?6A==?= =?utf-8?b?qp4=?= <j@k>", &[("日本語", "j@k")]);
        check("=?iso-2022-jp?b?GyRCOzNFRBsoQg==?= <y@k>", &[("山田", "y@k")]);
        check("=?eucgb2312_cn?b?zfXP/sP3?= <w@x>", &[("王晓明", "w@x")]);
        check("Jörg <j@k>", &[("Jörg", "j@k")]);
        check("=?utf-8?q?J=C3=B6rg_<j@k>?=", &[("Jörg", "j@k")]);
        check("=?utf-8?q?J=C3=B6rg?=<j@k>", &[("Jörg", "j@k")]);
        check("Jane <=?utf-8?q?j=40k?=>", &[("Jane", "j@k")]);
        check("=?utf-8?q?a=40b,_c=40d?=", &[("", "a@b"), ("", "c@d")]);
        check("j@k (=?utf-8?q?J=C3=B6rg?=)", &[("Jörg", "j@k")]);
    }
}
