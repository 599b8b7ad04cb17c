//! What kind of mail it is: answers of machines, bounces, reports, lists.

mod auto;
mod bounce;
mod list;
mod report;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde::Serialize;

use crate::{Address, structure::Field};

/// More recipients or codes of one mail are not listed.
const MAX_LISTED: usize = 1000;

/// What kind of mail it is, and by what that was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Kind {
    /// An answer that no person wrote, such as an absence notice. A bounce or a receipt is none.
    pub is_auto_reply: bool,
    /// A report of a failed or delayed delivery, by RFC 3464 or a vendor's own form.
    pub is_bounce: bool,
    /// Holds a multipart/report.
    pub is_report: bool,
    /// Sent through a mailing list. A newsletter that can merely be unsubscribed is none.
    pub is_list_mail: bool,
    /// An abuse report (RFC 5965).
    pub is_feedback_report: bool,
    /// A receipt that the mail was shown or deleted (RFC 8098, or in a mail program's own words).
    pub is_read_receipt: bool,
    /// An answer to an invitation, or its cancellation: `text/calendar` with method REPLY, COUNTER or CANCEL.
    pub is_calendar_answer: bool,
    /// A summary that mail servers send to owners of domains: DMARC (RFC 7489) or TLS (RFC 8460).
    pub is_aggregate_report: bool,
    /// Addresses that a bounce says were not reached, each once.
    pub bounced_recipients: Vec<String>,
    /// Enhanced status codes (RFC 3463) of a bounce, each once.
    pub bounce_statuses: Vec<String>,
    /// Message-ID of the mail that a bounce or report is about, without angle brackets.
    pub returned_message_id: Option<String>,
    /// What was seen, as `header: value` or a sentence.
    pub evidence: Vec<String>,
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
}

impl Seen<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// A field's value in lower case, trimmed; empty without one.
    fn lower(&self, name: &str) -> String {
        self.header(name).unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// Decides the kind.
pub(crate) fn kind(seen: &Seen<'_>) -> Kind {
    let mut kind = Kind::default();
    report::look(seen, &mut kind);
    let absence = auto::absence(seen);
    bounce::look(seen, absence.is_some(), &mut kind);
    list::look(seen, &mut kind);
    let answer = auto::evidence(seen, absence);
    // Reports are answers too, of a kind of their own.
    if !kind.is_bounce && !kind.is_report && !kind.is_read_receipt {
        kind.is_auto_reply = !answer.is_empty();
        kind.evidence.extend(answer);
    }
    kind
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
    squeezed_to(text.split_whitespace(), usize::MAX)
}

/// [`squeezed`] words, until they are longer than `max` bytes together.
fn squeezed_to<'a>(words: impl Iterator<Item = &'a str>, max: usize) -> String {
    let mut text = String::new();
    for word in words {
        if text.len() > max {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        if word.is_ascii() {
            text.extend(
                word.bytes().map(|b| if b == b'`' { '\'' } else { char::from(b.to_ascii_lowercase()) }),
            );
        } else {
            text += &word.to_lowercase().replace(['’', '‘', '´', '`'], "'");
        }
    }
    text
}

/// Phrases that are looked for all at once.
struct Phrases {
    any: Option<AhoCorasick>,
    all: &'static [&'static str],
}

impl Phrases {
    fn new(all: &'static [&'static str]) -> Self {
        let any = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(all);
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A phrase with capitals, two blanks or a curly apostrophe would never be found.
    #[test]
    fn tables_are_written_as_texts_are_compared() {
        for table in auto::TABLES.iter().chain(bounce::TABLES).chain(report::TABLES) {
            let mut seen = BTreeSet::new();
            for phrase in *table {
                assert_eq!(squeezed(phrase), phrase.trim(), "{phrase}");
                assert!(seen.insert(phrase), "{phrase} stands there twice");
            }
        }
    }
}
