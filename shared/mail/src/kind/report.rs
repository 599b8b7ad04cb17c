//! Reports with a form of their own: abuse (RFC 5965), summaries of mail servers (RFC 7489, RFC 8460), and what a
//! multipart/report (RFC 6522) says of itself.

use crate::{
    decode::{ids, words},
    reply::is_answer_or_forward,
    structure::{Field, header_of},
};

use super::{
    bounce::opening::greets_or_asks,
    kinds::Kind,
    seen::{Leaf, Seen},
    verdict::{self, Verdict},
    writer::{Sender, Writer},
};

/// Content types of a returned mail or its header.
const RETURNED: [&str; 6] = [
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "text/rfc822-header",
    "message/rfc822-headers",
    "message/global-headers",
];

pub(super) fn look(seen: &Seen<'_>, writer: &Writer, kind: &mut Kind) {
    for (n, report) in seen.reports.iter().enumerate() {
        let outermost = seen.is_report && n == 0;
        let whole = outermost && (writer.is_machine() || seen.leaves.iter().any(|leaf| is_of(leaf, report)));
        verdict::add(
            &mut kind.report,
            Verdict::certain_if(whole, format!("a multipart/report of type {report}")),
        );
    }
    if let Some(found) = abuse(seen, writer) {
        verdict::add(&mut kind.feedback_report, found);
    }
    if let Some(found) = complaint(seen) {
        verdict::add(&mut kind.feedback_report, found);
    }
    kind.aggregate_report = summary(seen, writer);
    if kind.report.is_some() {
        kind.returned_message_id = id_of(&returned_header(seen), "message-id");
    }
}

/// Whether a part is the one for machines of a report of this type, where persons send reports as well.
fn is_of(leaf: &Leaf<'_>, report: &str) -> bool {
    let of_type = leaf.media.strip_prefix("message/").map(|name| name.trim_start_matches("global-"));
    of_type == Some(report) && matches!(report, "disposition-notification" | "feedback-report")
        || report == "tlsrpt" && leaf.media.starts_with("application/tlsrpt")
}

fn is_of_type(seen: &Seen<'_>, report: &str) -> bool {
    seen.is_report && seen.reports.first().is_some_and(|first| first == report)
}

/// A file that somebody sends with a question is none.
fn abuse(seen: &Seen<'_>, writer: &Writer) -> Option<Verdict> {
    let is_whole = is_of_type(seen, "feedback-report");
    let has_part = seen.leaves.iter().any(|leaf| leaf.media == "message/feedback-report");
    let counts = is_whole || has_part && (writer.is_unmanned() || !seen.has_own_text());
    counts.then(|| Verdict::certain_if(is_whole && has_part, "an abuse report"))
}

/// Complaints that are not in the form of RFC 5965: the loops of Microsoft.
fn complaint(seen: &Seen<'_>) -> Option<Verdict> {
    let field = "x-hmxmroriginalrecipient";
    let from = seen.from.map(|from| from.address.to_ascii_lowercase()).unwrap_or_default();
    let asked = seen.subject.to_ascii_lowercase().starts_with("complaint about message");
    let returned = returned_header(seen);
    let marked = seen.header(field).is_some() || returned.iter().any(|known| known.name == field);
    let by_staff = from.starts_with("staff@") && asked;
    let sign = "a complaint in Microsoft's form";
    let is_own = || from == "staff@hotmail.com" || !seen.has_own_text();
    let of_file = marked && (asked || !seen.has_own_text());
    (by_staff && (marked || from == "staff@hotmail.com") || of_file)
        .then(|| Verdict::certain_if(by_staff && marked && !returned.is_empty() && is_own(), sign))
}

/// `example.net!example.com!1767225600!1767311999.xml.gz` with the subject that RFC 7489 (section 7.2.1.1) asks for, from
/// an address that sends nothing else.
fn summary(seen: &Seen<'_>, writer: &Writer) -> Option<Verdict> {
    let subject = seen.subject.to_ascii_lowercase();
    let named = seen.leaves.iter().any(is_summary);
    let packed = |leaf: &Leaf<'_>| leaf.media.ends_with("zip") || leaf.media.ends_with("xml");
    let untagged = subject.rsplit("] ").next().unwrap_or_default();
    let asked = untagged.starts_with("report domain:") && untagged.contains("submitter:");
    let has_tls = seen.leaves.iter().any(|leaf| leaf.media.starts_with("application/tlsrpt"));
    let is_tls = is_of_type(seen, "tlsrpt") || seen.header("tls-report-domain").is_some();
    if is_tls {
        return Some(Verdict::certain_if(has_tls && !by_person(seen), "a TLS report"));
    }
    let has_file = named || has_tls || asked && seen.leaves.iter().any(packed);
    // What follows looks at all the text; most mails have no such file.
    if !has_file {
        return None;
    }
    let by_machine = writer.is_unmanned() || !seen.has_own_text();
    if by_person(seen) && seen.has_own_text() || !(by_machine || named && asked) {
        return None;
    }
    // Who greets or asks is a person, whatever their program made of the subject.
    if writer.sender == Sender::Ordinary && !is_office(seen) && greets_or_asks(seen.text) {
        return None;
    }
    let office = matches!(writer.sender, Sender::Daemon | Sender::Unattended) || is_office(seen);
    let office = office || seen.leaves.iter().any(|leaf| is_summary(leaf) && is_by(&leaf.filename, seen));
    let certain = named && asked && !by_person(seen) && (office || writer.is_server());
    Some(Verdict::certain_if(certain, "a summary for the owner of a domain"))
}

fn by_person(seen: &Seen<'_>) -> bool {
    is_answer_or_forward(seen.subject)
}

fn is_summary(leaf: &Leaf<'_>) -> bool {
    let name = leaf.filename.to_ascii_lowercase();
    let kinds = [".xml.gz", ".zip", ".xml", ".gz", ".json.gz", ".json"];
    name.split('!').count() >= 4 && kinds.iter().any(|kind| name.ends_with(kind))
}

/// Whether the sender's address is one from which summaries come, and nothing else.
fn is_office(seen: &Seen<'_>) -> bool {
    let address = seen.from.map(|from| from.address.to_ascii_lowercase()).unwrap_or_default();
    let local = address.split('@').next().unwrap_or_default();
    ["dmarc", "report", "tls"].iter().any(|part| local.contains(part))
}

/// Whether a summary by its name is of the postmaster's own domain: `example.net!example.com!…`
fn is_by(filename: &str, seen: &Seen<'_>) -> bool {
    let address = seen.from.map(|from| from.address.to_ascii_lowercase()).unwrap_or_default();
    let receiver = filename.split('!').next().unwrap_or_default().to_ascii_lowercase();
    address.split_once('@').is_some_and(|(local, domain)| local == "postmaster" && domain == receiver)
}

/// The header of the mail that came back, whole or alone.
pub(super) fn returned_header(seen: &Seen<'_>) -> Vec<Field> {
    let heads = seen.leaves.iter().filter(|leaf| is_returned(leaf));
    heads.map(|leaf| header_of(leaf.head)).find(|header| !header.is_empty()).unwrap_or_default()
}

/// Whether a part is a mail or the header of one, such as the one that came back.
pub(super) fn is_returned(leaf: &Leaf<'_>) -> bool {
    RETURNED.contains(&leaf.media)
}

/// The first id in the field of this name of an attached header block.
pub(super) fn id_of(fields: &[Field], name: &str) -> Option<String> {
    let field = fields.iter().find(|field| field.name == name)?;
    ids::id(&words::unfold(&field.raw))
}
