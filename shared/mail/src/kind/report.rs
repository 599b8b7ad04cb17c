//! Reports and answers with a form of their own: receipts (RFC 8098), abuse (RFC 5965), summaries of mail servers
//! (RFC 7489, RFC 8460), calendars (RFC 5546).

use crate::structure::{Field, header_of};

use super::{Kind, Leaf, Seen, message_id, squeezed};

/// Content types of a returned mail or its header.
const RETURNED: [&str; 6] = [
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "text/rfc822-header",
    "message/rfc822-headers",
    "message/global-headers",
];

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

/// Phrases in the text of receipts in a mail program's own words. In lower case.
const RECEIPT_PHRASES: &[&str] = &[
    "was read on",
    "was deleted without being read",
    "this is a return receipt for the mail",
    "this receipt verifies that the message has been displayed",
    "return receipt only acknowledges",
    "return receipt your document",
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
pub(super) const TABLES: &[&[&str]] = &[RECEIPTS, RECEIPT_PHRASES];

pub(super) fn look(seen: &Seen<'_>, kind: &mut Kind) {
    kind.is_report = !seen.reports.is_empty();
    for report in &seen.reports {
        kind.evidence.push(format!("a multipart/report of type {report}"));
    }
    seen.leaves.iter().for_each(|leaf| part(leaf, kind));
    kind.is_feedback_report |= seen.reports.iter().any(|report| report == "feedback-report");
    kind.is_read_receipt |= seen.reports.iter().any(|report| report == "disposition-notification");
    complaint(seen, kind);
    receipt(seen, kind);
    summary(seen, kind);
    if kind.is_report {
        kind.returned_message_id =
            kind.returned_message_id.take().or_else(|| message_id(&returned_header(seen)));
    }
}

fn part(leaf: &Leaf<'_>, kind: &mut Kind) {
    match leaf.media {
        "message/feedback-report" => {
            kind.is_feedback_report = true;
            kind.evidence.push("a message/feedback-report part".to_owned());
        }
        "message/disposition-notification" | "message/global-disposition-notification" => {
            kind.is_read_receipt = true;
            kind.evidence.push("a disposition notification".to_owned());
            let id = header_of(leaf.head).into_iter().find(|field| field.name == "original-message-id");
            let id = id.and_then(|field| crate::decode::ids::id(&crate::decode::words::unfold(&field.raw)));
            kind.returned_message_id = kind.returned_message_id.take().or(id);
        }
        "text/calendar" | "application/ics" => calendar(leaf, kind),
        "application/tlsrpt+gzip" | "application/tlsrpt+json" => {
            kind.is_aggregate_report = true;
            kind.evidence.push("a TLS report".to_owned());
        }
        _ => {}
    }
}

/// The method stands in the content type or, with many programs, only in the calendar itself.
fn calendar(leaf: &Leaf<'_>, kind: &mut Kind) {
    let text = String::from_utf8_lossy(leaf.head);
    let line = text.lines().find_map(|line| line.strip_prefix("METHOD:")).unwrap_or_default();
    let method = if leaf.method.is_empty() { line.trim().to_ascii_lowercase() } else { leaf.method.clone() };
    if ["reply", "counter", "cancel", "declinecounter"].contains(&method.as_str()) {
        kind.is_calendar_answer = true;
        kind.evidence.push(format!("a calendar with method {method}"));
    }
}

/// Complaints that are not in the form of RFC 5965: the loops of Microsoft.
fn complaint(seen: &Seen<'_>, kind: &mut Kind) {
    let field = "x-hmxmroriginalrecipient";
    let jmrp = seen.header(field).is_some() || returned_header(seen).iter().any(|known| known.name == field);
    let from = seen.from.map(|from| from.address.to_ascii_lowercase()).unwrap_or_default();
    if jmrp
        || from == "staff@hotmail.com"
            && seen.subject.to_ascii_lowercase().starts_with("complaint about message")
    {
        kind.is_feedback_report = true;
        kind.evidence.push("a complaint in Microsoft's form".to_owned());
    }
}

fn receipt(seen: &Seen<'_>, kind: &mut Kind) {
    let subject = squeezed(seen.subject);
    let starts = RECEIPTS.iter().find(|start| subject.starts_with(**start));
    let says = || {
        let text = squeezed(&seen.text[..seen.text.floor_char_boundary(2000)]);
        RECEIPT_PHRASES.iter().any(|phrase| text.contains(phrase))
    };
    if let Some(start) = starts.filter(|_| !kind.is_report && says()) {
        kind.is_read_receipt = true;
        kind.evidence.push(format!("a receipt: the subject begins with \"{start}\""));
    }
}

/// `example.net!example.com!1767225600!1767311999.xml.gz`, or the subject that RFC 7489 asks for.
fn summary(seen: &Seen<'_>, kind: &mut Kind) {
    let subject = seen.subject.to_ascii_lowercase();
    let named = |leaf: &Leaf<'_>| {
        let name = leaf.filename.to_ascii_lowercase();
        let kinds = [".xml.gz", ".zip", ".xml", ".gz", ".json.gz", ".json"];
        name.split('!').count() >= 4 && kinds.iter().any(|kind| name.ends_with(kind))
    };
    let packed = |leaf: &Leaf<'_>| leaf.media.ends_with("zip") || leaf.media.ends_with("xml");
    let asked = subject.contains("report domain:") && subject.contains("submitter:");
    let tls =
        seen.reports.iter().any(|report| report == "tlsrpt") || seen.header("tls-report-domain").is_some();
    if seen.leaves.iter().any(named) || asked && seen.leaves.iter().any(packed) || tls {
        kind.is_aggregate_report = true;
        kind.evidence.push("a summary for the owner of a domain".to_owned());
    }
}

/// The header of the mail that came back, whole or alone.
pub(super) fn returned_header(seen: &Seen<'_>) -> Vec<Field> {
    let heads = seen.leaves.iter().filter(|leaf| RETURNED.contains(&leaf.media));
    heads.map(|leaf| header_of(leaf.head)).find(|header| !header.is_empty()).unwrap_or_default()
}
