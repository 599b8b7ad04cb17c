//! Signatures that are marked as such: by dashes, by mailing lists. What stands below dashes may as well be text.

use super::{
    header,
    mobile::{self, SCANNERS},
    sentence,
};
use crate::languages::{self, Words};

/// Lines below dashes that a signature has at most; more is text below a rule.
pub(super) const MAX_LINES: usize = 40;
/// Bytes of a signature in one line.
const MAX_SHORT: usize = 40;
/// Lines of a signature between two rules.
const MAX_BOXED: usize = 12;

/// `-- Jane`, all on one line with an empty line above.
pub(super) fn is_short(line: &str, above: &str) -> bool {
    let name = line.strip_prefix("-- ").filter(|name| name.len() <= MAX_SHORT && above.trim().is_empty());
    name.is_some_and(|name| name.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase()))
}

/// Whether a line is one of those that people and programs set above a signature, and people between paragraphs.
pub(super) fn is_mark(line: &str) -> bool {
    let line = line.trim_end();
    matches!(line, "--" | "---" | "—" | "–" | "- -" | "-- --" | "－－")
        || (2..10).contains(&line.len()) && line.bytes().all(|b| b == b'_')
}

/// What stands around a mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marked<'a> {
    pub(super) mark: &'a str,
    pub(super) above: &'a str,
    /// The lines below, to the end or to an older mail.
    pub(super) below: &'a [&'a str],
    /// An older mail follows.
    pub(super) older: bool,
    /// Above, the same mark parted paragraphs.
    pub(super) separates: bool,
    /// The sender's name.
    pub(super) author: &'a str,
}

/// Whether a signature stands below a mark.
pub(super) fn signs(marked: Marked) -> bool {
    let mark = marked.mark.trim();
    let below = unboxed(marked.below);
    let lines: Vec<&str> = below.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    let Some(first) = lines.first() else { return mark == "--" && marked.older };
    let table = |line: &str| line.starts_with(['|', '+']) || line.contains(" | ");
    if lines.len() > MAX_LINES || table(marked.above) && table(first) {
        return false;
    }
    let lower = first.to_lowercase();
    if mobile::is_mobile(first) || SCANNERS.iter().chain(&*FOOTERS).any(|start| lower.starts_with(start)) {
        return true;
    }
    let own = lines.iter().take(2).any(|line| is_of(line, marked.author)) && !is_text(first);
    if own || mark == "---" {
        return own;
    }
    let repeated = marked.separates || lines.iter().skip(1).any(|line| *line == mark);
    let contact = lines.iter().take(8).any(|line| is_contact(line));
    let text = lines.iter().take(if contact { 1 } else { 6 }).any(|line| is_text(line));
    let heads = !contact && first.ends_with([':', '：']);
    if repeated || text || heads || is_code(first) {
        return false;
    }
    let ruled =
        marked.below.iter().find(|line| !line.trim().is_empty()).is_some_and(|line| header::is_rule(line));
    let gap = !ruled && marked.below.first().is_some_and(|line| line.trim().is_empty());
    let closes = CLOSINGS.iter().any(|word| lower.starts_with(word)) && lines.len() <= 8;
    let named = sentence::is_name(first.split_whitespace()) && !first.contains(char::is_numeric);
    let parted = marked.above.trim().is_empty();
    match (mark == "--", parted && !gap) {
        // Small letters or numbers over several lines are as well a list or half a sentence.
        (true, true) => contact || closes || lines.len() == 1 || opens_as_name(first),
        (true, false) => {
            contact
                || closes
                || named && !gap
                || lines.len() == 1
                    && first.split_whitespace().count() <= 2
                    && !gap
                    && !first.contains(char::is_numeric)
        }
        (false, true) => contact || closes || named,
        (false, false) => contact || closes && !gap,
    }
}

/// Whether the first letter or number of a line is a letter that is not small.
fn opens_as_name(line: &str) -> bool {
    let first = line.chars().find(|c| c.is_alphanumeric());
    first.is_none_or(|c| c.is_alphabetic() && !c.is_lowercase())
}

/// Without a rule that boxes a signature in.
fn unboxed<'a, 'b>(below: &'a [&'b str]) -> &'a [&'b str] {
    let first = below.iter().position(|line| !line.trim().is_empty()).unwrap_or(0);
    let below = &below[first..];
    match below.first().filter(|line| header::is_rule(line)) {
        Some(rule) => {
            let inner = &below[1..];
            let end = inner.iter().position(|line| line.trim() == rule.trim()).unwrap_or(inner.len());
            &inner[..end]
        }
        None => below,
    }
}

/// Whether a short line holds a word of the sender's name.
fn is_of(line: &str, author: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
        words.filter(|word| word.len() >= 3).collect()
    };
    line.chars().count() <= 60 && {
        let author = words(author);
        words(line).iter().any(|word| author.contains(word))
    }
}

/// Whether a line is one of a text: a sentence, a question, the head of a list, an item.
fn is_text(line: &str) -> bool {
    let words = line.split_whitespace().count();
    let spaced = words >= 5 || words == 1 && line.chars().filter(|c| *c as u32 > 0x2E80).count() >= 8;
    let item = ["- ", "* ", "• "].iter().any(|bullet| line.starts_with(bullet))
        || line.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with([')', '.'])
            && line.starts_with(|c: char| c.is_ascii_digit());
    words >= 2 && (item || line.ends_with([':', '：', '?', '？']))
        || words >= 3 && line.starts_with(char::is_lowercase) && !is_contact(line)
        || spaced && line.ends_with(['.', '!', '…', '。', '！', '？'])
        || words >= 10 && !is_contact(line)
}

/// Whether a line says how to reach somebody, or names a firm.
fn is_contact(line: &str) -> bool {
    let lower = line.to_lowercase();
    let digits = line.chars().filter(char::is_ascii_digit).count();
    let number = digits >= 6 && line.chars().all(|c| !c.is_alphabetic() || line.contains(['+', ':', '|']));
    let few = line.split_whitespace().count() <= 6;
    // 10 kg are no firm.
    let is_firm = |word: &str| {
        (word.len() > 3 || word.contains(char::is_uppercase)) && FIRMS.contains(&&*word.to_lowercase())
    };
    let firm = || line.split(|c: char| !c.is_alphanumeric()).any(is_firm);
    number || few && (line.contains('@') || lower.contains("://") || lower.contains("www.") || firm())
}

/// Forms of firms.
const FIRMS: &[&str] = &[
    "ltd",
    "gmbh",
    "inc",
    "llc",
    "kg",
    "ag",
    "sarl",
    "sas",
    "bv",
    "nv",
    "oy",
    "ab",
    "aps",
    "srl",
    "spa",
    "ooo",
    "ооо",
    "株式会社",
    "plc",
    "corp",
    "limited",
];

fn is_code(line: &str) -> bool {
    const WORDS: &[&str] =
        &["CREATE", "INSERT", "SELECT", "UPDATE", "DELETE", "ALTER", "DROP", "SET", "BEGIN", "COMMIT", "USE"];
    let first = line.split(' ').next().unwrap_or_default();
    line.starts_with("--")
        || line.starts_with("```")
        || line.ends_with([';', '{', '}'])
        || WORDS.contains(&first)
}

/// How closings begin.
static CLOSINGS: Words = Words::new(|| languages::words("signature", "closings"));

/// How programs begin what they put below a mail.
static FOOTERS: Words = Words::new(|| languages::words("signature", "footers"));

/// What list servers put below a mail.
pub(super) fn footer(lines: &[&str]) -> bool {
    let line = lines[0].trim();
    let rule = line.len() >= 5 && line.bytes().all(|b| matches!(b, b'_' | b'-' | b'=' | b'*' | b'~'));
    if !rule && line != "-" || lines[1..].iter().take(25).count() > 24 {
        return false;
    }
    let near = || lines[1..].iter().map(|line| line.trim()).filter(|line| !line.is_empty()).take(4);
    let reaches = |line: &str| line.contains('@') || line.contains("://") || line.contains("www.");
    let any_reaches = near().any(reaches);
    near().any(|said| {
        let lower = said.to_lowercase();
        let named = LIST_WORDS.iter().any(|word| lower.contains(word));
        let short = said.split_whitespace().count() <= 6 && !said.ends_with(['.', '!', '?', ',']);
        named
            && (any_reaches && (short || line.len() >= 20)
                || LIST_STARTS.iter().any(|start| lower.starts_with(start)))
    })
}

/// How list servers and groups begin.
static LIST_STARTS: Words = Words::new(|| languages::words("signature", "list begins"));

static LIST_WORDS: Words = Words::new(|| languages::words("signature", "list words"));

/// The lines of a signature between two rules at the end of a mail.
pub(super) fn boxed(lines: &[&str]) -> bool {
    let rule = lines[0].trim();
    if rule.len() < 4 || !rule.bytes().all(|b| b == b'=') && !rule.bytes().all(|b| b == b'-') {
        return false;
    }
    let Some(end) = lines.iter().take(MAX_BOXED + 2).skip(1).position(|line| line.trim() == rule) else {
        return false;
    };
    end > 0 && lines[end + 2..].iter().take(2 * MAX_BOXED).all(|line| line.trim().is_empty())
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
