//! Bounces that do not follow RFC 3464: known by sender, subject and phrases.

use super::{
    Kind, Seen,
    report::{code, once, returned},
};

/// Of the text that is searched.
const MAX_SEARCHED: usize = 64 * 1024;
/// More recipients or codes are not listed.
const MAX_FOUND: usize = 100;

/// Subjects of bounces. In lower case.
const SUBJECTS: [&str; 24] = [
    "undelivered mail returned",
    "undeliverable",
    "undeliverable mail",
    "mail delivery failed",
    "mail delivery failure",
    "mail delivery system",
    "mail delivery subsystem",
    "delivery status notification (failure)",
    "delivery status notification (delay)",
    "delivery failure",
    "delivery failed",
    "delivery delayed",
    "delivery notification",
    "failure notice",
    "returned mail",
    "message status - undeliverable",
    "non delivery notification",
    "warning: could not send message",
    "warning: message",
    "nicht zustellbar",
    "unzustellbar",
    "non remis",
    "no se puede entregar",
    "non recapitabile",
];

/// Phrases in the text of bounces. In lower case.
const PHRASES: [&str; 16] = [
    "this is the qmail-send program",
    "could not be delivered to one or more",
    "could not be delivered to",
    "delivery to the following recipient",
    "delivery to the following recipients failed",
    "a message that you sent could not be delivered",
    "your message could not be delivered",
    "your message wasn't delivered",
    "your message did not reach",
    "the following addresses had permanent fatal errors",
    "i'm afraid i wasn't able to deliver your message",
    "unable to deliver message to the following",
    "your message has not yet been delivered",
    "the following message could not be delivered",
    "was not delivered to",
    "address not found",
];

/// Local parts of the programs that send bounces.
const SENDERS: [&str; 5] =
    ["mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon", "microsoftexchange"];

pub(super) fn look(seen: &Seen<'_>, kind: &mut Kind) {
    let failed = seen.header("x-failed-recipients");
    if let Some(failed) = failed {
        kind.is_bounce = true;
        kind.evidence.push("x-failed-recipients is set".to_owned());
        failed.split(',').for_each(|address| once(&mut kind.bounced_recipients, address.trim().to_owned()));
    }
    // A report speaks for itself: a success report is no bounce, whatever its subject.
    let has_status = seen.leaves.iter().any(|(media, _)| media.ends_with("delivery-status"));
    if !kind.is_bounce
        && !has_status
        && !kind.is_feedback_report
        && seen.report_type != "disposition-notification"
    {
        vendor(seen, kind);
    }
    if kind.is_bounce {
        details(seen, kind);
        returned(seen, kind);
        kind.returned_message_id = kind.returned_message_id.take().or_else(|| id_in(head(seen.text)));
    }
}

fn vendor(seen: &Seen<'_>, kind: &mut Kind) {
    let from = seen.from.map(|from| from.address.to_ascii_lowercase()).unwrap_or_default();
    let local = from.split('@').next().unwrap_or_default();
    let sender = SENDERS.iter().any(|name| local.starts_with(name));
    let nobody = seen.return_path == Some("");
    let subject = seen.subject.to_lowercase();
    let subject = SUBJECTS.iter().find(|start| {
        subject.starts_with(**start) || subject.contains("delivery status notification (failure)")
    });
    let text = head(seen.text).to_lowercase();
    let phrase = PHRASES.iter().find(|phrase| text.contains(**phrase));
    let machine = sender || nobody;
    if machine && (subject.is_some() || phrase.is_some())
        || subject.is_some() && phrase.is_some() && !is_answer(seen.subject)
    {
        kind.is_bounce = true;
        if sender {
            kind.evidence.push(format!("from: {from}"));
        }
        if nobody {
            kind.evidence.push("return-path: <>".to_owned());
        }
        kind.evidence.extend(subject.map(|found| format!("the subject begins with \"{found}\"")));
        kind.evidence.extend(phrase.map(|found| format!("the text says \"{found}\"")));
    }
}

fn is_answer(subject: &str) -> bool {
    subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"))
}

/// Addresses and codes in the text, if no status part gave any.
fn details(seen: &Seen<'_>, kind: &mut Kind) {
    let own: Vec<&str> = ["to", "from", "delivered-to"].iter().filter_map(|name| seen.header(name)).collect();
    let text = before_copy(head(seen.text));
    if kind.bounced_recipients.is_empty() {
        for address in addresses(text).take(MAX_FOUND) {
            if !own.iter().any(|header| header.to_lowercase().contains(&address.to_lowercase())) {
                once(&mut kind.bounced_recipients, address.to_owned());
            }
        }
    }
    if kind.bounce_statuses.is_empty() {
        let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
        for found in words.filter_map(code).filter(|code| !code.starts_with('2')).take(MAX_FOUND) {
            once(&mut kind.bounce_statuses, found);
        }
    }
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(MAX_SEARCHED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The report itself, without the copy of the mail below it.
fn before_copy(text: &str) -> &str {
    let marks = [
        "--- Below this line",
        "------ This is a copy",
        "----- Original message",
        "Message-ID:",
        "Received: from",
    ];
    let end = marks.iter().filter_map(|mark| text.find(mark)).min().unwrap_or(text.len());
    &text[..end]
}

fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let words = text
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | '\'' | ',' | ';'));
    words.map(|word| word.trim_matches([':', '.', '[', ']'])).filter(|word| {
        let parts = word.split_once('@');
        word.len() <= 254
            && parts.is_some_and(|(local, domain)| {
                !local.is_empty() && domain.contains('.') && !domain.contains('@')
            })
    })
}

/// The Message-ID line of a mail that is quoted in the text.
fn id_in(text: &str) -> Option<String> {
    let lines = text.lines().map(|line| line.trim_start_matches(['>', ' ']));
    let mut ids =
        lines.filter(|line| line.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("message-id:")));
    ids.find_map(|line| crate::decode::ids::id(&line.as_bytes()[11..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_addresses_are_found_in_text() {
        assert_eq!(code("5.1.1 (bad)").as_deref(), Some("5.1.1"));
        assert_eq!(code("10.1.1.5"), None);
        let found: Vec<_> = addresses("<a@b.c>: no, but d@e is none. mailto x@y.z.").collect();
        assert_eq!(found, ["a@b.c", "x@y.z"]);
    }
}
