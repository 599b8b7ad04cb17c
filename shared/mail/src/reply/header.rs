//! Blocks of header lines that programs write above a quoted or forwarded mail.

use memchr::{memchr, memchr3};

use super::{
    labels::{LABELS, Role},
    subject,
};
use crate::text::bare;

/// Lines of a block that are looked at.
const MAX_LINES: usize = 14;
/// Lines of long lists of recipients that carry no label.
const MAX_UNLABELLED: usize = 6;
/// Characters of a label.
const MAX_LABEL: usize = 28;

/// Characters of a line that says when a mail was sent, above its block.
const MAX_DATED: usize = 60;
/// Bytes of a date that are looked at.
const MAX_DATE: usize = 100;
/// A program's rule; people draw shorter ones.
const LONG_RULE: usize = 20;

/// What is known around a block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around<'a> {
    /// The markup says that one may begin.
    pub(super) sure: bool,
    /// The mail says that it answers another.
    pub(super) answers: bool,
    /// A line above announces something: `This is what I got:`.
    pub(super) announced: bool,
    /// The subject of the mail, without `Re:` and its like.
    pub(super) subject: &'a str,
}

/// What a block says.
#[derive(Debug, Default)]
struct Block {
    roles: u8,
    labels: usize,
    bold: bool,
    /// Labels that a tab follows: people type none, but tables have them, too.
    tabs: usize,
    /// The sender or a recipient has an address.
    address: bool,
    from_address: bool,
    /// The sender has a name or an address.
    from_letters: bool,
    /// The date has a time or a weekday.
    timed: bool,
    /// The date has a number.
    numbered: bool,
    /// Its subject is that of the mail.
    same_subject: bool,
    /// It has fields that only a whole header has.
    raw: bool,
}

/// Whether a header block begins at the first line, perhaps after a rule of underscores or dashes.
pub(super) fn header_block(lines: &[&str], around: Around) -> bool {
    let Some(first) = lines.first() else { return false };
    let ruled = is_rule(first);
    let below = if ruled { skip_blank(&lines[1..]) } else { lines };
    if below.first().is_some_and(|line| is_date(line) && label(line).is_none()) {
        // `Message du 05/01/26 12:34`
        let block = skip_blank(&below[1..]);
        return block.first().is_some_and(|line| label(line).is_some())
            && is_mail(&read(block, around), ruled, around);
    }
    if below.first().is_none_or(|line| label(line).is_none()) {
        return any_labels(below, ruled, around);
    }
    let mut block = read(below, around);
    if block.labels == 1 && (ruled || around.answers) {
        one_line(below[0], &mut block);
    }
    let program = ruled && first.trim().len() >= LONG_RULE && first.trim().starts_with('_');
    is_mail(&block, program, around)
}

fn read(lines: &[&str], around: Around) -> Block {
    let mut block = Block::default();
    let (mut unlabelled, mut previous_blank) = (0, false);
    for line in lines.iter().take(MAX_LINES + 1) {
        if line.trim().is_empty() {
            if previous_blank {
                break;
            }
            previous_blank = true;
            continue;
        }
        match label(line) {
            Some((role, bold)) if block.roles & 1 << role as u8 == 0 || role == Role::Cc => {
                block.take(role, value(line), around);
                block.bold |= bold;
                block.tabs += usize::from(line.contains(":\t"));
            }
            _ if previous_blank || unlabelled >= MAX_UNLABELLED => break,
            _ => unlabelled += 1,
        }
        block.raw |= is_raw(line);
        previous_blank = false;
    }
    block
}

impl Block {
    fn take(&mut self, role: Role, value: &str, around: Around) {
        self.roles |= 1 << role as u8;
        self.labels += 1;
        match role {
            Role::From => {
                self.from_address = value.contains('@');
                self.from_letters = value.contains(char::is_alphabetic);
                self.address |= self.from_address;
            }
            Role::To | Role::Cc => self.address |= value.contains('@'),
            Role::Date | Role::Sent => {
                self.timed = is_timed(value);
                self.numbered = value.contains(char::is_numeric);
            }
            Role::Subject => self.same_subject = subject::is_same(value, around.subject),
        }
    }

    fn has(&self, role: Role) -> bool {
        self.roles & 1 << role as u8 != 0
    }
}

/// Whether a block is a mail's, and no form that somebody filled in. `program`: a rule as programs draw it stands above.
fn is_mail(block: &Block, program: bool, around: Around) -> bool {
    let marked = around.sure || program || block.bold;
    let dated = block.has(Role::Date) || block.has(Role::Sent);
    if !marked && (block.raw || around.announced && !(block.has(Role::Sent) && block.numbered)) {
        return false;
    }
    if !block.has(Role::From) {
        let timed = marked || around.answers && block.has(Role::To) && block.address;
        return block.labels >= 2 && dated && block.timed && timed;
    }
    let tabbed = around.answers && block.tabs >= 4 && block.has(Role::Subject);
    let evident = marked || block.has(Role::Sent) || block.same_subject || tabbed;
    match block.labels {
        0 | 1 => false,
        2 if marked => dated || block.has(Role::To) || block.has(Role::Subject),
        2 => around.answers && dated && (block.timed || block.from_address),
        _ if evident => dated || block.address || around.sure || block.has(Role::Subject) && block.bold,
        // A form that tells of something else names no address.
        _ => {
            let other = block.has(Role::Subject) && !block.address && !around.subject.is_empty();
            around.answers && dated && block.timed && block.from_letters && !other
        }
    }
}

/// More labels in a line that holds the first: `From: Bob <b@example.com> Sent: Monday, 5 January 2026 12:34`.
fn one_line(line: &str, block: &mut Block) {
    let colons =
        line.char_indices().filter(|(_, c)| matches!(c, ':' | '：')).map(|(at, _)| at).skip(1).take(8);
    let around = Around::default();
    for at in colons {
        let word = line[..at].rsplit([' ', '>', '\u{A0}']).next().unwrap_or_default().to_lowercase();
        if let Some(role) = LABELS.get(word.as_str()).filter(|role| block.roles & 1 << **role as u8 == 0) {
            block.take(*role, &line[at + 1..], around);
        }
    }
}

/// Three lines with labels, one of them with an address: a block in a language that is not known.
fn any_labels(block: &[&str], ruled: bool, around: Around) -> bool {
    let may_begin =
        |line: &&str| around.sure || around.answers && (ruled || memchr(b'@', line.as_bytes()).is_some());
    if !block.first().is_some_and(may_begin) {
        return false;
    }
    let has_label = |line: &&&str| line.char_indices().take(MAX_LABEL).any(|(_, c)| matches!(c, ':' | '：'));
    let lines = || block.iter().take(6).take_while(|line| !line.trim().is_empty());
    if around.sure {
        return lines().filter(has_label).count() >= 3
            && lines().filter(has_label).any(|line| line.contains('@'));
    }
    // No rule of the markup says that it is one, so more has to.
    let labelled = || lines().take_while(has_label);
    let timed = labelled().skip(1).take(3).any(|line| is_timed(value(line)));
    let addresses = labelled().filter(|line| line.contains('@')).count();
    let same = labelled().any(|line| subject::is_same(value(line), around.subject));
    let begins = block.first().is_some_and(|line| line.contains('@'));
    let enough = labelled().count() >= if ruled { 3 } else { 4 };
    let alike = begins && (ruled || same || addresses > 1 && !around.announced);
    around.answers && enough && timed && (alike || ruled && same)
}

/// Fields that programs show nobody who does not ask for the whole header.
fn is_raw(line: &str) -> bool {
    let name = line.split(':').next().unwrap_or_default();
    let known = [
        "Received",
        "Return-Path",
        "Message-ID",
        "Message-Id",
        "MIME-Version",
        "Content-Type",
        "DKIM-Signature",
        "Authentication-Results",
        "Delivered-To",
    ];
    line.contains(':') && (name.starts_with("X-") && !name.contains(' ') || known.contains(&name))
}

/// What stands behind a label.
fn value(line: &str) -> &str {
    let at = line.char_indices().find(|(_, c)| matches!(c, ':' | '：' | '\t'));
    at.map_or("", |(at, c)| line[at + c.len_utf8()..].trim_matches(|c: char| c == '*' || c.is_whitespace()))
}

/// Whether a date has a time, or begins with a weekday.
fn is_timed(value: &str) -> bool {
    let value = value.get(..MAX_DATE).unwrap_or(value);
    let word = value.split(' ').next().unwrap_or_default();
    let weekday = word.ends_with([',', '.'])
        && word.chars().filter(|c| c.is_alphabetic()).count() + 1 == word.chars().count();
    let digits = value.chars().filter(|c| c.is_numeric()).count();
    value.split([' ', ',', '(', 'T', '\u{A0}']).any(is_time) && digits >= 7 || weekday && digits >= 3
}

/// `12:34`, `12:34:56`, `12h34` or `12.34`.
fn is_time(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let mut parts = word
        .split([':', 'h', '.'])
        .map(|part| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    let (hour, minute) = (parts.next() == Some(true), parts.next() == Some(true));
    hour && minute && (!word.contains('.') || parts.next().is_none())
}

/// A short line that is hardly more than a date and a time.
fn is_date(line: &str) -> bool {
    // Most lines have no numbers.
    if line.len() > 4 * MAX_DATED || line.bytes().filter(u8::is_ascii_digit).count() < 8 {
        return false;
    }
    let digits = line.chars().filter(|c| c.is_numeric()).count();
    line.chars().count() <= MAX_DATED && digits >= 10 && is_timed(line) && !line.contains('@')
}

/// Whether a line begins with a label.
pub(super) fn is_labelled(line: &str) -> bool {
    label(line).is_some()
}

/// A line of underscores, or of dashes.
pub(super) fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 10 && line.bytes().all(|b| matches!(b, b'_' | b'-' | b'='))
}

fn skip_blank<'a, 'b>(lines: &'a [&'b str]) -> &'a [&'b str] {
    let start = lines.iter().take(3).position(|line| !line.trim().is_empty()).unwrap_or(0);
    &lines[start..]
}

/// The role of a header line, and whether its label is in the bold of text versions: `*From:* x`.
pub(super) fn label(line: &str) -> Option<(Role, bool)> {
    let line = bare(line);
    let line = line.trim_start();
    // The signs, the last by its first byte: most lines have none.
    memchr3(b':', b'\t', 0xEF, &line.as_bytes()[..line.len().min(4 * MAX_LABEL)])?;
    let end = line
        .char_indices()
        .take(MAX_LABEL)
        .find(|(_, c)| matches!(c, ':' | '：' | '\t'))
        .map(|(at, _)| at)?;
    let bold = line.starts_with('*');
    let label = line[..end].trim_matches(|c: char| c == '*' || c == '|' || c.is_whitespace());
    if label.is_empty() {
        return None;
    }
    // 件　　名: spaces within words of two characters.
    let squeezed: String = label.to_lowercase().chars().filter(|c| *c != '\u{3000}').collect();
    LABELS.get(squeezed.as_str()).map(|role| (*role, bold))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::{self, Language};

    fn with(text: &str, around: Around) -> bool {
        header_block(&text.lines().collect::<Vec<_>>(), around)
    }

    fn is(text: &str) -> bool {
        with(text, Around { answers: true, ..Around::default() })
    }

    #[test]
    fn every_language_has_a_block_that_is_known() {
        let has_block = |language: &&Language| language.words("header", "from").next().is_some();
        let languages: Vec<_> = languages::all().iter().filter(has_block).collect();
        assert!(languages.len() >= 45);
        for language in languages {
            let word = |key| language.words("header", key).next();
            let date = word("sent").or_else(|| word("date")).unwrap();
            let block = format!(
                "{}: Jane Doe <jane@example.com>\n{date}: 5.1.2026 12:34\n{}: Support\n{}: Printer\n\nText",
                word("from").unwrap(),
                word("to").unwrap(),
                word("subject").unwrap(),
            );
            assert!(is(&block), "{}: {block}", language.tag);
        }
    }

    #[test]
    fn forms_of_programs() {
        for block in [
            "________________________________\nFrom: Jane\nSent: Monday\nTo: Bob\nSubject: x",
            "*From:* Jane <j@example.com>\n*Sent:* Monday\n*To:* Bob\n*Subject:* x",
            "Gesendet: Montag, 05. Januar 2026 um 12:34 Uhr\nVon: \"Jane Doe\" <j@example.com>\nAn: b@example.org\nBetreff: x",
            "Subject: x\nFrom: j@example.com\nTo: b@example.org\nDate: Mon, 5 Jan 2026",
            "From:\tJane Doe\nTo:\tBob\nDate:\t05/01/2026\nSubject:\tx",
            "From: Jane\n\nSent: Monday\n\nTo: Bob\n\nSubject: x",
            "From: Jane\nSent: Monday\nTo: a@example.com,\n b@example.com,\n c@example.com\nSubject: x",
            "De : Jane\nEnvoyé : lundi\nÀ : Bob\nObjet : x",
        ] {
            assert!(is(block), "{block}");
        }
    }

    #[test]
    fn a_block_under_a_rule_of_the_markup_may_be_in_any_language() {
        let block = ["Xa: Jane <j@example.com>", "Xb: 5.1.2026", "Xc: Bob", "", "Text"];
        let sure = Around { sure: true, ..Around::default() };
        assert!(header_block(&block, sure) && !header_block(&block, Around::default()));
    }

    #[test]
    fn ordinary_lines_are_none() {
        for text in [
            "From: London\nTo: Paris\nDate: 5 May\nSeats: 2",
            "From: the beginning",
            "From: A\nTo: B",
            "Name: Jane\nDate: today\nSubject: x",
            "Datum: 5.1.\nZeit: 12:00\nThema: Drucker",
            "To: do\nSubject: to change",
        ] {
            assert!(!is(text), "{text}");
        }
    }
}
