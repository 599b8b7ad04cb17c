//! The words in which an invitation is told, by language.

use std::sync::LazyLock;

use crate::languages::{self, Language};

/// The words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words {
    /// As in RFC 5646: the language, and where it matters the country.
    tag: &'static str,
    pub(super) when: &'static str,
    pub(super) place: &'static str,
    pub(super) organiser: &'static str,
    /// Before the time of the end.
    pub(super) to: &'static str,
    pub(super) cancelled: &'static str,
    pub(super) accepted: &'static str,
    pub(super) declined: &'static str,
    pub(super) tentative: &'static str,
}

static ALL: LazyLock<Vec<Words>> = LazyLock::new(|| languages::all().iter().filter_map(words).collect());

/// Tags that mean another row.
const ALIASES: [(&str, &str); 7] = [
    ("zh-hk", "zh-tw"),
    ("zh-mo", "zh-tw"),
    ("zh-hant", "zh-tw"),
    ("no", "nb"),
    ("nn", "nb"),
    ("iw", "he"),
    ("in", "id"),
];

fn words(language: &Language) -> Option<Words> {
    let word = |key| language.words("invitation", key).next();
    Some(Words {
        tag: language.tag,
        when: word("when")?,
        place: word("where")?,
        organiser: word("organiser")?,
        to: word("to")?,
        cancelled: word("cancelled")?,
        accepted: word("accepted")?,
        declined: word("declined")?,
        tentative: word("tentative")?,
    })
}

/// English.
pub(super) fn plain() -> Words {
    ALL[0]
}

/// The words of the language that a tag such as `de-AT` names, if there are some.
pub(super) fn of(tag: &str) -> Option<Words> {
    let tag = tag.trim().replace('_', "-").to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(other, _)| tag == *other || tag.starts_with(&format!("{other}-")));
    let tag = alias.map_or(tag.as_str(), |(_, row)| row);
    let find = |tag: &str| ALL.iter().find(|words| words.tag == tag).copied();
    find(tag).or_else(|| find(tag.split('-').next().unwrap_or_default()))
}

/// By letters that no other of the languages here has.
pub(super) fn by_letters(text: &str) -> Option<Words> {
    let has = |letters: std::ops::RangeInclusive<char>| text.chars().any(|c| letters.contains(&c));
    let tag = if has('\u{3041}'..='\u{30FF}') {
        "ja"
    } else if has('\u{AC00}'..='\u{D7A3}') {
        "ko"
    } else if has('\u{4E00}'..='\u{9FFF}') {
        "zh"
    } else if text.contains(['і', 'ї', 'є', 'ґ']) {
        "uk"
    } else if has('а'..='я') {
        "ru"
    } else if has('α'..='ω') {
        "el"
    } else if has('\u{5D0}'..='\u{5EA}') {
        "he"
    } else if has('\u{620}'..='\u{64A}') {
        "ar"
    } else if has('\u{E01}'..='\u{E4F}') {
        "th"
    } else {
        return None;
    };
    of(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_their_tags() {
        assert!(ALL.len() >= 32 && plain().tag == "en");
        let groups =
            |language: &'static Language| language.groups("invitation").map(move |group| (language, group));
        for (language, group) in languages::all().iter().flat_map(groups) {
            assert_eq!(of(language.tag).map(|words| words.tag), Some(language.tag));
            assert!(group.all_words().all(|word| !word.contains(':')), "{}", language.tag);
        }
        for (tag, row) in [
            ("de-AT", "de"),
            ("pt_BR", "pt"),
            ("zh-CN", "zh"),
            ("zh-TW", "zh-tw"),
            ("zh-Hant-HK", "zh-tw"),
            ("NO", "nb"),
            ("en-US", "en"),
        ] {
            assert_eq!(of(tag).unwrap().tag, row, "{tag}");
        }
        assert_eq!((of("xx"), of("")), (None, None));
        assert_eq!(by_letters("打ち合わせ").unwrap().tag, "ja");
        assert_eq!(by_letters("Встреча").unwrap().tag, "ru");
        assert_eq!(by_letters("Meeting"), None);
    }
}
