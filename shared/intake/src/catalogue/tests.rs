use std::collections::BTreeSet;

use super::*;

fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|after| Some(after.split_once('}')?.0)).collect()
}

#[test]
fn all_languages_have_the_same_sentences_with_the_same_places() {
    let (english, japanese) = (catalogue(Language::English), catalogue(Language::Japanese));
    let keys = |of: &Catalogue| of.keys().copied().collect::<BTreeSet<_>>();
    let (one, two) = (keys(english), keys(japanese));
    assert_eq!(one, two, "only in one: {:?}", one.symmetric_difference(&two).collect::<Vec<_>>());
    for (key, block) in english {
        let other = japanese.get(key).copied().unwrap_or_default();
        assert_eq!(places(block.message), places(other.message), "{key}");
        assert_eq!(places(block.action), places(other.action), "{key}");
        let one = places(block.one);
        assert!(one.is_subset(&places(block.message)) && (one.is_empty() || one.contains("count")), "{key}");
        assert_eq!(other.one, "", "{key}: Japanese has one form alone");
        assert_eq!(block.action.is_empty(), other.action.is_empty(), "{key}");
    }
}

#[test]
fn each_sentence_is_one_and_ends_as_its_language_wants() {
    for (language, end) in [(Language::English, '.'), (Language::Japanese, '。')] {
        for (key, block) in catalogue(language) {
            // Words of pages are titles and buttons too.
            assert!(block.message.ends_with(end) || key.starts_with("page."), "{key}: {}", block.message);
            assert!(block.action.is_empty() || block.action.ends_with(end), "{key}: {}", block.action);
            let foreign = block.message.chars().any(|c| ('\u{3040}'..'\u{a000}').contains(&c));
            assert_eq!(foreign, language == Language::Japanese, "{key}: {}", block.message);
        }
    }
}

#[test]
fn no_key_comes_twice() {
    for files in [ENGLISH, JAPANESE] {
        let lines = files.iter().flat_map(|file| file.lines());
        let keys: Vec<_> = lines.filter(|l| !l.is_empty() && !l.starts_with([' ', '#'])).collect();
        let mut seen = BTreeSet::new();
        assert!(keys.iter().all(|key| seen.insert(*key)), "a key comes twice");
    }
}

#[test]
fn values_are_printable_cut_and_never_read_again() {
    let odd = format!("<b>{{host}}\u{202e}\u{7}{}", "x".repeat(400));
    let said =
        Sentence::new("client_refused").seen(Some(&odd)).say(Language::English).unwrap_or_else(|| panic!());
    assert!(said.message.contains("(<b>{host}xxx"), "{}", said.message);
    assert!(said.message.ends_with("x…)."), "{}", said.message);
    assert!(said.message.chars().count() < 400);
    let japanese = Sentence::new("client_refused").seen(Some("no")).message(Language::Japanese);
    assert!(japanese.ends_with("（no）。"), "{japanese}");
}

#[test]
fn a_count_chooses_the_form() {
    let said = |count: &str, language| Sentence::new("page.comments").with("count", count).message(language);
    for (count, english, japanese) in [
        ("0", "0 comments", "コメント 0 件"),
        ("1", "1 comment", "コメント 1 件"),
        ("2", "2 comments", "コメント 2 件"),
        ("1,001", "1,001 comments", "コメント 1,001 件"),
    ] {
        assert_eq!(said(count, Language::English), english);
        assert_eq!(said(count, Language::Japanese), japanese);
    }
}

#[test]
fn the_header_chooses_the_language() {
    for (header, language) in [
        ("", Language::English),
        ("*", Language::English),
        ("fr, de;q=0.5", Language::English),
        ("ja", Language::Japanese),
        ("ja-JP,en;q=0.5", Language::Japanese),
        ("en-GB, ja;q=0.9", Language::English),
        ("en;q=0.1, ja;q=0.9", Language::Japanese),
        ("ja;q=0", Language::English),
        ("ja;q=x, en", Language::English),
        ("fr, ja;q=0.2", Language::Japanese),
    ] {
        assert_eq!(Language::accepted(header), language, "{header}");
    }
}

#[test]
fn a_sentence_of_a_newer_version_is_none() {
    assert_eq!(Sentence::new("not_a_key").say(Language::Japanese), None);
}
