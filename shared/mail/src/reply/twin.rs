//! A text whose own lines show no quote or signature, while its HTML twin marks them.

use super::{
    begin::{has_letters, letters},
    lines::{self, Known},
    parts::Cut,
};

/// Letters and digits by which a line is found again.
const SAME: usize = 40;

/// `cut` with what its twin knows more. Nothing but lines of `text` comes out.
pub(super) fn helped(text: &str, cut: Cut, twin: impl FnOnce() -> Cut) -> Cut {
    if !cut.older.is_empty() && !cut.signature.is_empty() {
        return cut;
    }
    let twin = twin();
    let cut = if cut.older.is_empty() && !twin.older.is_empty() { at_quote(text, cut, &twin) } else { cut };
    if cut.signature.is_empty() && !twin.signature.is_empty() {
        without_signature(text, cut, &twin)
    } else {
        cut
    }
}

/// Cuts where the twin's quote begins, when what stands above is what the twin calls new.
fn at_quote(text: &str, cut: Cut, twin: &Cut) -> Cut {
    let start: String =
        letters(twin.older.lines().find(|line| has_letters(line)).unwrap_or_default()).take(SAME).collect();
    let above: usize = letters(&twin.reply).count() + letters(&twin.signature).count();
    if start.is_empty() {
        return cut;
    }
    let mut seen = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        // Links are written out in one form and not in the other.
        if seen > 0
            && seen >= above / 2
            && letters(line).take(SAME).eq(start.chars().take(letters(line).take(SAME).count()))
            && has_letters(line)
        {
            let reply = lines::cut(&text[..at], Known::default());
            let older = text[at..].trim_end().to_owned();
            let quoted = joined(&reply.quoted, &older);
            return Cut { quoted, older, ..reply };
        }
        seen += letters(line).count();
        at += line.len();
    }
    cut
}

/// Takes the lines off the end that are the twin's signature.
fn without_signature(text: &str, mut cut: Cut, twin: &Cut) -> Cut {
    let wanted: Vec<char> = letters(&twin.signature).collect();
    let mut left = wanted.as_slice();
    let mut end = cut.reply.len();
    for line in cut.reply.lines().rev() {
        let line_letters: Vec<char> = letters(line).collect();
        let Some(rest) = left.strip_suffix(line_letters.as_slice()) else { return cut };
        left = rest;
        end = end.saturating_sub(line.len() + 1);
        if left.is_empty() {
            break;
        }
    }
    let kept = cut.reply[..end].trim_end().len();
    if left.is_empty() && kept > 0 && cut.reply.is_char_boundary(kept) {
        cut.signature = cut.reply[kept..].trim().to_owned();
        cut.reply.truncate(kept);
        // Most answers stand above what they quote.
        let below = text.trim_end().ends_with(&cut.signature);
        let (first, second) =
            if below { (&cut.quoted, &cut.signature) } else { (&cut.signature, &cut.quoted) };
        cut.quoted = joined(first, second);
    }
    cut
}

/// Two texts that were cut, with an empty line between.
fn joined(first: &str, second: &str) -> String {
    if first.is_empty() || second.is_empty() {
        [first, second].concat()
    } else {
        [first, second].join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(reply: &str, older: &str, signature: &str) -> Cut {
        let [reply, older, signature] = [reply, older, signature].map(str::to_owned);
        Cut { reply, quoted: joined(&signature, &older), older, signature }
    }

    #[test]
    fn the_twin_knows_where_the_quote_begins() {
        let text = "Yes, please.\n\nJane said yesterday\nNo?";
        let helped =
            helped(text, cut(text, "", ""), || cut("Yes, please.", "Jane said yesterday\n\n> No?", ""));
        assert_eq!(helped, cut("Yes, please.", "Jane said yesterday\nNo?", ""));
    }

    #[test]
    fn and_what_the_signature_is() {
        let text = "Yes.\n\nJane Doe\nExample Ltd";
        assert_eq!(
            helped(text, cut(text, "", ""), || cut("Yes.", "", "Jane Doe Example Ltd")),
            cut("Yes.", "", "Jane Doe\nExample Ltd")
        );
        let other = helped(text, cut(text, "", ""), || cut("Yes.", "", "Somebody else"));
        assert_eq!(other, cut(text, "", ""));
    }
}
