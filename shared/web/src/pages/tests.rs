use std::{collections::BTreeSet, fs, path::Path};

use intake::{Language, Sentence, Timestamp};

use super::frame::words::{counted, size, when};
use crate::language::{self, Reading};

/// Literals that are words and no text for people.
const TECHNICAL: [&str; 6] =
    ["Maildocket", "light dark", "SAMEORIGIN", "noopener noreferrer", "RIFF", "WEBP"];

/// The pages' sources, without tests and remarks.
fn sources() -> Vec<String> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") => {
                    sources.push(path);
                }
                false => {}
            }
        }
    }
    let read = |source| {
        let text = fs::read_to_string(source).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    };
    sources.into_iter().map(read).collect()
}

/// The string literals of them.
fn literals() -> Vec<String> {
    let strings = |text: &String| {
        let lines = text.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let found: Vec<_> = sources().iter().flat_map(strings).collect();
    assert!(found.len() > 100, "{found:?}");
    found
}

/// Whether somebody could read this: two words, or one that begins as a sentence does.
fn is_text(literal: &str) -> bool {
    let words: Vec<_> = literal.split(' ').map(|word| word.trim_matches(['.', ',', ':', '(', ')'])).collect();
    let word = |word: &&str| word.len() > 1 && word.chars().all(char::is_alphabetic);
    let capital = literal.trim().starts_with(|c: char| c.is_uppercase());
    words.windows(2).any(|pair| pair.iter().all(word)) || (capital && words.iter().any(word))
}

#[test]
fn all_text_of_pages_is_in_the_catalogue_and_the_catalogue_has_no_other() {
    let literals = literals();
    let texts = literals.iter().filter(|literal| is_text(literal) && !TECHNICAL.contains(&literal.as_str()));
    assert_eq!(texts.collect::<Vec<_>>(), Vec::<&String>::new(), "text outside of the catalogue");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../intake/src/catalogue/en/pages");
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let catalogue: String = files.collect();
    let keys = catalogue.lines().filter(|line| !line.is_empty() && !line.starts_with([' ', '#']));
    let keys: BTreeSet<_> = keys.collect();
    let names = literals.iter().map(String::as_str);
    let named: BTreeSet<_> = names.filter(|name| name.starts_with("page.") || keys.contains(name)).collect();
    // `page.state` names `page.state.paused` and its like, which are made of words of the core.
    let is_of = |key: &str, family: &str| key.strip_prefix(family).is_some_and(|rest| rest.starts_with('.'));
    let unused = keys.iter().filter(|key| !named.iter().any(|name| *name == **key || is_of(key, name)));
    assert_eq!(unused.collect::<Vec<_>>(), Vec::<&&str>::new(), "no page says it");
    let unknown = named.iter().filter(|name| !keys.iter().any(|key| key == *name || is_of(key, name)));
    assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&&str>::new(), "the catalogue does not have it");
}

#[tokio::test]
async fn numbers_sizes_and_times_are_written_as_the_language_does() {
    let at: Timestamp = "2026-01-05T08:09:10.5Z".parse().unwrap();
    for (language, time, one, many) in [
        (Language::English, "2026-01-05 08:09 UTC", "1 file", "1,234,567 files"),
        (Language::Japanese, "2026年1月5日 8:09 UTC", "ファイル 1 件", "ファイル 1,234,567 件"),
    ] {
        language::answer_in(Reading::utc(language), async {
            let told = format!("<time datetime=\"2026-01-05T08:09:10.5Z\">{time}</time>");
            assert_eq!(when(at).into_string(), told);
            assert_eq!(counted("page.files", 1), one);
            assert_eq!(counted("page.files", 1_234_567), many);
            let sizes = [0, 999, 12_345, 1_449_999, 1_234_500_000].map(size);
            assert_eq!(sizes, ["0 B", "999 B", "12 kB", "1.4 MB", "1,234.5 MB"]);
        })
        .await;
    }
}

/// The fields that entries of the audit trail name: those that flows tell one by one, and those of what is told whole.
fn audited() -> BTreeSet<String> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../intake/src/flows")];
    let mut found = BTreeSet::new();
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code: String =
                text.split("#[cfg(test)]").next().unwrap_or_default().split_whitespace().collect();
            for start in [".field(\"", ".secret(\""] {
                let names = code.split(start).skip(1).filter_map(|rest| rest.split('"').next());
                found.extend(names.filter(is_name).map(str::to_owned));
            }
            for told in ["pub struct MailboxTold {", "pub struct IntegrationTold {"] {
                let Some((_, fields)) = text.split_once(told) else { continue };
                let fields = fields.split("\n}").next().unwrap_or_default().lines();
                let names = fields.filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next());
                found.extend(names.filter(is_name).map(str::to_owned));
            }
        }
    }
    found
}

#[test]
fn each_field_of_the_audit_trail_has_a_word() {
    let fields = audited();
    assert!(fields.len() > 40 && fields.contains("auth") && fields.contains("password"), "{fields:?}");
    let wordless = |language: Language| {
        let says = |field: &&String| Sentence::variant("page.field", field).say(language).is_none();
        fields.iter().filter(says).cloned().collect::<Vec<_>>()
    };
    for language in [Language::English, Language::Japanese] {
        assert_eq!(wordless(language), Vec::<String>::new(), "the catalogue has no page.field.… for these");
    }
}

/// `filled.line("/name", "name", …)` names the label `page.field.name`.
#[test]
fn each_field_of_a_form_has_a_label() {
    let mut named = BTreeSet::new();
    for code in sources() {
        let code: String = code.split_whitespace().collect();
        for control in [".line(\"", ".area(\"", ".choice(\"", ".check(\""] {
            for rest in code.split(control).skip(1) {
                let parts: Vec<_> = rest.splitn(4, '"').collect();
                // Controls of another kind name no field of a body.
                if let [name, ",", key, _] = parts[..]
                    && name.starts_with('/')
                {
                    named.insert(key.to_owned());
                }
            }
        }
    }
    assert!(named.len() > 30 && named.contains("prune"), "{named:?}");
    let wordless = |key: &&String| Sentence::variant("page.field", key).say(Language::Japanese).is_none();
    assert_eq!(named.iter().filter(wordless).collect::<Vec<_>>(), Vec::<&String>::new());
}
