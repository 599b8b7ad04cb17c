//! Who sent a mail and to which conversation it belongs, over whole mails.

use std::{fs, path::Path};

use mail::{
    Mail,
    auth::{Settings, Verdict, authenticate},
    thread::{ThreadIndex, conversation_subject, issue_keys},
};
use proptest::prelude::*;

fn mail(name: &str) -> Mail {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/mail").join(name);
    mail::parse(&fs::read(path.with_extension("eml")).expect(name))
}

#[test]
fn senders_are_judged_by_the_receivers_fields() {
    let google = Settings { trusted: vec!["mx.google.com".to_owned()], ..Settings::default() };
    let microsoft = Settings { microsoft: true, ..Settings::default() };
    for (name, settings, expected) in [
        ("google-dmarc-pass", &google, Verdict::Pass),
        ("google-dmarc-pass", &microsoft, Verdict::Unverified),
        ("google-dkim-of-another-domain", &google, Verdict::Unverified),
        ("google-forged-below", &google, Verdict::Fail),
        ("microsoft-without-authserv-id", &microsoft, Verdict::Pass),
        ("microsoft-without-authserv-id", &google, Verdict::Unverified),
        ("two-authors", &google, Verdict::Unverified),
        ("address-in-the-name", &google, Verdict::Pass),
        ("results-hidden-in-an-encoded-word", &google, Verdict::Unverified),
    ] {
        let mail = mail(&format!("auth/{name}"));
        let authentication = authenticate(&mail.trace, settings);
        assert_eq!(authentication.verdict, expected, "{name}: {:?}", authentication.evidence);
        assert!(!authentication.evidence.is_empty(), "{name}");
    }
}

#[test]
fn conversations_are_found() {
    for (name, subject) in [
        ("outlook-thread-index", "printer"),
        ("subject-prefixes-of-many-languages", "printer"),
        ("single-letter-prefix-of-an-answer", "printer"),
        ("single-letter-that-stays", "r: printer"),
        ("issue-key-in-the-subject", "[sup-42] printer"),
    ] {
        assert_eq!(conversation_subject(&mail(&format!("thread/{name}"))), subject, "{name}");
    }
    let (index, topic) = ThreadIndex::of(&mail("thread/outlook-thread-index")).expect("an index");
    assert_eq!((index.depth(), topic.as_str()), (1, "printer"));
    assert_eq!(issue_keys(&mail("thread/issue-key-in-the-subject").subject), ["SUP-42"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_field_panics_or_passes_by_chance(fields in prop::collection::vec(
        ("(from|received|authentication-results|arc-seal|arc-authentication-results)",
         "(mx\\.example\\.org|by|from|;|=|\\(|\\)|\"|dmarc|dkim|arc|pass|fail|header\\.d|header\\.from|i|1|example\\.com|jane@example\\.com| |\\\\|\\PC){0,20}"),
        0..6,
    )) {
        let believed = authenticate(&fields, &Settings { trusted: vec!["mx.example.org".to_owned()], microsoft: true, sealers: vec!["example.com".to_owned()] });
        let nobody = authenticate(&fields, &Settings::default());
        prop_assert_eq!(nobody.verdict, Verdict::Unverified);
        prop_assert!(!believed.evidence.is_empty());
    }
}
