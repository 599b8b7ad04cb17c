//! Who wrote the mails that a forward holds, by the header blocks that programs put above them.

use crate::{Address, decode::address::addresses_of, text::bare};

use super::{
    divider::{Divider, divider},
    header::label,
    labels::Role,
    subject,
};

/// More are not looked for.
const MAX_SENDERS: usize = 10;
/// A block's other labels stand this near to the sender's, lines.
const NEAR: usize = 6;
/// The divider of a forward stands within the first lines, below a short note.
const MAX_NOTE: usize = 60;

/// The senders that the text of a forward names, in its order; none if it is no forward. A sender without an address has
/// a name only, and ends the list: those below it are of older mails.
pub(crate) fn forwarded_senders(subject: &str, text: &str) -> Vec<Address> {
    if !subject::is_forward(subject, text) && !has_divider(text) {
        return Vec::new();
    }
    let lines: Vec<_> = text.lines().map(unmarked).collect();
    let roles: Vec<Option<Role>> = lines.iter().map(|line| label(line).map(|(role, _)| role)).collect();
    let mut senders = Vec::new();
    for (n, role) in roles.iter().enumerate() {
        if *role != Some(Role::From) || !in_block(&roles, n) {
            continue;
        }
        let Some(sender) = sender(&lines, &roles, n) else { continue };
        let nameless = sender.address.is_empty();
        senders.push(sender);
        if nameless || senders.len() == MAX_SENDERS {
            break;
        }
    }
    senders
}

fn has_divider(text: &str) -> bool {
    let mut lines = text.lines().take(MAX_NOTE).map(unmarked).filter(|line| may_forward(line));
    lines.any(|line| divider(line) == Some(Divider::Forwarded))
}

/// Whether a line may divide a note from what it forwards, by its first and its last sign.
fn may_forward(line: &str) -> bool {
    let drawn = |b: &u8| !b.is_ascii_alphanumeric() && *b != b'(';
    let ends = |b: &u8| matches!(b, b':' | b'*' | 0x80..) || b.is_ascii_whitespace();
    line.as_bytes().first().is_some_and(drawn) || line.as_bytes().last().is_some_and(ends)
}

/// Apple and others quote what they forward.
fn unmarked(line: &str) -> &str {
    line.trim_start_matches(['>', ' '])
}

/// Two other labels of a mail's header stand near, or one where the block is short.
fn in_block(roles: &[Option<Role>], at: usize) -> bool {
    let near = roles[at.saturating_sub(NEAR)..].iter().take(2 * NEAR + 1).flatten();
    let has = |wanted: Role| near.clone().any(|role| *role == wanted);
    has(Role::Subject) || has(Role::Date) || has(Role::To)
}

/// What stands behind the label, and on the next line where the address was wrapped there.
fn sender(lines: &[&str], roles: &[Option<Role>], at: usize) -> Option<Address> {
    let line = bare(lines[at]);
    let behind = line.find([':', '：', '\t']).map(|end| &line[end..])?;
    let mut value = behind.trim_start_matches([':', '：', '\t', '*', ' ']).trim_end().to_owned();
    let next = lines.get(at + 1).filter(|next| roles[at + 1].is_none() && next.contains('@'));
    if let Some(next) = next.filter(|_| !value.contains('@')) {
        value = format!("{value} {}", next.trim());
    }
    let found = addresses_of(value.as_bytes()).into_iter().find(|address| address.address.contains('@'));
    found.or_else(|| {
        let is_name = value.chars().any(char::is_alphanumeric);
        is_name.then(|| Address { name: Some(value.clone()), address: String::new() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn senders(subject: &str, text: &str) -> Vec<String> {
        let shown = |a: Address| format!("{}|{}", a.name.unwrap_or_default(), a.address);
        forwarded_senders(subject, text).into_iter().map(shown).collect()
    }

    #[test]
    fn the_first_sender_is_found_in_the_blocks_of_programs() {
        let jane = "Jane Doe|jane@example.com";
        for (subject, text) in [
            (
                "Fwd: x",
                "FYI\n\n---------- Forwarded message ---------\nFrom: Jane Doe <jane@example.com>\nDate: Mon, Jan 5, 2026\nSubject: x\nTo: <support@example.org>\n\nHello",
            ),
            (
                "Fwd: x",
                "Begin forwarded message:\n\n> From: Jane Doe <jane@example.com>\n> Subject: x\n> Date: 5 January 2026\n> To: b@c\n>\n> Hello",
            ),
            (
                "FW: x",
                "See below.\n\n________________________________\nFrom: Jane Doe <jane@example.com>\nSent: Monday\nTo: Bob\nSubject: x\n\nHello",
            ),
            (
                "WG: x",
                "Von: Jane Doe [mailto:jane@example.com]\nGesendet: Montag\nAn: Support\nBetreff: x\n\nHallo",
            ),
            (
                "Fwd: x",
                "-------- Weitergeleitete Nachricht --------\nBetreff: x\nDatum: Mon, 5 Jan 2026\nVon: Jane Doe <jane@example.com>\nAn: b@c\n\nHallo",
            ),
            ("TR : x", "De : Jane Doe <jane@example.com>\nEnvoyé : lundi\nÀ : Support\nObjet : x\n\nBonjour"),
            (
                "転送: x",
                "差出人: Jane Doe <jane@example.com>\n日時: 2026年1月5日\n件名: x\n宛先: b@c\n\nこんにちは",
            ),
            (
                "Fwd: x",
                "*From:* Jane Doe <jane@example.com>\n*Sent:* Monday\n*To:* Bob\n*Subject:* x\n\nHello",
            ),
            ("Fwd: x", "From: Jane Doe\n <jane@example.com>\nSent: Monday\nTo: Bob\nSubject: x\n\nHello"),
            (
                "x",
                "---------- Forwarded message ----------\nFrom: Jane Doe <jane@example.com>\nDate: Monday\nSubject: x\n\nHello",
            ),
        ] {
            assert_eq!(senders(subject, text), [jane], "{text}");
        }
    }

    #[test]
    fn older_senders_follow_and_a_name_alone_ends_the_list() {
        let block = |from: &str| format!("From: {from}\nSent: Monday\nTo: Bob\nSubject: x\n\nHello\n\n");
        let two = block("B <b@example.org>") + &block("Jane <jane@example.com>");
        assert_eq!(senders("FW: x", &two), ["B|b@example.org", "Jane|jane@example.com"]);
        assert_eq!(senders("FW: x", &(block("Jane Doe") + &two)), ["Jane Doe|"]);
        assert_eq!(senders("FW: x", &block("A <a@b>").repeat(50)).len(), MAX_SENDERS);
    }

    #[test]
    fn what_is_no_forward_names_nobody() {
        let block = "From: Jane <jane@example.com>\nSent: Monday\nTo: Bob\nSubject: x\n\nHello";
        assert!(senders("RE: x", &format!("Thanks.\n\n{block}")).is_empty());
        assert!(senders("Fwd: x", "See you. From: here\nwe go on.").is_empty());
        assert!(senders("Fwd: x", "From: Jane <jane@example.com>\n\nis what it said.").is_empty());
    }
}
