//! Phrases, and texts as they are compared with them.

use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, StartKind};

use crate::languages;

/// In lower case, runs of blanks as one, apostrophes straight: as the tables of phrases are written.
pub(super) fn squeezed(text: &str) -> String {
    squeezed_to([text], usize::MAX)
}

/// [`squeezed`] lines, until they are longer than `max` bytes together.
pub(super) fn squeezed_to<'a>(lines: impl IntoIterator<Item = &'a str>, max: usize) -> String {
    let mut text = String::new();
    for line in lines {
        text.reserve(line.len().min(max));
        // Words of ASCII are found sooner.
        let whole = if line.is_ascii() {
            line.split_ascii_whitespace().all(|word| add_squeezed(&mut text, word, max))
        } else {
            line.split_whitespace().all(|word| add_squeezed(&mut text, word, max))
        };
        if !whole {
            break;
        }
    }
    text
}

/// Adds a word, if there is room.
fn add_squeezed(text: &mut String, word: &str, max: usize) -> bool {
    if text.len() > max {
        return false;
    }
    if !text.is_empty() {
        text.push(' ');
    }
    if word.bytes().all(|b| b.is_ascii() && b != b'`') {
        let from = text.len();
        text.push_str(word);
        text[from..].make_ascii_lowercase();
    } else {
        *text += &word.to_lowercase().replace(['’', '‘', '´', '`'], "'");
    }
    true
}

/// Whether a text begins with these words, not with a longer one.
pub(super) fn starts_with_word(text: &str, start: &str) -> bool {
    let Some(rest) = text.strip_prefix(start) else { return false };
    let ends_word = |c: char| !c.is_alphanumeric() || c as u32 > 0x2e80;
    !start.ends_with(char::is_alphanumeric) || rest.chars().next().is_none_or(ends_word)
}

/// Bytes of a phrase that are looked for first: an automaton of whole phrases takes milliseconds to build.
const MAX_START: usize = 16;

/// Phrases that are looked for all at once.
pub(super) struct Phrases {
    any: Option<AhoCorasick>,
    all: Vec<&'static str>,
}

impl Phrases {
    pub(super) fn new(heading: &str, key: &str) -> Self {
        let all = languages::words(heading, key);
        let starts = all.iter().map(|phrase| &phrase[..phrase.floor_char_boundary(MAX_START)]);
        let any = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(starts);
        Self { any: any.ok(), all }
    }

    /// The first of the table that stands in a text.
    pub(super) fn find(&self, text: &str) -> Option<&'static str> {
        if self.any.as_ref().is_some_and(|any| !any.is_match(text)) {
            return None;
        }
        self.all.iter().copied().find(|phrase| text.contains(phrase))
    }
}

/// Phrases with which a text may begin.
pub(super) struct Starts {
    any: Option<AhoCorasick>,
    pub(super) all: Vec<&'static str>,
}

impl Starts {
    pub(super) fn new(heading: &str, key: &str) -> Self {
        let all = languages::words(heading, key);
        let any = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .start_kind(StartKind::Anchored)
            .build(&all);
        Self { any: any.ok(), all }
    }

    /// Those of the table with which a text begins, in the table's order.
    pub(super) fn of(&self, text: &str) -> impl Iterator<Item = &'static str> {
        let start = Input::new(text).anchored(Anchored::Yes);
        let none = self.any.as_ref().is_some_and(|any| any.find(start).is_none());
        let all = if none { &[] } else { self.all.as_slice() };
        all.iter().copied().filter(move |phrase| text.starts_with(phrase))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::writer, *};
    use crate::languages::Group;

    const TABLES: &[&[&str]] = &[writer::DAEMONS, writer::UNATTENDED, writer::PEOPLES];

    #[test]
    fn a_start_ends_with_its_word() {
        assert!(starts_with_word("out of office: x", "out of office"));
        assert!(!starts_with_word("out of officers", "out of office"));
        assert!(starts_with_word("自動応答について", "自動応答"));
        assert!(starts_with_word("abwesend", "abwesend"));
    }

    /// A phrase with capitals, two blanks or a curly apostrophe would never be found.
    #[test]
    fn tables_are_written_as_texts_are_compared() {
        let read = languages::all().iter().flat_map(|language| {
            let groups =
                ["absence", "bounce", "receipt", "sentence"].into_iter().flat_map(|one| language.groups(one));
            groups.flat_map(Group::all_words)
        });
        for phrase in read.chain(TABLES.iter().copied().flatten().copied()) {
            assert_eq!(squeezed(phrase), phrase.trim(), "{phrase}");
        }
    }
}
