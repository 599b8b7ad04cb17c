//! Cutting by lines. Each rule looks at most a few lines ahead, so the whole is linear.

use crate::text::tidy;

use super::{
    Cut,
    phrases::{ATTRIBUTIONS, FROM, LABELS, MOBILE, is_forward_line, is_original_line},
};

/// Text beyond this is not looked at and belongs to what came last.
const MAX_LOOKED_AT: usize = 256 * 1024;
/// Physical lines of one attribution.
const MAX_ATTRIBUTION_LINES: usize = 4;
/// Bytes of one attribution.
const MAX_ATTRIBUTION: usize = 500;
/// Lines of a header block that are looked at.
const BLOCK_LINES: usize = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    New,
    Quote,
    Signature,
}

/// Cuts a text by its lines. `forward`: the subject says that it is one, so a header block begins content.
pub(super) fn cut(text: &str, forward: bool) -> Cut {
    let lines: Vec<&str> = text.lines().collect();
    let (mut reply, mut quoted) = (String::new(), String::new());
    let mut kind = Kind::New;
    let (mut at, mut seen) = (0, 0);
    while at < lines.len() {
        if seen > MAX_LOOKED_AT {
            push(kind, &lines[at..], &mut reply, &mut quoted);
            break;
        }
        let count = match step(&lines[at..], kind, forward) {
            Step::Rest(last) => {
                push(last, &lines[at..], &mut reply, &mut quoted);
                break;
            }
            Step::Take(next, count) => {
                kind = next;
                count.max(1)
            }
        };
        let taken = &lines[at..at + count];
        push(kind, taken, &mut reply, &mut quoted);
        seen += taken.iter().map(|line| line.len() + 1).sum::<usize>();
        at += count;
    }
    Cut { reply: tidy(&reply), quoted: tidy(&quoted) }
}

fn push(kind: Kind, lines: &[&str], reply: &mut String, quoted: &mut String) {
    let out = match kind {
        Kind::New => reply,
        Kind::Quote => quoted,
        Kind::Signature => return,
    };
    for line in lines {
        out.push_str(line);
        out.push('\n');
    }
}

enum Step {
    /// So many lines are of this kind.
    Take(Kind, usize),
    /// All that follows is.
    Rest(Kind),
}

fn step(lines: &[&str], before: Kind, forward: bool) -> Step {
    let line = lines[0];
    if line.starts_with('>') {
        return Step::Take(Kind::Quote, 1);
    }
    if line.trim().is_empty() {
        let run = lines.iter().take_while(|line| line.trim().is_empty()).count();
        let goes_on = lines.get(run).is_some_and(|line| line.starts_with('>'));
        return Step::Take(if before == Kind::Quote && !goes_on { Kind::New } else { before }, run);
    }
    if is_forward_line(line) {
        return Step::Rest(Kind::New);
    }
    if is_original_line(line) || header_block(lines) {
        return Step::Rest(if forward { Kind::New } else { Kind::Quote });
    }
    if let Some(count) = attribution(lines) {
        let next = lines[count..].iter().find(|line| !line.trim().is_empty());
        let marked = next.is_none_or(|line| line.starts_with('>'));
        return if marked { Step::Take(Kind::Quote, count) } else { Step::Rest(Kind::Quote) };
    }
    if before == Kind::Signature || line == "--" || line == "-- " {
        return Step::Take(Kind::Signature, 1);
    }
    if mobile(line) && ends_or_quotes(&lines[1..]) {
        return Step::Take(Kind::Signature, 1);
    }
    Step::Take(Kind::New, 1)
}

fn mobile(line: &str) -> bool {
    let lower = line.trim().to_lowercase();
    lower.len() < 120 && MOBILE.iter().any(|start| lower.starts_with(start))
}

/// Whether nothing new follows.
fn ends_or_quotes(lines: &[&str]) -> bool {
    let Some(next) = lines.iter().position(|line| !line.trim().is_empty()) else { return true };
    let rest = &lines[next..];
    rest[0].starts_with('>') || is_original_line(rest[0]) || header_block(rest) || attribution(rest).is_some()
}

/// The number of lines of the attribution that begins here.
fn attribution(lines: &[&str]) -> Option<usize> {
    let mut joined = String::new();
    for (n, line) in lines.iter().take(MAX_ATTRIBUTION_LINES).enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('>') || joined.len() + line.len() > MAX_ATTRIBUTION {
            return None;
        }
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line);
        if line.ends_with([':', '：']) && is_attribution(&joined, lines.get(n + 1..).unwrap_or_default()) {
            return Some(n + 1);
        }
    }
    None
}

fn is_attribution(line: &str, after: &[&str]) -> bool {
    let lower = line.to_lowercase();
    let quote_follows =
        after.iter().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with('>'));
    let digits = line.chars().filter(char::is_ascii_digit).count();
    let has_address = line.contains('@');
    let wrote = ATTRIBUTIONS.iter().any(|row| {
        let begins = row.begins.is_empty() || row.begins.iter().any(|start| lower.starts_with(start));
        begins && row.wrote.iter().any(|word| lower.contains(word))
    });
    match wrote {
        // A date or an address makes it sure; else the quote below it does.
        true => quote_follows || digits >= 3 || has_address,
        false => quote_follows && (has_address && digits >= 3 || digits >= 6 || any_wrote(&lower)),
    }
}

fn any_wrote(lower: &str) -> bool {
    ATTRIBUTIONS.iter().flat_map(|row| row.wrote).any(|word| lower.contains(word))
}

/// Outlook's block: From, then others of Sent, To and Subject, perhaps under a rule.
fn header_block(lines: &[&str]) -> bool {
    let ruled = lines[0].len() >= 10 && lines[0].trim().chars().all(|c| matches!(c, '_' | '-'));
    let block = if ruled { skip_blank(&lines[1..]) } else { lines };
    if !block.first().and_then(|line| label(line)).is_some_and(|label| FROM.contains(&label.as_str())) {
        return false;
    }
    let others = block[1..].iter().take(BLOCK_LINES).take_while(|line| !line.trim().is_empty());
    let found =
        others.filter(|line| label(line).is_some_and(|label| LABELS.contains(&label.as_str()))).count();
    found >= if ruled { 1 } else { 2 }
}

fn skip_blank<'a, 'b>(lines: &'a [&'b str]) -> &'a [&'b str] {
    let start = lines.iter().take(3).position(|line| !line.trim().is_empty()).unwrap_or(0);
    &lines[start..]
}

/// The label of a header line in lower case, also in the bold of text versions: `*From:* x`.
fn label(line: &str) -> Option<String> {
    let end = line.char_indices().take(40).find(|(_, c)| matches!(c, ':' | '：')).map(|(at, _)| at)?;
    let label = line[..end].trim_matches(|c: char| c == '*' || c == '>' || c.is_whitespace());
    (!label.is_empty()).then(|| label.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, reply: &str, quoted: &str) {
        assert_eq!(cut(text, false), Cut { reply: reply.to_owned(), quoted: quoted.to_owned() }, "{text}");
    }

    #[test]
    fn every_language_has_a_line_that_is_known() {
        for row in ATTRIBUTIONS {
            let text = format!("Yes\n\n{}\n\n> No?\n", row.sample);
            assert_eq!(cut(&text, false).reply, "Yes", "{}", row.language);
            assert!(cut(&text, false).quoted.contains("No?"), "{}", row.language);
        }
    }

    #[test]
    fn quotes_and_answers_between_them() {
        check("Hi\n\n> a\nOne.\n> b\nTwo.", "Hi\n\nOne.\nTwo.", "> a\n> b");
        check(
            "Yes\n\nOn Monday, 5 January 2026,\nJane <j@k> wrote:\n> No?",
            "Yes",
            "On Monday, 5 January 2026,\nJane <j@k> wrote:\n> No?",
        );
        check(
            "Ja\n\nAm 5.1.2026 um 12:00 schrieb J:\n\nNein?",
            "Ja",
            "Am 5.1.2026 um 12:00 schrieb J:\n\nNein?",
        );
        check(
            "はい\n\n2026年1月5日(月) 12:34 山田 <y@k>:\n> いいえ",
            "はい",
            "2026年1月5日(月) 12:34 山田 <y@k>:\n> いいえ",
        );
    }

    #[test]
    fn outlook_and_its_block() {
        check(
            "Yes\n\n-----Original Message-----\nFrom: J\nx",
            "Yes",
            "-----Original Message-----\nFrom: J\nx",
        );
        check(
            "Oui\n\nDe : J\nEnvoyé : lundi\nÀ : K\nObjet : x\n\ny",
            "Oui",
            "De : J\nEnvoyé : lundi\nÀ : K\nObjet : x\n\ny",
        );
        let forwarded = "FYI\n\nFrom: J\nSent: Monday\nTo: K\nSubject: x\n\ny";
        assert_eq!(cut(forwarded, true).reply, forwarded);
    }

    #[test]
    fn signatures_go_and_forwards_stay() {
        check("Hi\n\n--\nJane\nExample Ltd", "Hi", "");
        check("Hi\n\nSent from my phone\n\n> x", "Hi", "> x");
        check(
            "Look\n\n---------- Forwarded message ---------\nFrom: J\n\n> x",
            "Look\n\n---------- Forwarded message ---------\nFrom: J\n\n> x",
            "",
        );
    }

    #[test]
    fn ordinary_text_is_no_quote() {
        let text =
            "From: the beginning\nThings to do on Friday:\n- wrote: a letter\nHere is what I wrote:\ntext";
        check(text, text, "");
    }
}
