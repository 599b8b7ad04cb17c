//! Receipts that a mail was shown or deleted: RFC 8098, or in a mail program's own words.

use crate::structure::header_of;

use super::{Kind, Seen, Verdict, squeezed, verdict, writer::Writer};

/// Of the text that is searched, bytes.
const MAX_TEXT: usize = 2000;

/// Starts of the subjects of receipts in a mail program's own words. In lower case.
const RECEIPTS: &[&str] = &[
    "read:",
    "not read:",
    "read receipt",
    "return receipt",
    "disposition notification",
    "deleted:",
    "gelesen:",
    "ungelesen:",
    "lesebestätigung",
    "empfangsbestätigung (angezeigt)",
    "lu :",
    "lu:",
    "non lu :",
    "accusé de lecture",
    "leído:",
    "no leído:",
    "confirmación de lectura",
    "letto:",
    "conferma di lettura",
    "ricevuta di ritorno (visualizzato)",
    "lida:",
    "lido:",
    "gelezen:",
    "leesbevestiging",
    "przeczytano:",
    "přečteno:",
    "läst:",
    "læst:",
    "lest:",
    "luettu:",
    "okundu:",
    "прочтено:",
    "прочитано:",
    "開封済み",
    "開封確認",
    "已读:",
    "已讀:",
    "읽음:",
];

/// Phrases that only mail programs write. In lower case.
const SURE: &[&str] = &[
    "this is a return receipt for the mail",
    "this receipt verifies that the message has been displayed",
    "return receipt only acknowledges",
    "return receipt your document",
];

/// Phrases in the text of receipts, which people write too. In lower case.
const RECEIPT_PHRASES: &[&str] = &[
    "was read on",
    "was deleted without being read",
    "has been displayed",
    "wurde am",
    "gelesen wurde",
    "wurde gelesen",
    "a été lu",
    "fue leído",
    "se leyó",
    "è stato letto",
    "foi lida",
    "is gelezen",
    "开封",
    "開封",
    "已于",
    "was displayed",
];

/// All tables of phrases.
#[cfg(test)]
pub(super) const TABLES: &[&[&str]] = &[RECEIPTS, SURE, RECEIPT_PHRASES];

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
        let id = header_of(leaf.head).into_iter().find(|field| field.name == "original-message-id");
        let id = id.and_then(|field| crate::decode::ids::id(&crate::decode::words::unfold(&field.raw)));
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
