//! Lines between what is new and an older mail.

use memchr::memmem;

use crate::{
    languages::{self, Words},
    text::bare,
};

/// What a dividing line says of the text below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Divider {
    /// It is an older mail.
    Original,
    /// It is a forwarded mail.
    Forwarded,
    /// Answers are written above.
    AnswerAbove,
}

/// Between dashes, before an original mail, in lower case.
static ORIGINAL: Words = Words::new(|| languages::words("divider", "original"));

/// Before a forwarded mail, in lower case: between dashes, or alone and with a colon.
static FORWARDED: Words = Words::new(|| languages::words("divider", "forwarded"));

/// Helpdesks ask for answers above such a line, in lower case.
static ABOVE: Words = Words::new(|| languages::words("divider", "answer above"));

/// Longer lines are text.
const MAX_LINE: usize = 240;
/// Bytes of a heading with its marks.
const MAX_MARKED: usize = 100;
/// Bytes of a heading.
const MAX_HEADING: usize = 48;

/// What a line divides, if it does.
pub(super) fn divider(line: &str) -> Option<Divider> {
    let line = unglued(line);
    if line.len() > MAX_LINE {
        return None;
    }
    let line = bare(line);
    let line = line.trim().trim_start_matches(['>', ' ', '*']).trim_end_matches(['*', ' ']);
    let dashed = DASHES.iter().any(|dashes| line.starts_with(dashes));
    let open = line.ends_with([':', '：']);
    if !dashed && !open && memmem::find(line.as_bytes(), b"##").is_none() && !has_many_bytes(line) {
        return None;
    }
    let sign = |c: char| {
        matches!(
            c,
            '-' | '_'
                | '='
                | '*'
                | ' '
                | '#'
                | '~'
                | '\u{2013}'
                | '\u{2014}'
                | '\u{2500}'
                | 'ー'
                | '＊'
                | '\u{A0}'
                | '['
                | ']'
                | '<'
        )
    };
    let inner = line.trim_matches(sign).trim_end_matches([':', '：', ' ', '\u{A0}']);
    let lower = inner.to_lowercase();
    let starts = |words: &Words| words.iter().any(|one| lower.starts_with(one));
    let equals = |words: &Words| words.contains(&lower.as_str());
    let closed = DASHES.iter().any(|dashes| line.ends_with(dashes));
    if (dashed || closed || has_many_bytes(line)) && starts(&ABOVE) {
        return Some(Divider::AnswerAbove);
    }
    if open && equals(&FORWARDED)
        || dashed && (equals(&FORWARDED) || starts(&FORWARDED) && (closed || dated(inner)))
    {
        return Some(Divider::Forwarded);
    }
    (dashed && (equals(&ORIGINAL) || starts(&ORIGINAL) && closed)).then_some(Divider::Original)
}

/// A divider without the header lines that Samsung's program glues to it.
fn unglued(line: &str) -> &str {
    let Some(inner) = line.strip_prefix("---").map(|rest| rest.trim_start_matches('-')) else { return line };
    let Some((words, rest)) = inner.split_once("---").filter(|(words, _)| words.len() <= MAX_LINE) else {
        return line;
    };
    let rest = rest.trim_start_matches('-');
    let labelled = || rest.chars().take(40).any(|c| matches!(c, ':' | '：'));
    let end = line.len() - rest.len();
    if words.contains(char::is_alphabetic) && !rest.is_empty() && labelled() { &line[..end] } else { line }
}

/// Words for mails, answers and what was before: one of them stands in what programs write between dashes above an
/// older mail, whatever else they write there.
static NOUNS: Words = Words::new(|| languages::words("divider", "mail"));

/// The words between dashes, if they are one to four and nothing else.
fn words_between(line: &str) -> Option<String> {
    let inner = line.trim().strip_prefix("----")?.strip_suffix("----")?;
    let words = inner.trim_matches(['-', ' ', '\u{A0}', '*']);
    let count = words.split_whitespace().count();
    let plain = !words.contains(|c: char| c.is_numeric() || matches!(c, '-' | '|' | ':' | '.'));
    let ends = ["BEGIN ", "END "].iter().any(|word| words.starts_with(word));
    ((1..=4).contains(&count) && plain && !ends).then(|| words.to_lowercase())
}

/// Whether a line is one that divides, in whatever words.
pub(super) fn is_unknown(line: &str) -> bool {
    words_between(unglued(line)).is_some()
}

/// Whether its words say that a mail or an answer follows.
pub(super) fn names_mail(line: &str) -> bool {
    words_between(unglued(line)).is_some_and(|words| NOUNS.iter().any(|noun| words.contains(noun)))
}

/// Whether a line is a rule of any length.
pub(super) fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && line.bytes().all(|b| matches!(b, b'-' | b'_' | b'=' | b'*'))
}

/// Headings of forums and helpdesks above earlier answers, in lower case.
static EARLIER: Words = Words::new(|| languages::words("divider", "earlier"));

/// Whether a line is such a heading, perhaps in bold. One of a single word needs its marks.
pub(super) fn is_earlier(line: &str) -> bool {
    let line = line.trim();
    let is_mark = |c: char| matches!(c, '*' | '_' | '#' | '=' | '-' | ' ' | ':');
    let marked = || line.starts_with(is_mark) || line.ends_with(is_mark);
    if line.len() > MAX_MARKED || line.len() > MAX_HEADING && !marked() {
        return false;
    }
    let heading = line.trim_matches(is_mark);
    let marked = heading.len() < line.trim_end_matches(':').len();
    heading.len() <= MAX_HEADING
        && EARLIER.contains(&heading.to_lowercase().as_str())
        && (marked || heading.contains(' ') || !heading.is_ascii())
}

const DASHES: [&str; 8] = ["--", "__", "==", "##", "—", "––", "──", "~~"];

/// Marks that nobody writes otherwise: `##- ... -##`, `=-=-= ... =-=-=`, `[[ ... ]]`.
fn has_many_bytes(line: &str) -> bool {
    line.starts_with(['#', '=', '-', '~', '*', '[', '<'])
        && line.ends_with(['#', '=', '-', '~', '*', ']', '>'])
}

/// Notes and mutt name the sender and the date in the line.
fn dated(inner: &str) -> bool {
    inner.contains('@')
        || inner.chars().filter(char::is_ascii_digit).count() >= 4
        || inner.to_lowercase().starts_with("forwarded message from")
}

/// Whether a line of dashes around words is one that a program wrote, in whatever language.
pub(super) fn is_dashed(line: &str) -> bool {
    let line = bare(line);
    let line = line.trim();
    line.len() <= MAX_LINE
        && line.starts_with("------")
        && line.ends_with("------")
        && line.contains(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::Language;

    #[test]
    fn every_phrase_is_known() {
        let languages = |key| {
            let says = |language: &&Language| language.words("divider", key).next().is_some();
            languages::all().iter().filter(says).count()
        };
        assert!(languages("original") >= 40 && languages("forwarded") >= 45);
        for phrase in &*ORIGINAL {
            for line in [
                format!("-----{phrase}-----"),
                format!("-------- {phrase} --------"),
                format!("> ----- {phrase} -----"),
            ] {
                assert_eq!(divider(&line), Some(Divider::Original), "{line}");
            }
        }
        for phrase in &*FORWARDED {
            for line in [format!("---------- {phrase} ---------"), format!("{phrase}:")] {
                assert_eq!(divider(&line), Some(Divider::Forwarded), "{line}");
            }
        }
        for phrase in &*ABOVE {
            for line in
                [format!("##- {phrase} -##"), format!("-- {phrase} --"), format!("=-=-=-= {phrase} =-=-=-=")]
            {
                assert_eq!(divider(&line), Some(Divider::AnswerAbove), "{line}");
            }
        }
    }

    #[test]
    fn forms_of_programs() {
        for line in [
            "----- Forwarded message from Jane Doe <jane@example.com> -----",
            "----- Forwarded by Jane Doe/Example on 05/01/2026 12:34 -----",
            "Début du message réexpédié :",
            "-------------------- Start of forwarded message --------------------",
        ] {
            assert_eq!(divider(line), Some(Divider::Forwarded), "{line}");
        }
        for line in [
            "------------------ 原始邮件 ------------------",
            "*-----Original Message-----*",
            "------------------ Original ------------------",
            "-----Ursprüngliche Nachricht-----",
        ] {
            assert_eq!(divider(line), Some(Divider::Original), "{line}");
        }
    }

    #[test]
    fn ordinary_lines_are_none() {
        for line in [
            "The original message is below:",
            "Original message",
            "-----",
            "- original",
            "--",
            "| --- | --- |",
            "Forwarded message",
            "-- original thinking by Jane",
        ] {
            assert_eq!(divider(line), None, "{line}");
        }
    }
}
