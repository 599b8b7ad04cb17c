//! Automatic replies and list mail.

use super::{Kind, Seen};

/// Subjects that programs put before their absence notices. In lower case.
const SUBJECTS: [&str; 30] = [
    "automatic reply",
    "auto reply",
    "autoreply",
    "auto-reply",
    "auto response",
    "auto-response",
    "autoresponse",
    "out of office",
    "out of the office",
    "out-of-office",
    "automatische antwort",
    "abwesenheit",
    "abwesend",
    "réponse automatique",
    "absence du bureau",
    "respuesta automática",
    "fuera de la oficina",
    "risposta automatica",
    "fuori sede",
    "resposta automática",
    "automatisch antwoord",
    "afwezig",
    "autosvar",
    "automatiskt svar",
    "automatická odpověď",
    "odpowiedź automatyczna",
    "автоматический ответ",
    "自動応答",
    "自动回复",
    "自動回覆",
];

/// Fields that only answering machines set.
const FIELDS: [&str; 7] = [
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-autoreply-from",
    "x-vacation",
    "x-mail-autoreply",
];

/// Fields of mailing lists.
const LIST_FIELDS: [&str; 5] = ["list-id", "list-post", "mailing-list", "x-mailing-list", "x-beenthere"];

pub(super) fn look(seen: &Seen<'_>, kind: &mut Kind) {
    for name in LIST_FIELDS {
        if let Some(value) = seen.header(name).filter(|value| !value.is_empty()) {
            kind.is_list_mail = true;
            kind.evidence.push(format!("{name}: {value}"));
        }
    }
    let precedence = seen.header("precedence").unwrap_or_default().trim().to_ascii_lowercase();
    if precedence == "list" {
        kind.is_list_mail = true;
        kind.evidence.push("precedence: list".to_owned());
    }
    if kind.is_bounce || kind.is_report {
        return;
    }
    let evidence = auto_reply(seen, &precedence);
    kind.is_auto_reply = !evidence.is_empty();
    kind.evidence.extend(evidence);
}

/// `auto-generated` alone is a notice (a monitor, a shop), which is not an answer; so is Exchange's wish not to be
/// answered.
fn auto_reply(seen: &Seen<'_>, precedence: &str) -> Vec<String> {
    let mut evidence = Vec::new();
    let submitted = seen.header("auto-submitted").unwrap_or_default().to_ascii_lowercase();
    if submitted.trim_start().starts_with("auto-replied") {
        evidence.push("auto-submitted: auto-replied".to_owned());
    }
    for name in FIELDS {
        if seen.header(name).is_some_and(|value| !value.trim().eq_ignore_ascii_case("no")) {
            evidence.push(format!("{name} is set"));
        }
    }
    if matches!(precedence, "auto_reply" | "auto-reply") {
        evidence.push(format!("precedence: {precedence}"));
    }
    if seen.header("delivered-to").is_some_and(|value| value.trim().eq_ignore_ascii_case("autoresponder")) {
        evidence.push("delivered-to: autoresponder".to_owned());
    }
    let subject = seen.subject.to_lowercase();
    if let Some(start) = SUBJECTS.iter().find(|start| subject.starts_with(**start)) {
        evidence.push(format!("the subject begins with \"{start}\""));
    }
    evidence
}
