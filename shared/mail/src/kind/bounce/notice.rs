//! The text of a bounce that does not follow RFC 3464: which addresses it says were not reached.

use super::{
    super::kinds::once,
    mailbox::{Found, addresses, unpacked},
    opening::is_reply,
};
use crate::languages::{self, Words};

/// Where the copy of the mail begins, below the notice. Starts of lines in lower case, leading marks left out.
static COPIES: Words = Words::new(|| languages::words("bounce", "copy"));

/// Labels before the address of a recipient. In lower case.
static LABELS: Words = Words::new(|| languages::words("bounce", "recipient"));

/// Labels of recipients in the quoted header of the mail. In lower case.
static TO_LABELS: Words = Words::new(|| languages::words("bounce", "to"));

/// Words beside an address that was not reached.
static FAILING: Words = Words::new(|| languages::words("bounce", "failed"));

/// Words beside an address that belongs to someone else.
static OTHERS: Words = Words::new(|| languages::words("bounce", "other"));

/// Types of addresses that may stand before one.
const TYPES: &[&str] = &["smtp", "smtp:", "rfc822", "rfc822;", "internet", "mailto", "mailto:", "to", "- to"];

/// Labels on a line of their own, above the address of the sender.
static SENDER_LABELS: Words = Words::new(|| languages::words("bounce", "sender"));

/// Words right before the address of a sender within a sentence.
static SENDER_WORDS: Words = Words::new(|| languages::words("bounce", "by"));

/// More recipients are not listed.
const MAX_FOUND: usize = 100;
/// Lines of a notice that are read.
const MAX_LINES: usize = 2000;

/// How surely a line names a recipient; the best kind found counts alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sureness {
    /// The line begins with it, or a label says so.
    Listed,
    /// `RCPT TO:<jane@example.com>`
    Command,
    /// An address of whose alias the listed program is part: `(generated from jane@example.com)`.
    Alias,
    /// In a sentence of failure.
    Sentence,
    /// In the quoted header of the mail.
    Header,
    /// Anywhere.
    Mention,
}

/// The notice itself, without the copy of the mail below it, and that copy.
pub(super) fn split(text: &str) -> (&str, &str) {
    let mut at = 0;
    let mut has_address = false;
    for line in text.split_inclusive('\n') {
        let start = unmarked(line).to_lowercase();
        let copy = COPIES.iter().any(|copy| start.starts_with(copy))
            || start.starts_with("return-path:")
            || has_address && line.get(..11).is_some_and(|name| name.eq_ignore_ascii_case("message-id:"));
        // A notice may begin with the words that end others; it has said nothing yet.
        if copy && at > 0 && (has_address || start.starts_with("re")) {
            return text.split_at(at);
        }
        has_address |= line.contains('@') || line.contains("5.");
        at += line.len();
    }
    (text, "")
}

/// The addresses that a text lists as not reached, and no others.
pub(super) fn listed(text: &str, own: &[String]) -> Vec<String> {
    chosen(text, own, Some(Sureness::Listed))
}

/// The addresses that a notice says were not reached. `own` are those of the bounce's header.
pub(super) fn recipients(notice: &str, own: &[String]) -> Vec<String> {
    chosen(notice, own, None)
}

fn chosen(notice: &str, own: &[String], only: Option<Sureness>) -> Vec<String> {
    let mut found: Vec<(Sureness, String)> = Vec::new();
    let mut before = "";
    let mut successes = false;
    for line in notice.lines().take(MAX_LINES) {
        if line.trim_start().starts_with("-----") {
            successes = line.contains("successful");
        }
        if !successes && line.contains('@') {
            look(line, before, &mut found);
        }
        if !line.trim().is_empty() {
            before = line;
        }
    }
    let own = |address: &String| own.iter().any(|own| own.eq_ignore_ascii_case(address));
    let other = |address: &String| !own(address) && !is_office(address);
    // The sender and the postmaster count only if a list names them and nobody else was told of.
    if found.iter().any(|(sureness, address)| *sureness <= Sureness::Sentence && other(address)) {
        found.retain(|(_, address)| other(address));
    }
    found.retain(|(sureness, address)| *sureness < Sureness::Sentence || !own(address));
    found.retain(|(sureness, _)| only.is_none_or(|only| only == *sureness));
    let Some(best) = found.iter().map(|(sureness, _)| *sureness).min() else { return Vec::new() };
    let mut list: Vec<String> = Vec::new();
    found.into_iter().filter(|(sureness, _)| *sureness == best).for_each(|(_, one)| once(&mut list, one));
    if best == Sureness::Mention && list.len() > 1 {
        return Vec::new();
    }
    list.truncate(MAX_FOUND);
    list
}

fn is_office(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default().to_ascii_lowercase();
    ["postmaster", "mailer-daemon"].contains(&local.as_str())
}

/// What one line says, with the one before it.
fn look(line: &str, before: &str, found: &mut Vec<(Sureness, String)>) {
    let all: Vec<Found<'_>> = addresses(line).take(MAX_FOUND).collect();
    let Some(first) = all.first() else { return };
    let head = unmarked(&line[..first.start]);
    let tail = line[first.end..].trim_start_matches(['>', '"', '\'']);
    let above = unmarked(before).trim_end_matches([':', '：', ' ']).to_lowercase();
    let is_greeting = before.is_empty() && head.is_empty() && tail.trim_end() == ",";
    if is_greeting || SENDER_LABELS.contains(&above.as_str()) {
        return;
    }
    let is_entry = (head.is_empty() || TYPES.contains(&head.to_lowercase().as_str())) && ends(tail);
    let label = label(head);
    let first_or_list = |list: bool| if list { &all[..] } else { &all[..1] };
    let (sureness, chosen) = match label.as_str() {
        _ if is_entry => (Sureness::Listed, first_or_list(is_list(line))),
        _ if is_dated(tail) => (Sureness::Listed, &all[..1]),
        "message-id" | "message id" | "in-reply-to" | "references" => return,
        label if LABELS.contains(&label) => (Sureness::Listed, first_or_list(is_list(&line[first.start..]))),
        label if TO_LABELS.contains(&label) => (Sureness::Header, &all[..]),
        label if label.ends_with("rcpt to") => (Sureness::Command, &all[..1]),
        // `550 <jane@example.com>... User unknown`: what the server said of such a command.
        _ if is_reply(line) && tail.starts_with("...") => (Sureness::Command, &all[..1]),
        _ => match sentence(line, before, &all) {
            Some((sureness, recipient)) => (sureness, std::slice::from_ref(recipient)),
            None => return,
        },
    };
    found.extend(chosen.iter().map(|found| (sureness, unpacked(found.address))));
}

/// Words before a date.
static ON_A_DAY: Words = Words::new(|| languages::words("bounce", "on a day"));

/// Exchange: `Jane Doe (jane@example.com) on 1/5/2026 12:34 PM`
fn is_dated(tail: &str) -> bool {
    let tail = tail.trim_start_matches([')', '>', '\'', ' ']);
    let date = ON_A_DAY.iter().find_map(|word| tail.strip_prefix(word));
    date.is_some_and(|date| date.chars().take(12).any(|c| c.is_ascii_digit()))
}

/// An address within a sentence.
fn sentence<'a, 'b>(line: &str, before: &str, all: &'b [Found<'a>]) -> Option<(Sureness, &'b Found<'a>)> {
    let lower = line.to_lowercase();
    if lower.contains("generated from") {
        return Some((Sureness::Alias, all.first()?));
    }
    // `support@example.com` says nothing of whom to ask.
    let bare = without(&lower, addresses(&lower));
    if OTHERS.iter().any(|word| bare.contains(word)) {
        return None;
    }
    let context = format!("{} {bare}", before.to_lowercase());
    let fails = FAILING.iter().any(|word| context.contains(word));
    let is_sender =
        |found: &&Found<'_>| SENDER_WORDS.iter().any(|word| last_word(&lower_head(line, found)) == *word);
    let recipient = all.iter().find(|found| !is_sender(found)).or(all.first())?;
    Some((if fails { Sureness::Sentence } else { Sureness::Mention }, recipient))
}

fn without<'a>(text: &'a str, found: impl Iterator<Item = Found<'a>>) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for found in found {
        out.push_str(&text[at..found.start]);
        at = found.end;
    }
    out + &text[at..]
}

fn lower_head(line: &str, found: &Found<'_>) -> String {
    unmarked(&line[..found.start]).to_lowercase()
}

fn last_word(text: &str) -> &str {
    text.rsplit([' ', '\t', ':']).next().unwrap_or_default()
}

/// What may stand behind an address that is an entry of a list.
fn ends(tail: &str) -> bool {
    let spaced = tail.starts_with([' ', '\t']);
    let tail = tail.trim_start();
    let entry = [
        ":", "：", "(", "（", ",", ";", "...", "…", "on ", "- ", "-- ", "– ", ">", "|", "[", "<", "#", "5",
        "4", "ERROR",
    ];
    tail.trim_end_matches([' ', '.']).is_empty()
        || entry.iter().any(|start| tail.starts_with(start))
        || spaced && tail.starts_with(['=', '\''])
}

/// Whether a line holds nothing but addresses.
fn is_list(line: &str) -> bool {
    let mut at = 0;
    let blank = |text: &str| text.chars().all(|c| !c.is_alphanumeric());
    let between = addresses(line).take(MAX_FOUND).all(|found| {
        let gap = blank(&line[at..found.start]);
        at = found.end;
        gap
    });
    between && blank(&line[at..])
}

/// The label that stands right before an address, or before the name of its owner. In lower case.
fn label(head: &str) -> String {
    let colons = [':', '：', '='];
    let (last, rest) = head.rsplit_once(colons).unwrap_or_default();
    let label = if unmarked(rest).is_empty() { last } else { head.split(colons).next().unwrap_or_default() };
    let label = label.rsplit([',', ';', ':']).next().unwrap_or_default();
    if label.len() < head.len() { unmarked(label).to_lowercase() } else { String::new() }
}

/// Without the marks that programs put before and around entries.
fn unmarked(text: &str) -> &str {
    let marks = [
        ' ', '\t', '>', '<', '*', '-', '=', '•', '·', '|', '"', '\'', '(', '[', '+', '#', '\n', '\r',
        '\u{a0}', '\u{3000}', '「', '＜', '“', '‘',
    ];
    text.trim_matches(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (notice, recipients); `me@example.org` received the bounce.
    const ROWS: &[(&str, &[&str])] = &[
        ("<a@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)", &["a@example.com"]),
        (
            "failed:\n\n  a@example.com\n    (generated from b@example.net)\n    SMTP error after RCPT TO:<a@example.com>",
            &["a@example.com"],
        ),
        ("failed:\n\n  |/usr/bin/vacation\n    (generated from b@example.net)\n", &["b@example.net"]),
        (
            "   ----- The following addresses had permanent fatal errors -----\n<a@example.com>\n    (reason: 550)\n    (expanded from: <b@example.net>)",
            &["a@example.com"],
        ),
        (
            "   ----- The following addresses had successful delivery notifications -----\n<b@example.net>\n   ----- The following addresses had permanent fatal errors -----\n<a@example.com>",
            &["a@example.com"],
        ),
        (">>> RCPT To:<a@example.com>\n<<< 550 <a@example.com>... User unknown\n", &["a@example.com"]),
        (
            "      'a@example.com' on 1/5/2026 10:01 AM\n            <mail.example.org #5.1.1>",
            &["a@example.com"],
        ),
        (
            "Your message to a@example.com couldn't be delivered.\nContact support@example.net.",
            &["a@example.com"],
        ),
        (
            "    Recipient: <a@example.com>\n    Reason:    <a@example.com>... User Unknown\nreply to <Postmaster@example.net>\n",
            &["a@example.com"],
        ),
        (
            "  From: me@example.org\n  To: a@example.com\nYour message cannot be delivered\n\n  Recipient address: b@example.com\n",
            &["b@example.com"],
        ),
        ("  MAIL FROM: me@example.org\n  RCPT TO: a@example.com\n  To: c@example.com", &["a@example.com"]),
        ("User a (a@example.com) not listed in Domino Directory", &["a@example.com"]),
        (
            "\ta@example.com (user not found)\n\tb@example.com (mailbox full)\n",
            &["a@example.com", "b@example.com"],
        ),
        ("Unknown user: a@example.com", &["a@example.com"]),
        (
            ">>> RCPT To:<a@example.com>\n550 <a@example.com>... User unknown\n554 <b@example.net>... Host unknown",
            &["a@example.com", "b@example.net"],
        ),
        ("undeliverable to a@example.com", &["a@example.com"]),
        ("Addressed To: a@example.com\n", &["a@example.com"]),
        (">>> a@example.com\n", &["a@example.com"]),
        ("SMTP Server <mx.example.com> rejected recipient <a@example.com>", &["a@example.com"]),
        ("There was an error delivering your mail to <a@example.com>.", &["a@example.com"]),
        ("Intended Recipients: <a@example.com>\n", &["a@example.com"]),
        ("a@example.com, b@example.com\nwere not found", &["a@example.com", "b@example.com"]),
        ("a@example.com , ERROR CODE :550 - User not found", &["a@example.com"]),
        (
            "[Status: Error, Address: <a@example.com>, ResponseCode 421, , Host not reachable.]",
            &["a@example.com"],
        ),
        ("収件\n受信者: a@example.com\n", &["a@example.com"]),
        ("宛先a@example.comは存在しません", &["a@example.com"]),
        ("收件人（a@example.com）不存在，邮件无法送达。", &["a@example.com"]),
        ("550 5.1.1 <a@example.com>... User unknown", &["a@example.com"]),
        ("Hello me@example.org, please ask postmaster@example.net", &[]),
        ("me@example.org", &["me@example.org"]),
        ("me@example.org\na@example.com", &["a@example.com"]),
        ("Nothing was said", &[]),
        (
            "Message-ID: <1@example.com>\nTo: Jane <a@example.com>, b@example.com",
            &["a@example.com", "b@example.com"],
        ),
        ("Message Id: <1@example.net>\nTo: a@example.com\nFailure: 550 5.1.1", &["a@example.com"]),
        ("We are unable to deliver the message from <s@example.net> to <a@example.com>.", &["a@example.com"]),
        (
            "The following addresses were unknown (please check\nthem and send again):\n\nSMTP <a@example.com>",
            &["a@example.com"],
        ),
        ("|--- Failed addresses follow: ---|\n <a@example.com> ... unknown host", &["a@example.com"]),
        (
            "'a@example.com (host: mx.example.com) (queue: smtp)' for the following reason:",
            &["a@example.com"],
        ),
        ("Sender:\n  s@example.net\nRecipient:\n  a@example.com", &["a@example.com"]),
        ("Error-For:  a@example.com\nError-Text: No such user.", &["a@example.com"]),
        ("Invalid receiver address: a@example.com", &["a@example.com"]),
        ("抱歉，您发往 a@example.com 的邮件未能送达", &["a@example.com"]),
        ("me@example.org,\n\nyour message to a@example.com could not be delivered.", &["a@example.com"]),
        (
            "  a@example.com on 1/5/2026 12:34\n  Roe, J. (b@example.net) on 1/5/2026 12:34",
            &["a@example.com", "b@example.net"],
        ),
        ("Could not be delivered to: <a@example.com>\nAs their mailbox is full.", &["a@example.com"]),
    ];

    #[test]
    fn recipients_are_found() {
        for (notice, expected) in ROWS {
            assert_eq!(recipients(notice, &["me@example.org".to_owned()]), *expected, "{notice}");
        }
    }

    #[test]
    fn the_copy_is_told_from_the_notice() {
        let text = "Hi.\n<a@example.com>:\nno\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <b>\n";
        let (notice, copy) = split(text);
        assert_eq!((notice.lines().count(), copy.lines().count()), (4, 3));
        assert_eq!(split("a\nb"), ("a\nb", ""));
        assert_eq!(split("x\nReceived: from a\nb").0, "x\n");
    }
}
