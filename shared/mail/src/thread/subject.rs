//! Subjects without what replies and forwards put before them.

use crate::{
    Mail,
    languages::{self, Words},
};

/// Reply and forward prefixes of mail programs, in lower case. `VS` is a forward in Danish and a reply in Finnish, so
/// nothing is made of which it is.
static PREFIXES: Words = Words::new(|| languages::words("subject", "left out"));

/// Prefixes that are ordinary words or lists too: stripped only from an answer.
static LETTERS: Words = Words::new(|| languages::words("subject", "left out of answers"));

/// Of a subject that is looked at, bytes.
const MAX_SUBJECT: usize = 2000;

/// A subject for comparing: prefixes and their counters stripped, blanks as one, in lower case. `is_answer` says that
/// something else shows that the mail answers another; only then are single letters prefixes (`R: Printer`).
pub fn normalised(subject: &str, is_answer: bool) -> String {
    let mut rest: String = subject[..subject.floor_char_boundary(MAX_SUBJECT)].chars().map(narrow).collect();
    rest = rest.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let mut tags = String::new();
    let mut left = rest.as_str();
    loop {
        // The name of a list stays, and the prefix behind it goes: `[printers] Re: Which?`.
        if let Some(len) = tag_len(left) {
            let (tag, behind) = left.split_at(len);
            if stripped(behind.trim_start(), is_answer).is_none() && tag_len(behind.trim_start()).is_none() {
                break;
            }
            if !tags.contains(tag) {
                tags.push_str(tag);
                tags.push(' ');
            }
            left = behind.trim_start();
        } else if let Some(behind) = stripped(left, is_answer) {
            left = behind;
        } else {
            break;
        }
    }
    while let Some(before) = left.strip_suffix("(fwd)") {
        left = before.trim_end();
    }
    let whole = if left.starts_with(tags.trim()) { left.to_owned() } else { format!("{tags}{left}") };
    whole.trim().to_owned()
}

/// The normalised subject of a mail's conversation: Outlook's `Thread-Topic`, else the subject.
pub fn conversation_subject(mail: &Mail) -> String {
    let topic = mail.header("thread-topic").find(|topic| !topic.trim().is_empty());
    normalised(topic.unwrap_or(&mail.subject), is_answer(mail))
}

/// Whether a mail says that it answers another.
pub fn is_answer(mail: &Mail) -> bool {
    !mail.in_reply_to.is_empty() || !mail.references.is_empty()
}

/// `[printers]` at the start of a subject.
fn tag_len(text: &str) -> Option<usize> {
    let end = text.strip_prefix('[')?.find(']')? + 2;
    (end <= 80).then_some(end)
}

/// A subject without its first prefix.
fn stripped(text: &str, is_answer: bool) -> Option<&str> {
    let letters = LETTERS.iter().filter(|_| is_answer);
    let prefixes = PREFIXES.iter().chain(letters).filter_map(|prefix| text.strip_prefix(*prefix));
    prefixes.filter_map(behind_colon).next()
}

/// What stands behind a counter and a colon: `[2]:`, `(3):`, `^2:`, `*2:`, `2:`, `.:`.
fn behind_colon(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['.', ' ']);
    let opened = text.trim_start_matches(['[', '(', '^', '*', ' ']);
    let counted = opened.trim_start_matches(|c: char| c.is_ascii_digit());
    let has_counter = counted.len() < opened.len() && opened.len() - counted.len() <= 3;
    let text = if has_counter { counted.trim_start_matches([']', ')', ' ']) } else { text };
    text.strip_prefix(':').map(str::trim_start)
}

/// Full-width forms as their ASCII letters.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '﹕' | '︰' => ':',
        '\u{3000}' | '\u{a0}' => ' ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_go() {
        for subject in [
            "Printer",
            "Re: Printer",
            "RE:RE: Printer",
            "AW: WG: Printer",
            "Re[2]: Printer",
            "Re (3): Printer",
            "Re^2: Printer",
            "Re＾2： Printer",
            "ＲＥ：Printer",
            "Fwd: Re: Printer",
            "TR : Printer",
            "RE : RE : Printer",
            "SV: VS: Printer",
            "回复：Printer",
            "答复: Printer",
            "返信: Printer",
            "転送：Printer",
            "답장: Printer",
            "Ответ: Printer",
            "YNT: İLT: Printer",
            "Vá: Printer",
            "ATB: Odp: Printer",
            "Doorst: Antw: Printer",
            "RES: ENC: Printer",
            "RIF: Printer",
            "Redir.: Printer",
            "  re :  printer ",
            "Printer (fwd)",
            "Re: Printer (fwd)",
            "Re*2: Printer",
            "PD: Printer",
            "RV: Printer",
            "FW:FW:printer",
        ] {
            assert_eq!(normalised(subject, false), "printer", "{subject}");
        }
    }

    #[test]
    fn words_stay() {
        for (subject, is_answer, expected) in [
            ("R: Printer", false, "r: printer"),
            ("R: Printer", true, "printer"),
            ("I: Printer", true, "printer"),
            ("Reminder: Printer", true, "reminder: printer"),
            ("Red: Printer", true, "red: printer"),
            ("Re Printer", true, "re printer"),
            ("Retour 2: x", true, "retour 2: x"),
            ("Re: ", true, ""),
            ("[Printers] Re: Which one?", false, "[printers] which one?"),
            ("Re: [Printers] Which one?", false, "[printers] which one?"),
            ("Re: [Printers] Re: [Printers] Which one?", false, "[printers] which one?"),
            ("[SUP-42] Printer", false, "[sup-42] printer"),
            ("Error 550: no", true, "error 550: no"),
        ] {
            assert_eq!(normalised(subject, is_answer), expected, "{subject}");
        }
    }
}
