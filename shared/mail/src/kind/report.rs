//! multipart/report: delivery status (RFC 3464), disposition (RFC 8098), feedback (RFC 5965).

use crate::structure::{Field, header_of};

use super::{Kind, Seen, message_id};

/// Groups of fields in a delivery status: one per recipient.
const MAX_GROUPS: usize = 200;

pub(super) fn look(seen: &Seen<'_>, kind: &mut Kind) {
    kind.is_report = seen.media == "multipart/report";
    if kind.is_report {
        kind.evidence.push(format!("content-type: multipart/report; report-type={}", seen.report_type));
    }
    for (media, head) in &seen.leaves {
        match *media {
            "message/delivery-status" | "message/global-delivery-status" => status(head, kind),
            "message/feedback-report" => {
                kind.is_feedback_report = true;
                kind.evidence.push("a message/feedback-report part".to_owned());
            }
            "message/disposition-notification" | "message/global-disposition-notification" => {
                let original = field(&header_of(head), "original-message-id");
                kind.returned_message_id = kind.returned_message_id.take().or(original.map(|id| trim(&id)));
            }
            _ => {}
        }
    }
    kind.is_feedback_report |= kind.is_report && seen.report_type == "feedback-report";
    if kind.is_report || kind.is_bounce {
        returned(seen, kind);
    }
}

/// The mail that came back, whole or its header.
pub(super) fn returned(seen: &Seen<'_>, kind: &mut Kind) {
    if kind.returned_message_id.is_some() {
        return;
    }
    let returned = [
        "message/rfc822",
        "message/global",
        "text/rfc822-headers",
        "message/rfc822-headers",
        "message/global-headers",
    ];
    let heads = seen.leaves.iter().filter(|(media, _)| returned.contains(media));
    kind.returned_message_id = heads.filter_map(|(_, head)| message_id(&header_of(head))).next();
}

/// A delivery status: groups of fields, the first about the mail, the others about one recipient each.
fn status(head: &[u8], kind: &mut Kind) {
    let mut failed = false;
    for group in groups(head) {
        let action = field(&group, "action").unwrap_or_default().to_ascii_lowercase();
        let code = field(&group, "status").and_then(|status| code(&status));
        let recipient = field(&group, "final-recipient").or_else(|| field(&group, "original-recipient"));
        let Some(recipient) = recipient else { continue };
        let bad = match action.split_whitespace().next().unwrap_or_default() {
            "failed" | "delayed" => true,
            "delivered" | "relayed" | "expanded" => false,
            _ => code.as_ref().is_some_and(|code| code.starts_with(['4', '5'])),
        };
        if !bad {
            continue;
        }
        failed = true;
        once(&mut kind.bounced_recipients, address(&recipient));
        if let Some(code) = code {
            once(&mut kind.bounce_statuses, code);
        }
    }
    if failed {
        kind.is_bounce = true;
        kind.evidence.push("a delivery status of a failure or delay".to_owned());
    }
}

fn groups(head: &[u8]) -> Vec<Vec<Field>> {
    let mut groups = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in head.split_inclusive(|b| *b == b'\n') {
        let end = at + line.len();
        if line.trim_ascii().is_empty() {
            groups.push(header_of(&head[start..at]));
            start = end;
        }
        at = end;
        if groups.len() >= MAX_GROUPS {
            break;
        }
    }
    groups.push(header_of(&head[start..at]));
    groups
}

fn field(fields: &[Field], name: &str) -> Option<String> {
    let field = fields.iter().find(|field| field.name == name)?;
    let mut ignored = crate::defect::Defects::default();
    Some(crate::decode::words::decode(&field.raw, &mut ignored)).filter(|value| !value.is_empty())
}

/// `rfc822; jane@example.com` as an address.
fn address(value: &str) -> String {
    let address = value.split_once(';').map_or(value, |(_, address)| address);
    trim(address.split_whitespace().next().unwrap_or_default())
}

fn trim(value: &str) -> String {
    value.trim().trim_matches(['<', '>', '"', ';']).to_owned()
}

/// The code at the start of a status: `5.1.1 (bad address)`.
pub(super) fn code(value: &str) -> Option<String> {
    let code =
        value.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default().trim_matches('.');
    let mut numbers = code.split('.');
    let class = matches!(numbers.next(), Some("2" | "4" | "5"));
    let others = numbers.clone().count() == 2 && numbers.all(|n| (1..=3).contains(&n.len()));
    (class && others).then(|| code.to_owned())
}

pub(super) fn once(list: &mut Vec<String>, value: String) {
    if !value.is_empty() && !list.iter().any(|known| known.eq_ignore_ascii_case(&value)) {
        list.push(value);
    }
}
