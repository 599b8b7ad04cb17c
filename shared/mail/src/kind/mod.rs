//! What kind of mail it is: answers of machines, bounces, reports, lists.
//!
//! Words alone never make a person's mail nothing: each kind says how sure it is. [`Certainty::Certain`] needs what machines
//! write into envelope, header and MIME form (`writer`), and only then may a mail be skipped; what words, a subject or a
//! file suggest is [`Certainty::Likely`].

mod auto;
mod bounce;
mod calendar;
mod list;
mod receipt;
mod report;
mod verdict;
mod writer;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, StartKind};
use serde::Serialize;

use crate::{Address, languages, reply, structure::Field};

pub use verdict::{Certainty, Verdict};
use writer::{Automatic, Writer};

/// More recipients or codes of one mail are not listed.
const MAX_LISTED: usize = 1000;

/// What kind of mail it is, how sure that is, and by what that was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Kind {
    /// An answer that no person wrote, such as an absence notice. A bounce or a receipt is none.
    pub auto_reply: Option<Verdict>,
    /// A report of a failed or delayed delivery, by RFC 3464 or a vendor's own form.
    pub bounce: Option<Verdict>,
    /// Holds a multipart/report; certain where that is the mail itself.
    pub report: Option<Verdict>,
    /// Sent through a mailing list. A newsletter that can merely be unsubscribed is none.
    pub list_mail: Option<Verdict>,
    /// An abuse report (RFC 5965).
    pub feedback_report: Option<Verdict>,
    /// A receipt that the mail was shown or deleted (RFC 8098, or in a mail program's own words).
    pub read_receipt: Option<Verdict>,
    /// An answer to an invitation, or its cancellation: `text/calendar` with method REPLY, COUNTER or CANCEL.
    pub calendar_answer: Option<Verdict>,
    /// A summary that mail servers send to owners of domains: DMARC (RFC 7489) or TLS (RFC 8460).
    pub aggregate_report: Option<Verdict>,
    /// Addresses that a bounce says were not reached, each once.
    pub bounced_recipients: Vec<String>,
    /// Enhanced status codes (RFC 3463) of a bounce, each once.
    pub bounce_statuses: Vec<String>,
    /// Message-ID of the mail that a bounce or report is about, without angle brackets.
    pub returned_message_id: Option<String>,
}

impl Kind {
    /// What it is, with the words of [`crate::Report::certainty`].
    pub fn verdicts(&self) -> impl Iterator<Item = (&'static str, &Verdict)> {
        let all = [
            ("auto_reply", &self.auto_reply),
            ("bounce", &self.bounce),
            ("report", &self.report),
            ("feedback_report", &self.feedback_report),
            ("receipt", &self.read_receipt),
            ("calendar", &self.calendar_answer),
            ("aggregate_report", &self.aggregate_report),
            ("list_mail", &self.list_mail),
        ];
        all.into_iter().filter_map(|(word, verdict)| Some((word, verdict.as_ref()?)))
    }

    /// What no person wrote; a list only passes on.
    fn automatic_mut(&mut self) -> impl Iterator<Item = &mut Verdict> {
        let all = [
            &mut self.auto_reply,
            &mut self.bounce,
            &mut self.report,
            &mut self.feedback_report,
            &mut self.read_receipt,
            &mut self.calendar_answer,
            &mut self.aggregate_report,
        ];
        all.into_iter().flatten()
    }
}

/// What is looked at.
pub(crate) struct Seen<'a> {
    pub(crate) headers: &'a [(String, String)],
    pub(crate) from: Option<&'a Address>,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a str,
    pub(crate) return_path: Option<&'a str>,
    /// The `report-type` of each multipart/report, in lower case.
    pub(crate) reports: Vec<String>,
    /// The whole mail is a multipart/report, the first of those.
    pub(crate) is_report: bool,
    pub(crate) leaves: Vec<Leaf<'a>>,
}

/// A part that holds no others.
pub(crate) struct Leaf<'a> {
    /// `type/subtype` in lower case.
    pub(crate) media: &'a str,
    /// The start of its bytes, transfer-decoded.
    pub(crate) head: &'a [u8],
    /// Decoded; empty without one.
    pub(crate) filename: String,
    /// The `method` of a calendar, in lower case; empty without one.
    pub(crate) method: String,
    /// Sent as a file, not as a form of the mail itself.
    pub(crate) is_file: bool,
}

impl Seen<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Whether a person could have written any of it: a text that is not blank. One that is sent as a file counts, too:
    /// some programs send all texts so.
    fn has_own_text(&self) -> bool {
        let is_text = |leaf: &&Leaf<'_>| matches!(leaf.media, "text/plain" | "text/html");
        // What stands there of an invitation was told by us.
        let told = self.leaves.iter().any(|leaf| matches!(leaf.media, "text/calendar" | "application/ics"));
        self.leaves.iter().filter(is_text).any(|leaf| !is_blank(leaf))
            || !told && !self.text.trim().is_empty()
    }

    /// A field's value in lower case, trimmed; empty without one.
    fn lower(&self, name: &str) -> String {
        self.header(name).unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// Decides the kind.
pub(crate) fn kind(seen: &Seen<'_>) -> Kind {
    let mut kind = Kind::default();
    list::look(seen, &mut kind);
    let writer = Writer::of(seen, kind.list_mail.is_some());
    report::look(seen, &writer, &mut kind);
    receipt::look(seen, &writer, &mut kind);
    kind.calendar_answer = calendar::look(seen, &writer);
    let form = auto::form(seen);
    bounce::look(seen, &writer, form.is_some(), &mut kind);
    // Reports are answers too, of a kind of their own.
    if kind.bounce.is_none() && kind.report.is_none() && kind.read_receipt.is_none() {
        kind.auto_reply = auto::look(seen, &writer, form.as_ref());
    }
    agree(seen, &writer, &mut kind);
    kind
}

/// What the whole mail says of its kinds.
fn agree(seen: &Seen<'_>, writer: &Writer, kind: &mut Kind) {
    // Whoever sends on a mail as it came (RFC 5322, section 3.6.6) wants it to be read.
    let resent = seen.header("resent-from").is_some() && !writer.null_path;
    for verdict in kind.automatic_mut() {
        if resent {
            verdict.certainty = Certainty::Likely;
            verdict.evidence.push("somebody sent it on (resent-from)".to_owned());
        } else if writer.automatic == Automatic::Replied && verdict.is_likely() {
            verdict.certainty = Certainty::Certain;
            verdict.evidence.push("auto-submitted: auto-replied".to_owned());
        }
    }
}

/// Whether a text shows nothing. What stands in the tags of a page does not count, and neither do blanks by name.
fn is_blank(leaf: &Leaf<'_>) -> bool {
    let shows = |text: &str| text.chars().any(|c| !c.is_whitespace() && !c.is_control() && c != '\u{feff}');
    let text = String::from_utf8_lossy(leaf.head);
    if leaf.media == "text/plain" { !shows(&text) } else { !shows(&crate::html::render(&text).text) }
}

/// The first id in a field of an attached header block.
fn message_id(fields: &[Field]) -> Option<String> {
    let field = fields.iter().find(|field| field.name == "message-id")?;
    crate::decode::ids::id(&crate::decode::words::unfold(&field.raw))
}

/// The addresses of a field that is read beside the mail's own; its defects are not counted.
pub(crate) fn addresses_of(raw: &[u8]) -> Vec<Address> {
    let hint = crate::decode::charset::Hint::default();
    crate::decode::address::addresses(raw, &hint, &mut crate::defect::Defects::default())
}

/// Adds a value that is not yet there, whatever its case.
fn once(list: &mut Vec<String>, value: String) {
    if !value.is_empty()
        && list.len() < MAX_LISTED
        && !list.iter().any(|known| known.eq_ignore_ascii_case(&value))
    {
        list.push(value);
    }
}

/// In lower case, runs of blanks as one, apostrophes straight: as the tables of phrases are written.
fn squeezed(text: &str) -> String {
    squeezed_to([text], usize::MAX)
}

/// [`squeezed`] lines, until they are longer than `max` bytes together.
fn squeezed_to<'a>(lines: impl IntoIterator<Item = &'a str>, max: usize) -> String {
    let mut text = String::new();
    for line in lines {
        text.reserve(line.len().min(max));
        // Words of ASCII are found sooner.
        let whole = if line.is_ascii() {
            line.split_ascii_whitespace().all(|word| add_squeezed(&mut text, word, max))
        } else {
            line.split_whitespace().all(|word| add_squeezed(&mut text, word, max))
        };
        if !whole {
            break;
        }
    }
    text
}

/// Adds a word, if there is room.
fn add_squeezed(text: &mut String, word: &str, max: usize) -> bool {
    if text.len() > max {
        return false;
    }
    if !text.is_empty() {
        text.push(' ');
    }
    if word.bytes().all(|b| b.is_ascii() && b != b'`') {
        let from = text.len();
        text.push_str(word);
        text[from..].make_ascii_lowercase();
    } else {
        *text += &word.to_lowercase().replace(['’', '‘', '´', '`'], "'");
    }
    true
}

/// Whether a text begins with these words, not with a longer one.
fn starts_with_word(text: &str, start: &str) -> bool {
    let Some(rest) = text.strip_prefix(start) else { return false };
    let ends_word = |c: char| !c.is_alphanumeric() || c as u32 > 0x2e80;
    !start.ends_with(char::is_alphanumeric) || rest.chars().next().is_none_or(ends_word)
}

/// Whether a subject says that a person answers or sends on another mail.
fn is_answer_or_forward(subject: &str) -> bool {
    reply::is_answer(subject) || reply::is_forward(subject, "")
}

/// Phrases that are looked for all at once.
struct Phrases {
    any: Option<AhoCorasick>,
    all: Vec<&'static str>,
}

impl Phrases {
    fn new(heading: &str, key: &str) -> Self {
        let all = languages::words(heading, key);
        let any = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(&all);
        Self { any: any.ok(), all }
    }

    /// The first of the table that stands in a text.
    fn find(&self, text: &str) -> Option<&'static str> {
        if self.any.as_ref().is_some_and(|any| !any.is_match(text)) {
            return None;
        }
        self.all.iter().copied().find(|phrase| text.contains(phrase))
    }
}

/// Phrases with which a text may begin.
struct Starts {
    any: Option<AhoCorasick>,
    all: Vec<&'static str>,
}

impl Starts {
    fn new(heading: &str, key: &str) -> Self {
        let all = languages::words(heading, key);
        let any = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .start_kind(StartKind::Anchored)
            .build(&all);
        Self { any: any.ok(), all }
    }

    /// Those of the table with which a text begins, in the table's order.
    fn of(&self, text: &str) -> impl Iterator<Item = &'static str> {
        let start = Input::new(text).anchored(Anchored::Yes);
        let none = self.any.as_ref().is_some_and(|any| any.find(start).is_none());
        let all = if none { &[] } else { self.all.as_slice() };
        all.iter().copied().filter(move |phrase| text.starts_with(phrase))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::Group;

    const TABLES: &[&[&str]] = &[writer::DAEMONS, writer::UNATTENDED, writer::PEOPLES];

    #[test]
    fn a_start_ends_with_its_word() {
        assert!(starts_with_word("out of office: x", "out of office"));
        assert!(!starts_with_word("out of officers", "out of office"));
        assert!(starts_with_word("自動応答について", "自動応答"));
        assert!(starts_with_word("abwesend", "abwesend"));
    }

    /// A phrase with capitals, two blanks or a curly apostrophe would never be found.
    #[test]
    fn tables_are_written_as_texts_are_compared() {
        let read = languages::all().iter().flat_map(|language| {
            let groups =
                ["absence", "bounce", "receipt", "sentence"].into_iter().flat_map(|one| language.groups(one));
            groups.flat_map(Group::all_words)
        });
        for phrase in read.chain(TABLES.iter().copied().flatten().copied()) {
            assert_eq!(squeezed(phrase), phrase.trim(), "{phrase}");
        }
    }
}
