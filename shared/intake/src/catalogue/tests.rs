use std::{collections::BTreeSet, fs, path::Path};

use super::*;
use crate::decide::NUMBERLESS;

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
            // What is wrong with a field is said behind its name; words of pages are titles and buttons too, and kinds of
            // mails stand in sentences.
            let ends = block.message.ends_with(end) || block.message.ends_with("{told}");
            let free = key.starts_with("page.") || key.starts_with("kind.");
            assert!(free || ends != key.starts_with("field."), "{key}: {}", block.message);
            assert!(block.action.is_empty() || block.action.ends_with(end), "{key}: {}", block.action);
            let is_form =
                !block.message.split(['{', '}']).step_by(2).any(|words| words.contains(char::is_alphabetic));
            let foreign = block.message.chars().any(|c| ('\u{3040}'..'\u{a000}').contains(&c));
            assert!(is_form || foreign == (language == Language::Japanese), "{key}: {}", block.message);
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

/// The sources whose texts people read, without tests, remarks and blanks.
fn sources() -> Vec<(String, String)> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let crates =
        ["intake", "configuration", "web", "store", "vault", "cloud", "mail-source", "oauth-provider"];
    let functions = ["poller", "local"].map(|name| shared.join("../functions").join(name).join("src"));
    let mut folders: Vec<_> =
        crates.iter().map(|name| shared.join(name).join("src")).chain(functions).collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.strip_prefix(&shared).unwrap().to_str().unwrap().to_owned();
            if entry.is_dir() {
                folders.push(entry);
            } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
                let text = fs::read_to_string(&entry).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
                found.push((name, lines.collect()));
            }
        }
    }
    found
}

#[test]
fn what_is_named_in_the_sources_is_in_the_catalogue() {
    let starts = [
        ("Sentence::new(\"", ""),
        ("unauthenticated(\"", ""),
        ("forbidden(\"", ""),
        ("errors.name(\"", ""),
        ("Error::not_found(\"", "not_found."),
        ("Error::retry(\"", ""),
        ("Warning::new(\"", ""),
        ("told(path, \"", ""),
        ("wrong(name, \"", ""),
        ("\"field.", "field."),
        ("\"trace.", "trace."),
    ];
    for (name, text) in sources() {
        for (start, prefix) in starts {
            for word in text.split(start).skip(1).filter_map(|rest| rest.split('"').next()) {
                let key = format!("{prefix}{word}");
                // Its variants are made of what the store names.
                assert!(key == "field.missing" || key.is_empty() || has(&key), "{name} names {key}");
            }
        }
        for told in text.split("Error::told(").skip(1).filter_map(|rest| rest.split(')').next()) {
            if let Some((_, key)) = told.strip_suffix('"').and_then(|told| told.rsplit_once('"')) {
                assert!(has(key), "{name} tells {key}");
            }
        }
    }
}

/// Where steps of traces are made in words of their own, and how often. The list may only become shorter.
const OWN_STEPS: [(&str, usize); 1] = [("../functions/local/src/commands/handlers.rs", 1)];

#[test]
fn steps_of_traces_are_told_by_the_catalogue() {
    for (name, text) in sources() {
        let made = text.matches("TraceStep::new(").count();
        let allowed = OWN_STEPS.iter().find(|(file, _)| *file == name).map_or(0, |(_, most)| *most);
        assert!(made <= allowed, "{name} tells {made} steps in words of its own, not by the catalogue");
    }
}

#[test]
fn what_is_told_of_an_issue_is_told_of_one_without_a_number() {
    let english = catalogue(Language::English);
    for (_, text) in sources() {
        for key in text.split("about(\"trace.").skip(1).filter_map(|rest| rest.split('"').next()) {
            let places = |key: String| places(english[&*key].message);
            let mut wanted = places(format!("trace.{key}"));
            assert!(wanted.remove("issue"), "{key}");
            assert_eq!(places(format!("trace.{key}.{NUMBERLESS}")), wanted, "{key}");
        }
    }
}

/// What records hold of steps: keys without `trace.`, each with its places. A key may be added here, and none
/// changed.
const STORED: &str = "\
    duplicate first; thread.token issue; thread.answers issue parent; thread.answers.numberless parent; \
    thread.reused parent; thread.form id issue; thread.form.numberless id; thread.same_id id issue; \
    thread.same_id.numberless id; thread.awaited issue; thread.awaited.numberless; \
    thread.conversation issue; thread.conversation.numberless; subject.party issue; subject.stranger issue; \
    subject.forged issue; subject.list issue; handlers version; handler.passed_over handler; \
    handler.applies handler; handler.ends handler; handler.ignores handler; handler.holds handler; \
    handler.creates issue; handler.creates.numberless; handler.comments_only; handler.cut; \
    reporter.reply_to address; reporter.reply_to.nobody; reporter.forwarded address; \
    reporter.forwarded.nobody; attachment.known file; attachment.size bytes file; \
    attachment.pattern file pattern; attachment.many all max; kind.certain kind told; \
    kind.likely kind told; automatic; defect told; released; dismissed person; loop.message_id issue; loop.field; \
    loop.automatic; treatment.marked; treatment.held; treatment.ignored; flood.mailbox max; \
    flood.sender max; flood.subject max; flood.thread max; sender.not_one_from; sender.not_one_address; \
    sender.no_domain; sender.nothing_reported; sender.dmarc_pass domain; \
    sender.dmarc_of_another author domain; sender.dmarc_fail author; sender.arc_pass author sealer; \
    sender.dkim_pass signer; sender.nothing_passed author; sender.of_list; sender.rewritten author list; \
    read.gone; read.no_bytes; read.failed polls told; read.refused told; read.too_slow bytes polls size; \
    read.at_last readings; read.in_parts; read.another_place; read.too_large; parse.gave_up; \
    parse.died attempts; write.refused; redriven issue";

#[test]
fn steps_of_records_are_told_as_long_as_they_lie_there() {
    let stored: BTreeMap<&str, BTreeSet<&str>> = STORED
        .split("; ")
        .map(|entry| entry.split_once(' ').unwrap_or((entry, "")))
        .map(|(key, places)| (key, places.split_whitespace().collect()))
        .collect();
    let english = catalogue(Language::English);
    let keys = english.keys().filter_map(|key| key.strip_prefix("trace."));
    assert!(keys.eq(stored.keys().copied()), "the keys of trace.txt and those above are not the same");
    for (key, places_of_records) in stored {
        let places = places(english[&*format!("trace.{key}")].message);
        assert!(places.is_subset(&places_of_records), "{key}: records have no value for a place of it");
    }
}

#[test]
fn kinds_of_mails_are_told_in_words_also_where_records_have_the_word_of_the_api() {
    let verdict = mail::Verdict { certainty: mail::Certainty::Likely, evidence: vec!["x".to_owned()] };
    let some = || Some(verdict.clone());
    let all = mail::Kind {
        auto_reply: some(),
        bounce: some(),
        report: some(),
        list_mail: some(),
        feedback_report: some(),
        read_receipt: some(),
        calendar_answer: some(),
        aggregate_report: some(),
        ..mail::Kind::default()
    };
    assert_eq!(all.verdicts().count(), 8);
    for (kind, _) in all.verdicts() {
        for language in [Language::English, Language::Japanese] {
            for key in ["trace.kind.certain", "trace.kind.likely"] {
                assert!(catalogue(language).contains_key(&*format!("kind.{kind}")), "{kind}");
                let told = Sentence::new(key).with("kind", kind).with("told", "x").message(language);
                assert!(!told.contains('_'), "{told}");
            }
        }
    }
    let odd = Sentence::new("trace.kind.certain").with("kind", "{told}").with("told", "x");
    assert_eq!(odd.message(Language::English), "{told}, certain: x");
}

#[test]
fn an_error_within_another_one_is_told_in_one_language() {
    let frame = Sentence::new("half_applied").with("done", 1).with("all", 2);
    let error = crate::Error::field("/host", "field.required").within(frame);
    let told = "1 of 2 changes were made, then: Some fields are not right.";
    assert_eq!((&*error.code, &*error.message), ("validation_failed", told));
    assert_eq!(error.fields[0].detail, "is required");
    let error = error.in_language(Language::Japanese);
    let told = "2 件の変更のうち 1 件を行った後、次の問題が起きました。正しくない項目があります。";
    assert_eq!((&*error.message, &*error.fields[0].detail), (told, "必須です"));
    assert!(error.action.starts_with("ドキュメント"), "{}", error.action);
}

#[test]
fn what_types_say_of_a_wrong_text_is_what_the_catalogue_says() {
    use crate::types::{host::MailHost, name::Name, project::ProjectKey};
    fn same<E: ToString + Into<Sentence>>(error: E) {
        assert_eq!(error.to_string(), error.into().message(Language::English));
    }
    [" ", "a\nb", &"x".repeat(101)].into_iter().filter_map(|text| Name::new(text).err()).for_each(same);
    ProjectKey::new("").err().into_iter().for_each(same);
    "SUP".parse::<crate::types::project::IssueKey>().err().into_iter().for_each(same);
    MailHost::new("").err().into_iter().for_each(same);
    "x".parse::<crate::types::message::Reason>().err().into_iter().for_each(same);
}
