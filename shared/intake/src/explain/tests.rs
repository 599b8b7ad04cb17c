use std::collections::BTreeSet;

use super::{mail_texts::TEXTS, microsoft::AADSTS, provider_words::WORDS, *};
use crate::catalogue;

fn error(fault: OAuthFault, word: &str, description: &str) -> OAuthError {
    OAuthError {
        fault,
        context: "x".to_owned(),
        error: Some(word.to_owned()),
        description: Some(description.to_owned()),
    }
}

fn refused(fault: MailFault, text: &str) -> MailError {
    MailError { fault, context: "sign in".to_owned(), server_text: Some(text.to_owned()) }
}

#[test]
fn every_row_has_its_sentence_and_can_be_reached() {
    let keys = AADSTS.iter().map(|row| row.key).chain(WORDS.iter().map(|row| row.key));
    for key in keys.chain(TEXTS.iter().map(|row| row.key)) {
        assert!(catalogue::has(key), "{key} is not in the catalogue");
    }
    let mut numbers = BTreeSet::new();
    assert!(AADSTS.iter().flat_map(|row| row.numbers).all(|number| numbers.insert(number)), "a number twice");
    for row in &WORDS {
        let found = provider_words::row(row.error, Some(row.told)).map(|row| (row.error, row.told));
        assert_eq!(found, Some((row.error, row.told)), "another row hides it");
    }
    for row in &TEXTS {
        assert_eq!(row.text, row.text.to_ascii_lowercase());
        assert_eq!(
            mail_texts::row_of(row.text).map(|found| found.text),
            Some(row.text),
            "another row hides it"
        );
    }
}

#[test]
fn most_rows_are_confirmed_in_writing() {
    let sources = AADSTS.iter().map(|row| row.source).chain(WORDS.iter().map(|row| row.source));
    let sources: Vec<_> = sources.chain(TEXTS.iter().map(|row| row.source)).collect();
    let confirmed = sources.iter().filter(|source| **source != Source::Experience).count();
    assert!(confirmed * 2 > sources.len(), "{confirmed} of {}", sources.len());
}

#[test]
fn numbers_win_over_words_and_words_over_faults() {
    let expired = error(
        OAuthFault::ClientRefused,
        "invalid_client",
        "AADSTS7000222: The provided client secret keys are expired.",
    );
    assert_eq!(oauth(&expired, Provider::Microsoft).code, "client_secret_expired");
    let denied = error(OAuthFault::GrantRefused, "access_denied", "x");
    assert_eq!(oauth(&denied, Provider::Custom).code, "access_denied");
    let google = oauth(&error(OAuthFault::GrantRefused, "invalid_grant", "Bad Request"), Provider::Google);
    assert_eq!(google.code, "grant_refused");
    assert!(google.action.contains("In production"));
    let busy = error(OAuthFault::Temporary { after: None }, "server_error", "x");
    assert!(oauth(&busy, Provider::Google).is_temporary());
    // The status said more than the word.
    let busy = error(OAuthFault::Temporary { after: None }, "invalid_grant", "x");
    assert_eq!(oauth(&busy, Provider::Google).code, "provider_unavailable");
}

#[test]
fn unknown_words_are_shown_and_the_class_is_guessed() {
    let odd = oauth(&error(OAuthFault::Configuration, "odd_word", "<b>no</b>"), Provider::Custom);
    assert_eq!((odd.kind, odd.code.as_ref()), (Kind::Configuration, "provider_refused"));
    assert!(odd.message.ends_with("(odd_word: <b>no</b>)."), "{}", odd.message);
    let odd = mail(&refused(MailFault::Refused, "Not on Sundays"));
    assert!(odd.message.ends_with("(Not on Sundays)."), "{}", odd.message);
}

#[test]
fn a_refused_token_asks_for_consent_and_a_refused_password_does_not() {
    let text = "[AUTHENTICATIONFAILED] Invalid credentials (Failure)";
    let error = refused(MailFault::AuthenticationRefused { challenge: None }, text);
    let token = sign_in(&error, SignIn::Token);
    assert_eq!((token.kind, token.code.as_ref()), (Kind::NeedsConsent, "mail_token_refused"));
    let password = sign_in(&error, SignIn::Password);
    assert_eq!((password.kind, password.code.as_ref()), (Kind::Configuration, "mail_sign_in_refused"));
    let pause = MailFault::Throttled { after: Some(std::time::Duration::from_secs(299)) };
    let slow = sign_in(
        &refused(pause, "Request is throttled. Suggested Backoff Time: 299000 milliseconds"),
        SignIn::Token,
    );
    assert_eq!(slow.kind, Kind::Retry { after: Some(std::time::Duration::from_secs(299)) });
    assert!(!slow.message.contains("299000"), "{}", slow.message);
}
