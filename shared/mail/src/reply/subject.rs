//! Whether a subject says that the mail is a forward or an answer.

use crate::languages::{self, Words};

/// Prefixes of forwards, in lower case.
static FORWARD: Words = Words::new(|| languages::words("subject", "forward"));
/// Prefixes of answers, in lower case.
static ANSWER: Words = Words::new(|| languages::words("subject", "answer"));

fn prefix(subject: &str) -> Option<String> {
    let mut rest = subject.trim_start();
    // Old programs wrote [Fwd: x].
    if rest.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("[fwd:")) {
        return Some("fwd".to_owned());
    }
    // [EXTERNAL] and list names.
    while let Some((_, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        rest = after.trim_start();
    }
    let (prefix, _) = rest.split_once([':', '：'])?;
    (prefix.len() <= 40).then(|| {
        prefix.trim_end_matches(|c: char| c.is_ascii_digit() || "[]()^＾* ".contains(c)).to_lowercase()
    })
}

/// A subject without the prefixes of answers and forwards.
pub(super) fn base(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((_, after)) = rest.split_once([':', '：']).filter(|_| {
        prefix(rest)
            .is_some_and(|prefix| ANSWER.contains(&prefix.as_str()) || FORWARD.contains(&prefix.as_str()))
    }) {
        rest = after.trim_start();
    }
    rest
}

/// Whether a subject in a text is that of the mail, whose base is `base`.
pub(super) fn is_same(said: &str, of_mail: &str) -> bool {
    of_mail.chars().count() >= 3 && base(said) == of_mail
}

/// Whether the subject begins as a forward. `VS` forwards in Danish and Norwegian, and answers in Finnish: `text` tells.
pub(crate) fn is_forward(subject: &str, text: &str) -> bool {
    prefix(subject)
        .is_some_and(|prefix| FORWARD.contains(&prefix.as_str()) || prefix == "vs" && text.contains("Fra:"))
}

/// Whether the subject begins as an answer.
pub(crate) fn is_answer(subject: &str) -> bool {
    prefix(subject).is_some_and(|prefix| ANSWER.contains(&prefix.as_str()))
}

/// Whether a subject says that a person answers or sends on another mail.
pub(crate) fn is_answer_or_forward(subject: &str) -> bool {
    is_answer(subject) || is_forward(subject, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects() {
        for subject in
            ["Fwd: x", "[Fwd: x]", "WG: AW: x", "[EXTERNAL] FW: x", "Fwd[2]: x", "轉寄：x", "TR : x"]
        {
            assert!(is_forward(subject, ""), "{subject}");
        }
        for subject in ["Re: Fwd: x", "x", "Form: x", "AW: WG: x", ""] {
            assert!(!is_forward(subject, ""), "{subject}");
        }
        assert!(is_forward("VS: x", "Fra: y") && !is_forward("VS: x", "Lähettäjä: y"));
        assert!(
            is_answer("RE: x") && is_answer("Re[3]: x") && is_answer("回复：x") && !is_answer("Printer: x")
        );
    }
}
