//! Bounces: reports of failed or delayed deliveries, by RFC 3464 or in a server's own words.
//!
//! A delivery status decides alone. Without one, signs are weighed: who sent it, its subject, phrases of known
//! servers. The tables are in `subjects` and `phrases`; `notice` reads the addresses out of the text.

mod codes;
mod mailbox;
mod notice;
mod phrases;
mod status;
mod subjects;
mod words;

use std::sync::LazyLock;

use crate::structure::Field;

use super::{Kind, Phrases, Seen, once, squeezed, squeezed_to};
use status::Status;

/// All tables of phrases.
#[cfg(test)]
pub(super) const TABLES: &[&[&str]] = &[
    phrases::SERVERS,
    phrases::KEEPERS,
    phrases::BANNERS,
    phrases::PHRASES,
    phrases::SUCCESSES,
    subjects::SUCCESS,
    subjects::SURE,
    subjects::SUBJECTS,
    subjects::CJK_SUBJECTS,
    subjects::PARTS,
    words::COPIES,
    words::LABELS,
    words::TO_LABELS,
    words::FAILING,
    words::OTHERS,
    words::TYPES,
    words::SENDER_LABELS,
    words::SENDER_WORDS,
];

/// Of the text that is searched for recipients and codes, bytes.
const MAX_SEARCHED: usize = 64 * 1024;
/// Of the text that is searched for phrases, bytes; a notice stands at the top.
const MAX_NOTICE: usize = 8 * 1024;
/// Where a banner stands in a mail that no mail server seems to have sent, bytes.
const MAX_BANNER: usize = 600;
/// More codes are not listed.
const MAX_CODES: usize = 100;
/// Signs of this weight together make a bounce.
const ENOUGH: i32 = 3;

/// Starts of a subject that a person's mail program wrote before a bounce's one.
const ANSWERS: [&str; 11] =
    ["re:", "re :", "fw:", "fwd:", "aw:", "wg:", "tr:", "rv:", "sv:", "antw:", "回复:"];

/// The text of a bounce: its own words, and the copy of the mail below them.
#[derive(Clone, Copy)]
struct Text<'a> {
    notice: &'a str,
    copy: &'a str,
}

pub(super) fn look(seen: &Seen<'_>, is_absence: bool, kind: &mut Kind) {
    let subject = subject(seen.subject);
    let by_machine = is_server(seen)
        || is_keeper(seen)
        || seen.return_path == Some("")
        || seen.reports.iter().any(|kind| kind == "delivery-status");
    let is_likely = by_machine || find_subject(&subject).is_some();
    if !is_likely && says_nothing(seen, &subject) {
        return;
    }
    let (notice, copy) = notice::split(head(seen.text, MAX_SEARCHED));
    let text = Text { notice, copy };
    let by_person = ANSWERS.iter().any(|start| subject.starts_with(start)) && !by_machine;
    let status = statuses(seen, notice, is_likely && !by_person);
    if status.failed && !by_person {
        kind.is_bounce = true;
        kind.evidence.push("a delivery status of a failure or delay".to_owned());
    }
    // A report speaks for itself: one of success is no bounce, whatever its subject.
    let decided = status.failed || status.reached || kind.is_feedback_report || kind.is_read_receipt;
    if let Some(failed) = seen.header("x-failed-recipients") {
        kind.is_bounce = true;
        kind.evidence.push("x-failed-recipients is set".to_owned());
        mailbox::addresses_in_field(failed)
            .for_each(|found| once(&mut kind.bounced_recipients, found.address.to_owned()));
    } else if !decided && !kind.is_aggregate_report && !kind.is_calendar_answer {
        weigh(seen, &subject, by_person, is_absence, text, kind);
    }
    if kind.is_bounce {
        details(seen, status, text, kind);
    }
}

/// Whether a mail from a person with an ordinary subject has no other sign of a bounce either, so that its text need
/// not be read: the ordinary case.
fn says_nothing(seen: &Seen<'_>, subject: &str) -> bool {
    let is_status = |leaf: &super::Leaf<'_>| leaf.media.ends_with("delivery-status");
    let lines = head(seen.text, MAX_NOTICE).lines().filter(|line| !line.starts_with('>'));
    seen.from.is_some()
        && seen.header("x-failed-recipients").is_none()
        && !seen.leaves.iter().any(is_status)
        && !subjects::SURE.iter().any(|start| subject.starts_with(start))
        && BANNERS.find(&squeezed_to(lines.flat_map(str::split_whitespace), MAX_BANNER)).is_none()
}

static BANNERS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(phrases::BANNERS));
static CJK_SUBJECTS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(subjects::CJK_SUBJECTS));
static PARTS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(subjects::PARTS));

/// The delivery statuses of all parts that hold one; if the mail looks like a bounce, whatever they call themselves.
fn statuses(seen: &Seen<'_>, notice: &str, is_likely: bool) -> Status {
    let mut all = Status::default();
    let named = |media: &str| media.ends_with("delivery-status");
    let parts = seen.leaves.iter().filter(|leaf| named(leaf.media) || is_likely && is_status(leaf.head));
    let parts: Vec<Status> = parts.map(|leaf| Status::read(leaf.head)).collect();
    let shown = (parts.is_empty() && is_likely && is_status(notice.as_bytes()))
        .then(|| Status::read(undented(notice).as_bytes()));
    for one in parts.into_iter().chain(shown) {
        all.failed |= one.failed;
        all.reached |= one.reached;
        one.recipients.into_iter().for_each(|value| once(&mut all.recipients, value));
        one.unsure.into_iter().for_each(|value| once(&mut all.unsure, value));
        one.names.into_iter().for_each(|value| once(&mut all.names, value));
        one.codes.into_iter().for_each(|value| once(&mut all.codes, value));
    }
    all
}

/// Whether a text of any type holds the fields of RFC 3464.
fn is_status(text: &[u8]) -> bool {
    let starts = |line: &[u8], name: &[u8]| {
        line.trim_ascii_start().get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let has = |name: &[u8]| text.split(|b| *b == b'\n').any(|line| starts(line, name));
    has(b"final-recipient:") && (has(b"action:") || has(b"status:"))
}

/// Without the blanks before fields, where a notice shows a status within its text.
fn undented(text: &str) -> String {
    let is_field = |line: &str| {
        line.split_once(':')
            .is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-'))
    };
    let lines = text.lines().map(|line| if is_field(line.trim_start()) { line.trim_start() } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

/// The subject in lower case without the marks of filters and lists: `[SPAM]`, `***SPAM***`.
fn subject(subject: &str) -> String {
    let mut rest = subject.trim();
    while let Some((_, behind)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        rest = behind.trim_start();
    }
    if let Some((_, behind)) = rest.strip_prefix("***").and_then(|inner| inner.split_once("***")) {
        rest = behind.trim_start();
    }
    squeezed(rest)
}

/// What in a subject is that of a bounce, and how much that weighs.
fn find_subject(subject: &str) -> Option<(i32, &'static str)> {
    let starts = subjects::SUBJECTS.iter().copied().find(|start| subject.starts_with(start));
    let found = starts.or_else(|| CJK_SUBJECTS.find(subject)).map(|found| (2, found));
    found.or_else(|| PARTS.find(subject).map(|found| (1, found)))
}

fn is_server(seen: &Seen<'_>) -> bool {
    let local = local_part(seen);
    phrases::SERVERS.iter().any(|name| local.starts_with(name))
}

fn local_part(seen: &Seen<'_>) -> String {
    let address = seen.from.map(|from| from.address.to_lowercase()).unwrap_or_default();
    address.split('@').next().unwrap_or_default().to_owned()
}

fn is_keeper(seen: &Seen<'_>) -> bool {
    let name = seen.from.and_then(|from| from.name.as_deref()).map(squeezed).unwrap_or_default();
    let local = local_part(seen);
    local.starts_with("microsoftexchange")
        || phrases::KEEPERS.iter().any(|keeper| local == *keeper || name.starts_with(keeper))
}

/// A sign with its weight.
type Sign = (i32, String);

/// Weighs the signs of a bounce in a server's own words.
fn weigh(seen: &Seen<'_>, subject: &str, by_person: bool, is_absence: bool, text: Text<'_>, kind: &mut Kind) {
    if subjects::SUCCESS.iter().any(|start| subject.starts_with(start)) {
        return;
    }
    let lines = head(text.notice, MAX_NOTICE).lines().filter(|line| !line.starts_with('>'));
    let says = squeezed(&lines.collect::<Vec<_>>().join("\n"));
    let mut signs = sender_signs(seen);
    let by_machine = !signs.is_empty() || subjects::SURE.iter().any(|start| subject.starts_with(start));
    let found = find_subject(subject);
    signs.extend(found.map(|(weight, found)| (weight, format!("the subject says \"{found}\""))));
    let place = if by_machine { &says } else { head(&says, MAX_BANNER) };
    let banner = BANNERS.find(place);
    if let Some(banner) = banner {
        let automatic = seen.lower("auto-submitted").starts_with("auto");
        signs.push((2 + i32::from(automatic), format!("the text says \"{banner}\"")));
    } else if phrases::SUCCESSES.iter().any(|phrase| says.contains(phrase)) {
        return;
    } else if by_machine && names_failed(seen, is_server(seen) || found.is_some(), text.notice) {
        let phrase = phrases::PHRASES.iter().find(|phrase| says.contains(**phrase));
        signs.extend(phrase.map(|phrase| (1, format!("the text says \"{phrase}\""))));
    }
    // Other programs report failures too, but not of a recipient.
    let sure = is_server(seen) || subjects::SURE.iter().any(|start| subject.starts_with(start));
    let tells = sure || banner.is_some() || !recipients(seen, text).is_empty();
    let against = 3 * (i32::from(by_person) + i32::from(is_absence && banner.is_none()));
    let weight = signs.iter().map(|(weight, _)| weight).sum::<i32>() - against;
    if weight >= ENOUGH && tells && (by_machine || banner.is_some()) {
        kind.is_bounce = true;
        kind.evidence.extend(signs.into_iter().map(|(_, sign)| sign));
    }
}

/// What in the header shows that a mail server wrote the mail.
fn sender_signs(seen: &Seen<'_>) -> Vec<Sign> {
    let mut signs = Vec::new();
    if is_server(seen) {
        signs.push((2, format!("from: {}", local_part(seen))));
    } else if is_keeper(seen) {
        signs.push((1, "from: a keeper of mail".to_owned()));
    } else if seen.from.is_none() {
        signs.push((1, "from: nobody".to_owned()));
    }
    if seen.return_path == Some("") {
        signs.push((1, "return-path: <>".to_owned()));
    }
    if seen.reports.iter().any(|kind| kind == "delivery-status") {
        signs.push((2, "a report of deliveries".to_owned()));
    }
    signs
}

/// A keeper of mail who says that a mailbox is full without saying whose speaks of the reader's own.
fn names_failed(seen: &Seen<'_>, is_sure: bool, notice: &str) -> bool {
    is_sure || !notice::recipients(notice, &own(seen)).iter().all(|address| own(seen).contains(address))
}

/// Recipients, codes and the mail that came back.
fn details(seen: &Seen<'_>, status: Status, text: Text<'_>, kind: &mut Kind) {
    let Status { recipients: told, unsure, names, codes, .. } = status;
    let known = std::mem::take(&mut kind.bounced_recipients);
    let read = || recipients(seen, text);
    let lists = [told, known, unsure].into_iter().find(|list| !list.is_empty());
    kind.bounced_recipients = lists.or_else(|| Some(read()).filter(|list| !list.is_empty())).unwrap_or(names);
    kind.bounce_statuses = codes;
    if kind.bounce_statuses.is_empty() {
        codes::codes(text.notice)
            .take(MAX_CODES)
            .for_each(|code| once(&mut kind.bounce_statuses, code.to_owned()));
    }
    let id = super::message_id(&returned(seen, text.copy));
    kind.returned_message_id = kind.returned_message_id.take().or(id).or_else(|| id_in(text.notice));
}

/// The recipients that the text names, else those of the mail that came back.
fn recipients(seen: &Seen<'_>, text: Text<'_>) -> Vec<String> {
    let returned = returned(seen, text.copy);
    let mut own = own(seen);
    own.extend(addresses_in(&returned, &["from", "sender", "return-path"]));
    let mut found = notice::recipients(text.notice, &own);
    // The notice may go on below what looked like the copy.
    if found.is_empty() {
        found = notice::listed(text.copy, &own);
    }
    // A mail to one address can have failed for that one only.
    if found.is_empty() {
        found = sent_to(&returned);
    }
    found
}

/// The header of the mail that came back, in a part or below the notice.
fn returned(seen: &Seen<'_>, copy: &str) -> Vec<Field> {
    let header = super::report::returned_header(seen);
    if !header.is_empty() {
        return header;
    }
    let lines = copy.lines().skip_while(|line| !line.contains(':') || line.trim_end().ends_with(':'));
    let lines = lines.map(|line| line.trim_start_matches('>'));
    crate::structure::header_of(lines.collect::<Vec<_>>().join("\n").as_bytes())
}

/// The addresses in these fields.
fn addresses_in(header: &[Field], names: &[&str]) -> Vec<String> {
    let fields = header.iter().filter(|field| names.contains(&field.name.as_str()));
    let all = fields.flat_map(|field| super::addresses_of(&field.raw)).map(|found| found.address);
    all.filter(|address| address.contains('@') && !address.contains(['<', '>', ';', ':'])).collect()
}

/// To whom a returned mail was sent. To tells it, if the mail came through no list; else the envelope's recipient, as
/// servers note it in Received.
fn sent_to(header: &[Field]) -> Vec<String> {
    let has = |names: &[&str]| header.iter().any(|field| names.contains(&field.name.as_str()));
    let to = addresses_in(header, &["to", "cc"]);
    if to.len() == 1 && !has(&["list-id", "precedence", "mailing-list"]) {
        return to;
    }
    let mut received = header.iter().filter(|field| field.name == "received");
    let recipient = received.find_map(|field| {
        let value = String::from_utf8_lossy(&field.raw);
        let (_, behind) = value.split_once(" for ").or_else(|| value.split_once("\tfor "))?;
        mailbox::addresses(behind).next().map(|found| found.address.to_owned())
    });
    recipient.into_iter().collect()
}

/// The addresses of the bounce itself.
fn own(seen: &Seen<'_>) -> Vec<String> {
    let names = ["to", "cc", "from", "delivered-to", "x-original-to"];
    let values = names.iter().filter_map(|name| seen.header(name));
    values.flat_map(mailbox::addresses_in_field).map(|found| found.address.to_owned()).collect()
}

fn head(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// The Message-ID line of a mail that is quoted in the text.
fn id_in(text: &str) -> Option<String> {
    let lines = text.lines().map(|line| line.trim_start_matches(['>', ' ', '\t']));
    let mut ids =
        lines.filter(|line| line.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("message-id:")));
    ids.find_map(|line| crate::decode::ids::id(&line.as_bytes()[11..]))
}
