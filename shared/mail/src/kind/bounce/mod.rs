//! Bounces: reports of failed or delayed deliveries, by RFC 3464 or in a server's own words.
//!
//! A delivery status decides alone. Without one, signs are weighed: who sent it, its subject, phrases of known servers.
//! `opening` tells a server's words from those of a person who quotes them, `notice` reads the addresses out of the text.

mod codes;
mod mailbox;
mod notice;
pub(super) mod opening;
mod status;

use std::sync::LazyLock;

use crate::{
    decode::address::addresses_of,
    languages::{self, Words},
    reply::is_answer_or_forward,
    structure::Field,
};

use super::{
    kinds::{Kind, once},
    phrases::{Phrases, Starts, squeezed, squeezed_to},
    report::{self, id_of},
    seen::{Leaf, Seen},
    verdict::Verdict,
    writer::{Automatic, Sender, Writer},
};
use status::Status;

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

/// The text of a bounce: its own words, and the copy of the mail below them.
#[derive(Clone, Copy)]
struct Text<'a> {
    notice: &'a str,
    copy: &'a str,
}

/// What is weighed.
struct Case<'a> {
    seen: &'a Seen<'a>,
    writer: &'a Writer,
    /// In lower case, without the marks of filters.
    subject: &'a str,
    text: Text<'a>,
    /// The header shows that a mail server wrote it.
    shown: bool,
}

pub(super) fn look(seen: &Seen<'_>, writer: &Writer, is_absence: bool, kind: &mut Kind) {
    let subject = subject(seen.subject);
    let by_report = seen.is_report && seen.reports.first().is_some_and(|kind| kind == "delivery-status");
    let shown = writer.is_server() || by_report;
    let is_likely = shown || writer.sender == Sender::Keeper || find_subject(&subject).is_some();
    if !is_likely && says_nothing(seen, &subject) {
        return;
    }
    let (notice, copy) = notice::split(head(seen.text, MAX_SEARCHED));
    let case = Case { seen, writer, subject: &subject, text: Text { notice, copy }, shown };
    let by_person = is_answer_or_forward(&subject) && !shown && !case.is_transcript();
    let status = statuses(seen, notice, is_likely && !by_person);
    let reported = if status.failed && !by_person { case.reported() } else { None };
    // A report speaks for itself: one of success is no bounce, whatever its subject.
    let decided =
        status.failed || status.reached || kind.feedback_report.is_some() || kind.read_receipt.is_some();
    let failed = seen.header("x-failed-recipients");
    kind.bounce = if let Some(failed) = failed {
        mailbox::addresses_in_field(failed)
            .for_each(|found| once(&mut kind.bounced_recipients, found.address.to_owned()));
        let mut verdict = Verdict::certain_if(writer.is_machine(), "x-failed-recipients is set");
        verdict.evidence.splice(0..0, reported.into_iter().flat_map(|verdict| verdict.evidence));
        Some(verdict)
    } else if decided {
        reported
    } else if kind.aggregate_report.is_none() && kind.calendar_answer.is_none() {
        case.weigh(by_person, is_absence)
    } else {
        None
    };
    if kind.bounce.is_some() {
        details(seen, status, case.text, kind);
    }
}

/// Whether a mail from a person with an ordinary subject has no other sign of a bounce either, so that its text need
/// not be read: the ordinary case.
fn says_nothing(seen: &Seen<'_>, subject: &str) -> bool {
    let is_status = |leaf: &Leaf<'_>| leaf.media.ends_with("delivery-status");
    let lines = head(seen.text, MAX_NOTICE).lines().filter(|line| !line.starts_with('>'));
    seen.from.is_some()
        && seen.header("x-failed-recipients").is_none()
        && !seen.leaves.iter().any(|leaf| is_status(leaf) || report::is_returned(leaf))
        && SURE.of(subject).next().is_none()
        && BANNERS.find(&squeezed_to(lines, MAX_BANNER)).is_none()
}

/// Phrases that hardly anyone but a mail server writes.
static BANNERS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("bounce", "banner"));
/// Starts of the subjects of bounces.
static SUBJECTS: LazyLock<Starts> = LazyLock::new(|| Starts::new("bounce", "subject begins"));
/// Starts of subjects that only mail servers write, whoever they say they are.
static SURE: LazyLock<Starts> = LazyLock::new(|| Starts::new("bounce", "subject sure"));
/// Parts of the subjects of bounces in languages without blanks between words.
static CJK_SUBJECTS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("bounce", "subject part"));
/// Words anywhere in the subject of a bounce; people use them too.
static PARTS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("bounce", "subject word"));
/// Starts of the subjects of reports of success.
static SUCCESS: Words = Words::new(|| languages::words("bounce", "subject success"));
/// Phrases of reports of success.
static SUCCESSES: Words = Words::new(|| languages::words("bounce", "success"));
/// Phrases that people write too: evidence only beside a mail server as sender.
static PHRASES: Words = Words::new(|| languages::words("bounce", "says"));

/// The delivery statuses of all parts that hold one; if the mail looks like a bounce, whatever they call themselves.
fn statuses(seen: &Seen<'_>, notice: &str, is_likely: bool) -> Status {
    let mut all = Status::default();
    let named = |media: &str| media.ends_with("delivery-status");
    // A mail that came back may be a bounce itself, of which this one says nothing.
    let unnamed = |leaf: &Leaf<'_>| is_likely && !report::is_returned(leaf) && is_status(leaf.head);
    let parts = seen.leaves.iter().filter(|leaf| named(leaf.media) || unnamed(leaf));
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
    let found = SUBJECTS.of(subject).next().or_else(|| CJK_SUBJECTS.find(subject)).map(|found| (2, found));
    found.or_else(|| PARTS.find(subject).map(|found| (1, found)))
}

/// A sign with its weight.
type Sign = (i32, String);

impl Case<'_> {
    /// A delivery status of a failure. A file of that form which a person sends with a question is none.
    fn reported(&self) -> Option<Verdict> {
        let is_status = |leaf: &Leaf<'_>| leaf.media.ends_with("delivery-status");
        let has_part = self.seen.leaves.iter().any(is_status) || self.writer.sender == Sender::Daemon;
        let by_server = self.writer.is_server() && has_part;
        let certain = by_server || self.seen.is_report && self.writer.is_machine();
        let counts =
            self.shown || self.writer.is_unmanned() || !self.is_personal() || !self.seen.has_own_text();
        counts.then(|| Verdict::certain_if(certain, "a delivery status of a failure or delay"))
    }

    /// Weighs the signs of a bounce in a server's own words.
    fn weigh(&self, by_person: bool, is_absence: bool) -> Option<Verdict> {
        if SUCCESS.iter().any(|start| self.subject.starts_with(start)) {
            return None;
        }
        let lines = || head(self.text.notice, MAX_NOTICE).lines().filter(|line| !line.starts_with('>'));
        let says = squeezed(&lines().collect::<Vec<_>>().join("\n"));
        let sure = SURE.of(self.subject).next().is_some();
        let is_daemon = self.writer.sender == Sender::Daemon;
        let mut signs = self.sender_signs();
        let told = self.is_transcript() || self.names_returned();
        let by_machine = !signs.is_empty() || sure || told;
        let found = find_subject(self.subject);
        signs.extend(found.map(|(weight, found)| (weight, format!("the subject says \"{found}\""))));
        let place = if by_machine { &says } else { head(&says, MAX_BANNER) };
        // A person's words stand above what they quote.
        let opens = |banner: &&str| opening::opens(&says, banner);
        let banner = BANNERS.find(place).filter(|banner| self.shown || opens(banner));
        if let Some(banner) = banner {
            signs.push((2 + i32::from(self.writer.is_automatic()), format!("the text says \"{banner}\"")));
        } else if SUCCESSES.iter().any(|phrase| says.contains(phrase)) {
            return None;
        } else if told {
            signs.push((3, "the text names a recipient of the mail that came back".to_owned()));
        } else if self.is_personal() {
            return None;
        } else if by_machine && names_failed(self.seen, is_daemon || found.is_some(), self.text.notice) {
            let phrase = PHRASES.iter().find(|phrase| says.contains(**phrase));
            signs.extend(phrase.map(|phrase| (1, format!("the text says \"{phrase}\""))));
        }
        // Other programs report failures too, but not of a recipient.
        let tells = is_daemon || sure || banner.is_some() || !recipients(self.seen, self.text).is_empty();
        let against = 3 * (i32::from(by_person) + i32::from(is_absence && banner.is_none()));
        let weight = signs.iter().map(|(weight, _)| weight).sum::<i32>() - against;
        let is_enough = weight >= ENOUGH && tells && (by_machine || banner.is_some());
        // Nobody else writes under that name; a form that a web server sends on may bear it, too.
        let by_name = is_daemon && against == 0;
        let opened = banner.is_some_and(|banner| opens(&banner));
        let says = opened || told || found.is_some() && !opening::greets_or_asks(self.text.notice);
        let certain = is_enough && self.is_certain(opened, says);
        let evidence = signs.into_iter().map(|(_, sign)| sign).collect();
        (is_enough || by_name).then_some(Verdict { evidence, ..Verdict::certain_if(certain, "") })
    }

    /// Whether header and text agree on a server. A person's mail may have lost its return path, and have got a server's
    /// name for its sender, where programs sent it on.
    fn is_certain(&self, opened: bool, says: bool) -> bool {
        let by_path = self.writer.null_path && (self.writer.sender != Sender::Ordinary || opened);
        let by_server = by_path || self.writer.sender == Sender::Daemon;
        by_server && says || self.writer.automatic == Automatic::Replied
    }

    /// Whether a person may have written it about mail that failed.
    fn is_personal(&self) -> bool {
        let ordinary = self.writer.sender == Sender::Ordinary || self.writer.named_path;
        !self.shown && (ordinary || opening::greets_or_asks(self.text.notice))
    }

    /// What in the header shows that a mail server wrote the mail.
    fn sender_signs(&self) -> Vec<Sign> {
        let mut signs = Vec::new();
        match self.writer.sender {
            Sender::Daemon => signs.push((2, format!("from: {}", local_part(self.seen)))),
            Sender::Keeper => signs.push((1, "from: a keeper of mail".to_owned())),
            Sender::Nobody => signs.push((1, "from: nobody".to_owned())),
            Sender::Unattended | Sender::Ordinary => {}
        }
        if self.writer.null_path {
            signs.push((1, "return-path: <>".to_owned()));
        }
        if self.seen.reports.iter().any(|kind| kind == "delivery-status") {
            signs.push((2, "a report of deliveries".to_owned()));
        }
        signs
    }

    /// Gateways answer with what they said in the session: an error first, the commands below.
    fn is_transcript(&self) -> bool {
        self.writer.sender != Sender::Ordinary && opening::is_transcript(self.text.notice)
    }

    /// Carriers name the address and the reason above the mail that was sent to it.
    fn names_returned(&self) -> bool {
        let by_machine = self.writer.is_unmanned() || !opening::greets_or_asks(self.text.notice);
        let header = report::returned_header(self.seen);
        if !by_machine || header.is_empty() {
            return false;
        }
        let to = addresses_in(&header, &["to", "cc"]);
        let named = notice::recipients(self.text.notice, &[]);
        named.iter().any(|address| to.iter().any(|to| to.eq_ignore_ascii_case(address)))
    }
}

fn local_part(seen: &Seen<'_>) -> String {
    let address = seen.from.map(|from| from.address.to_lowercase()).unwrap_or_default();
    address.split('@').next().unwrap_or_default().to_owned()
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
    let id = id_of(&returned(seen, text.copy), "message-id");
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
    let header = report::returned_header(seen);
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
    let all = fields.flat_map(|field| addresses_of(&field.raw)).map(|found| found.address);
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

/// The addresses of the bounce itself. Some servers write the one that failed into X-Original-To: it counts only where To
/// names nobody.
fn own(seen: &Seen<'_>) -> Vec<String> {
    let names_somebody = seen.header("to").is_some_and(|to| to.contains('@'));
    let names = ["to", "cc", "from", "delivered-to", "x-original-to"];
    let names = &names[..if names_somebody { 4 } else { 5 }];
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
