//! What is known of languages: a file each, in the form that `LANGUAGES.md` describes.

use std::sync::LazyLock;

/// The words of all languages for one thing, collected when they are first needed.
pub(crate) type Words = LazyLock<Vec<&'static str>>;

/// One language, or what stands in mails of any.
pub(crate) struct Language {
    /// As in RFC 5646, in lower case.
    pub(crate) tag: &'static str,
    groups: Vec<Group>,
}

/// What stands below one heading.
pub(crate) struct Group {
    heading: &'static str,
    /// Each with its key.
    lines: Vec<(&'static str, &'static str)>,
}

/// All of them. The first in which a label stands says what it means.
#[rustfmt::skip]
const FILES: [(&str, &str); 63] = [
    ("en", include_str!("../languages/en.txt")),
    ("de", include_str!("../languages/de.txt")),
    ("fr", include_str!("../languages/fr.txt")),
    ("es", include_str!("../languages/es.txt")),
    ("it", include_str!("../languages/it.txt")),
    ("pt", include_str!("../languages/pt.txt")),
    ("nl", include_str!("../languages/nl.txt")),
    ("pl", include_str!("../languages/pl.txt")),
    ("sv", include_str!("../languages/sv.txt")),
    ("da", include_str!("../languages/da.txt")),
    ("nb", include_str!("../languages/nb.txt")),
    ("nn", include_str!("../languages/nn.txt")),
    ("is", include_str!("../languages/is.txt")),
    ("fi", include_str!("../languages/fi.txt")),
    ("et", include_str!("../languages/et.txt")),
    ("lv", include_str!("../languages/lv.txt")),
    ("lt", include_str!("../languages/lt.txt")),
    ("cs", include_str!("../languages/cs.txt")),
    ("sk", include_str!("../languages/sk.txt")),
    ("sl", include_str!("../languages/sl.txt")),
    ("hr", include_str!("../languages/hr.txt")),
    ("bs", include_str!("../languages/bs.txt")),
    ("sr", include_str!("../languages/sr.txt")),
    ("sr-latn", include_str!("../languages/sr-latn.txt")),
    ("mk", include_str!("../languages/mk.txt")),
    ("hu", include_str!("../languages/hu.txt")),
    ("ro", include_str!("../languages/ro.txt")),
    ("ru", include_str!("../languages/ru.txt")),
    ("uk", include_str!("../languages/uk.txt")),
    ("be", include_str!("../languages/be.txt")),
    ("bg", include_str!("../languages/bg.txt")),
    ("el", include_str!("../languages/el.txt")),
    ("tr", include_str!("../languages/tr.txt")),
    ("ar", include_str!("../languages/ar.txt")),
    ("fa", include_str!("../languages/fa.txt")),
    ("he", include_str!("../languages/he.txt")),
    ("hi", include_str!("../languages/hi.txt")),
    ("th", include_str!("../languages/th.txt")),
    ("vi", include_str!("../languages/vi.txt")),
    ("id", include_str!("../languages/id.txt")),
    ("ms", include_str!("../languages/ms.txt")),
    ("zh", include_str!("../languages/zh.txt")),
    ("zh-tw", include_str!("../languages/zh-tw.txt")),
    ("ja", include_str!("../languages/ja.txt")),
    ("ko", include_str!("../languages/ko.txt")),
    ("ca", include_str!("../languages/ca.txt")),
    ("eu", include_str!("../languages/eu.txt")),
    ("gl", include_str!("../languages/gl.txt")),
    ("cy", include_str!("../languages/cy.txt")),
    ("ga", include_str!("../languages/ga.txt")),
    ("sq", include_str!("../languages/sq.txt")),
    ("af", include_str!("../languages/af.txt")),
    ("bn", include_str!("../languages/bn.txt")),
    ("ta", include_str!("../languages/ta.txt")),
    ("fil", include_str!("../languages/fil.txt")),
    ("sw", include_str!("../languages/sw.txt")),
    ("hy", include_str!("../languages/hy.txt")),
    ("ka", include_str!("../languages/ka.txt")),
    ("kk", include_str!("../languages/kk.txt")),
    ("az", include_str!("../languages/az.txt")),
    ("eo", include_str!("../languages/eo.txt")),
    ("br", include_str!("../languages/br.txt")),
    ("any", include_str!("../languages/any.txt")),
];

static LANGUAGES: LazyLock<Vec<Language>> =
    LazyLock::new(|| FILES.iter().map(|(tag, text)| Language { tag, groups: groups(text) }).collect());

/// All languages.
pub(crate) fn all() -> &'static [Language] {
    &LANGUAGES
}

/// The words of all languages below a heading, at a key.
pub(crate) fn words(heading: &str, key: &str) -> Vec<&'static str> {
    let words: Vec<_> = all().iter().flat_map(|language| language.words(heading, key)).collect();
    debug_assert!(!words.is_empty(), "no language has [{heading}] {key}");
    words
}

impl Language {
    /// Its groups of one heading: a heading may stand there several times, where its keys belong together.
    pub(crate) fn groups(&self, heading: &str) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(move |group| group.heading == heading)
    }

    /// Its words below a heading, at a key.
    pub(crate) fn words(&self, heading: &str, key: &str) -> impl Iterator<Item = &'static str> {
        self.groups(heading).flat_map(move |group| group.words(key))
    }
}

impl Group {
    /// The words at all keys.
    #[cfg(test)]
    pub(crate) fn all_words(&self) -> impl Iterator<Item = &'static str> {
        let keys: std::collections::BTreeSet<_> = self.lines.iter().map(|(key, _)| *key).collect();
        keys.into_iter().flat_map(|key| self.words(key))
    }

    /// The words at a key.
    pub(crate) fn words(&self, key: &str) -> impl Iterator<Item = &'static str> {
        let lines = self.lines.iter().filter(move |(of, _)| *of == key);
        lines.flat_map(|(_, words)| words.split(" | ")).map(plain).filter(|word| !word.is_empty())
    }
}

/// A word without the quotation marks that keep its blanks.
fn plain(word: &str) -> &str {
    let word = word.trim();
    word.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(word)
}

fn groups(text: &'static str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut key = "";
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(heading) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            groups.push(Group { heading, lines: Vec::new() });
            continue;
        }
        // A line that begins with a blank goes on with the one above.
        let named = if line.starts_with(' ') { None } else { line.split_once('=') };
        let words = named.map_or(line, |(_, words)| words);
        key = named.map_or(key, |(name, _)| name.trim());
        groups.last_mut().into_iter().for_each(|group| group.lines.push((key, words)));
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Each file is on the list.
    #[test]
    fn each_file_is_a_language() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/languages");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
        let files: BTreeSet<String> = files.map(|name| name.into_string().unwrap()).collect();
        let listed = FILES.iter().map(|(tag, _)| format!("{tag}.txt")).collect();
        assert_eq!(files, listed);
    }

    /// A heading or a key with a slip of the pen would never be asked for.
    #[test]
    fn the_page_names_all_headings_and_keys() {
        let page = include_str!("../LANGUAGES.md");
        let (mut told, mut heading) = (BTreeSet::new(), "");
        for line in page.lines() {
            heading = line.strip_prefix("## [").and_then(|rest| rest.strip_suffix(']')).unwrap_or(heading);
            let key = line.strip_prefix("- `").and_then(|rest| rest.split_once("`:"));
            told.extend(key.map(|(key, _)| (heading, key)));
        }
        let groups = || all().iter().flat_map(|language| &language.groups);
        let used = groups().flat_map(|group| group.lines.iter().map(|(key, _)| (group.heading, *key)));
        assert_eq!(used.collect::<BTreeSet<_>>(), told);
    }

    #[test]
    fn a_language_says_a_word_once() {
        for language in all() {
            for (at, group) in language.groups.iter().enumerate() {
                let again = language.groups[..at].iter().any(|other| other.heading == group.heading);
                assert!(!again || group.heading == "attribution", "{} [{}]", language.tag, group.heading);
                for key in group.lines.iter().map(|(key, _)| *key).collect::<BTreeSet<_>>() {
                    let mut words = BTreeSet::new();
                    for word in group.words(key) {
                        assert!(words.insert(word), "{} [{}] {key}: {word}", language.tag, group.heading);
                    }
                }
            }
        }
    }
}
