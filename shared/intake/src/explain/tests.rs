use std::collections::BTreeSet;

use super::{
    mail_texts::{ADDRESS_BLOCKED, REFUSED_OR_SWITCHED_OFF, TEXTS},
    microsoft::AADSTS,
    provider_words::WORDS,
    *,
};
use crate::{
    catalogue,
    types::{host::MailHost, integration::ClientAuthentication},
};

fn error(fault: OAuthFault, word: &str, description: &str) -> OAuthError {
    OAuthError {
        fault,
        context: "x".into(),
        error: Some(word.to_owned()),
        description: Some(description.to_owned()),
        host: None,
        tried: Vec::new(),
    }
}

fn refused(fault: MailFault, text: &str) -> MailError {
    MailError { fault, context: "sign in".to_owned(), server_text: Some(text.to_owned()) }
}

fn server(host: &str) -> MailServer {
    let host = MailHost::new(host).unwrap();
    MailServer { protocol: Protocol::Imap, host, port: 993, tls: Tls::Implicit }
}

/// What is told of a server's text, as a connection to this host finds it.
fn told_at(host: &str, text: &str, signing_in: bool, how: SignIn) -> Error {
    let default = if signing_in { REFUSED } else { MailFault::Refused };
    let fault = mail_fault(text, signing_in).unwrap_or(default);
    sign_in(&refused(fault, text), how, &server(host))
}

const REFUSED: MailFault = MailFault::AuthenticationRefused { challenge: None };
const OWN: &str = "mail.example.org";

#[test]
fn every_row_has_its_sentence_and_can_be_reached() {
    let keys = AADSTS.iter().map(|row| row.key).chain(WORDS.iter().map(|row| row.key));
    let rows = || TEXTS.iter().chain([&ADDRESS_BLOCKED, &REFUSED_OR_SWITCHED_OFF]);
    let elsewhere = rows().filter_map(|row| Some(row.vendor?.1));
    for key in keys.chain(rows().map(|row| row.key)).chain(elsewhere) {
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
            mail_texts::row_of(row.text, &row.fault).map(|found| found.text),
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
fn what_a_standard_word_means_is_told_by_the_provider_beside_it() {
    let custom = |fault, word, description| oauth(&error(fault, word, description), Provider::Custom);
    let odd = custom(OAuthFault::Configuration, "invalid_request", "The parameter audience is missing");
    assert_eq!(odd.code, "provider_refused_request");
    assert!(odd.message.contains("(invalid_request: The parameter audience is missing)"), "{}", odd.message);
    let scope = "AADSTS900144: The request body must contain the following parameter: 'scope'.";
    let scope = custom(OAuthFault::Configuration, "invalid_request", scope);
    assert!(scope.message.contains("parameter: 'scope'"), "{}", scope.message);
    let spa = "AADSTS9002327: Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.";
    let spa = custom(OAuthFault::Configuration, "invalid_request", spa);
    assert_eq!(spa.code, "spa_redirect");
    assert!(spa.action.contains("type Web") && !spa.message.contains("AADSTS"), "{}", spa.message);
}

#[test]
fn a_callbacks_error_speaks_of_the_sign_in_page() {
    for (fault, word, code, said) in [
        (OAuthFault::Configuration, "invalid_request", "provider_refused_request", "Missing nonce"),
        (OAuthFault::Configuration, "odd_word", "provider_refused", "odd_word: Missing nonce"),
        (OAuthFault::Temporary { after: None }, "server_error", "provider_busy", "Missing nonce"),
        (OAuthFault::GrantRefused, "login_required", "interaction_required", "login_required"),
        (OAuthFault::ClientRefused, "invalid_client", "client_refused", "Missing nonce"),
    ] {
        let told = sign_in_page(&error(fault, word, "Missing nonce"), Provider::Custom);
        assert_eq!(told.code, code, "{word}");
        assert!(told.message.contains("sign-in page") && told.message.contains(said), "{}", told.message);
        assert!(!format!("{} {}", told.message, told.action).contains("token endpoint"), "{}", told.action);
    }
    let cancelled = error(OAuthFault::GrantRefused, "access_denied", "The user cancelled");
    assert_eq!(sign_in_page(&cancelled, Provider::Custom).code, "access_denied");
}

#[test]
fn a_refused_client_names_the_way_and_does_not_blame_the_secret_alone() {
    let tried = vec![ClientAuthentication::ClientSecretPost, ClientAuthentication::ClientSecretBasic];
    let refused = OAuthError { tried, ..error(OAuthFault::ClientRefused, "invalid_client", "x") };
    let told = oauth(&refused, Provider::Custom);
    assert_eq!(told.code, "client_refused");
    for word in ["client ID", "client secret", "client_secret_post, client_secret_basic", "invalid_client: x"]
    {
        assert!(told.message.contains(word), "{}", told.message);
    }
    assert!(told.action.contains("client_authentication"), "{}", told.action);
}

#[test]
fn kept_words_hold_no_tokens() {
    let token = "a".repeat(43);
    assert_eq!(
        kept_words(&format!("The token {token}, of\r\nx@example.org"), 100),
        "The token …, of  x@example.org"
    );
    let uuid = "Trace ID: 0f8fad5b-d9cb-469f-a165-70867728950e at https://id.example/oauth2/v2.0";
    assert_eq!(kept_words(uuid, 100), uuid);
    assert_eq!(kept_words("日本語", 2), "日本");
}

#[test]
fn a_refused_token_asks_for_consent_and_a_refused_password_does_not() {
    let text = "[AUTHENTICATIONFAILED] Invalid credentials (Failure)";
    let error = refused(REFUSED, text);
    let token = sign_in(&error, SignIn::Token, &server("imap.gmail.com"));
    assert_eq!((token.kind, token.code.as_ref()), (Kind::NeedsConsent, "mail_token_refused"));
    let password = sign_in(&error, SignIn::Password, &server("imap.gmail.com"));
    assert_eq!((password.kind, password.code.as_ref()), (Kind::Configuration, "mail_sign_in_refused"));
    let pause = MailFault::Throttled { after: Some(std::time::Duration::from_secs(299)) };
    let slow = sign_in(
        &refused(pause, "Request is throttled. Suggested Backoff Time: 299000 milliseconds"),
        SignIn::Token,
        &server("outlook.office365.com"),
    );
    assert_eq!(slow.kind, Kind::Retry { after: Some(std::time::Duration::from_secs(299)) });
    let timed_out = mail(&refused(MailFault::TimedOut, "BYE"));
    let causes = [slow.cause, timed_out.cause, password.cause];
    assert_eq!(causes, [Some(Cause::ServerThrottles), Some(Cause::ServerSlow), None]);
    assert!(!slow.message.contains("299000") && slow.message.contains("Microsoft"), "{}", slow.message);
}

#[test]
fn a_vendors_words_have_its_cause_at_its_hosts_only() {
    for (text, host, there, elsewhere) in [
        ("LOGIN failed.", "outlook.office365.com", "Microsoft refuses the password", "mail_sign_in_refused"),
        ("Login failed.", "partner.outlook.cn", "Microsoft refuses the password", "mail_sign_in_refused"),
        ("AUTHENTICATE failed.", "outlook.office365.us", "Microsoft refuses", "mail_sign_in_refused"),
        (
            "Authentication failure: unknown user name or bad password.",
            "webmail.apps.mil",
            "Microsoft refuses",
            "mail_sign_in_refused",
        ),
        ("Invalid credentials (Failure)", "imap.gmail.com", "Google refuses", "mail_token_refused"),
        ("[AUTH] Username and password not accepted.", "pop.gmail.com", "Google", "mail_token_refused"),
        ("[ALERT] Please log in via your web browser", "imap.gmail.com", "Google", "web_login_required"),
    ] {
        let vendor = told_at(host, text, true, SignIn::Token);
        assert!(vendor.message.contains(there), "{text}: {}", vendor.message);
        let own = told_at(OWN, text, true, SignIn::Token);
        assert_eq!(own.code, elsewhere, "{text}");
        for name in ["Microsoft", "Google"] {
            assert!(!own.message.contains(name), "{text}: {}", own.message);
        }
        assert!(own.message.contains(text.trim_end_matches('.')), "{text}: {}", own.message);
    }
    let own = told_at(OWN, "Login failed.", true, SignIn::Password);
    assert!(own.action.contains("the password") && own.action.contains("Exchange Online"), "{}", own.action);
}

#[test]
fn a_sentence_with_two_causes_is_a_refused_sign_in_and_tells_both() {
    for text in [
        "[AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled",
        "[AUTHENTICATIONFAILED] AUTHENTICATE invalid credentials or IMAP is disabled sc=x",
        "[AUTH] login failure or POP3 disabled, try later. POP is disabled",
        "Incorrect password, or IMAP access is disabled for this account",
    ] {
        assert_eq!(mail_fault(text, true), Some(REFUSED), "{text}");
        for how in [SignIn::Token, SignIn::Password] {
            let told = told_at("imap.yandex.com", text, true, how);
            assert_eq!(told.code, "mail_sign_in_refused", "{text}");
            assert!(told.message.contains("switched off") && told.message.contains("token"), "{text}");
        }
    }
    let off = "[ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page.";
    assert_eq!(mail_fault(off, true), Some(MailFault::SignInBlocked));
    assert_eq!(told_at("imap.gmail.com", off, true, SignIn::Token).code, "imap_switched_off");
}

#[test]
fn a_blocked_address_is_no_short_problem() {
    for text in [
        "Your IP address is blocked",
        "Your IP address has been temporarily blocked due to too many failed logins",
        "Your host has been banned",
        "Your IP is blacklisted, see https://example.org/unblock",
        "Too many failed logins from your IP",
        "[ALERT] Too many failed login attempts from this IP. Try again later.",
        "Access denied from your IP address",
    ] {
        for signing_in in [true, false] {
            assert_eq!(mail_fault(text, signing_in), Some(MailFault::AddressBlocked), "{text}");
            let told = told_at(OWN, text, signing_in, SignIn::Password);
            assert_eq!((told.kind, told.code.as_ref()), (Kind::NeedsAdministrator, "mail_address_blocked"));
            assert!(told.message.contains(text.trim_end_matches('.')), "{}", told.message);
        }
    }
    for text in [
        "Too many connections from your IP",
        "[UNAVAILABLE] Maximum number of connections from user+IP exceeded",
        "Authentication failed, your IP address is 192.0.2.1",
        "Your account has been banned",
    ] {
        assert_ne!(mail_fault(text, true), Some(MailFault::AddressBlocked), "{text}");
    }
}

#[test]
fn missing_and_forbidden_folders_are_told_in_any_words() {
    for text in [
        "Mailbox doesn't exist: Nowhere",
        "No such mailbox",
        "Unknown mailbox",
        "Mailbox does not exist",
        "[TRYCREATE] Mailbox does not exist",
        "EXAMINE failed: Can't open mailbox Nowhere: no such mailbox",
        "[NONEXISTENT] Unknown Mailbox: Nowhere (Failure)",
        "Unable to open this mailbox.",
        "Invalid mailbox name.",
        "Folder not found",
    ] {
        assert_eq!(mail_fault(text, false), Some(MailFault::NoFolder), "{text}");
        let told = told_at(OWN, text, false, SignIn::Token);
        assert_eq!((told.kind, told.code.as_ref()), (Kind::Configuration, "folder_missing"), "{text}");
    }
    for text in ["Permission denied", "[NOPERM] Permission denied.", "Access denied", "Not authorized"] {
        let told = told_at(OWN, text, false, SignIn::Token);
        assert_eq!((told.kind, told.code.as_ref()), (Kind::Configuration, "mailbox_not_permitted"), "{text}");
    }
    assert_eq!(mail_fault("Message 3 does not exist", false), None, "a mail is no folder");
    assert_eq!(mail_fault("Permission denied", false), Some(MailFault::Refused), "it may be one mail's");
}

#[test]
fn what_a_server_says_is_shown_whatever_it_means() {
    for (fault, text) in [
        (MailFault::Temporary, "Shutting down for maintenance"),
        (MailFault::Throttled { after: None }, "[LIMIT] Too many sessions today"),
        (MailFault::Protocol, "[ALERT] Upgrade your client"),
        (MailFault::TimedOut, "Autologout"),
        (MailFault::NoMechanism, "Not like this"),
    ] {
        for told in [mail(&refused(fault.clone(), text)), told_at(OWN, text, true, SignIn::Token)] {
            assert!(told.message.contains(text), "{fault:?}: {}", told.message);
        }
    }
}

#[test]
fn what_is_not_offered_before_tls_is_a_setting() {
    let error = MailError {
        fault: MailFault::NoMechanism,
        context: "sign in: the server takes no passwords".to_owned(),
        server_text: None,
    };
    let clear = MailServer { tls: Tls::None, ..server(OWN) };
    let told = sign_in(&error, SignIn::Password, &clear);
    assert_eq!(told.code, "mail_needs_tls");
    assert!(told.action.contains("Set tls to starttls"), "{}", told.action);
    assert!(!told.message.contains("takes no passwords"), "{}", told.message);
    assert_eq!(sign_in(&error, SignIn::Password, &server(OWN)).code, "mail_no_mechanism");
}
