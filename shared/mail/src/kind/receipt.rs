//! Receipts that a mail was shown or deleted: RFC 8098, or in a mail program's own words.

use crate::{
    languages::{self, Words},
    structure::header_of,
};

use super::{
    kinds::Kind,
    phrases::squeezed,
    report::id_of,
    seen::Seen,
    verdict::{self, Verdict},
    writer::Writer,
};

/// Of the text that is searched, bytes.
const MAX_TEXT: usize = 2000;

/// Starts of the subjects of receipts in a mail program's own words. In lower case.
static RECEIPTS: Words = Words::new(|| languages::words("receipt", "subject begins"));

/// Phrases that only mail programs write. In lower case.
static SURE: Words = Words::new(|| languages::words("receipt", "program says"));

/// Phrases in the text of receipts, which people write too. In lower case.
static RECEIPT_PHRASES: Words = Words::new(|| languages::words("receipt", "says"));

pub(super) fn look(seen: &Seen<'_>, writer: &Writer, kind: &mut Kind) {
    let is_report = seen.is_report && seen.reports.first().is_some_and(|it| it == "disposition-notification");
    let is_notification = |media: &str| {
        matches!(media, "message/disposition-notification" | "message/global-disposition-notification")
    };
    for leaf in seen.leaves.iter().filter(|leaf| is_notification(leaf.media)) {
        // A file that somebody sends with a question.
        if !seen.is_report && seen.has_own_text() && !writer.is_unmanned() {
            continue;
        }
        let sign = "a disposition notification";
        verdict::add(&mut kind.read_receipt, Verdict::certain_if(is_report || writer.is_server(), sign));
        let id = id_of(&header_of(leaf.head), "original-message-id");
        kind.returned_message_id = kind.returned_message_id.take().or(id);
    }
    if kind.read_receipt.is_none() && is_report {
        kind.read_receipt = Some(Verdict::likely("a report of type disposition-notification"));
    }
    if kind.report.is_none() && kind.read_receipt.is_none() {
        kind.read_receipt = in_words(seen);
    }
}

/// A receipt repeats the subject of the mail that was read, or is one by its own words. What people write of files that
/// they read or deleted does neither.
fn in_words(seen: &Seen<'_>) -> Option<Verdict> {
    let subject = squeezed(seen.subject);
    let start = RECEIPTS.iter().find(|start| subject.starts_with(**start))?;
    let text = squeezed(&seen.text[..seen.text.floor_char_boundary(MAX_TEXT)]);
    let of = subject[start.len()..].trim_start_matches([':', '：', '-', ' ']);
    let repeats = !of.is_empty() && text.contains(of);
    let phrase = SURE.iter().find(|phrase| text.contains(**phrase));
    let phrase =
        phrase.or_else(|| RECEIPT_PHRASES.iter().find(|phrase| repeats && text.contains(**phrase)))?;
    let sign = format!("the subject begins with \"{start}\", and the text says \"{phrase}\"");
    Some(Verdict::likely(sign))
}
