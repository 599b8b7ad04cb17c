//! Delivery status (RFC 3464, RFC 6533), also as servers wrongly write it.

use crate::structure::{Field, header_of};

use super::{
    super::kinds::once,
    codes::codes,
    mailbox::{addresses_in_field, unpacked},
};

/// Groups of fields in a delivery status: one per recipient.
const MAX_GROUPS: usize = 200;

/// What a delivery status says of its recipients together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    /// At least one recipient was not reached, or not yet.
    pub(super) failed: bool,
    /// At least one was reached, and the status says so.
    pub(super) reached: bool,
    /// Those that were not reached and that are given as addresses.
    pub(super) recipients: Vec<String>,
    /// Those of which it does not say what became of the mail.
    pub(super) unsure: Vec<String>,
    /// Names without a host of those that were not reached.
    pub(super) names: Vec<String>,
    pub(super) codes: Vec<String>,
}

/// What became of the mail to one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Failed,
    Reached,
    Unknown,
}

/// The starts of an Action field. RFC 3464 knows failed, delayed, delivered, relayed and expanded.
const ACTIONS: &[(&str, Outcome)] = &[
    ("fail", Outcome::Failed),
    ("fial", Outcome::Failed),
    ("faild", Outcome::Failed),
    ("delay", Outcome::Failed),
    ("defer", Outcome::Failed),
    ("undeliver", Outcome::Failed),
    ("non-deliver", Outcome::Failed),
    ("expire", Outcome::Failed),
    ("error", Outcome::Failed),
    ("bounce", Outcome::Failed),
    ("reject", Outcome::Failed),
    ("deliver", Outcome::Reached),
    ("relay", Outcome::Reached),
    ("expan", Outcome::Reached),
    ("success", Outcome::Reached),
    ("transferred", Outcome::Reached),
];

impl Status {
    /// Reads the groups: the first about the mail, the others about one recipient each.
    pub(super) fn read(text: &[u8]) -> Self {
        let mut status = Self::default();
        for group in groups(text) {
            status.take(&group);
        }
        status
    }

    fn take(&mut self, group: &[Field]) {
        let diagnostic = value(group, "diagnostic-code").unwrap_or_default();
        let mut found: Vec<String> =
            value(group, "status").iter().flat_map(|status| codes(status)).map(str::to_owned).collect();
        if found.is_empty() {
            found.extend(codes(&diagnostic).next().map(str::to_owned));
        }
        let about_recipient = ["final-recipient", "original-recipient", "action", "x-actual-recipient"];
        if !about_recipient.iter().any(|name| value(group, name).is_some()) {
            return;
        }
        let outcome = outcome(group, !found.is_empty());
        match outcome {
            Outcome::Failed => self.failed = true,
            Outcome::Reached => return self.reached = true,
            Outcome::Unknown => {}
        }
        let known = self.recipients.len();
        self.recipient(group);
        if outcome == Outcome::Unknown {
            self.unsure.extend(self.recipients.drain(known..));
        }
        found.into_iter().for_each(|code| once(&mut self.codes, code));
    }

    /// The final recipient is the one that failed; where it is no address, the others tell.
    fn recipient(&mut self, group: &[Field]) {
        let names = ["final-recipient", "original-recipient", "x-actual-recipient"];
        let values: Vec<String> = names.iter().filter_map(|name| value(group, name)).collect();
        let lists = values.iter().map(|value| recipients(value));
        let best = lists.filter(|list| !list.is_empty());
        let best = best.min_by_key(|list| list.iter().any(|address| address.starts_with("IMCEA")));
        match best {
            Some(list) => list.into_iter().for_each(|address| once(&mut self.recipients, address)),
            None => {
                let name = values.first().map(|value| untyped(value).trim_matches(['<', '>', '"', ' ']));
                let name =
                    name.filter(|name| name.chars().all(|c| c.is_alphanumeric() || "._-+=".contains(c)));
                once(&mut self.names, name.unwrap_or_default().to_owned());
            }
        }
    }
}

fn outcome(group: &[Field], has_code: bool) -> Outcome {
    let action = value(group, "action").unwrap_or_default().to_ascii_lowercase();
    let action = action.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    if let Some((_, outcome)) = ACTIONS.iter().find(|(start, _)| action.starts_with(start)) {
        return *outcome;
    }
    if has_code { Outcome::Failed } else { Outcome::Unknown }
}

/// `rfc822; jane@example.com`, also without its type and with a name or brackets around.
fn recipients(value: &str) -> Vec<String> {
    let value = unescaped(untyped(value));
    let value = value.split(" (").next().unwrap_or_default();
    addresses_in_field(value).map(|found| unpacked(found.address)).collect()
}

fn untyped(value: &str) -> &str {
    value.split_once(';').map_or(value, |(kind, rest)| if kind.contains('@') { kind } else { rest }).trim()
}

/// `\x{e9}` as its letter (utf-8-addr-xtext of RFC 6533).
fn unescaped(value: &str) -> String {
    let mut pieces = value.split("\\x{");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let letter = piece.split_once('}').and_then(|(hex, rest)| {
            Some((char::from_u32(u32::from_str_radix(hex, 16).ok()?)?, rest)).filter(|(c, _)| !c.is_control())
        });
        match letter {
            Some((letter, rest)) => {
                out.push(letter);
                out.push_str(rest);
            }
            None => {
                out.push_str("\\x{");
                out.push_str(piece);
            }
        }
    }
    out
}

/// The groups, also where the empty lines between them are missing or too many.
fn groups(text: &[u8]) -> Vec<Vec<Field>> {
    let once = ["final-recipient", "original-recipient", "action", "status"];
    let mut groups: Vec<Vec<Field>> = Vec::new();
    for block in blocks(text) {
        let mut group: Vec<Field> = Vec::new();
        for field in header_of(block) {
            let again =
                once.contains(&field.name.as_str()) && group.iter().any(|known| known.name == field.name);
            if again {
                groups.push(std::mem::take(&mut group));
            }
            group.push(field);
        }
        let has = |group: &[Field], name: &str| group.iter().any(|field| field.name == name);
        let recipient = |group: &[Field]| once[..2].iter().any(|name| has(group, name));
        match groups.last_mut() {
            // More of a recipient's group, after an empty line too many.
            Some(last)
                if recipient(last)
                    && !recipient(&group)
                    && once.iter().all(|name| !has(last, name) || !has(&group, name)) =>
            {
                last.append(&mut group);
            }
            _ => groups.push(group),
        }
        if groups.len() >= MAX_GROUPS {
            break;
        }
    }
    groups
}

fn blocks(text: &[u8]) -> Vec<&[u8]> {
    let (mut blocks, mut start, mut at) = (Vec::new(), 0, 0);
    for line in text.split_inclusive(|b| *b == b'\n') {
        if line.trim_ascii().is_empty() {
            blocks.push(&text[start..at]);
            start = at + line.len();
        }
        at += line.len();
    }
    blocks.push(&text[start..]);
    blocks.retain(|block| !block.trim_ascii().is_empty());
    blocks
}

fn value(fields: &[Field], name: &str) -> Option<String> {
    let field = fields.iter().find(|field| field.name == name)?;
    Some(crate::decode::words::plain(&field.raw)).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (text, failed, recipients, codes)
    const ROWS: &[(&str, bool, &[&str], &[&str])] = &[
        (
            "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.1.1\n",
            true,
            &["a@example.com"],
            &["5.1.1"],
        ),
        (
            "Final-Recipient: rfc822;a@example.com\nAction: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822;b@example.com\nAction: delayed\nStatus: 4.4.1\n",
            true,
            &["a@example.com", "b@example.com"],
            &["5.1.1", "4.4.1"],
        ),
        (
            "Final-Recipient: RFC822; <a@example.com>\n\nAction: failed\n\nStatus: 5.0.0 (x)\n",
            true,
            &["a@example.com"],
            &["5.0.0"],
        ),
        ("Final-Recipient: rfc822;a@example.com\nAction: delivered\nStatus: 2.1.5\n", false, &[], &[]),
        ("Final-Recipient: rfc822;a@example.com\nAction: relayed\nStatus: 5.1.1\n", false, &[], &[]),
        (
            "Final-Recipient: rfc822;a@example.com\nAction: Failure\nDiagnostic-Code: smtp; 550-5.7.1 no\n",
            true,
            &["a@example.com"],
            &["5.7.1"],
        ),
        (
            "Final-Recipient: LOCAL;<a>\nOriginal-Recipient: rfc822;a@example.com\nAction: failed\n",
            true,
            &["a@example.com"],
            &[],
        ),
        ("Final-Recipient: unknown; a@example.com\nStatus: 5.2.2\n", true, &["a@example.com"], &["5.2.2"]),
        ("Final-Recipient: a@example.com; rfc822\nAction: fialed\n", true, &["a@example.com"], &[]),
        (
            "Original-Recipient: rfc822;a@example.com\nFinal-Recipient: rfc822;IMCEAEX-_o=x@example.com\nAction: failed\n",
            true,
            &["a@example.com"],
            &[],
        ),
        (
            "Final-Recipient: utf-8; j\\x{f6}rg@example.com\nAction: failed\n",
            true,
            &["jörg@example.com"],
            &[],
        ),
        ("Reporting-MTA: dns; x\nArrival-Date: y\n", false, &[], &[]),
        (
            "Final-Recipient: rfc822; Jane Doe <a@example.com>\nAction: failed (bad)\nStatus: 550 5.1.1\n",
            true,
            &["a@example.com"],
            &["5.1.1"],
        ),
        (
            "Final-Recipient: rfc822; a@example.com (b@example.com)\nAction:failed\nStatus:5.4.4\n",
            true,
            &["a@example.com"],
            &["5.4.4"],
        ),
    ];

    #[test]
    fn statuses_in_their_forms() {
        for (text, failed, recipients, codes) in ROWS {
            let status = Status::read(text.as_bytes());
            assert_eq!(
                (status.failed, status.reached && !failed),
                (*failed, !*failed && text.contains("Action")),
                "{text}"
            );
            assert_eq!(status.recipients, *recipients, "{text}");
            assert_eq!(status.codes, *codes, "{text}");
        }
    }

    #[test]
    fn names_without_a_host_are_kept_apart() {
        let status = Status::read(b"Final-Recipient: LOCAL; <jane>\nAction: failed\nStatus: 5.1.1\n");
        assert!(status.recipients.is_empty());
        assert_eq!(status.names, ["jane"]);
    }
}
