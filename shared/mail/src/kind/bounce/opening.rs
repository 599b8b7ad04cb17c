//! How a notice begins. A server's words stand first; a person greets, asks, and quotes them below.

use super::super::phrases::{squeezed, starts_with_word};
use crate::languages::{self, Words};

/// The longest greeting above the words of a server, bytes.
const MAX_GREETING: usize = 60;
/// The most lines in which a transcript begins.
const MAX_OPENING: usize = 4;
/// Of a notice that is searched for a person's words, bytes.
const MAX_TEXT: usize = 1500;

/// How greetings begin, of servers and of persons. In lower case.
static GREETINGS: Words = Words::new(|| languages::words("sentence", "greetings"));

/// Whether a server's phrase stands first in a text, but for a greeting. Both as the tables are written.
pub(super) fn opens(says: &str, phrase: &str) -> bool {
    let Some(at) = says.find(phrase) else { return false };
    let before = says[..at].trim_matches(|c: char| !c.is_alphanumeric() && c != ':' && c != '?');
    let greets = GREETINGS.iter().any(|greeting| before.starts_with(greeting)) || before.contains('@');
    before.is_empty()
        || before.len() <= MAX_GREETING && greets && !before.contains([':', '?']) && !before.contains(". ")
}

/// Whether a notice reads like a person's: it greets in a line of its own, or it asks.
pub(in crate::kind) fn greets_or_asks(notice: &str) -> bool {
    let top = &notice[..notice.floor_char_boundary(MAX_TEXT)];
    let first = own(top).map(squeezed).find(|line| !line.is_empty()).unwrap_or_default();
    let greets = GREETINGS.iter().any(|greeting| starts_with_word(&first, greeting));
    greets && first.len() <= MAX_GREETING || asks(top)
}

/// Whether a text asks something, outside of what it quotes.
pub(in crate::kind) fn asks(text: &str) -> bool {
    let asks = |word: &str| word.ends_with(['?', '؟']) || word.contains('？');
    own(&text[..text.floor_char_boundary(MAX_TEXT)]).any(|line| line.split_whitespace().any(asks))
}

fn own(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('>'))
}

/// Whether a notice begins with an error, and tells below to whom the mail was in the words of RFC 5321.
pub(super) fn is_transcript(notice: &str) -> bool {
    let mut top = notice.lines().map(str::trim).filter(|line| !line.is_empty()).take(MAX_OPENING);
    let starts_with_error = |line: &str| line.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("error"));
    let errs = top.clone().next().is_some_and(starts_with_error);
    let replies = top.any(is_reply);
    let names = |line: &str| {
        let line = line.trim_start().to_ascii_lowercase();
        line.contains("rcpt to") && line.contains('@')
    };
    (errs || replies) && notice.lines().any(is_reply) && notice.lines().any(names)
}

/// `550 5.1.1 User unknown`, also behind the mark of a session.
pub(super) fn is_reply(line: &str) -> bool {
    let line = line.trim_start_matches(['<', '>', ' ', '\t']).as_bytes();
    matches!(line, [b'4' | b'5', a, b, b' ' | b'-', ..] if a.is_ascii_digit() && b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_may_stand_above_the_words_of_a_server() {
        let phrase = "this is the mail system at host";
        for (before, first) in [
            ("", true),
            ("*** ", true),
            ("hi. ", true),
            ("hello jane@example.com, ", true),
            ("hello, i got this: ", false),
            ("fyi ", false),
            ("can you help? ", false),
        ] {
            assert_eq!(opens(&format!("{before}{phrase} mx."), phrase), first, "{before}");
        }
    }

    #[test]
    fn a_transcript_begins_with_an_error() {
        assert!(is_transcript(
            "Error: mailbox not found\n550 5.1.1 unknown\n\nMAIL FROM:<a@b>\nRCPT TO:<c@d.example>"
        ));
        assert!(!is_transcript("Hello,\n\nour server says\n\nmore\n\nand\n550 no\nRCPT TO:<c@d.example>"));
        assert!(!is_transcript("Error: no\nRCPT TO:<c@d.example>"));
    }
}
