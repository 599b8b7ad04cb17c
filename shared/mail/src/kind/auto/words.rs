//! What the texts of automatic replies say, in lower case.

use super::super::squeezed;

/// Of the text that is searched for phrases, bytes.
const MAX_TEXT: usize = 600;

/// Programs say this of themselves.
pub(super) const SAID: &[&str] = &[
    "this is an automatic reply",
    "this is an automated reply",
    "this is an automatic response",
    "this is an automated response",
    "this is an auto-reply",
    "this is an autoreply",
    "this is an auto-response",
    "dies ist eine automatische antwort",
    "dies ist eine automatisch generierte antwort",
    "ceci est une réponse automatique",
    "esta es una respuesta automática",
    "este es un mensaje automático",
    "questa è una risposta automatica",
    "esta é uma resposta automática",
    "dit is een automatisch antwoord",
    "to jest automatyczna odpowiedź",
    "это автоматический ответ",
    "これは自動返信",
    "このメールは自動返信",
];

/// People say this of their absence, too: evidence only in an answer that a machine seems to have sent.
pub(super) const ABSENCES: &[&str] = &[
    "automatic reply",
    "automatic response",
    "auto-reply",
    "autoreply",
    "auto-responder",
    "autoresponder",
    "auto responder",
    "out of the office",
    "out of office",
    "away from the office",
    "away from my office",
    "auto reply",
    "auto response",
    "automated reply",
    "automated response",
    "vacation",
    "holiday",
    "absence",
    "on annual leave",
    "am away",
    "will be away",
    "abwesen",
    "urlaub",
    "ferien",
    "nicht im büro",
    "nicht im hause",
    "autoreaktion",
    "automatische antwort",
    "absent",
    "en congé",
    "vacances",
    "réponse automatique",
    "vacaciones",
    "fuera de la oficina",
    "respuesta automática",
    "ferie",
    "fuori ufficio",
    "risposta automatica",
    "férias",
    "fora do escritório",
    "resposta automática",
    "vakantie",
    "afwezig",
    "automatisch antwoord",
    "på semester",
    "lomalla",
    "na urlopie",
    "nieobecn",
    "na dovolené",
    "nepřítom",
    "szabadságon",
    "în concediu",
    "в отпуске",
    "автоответ",
    "у відпустці",
    "σε άδεια",
    "izindeyim",
    "tatildeyim",
    "不在",
    "休暇",
    "自動返信",
    "自動応答",
    "休假",
    "自动回复",
    "自動回覆",
    "휴가",
    "부재중",
];

/// What absence notices say of the end of an absence.
pub(super) const RETURNS: &[&str] = &[
    "will be back",
    "will return",
    "back in the office",
    "back on",
    "wieder da",
    "wieder im büro",
    "wieder erreichbar",
    "zurück am",
    "de retour",
    "de regreso",
    "de vuelta",
    "di ritorno",
    "de volta",
    "weer terug",
    "weer aanwezig",
    "tillbaka",
    "tilbage",
    "tilbake",
    "takaisin",
    "wracam",
    "вернусь",
    "буду на месте",
];

/// What a text says of an absence or of its end at its top.
pub(super) fn away(text: &str) -> Option<&'static str> {
    absence(text).or_else(|| find(text, RETURNS))
}

/// What a program says of itself at the top of a text.
pub(super) fn said(text: &str) -> Option<&'static str> {
    find(text, SAID)
}

/// What a text says of an absence at its top.
pub(super) fn absence(text: &str) -> Option<&'static str> {
    find(text, SAID).or_else(|| find(text, ABSENCES))
}

fn find(text: &str, table: &[&'static str]) -> Option<&'static str> {
    let top = squeezed(&text[..text.floor_char_boundary(MAX_TEXT)]);
    table.iter().copied().find(|phrase| top.contains(phrase))
}
