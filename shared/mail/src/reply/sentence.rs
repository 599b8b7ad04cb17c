//! Whether words are the name of a writer, as programs put it, or part of a sentence.

use crate::languages::{self, Words};

/// Words before a noun, and titles: people write them, programs do not.
static SENTENCE: Words = Words::new(|| languages::words("sentence", "words"));

/// Small words in names, and what programs put between a date and a name or behind a name, in lower case.
static SMALL: Words = Words::new(|| languages::words("sentence", "beside names"));

/// Bytes of a name.
const MAX_NAME: usize = 80;

/// Whether the words name somebody as programs do: a few, each with a capital where the script has any.
pub(super) fn is_name<'w>(words: impl IntoIterator<Item = &'w str>) -> bool {
    let (mut names, mut bytes, mut before) = (0, 0, "");
    for word in words.into_iter().map(plain).filter(|word| !word.is_empty()) {
        bytes += word.len() + 1;
        if speaks(word, before) {
            return false;
        }
        before = word;
        if !SMALL.contains(&word) {
            if word.starts_with(char::is_lowercase) {
                return false;
            }
            names += 1;
        }
    }
    (1..=6).contains(&names) && bytes <= MAX_NAME
}

/// Whether one of the words stands in sentences only.
pub(super) fn is_sentence<'w>(words: impl IntoIterator<Item = &'w str>) -> bool {
    let mut before = "";
    words
        .into_iter()
        .map(plain)
        .filter(|word| !word.is_empty())
        .any(|word| speaks(word, std::mem::replace(&mut before, word)))
}

/// Whether a word is one of sentences. `before`: the word before it.
fn speaks(word: &str, before: &str) -> bool {
    // Jan van der Berg, Maria das Neves
    let in_name = before != "Uhr" && (SMALL.contains(&before) || before.starts_with(char::is_uppercase));
    let lower = word.to_lowercase();
    // Op ma 5 jan
    let in_date = word == "ma" && before.eq_ignore_ascii_case("op");
    let in_name = in_name && matches!(word, "der" | "die" | "das");
    let in_place = matches!(before, "of" | "for" | "from" | "von" | "de" | "in");
    SENTENCE.contains(&lower.as_str()) && !(in_name || in_date || in_place)
}

/// A word without the signs around it.
fn plain(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sentences() {
        for name in [
            "Jane Doe",
            "Jan van der Berg",
            "\"Doe, Jane\"",
            "山田 太郎",
            "Uhr Jane Doe",
            "J. R. Roe",
            "Иван Петров",
        ] {
            assert!(is_name(name.split(' ')) && !is_sentence(name.split(' ')), "{name}");
        }
        for sentence in [
            "the server",
            "uns der Kunde",
            "der Server ins Log",
            "le serveur",
            "сервер",
            "Frau Müller",
            "My Boss",
            "",
        ] {
            assert!(!is_name(sentence.split(' ')), "{sentence}");
        }
        assert!(is_sentence("This is what the engineer".split(' ')) && is_sentence("der Server".split(' ')));
    }
}
