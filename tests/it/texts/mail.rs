//! What mail servers answer.

use playground::{Account, MailFault, Options, Step};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Served, inside::PROJECT, maildocket::id, scene::ACCOUNT};

use super::{failed, tells, tells_in_japanese, text};

/// The server's answer, and what is told of it: the step of the test, class, code, a part of the sentences.
type Row = (&'static str, &'static str, (&'static str, &'static str, &'static str));

const CONFIGURATION: &str = "configuration";
const CONSENT: &str = "consent";
const ADMINISTRATOR: &str = "administrator";
const TEMPORARY: &str = "temporary";

/// At the sign-in with a token.
const SIGN_IN: [Row; 32] = [
    (
        "Yandex",
        "NO [AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled",
        (CONFIGURATION, "mail_sign_in_refused", "switched off"),
    ),
    (
        "any",
        "NO Your IP address is blocked",
        (ADMINISTRATOR, "mail_address_blocked", "Your IP address is blocked"),
    ),
    ("Exchange", "NO AUTHENTICATE failed.", (CONFIGURATION, "mail_sign_in_refused", "IMAP.AccessAsUser.All")),
    (
        "Exchange POP3",
        "NO Authentication failure: unknown user name or bad password.",
        (CONFIGURATION, "mail_sign_in_refused", "POP.AccessAsUser.All"),
    ),
    (
        "Exchange",
        "NO Basic authentication is disabled.",
        (CONFIGURATION, "mail_password_login_off", "OAuth 2.0"),
    ),
    (
        "Exchange",
        "NO Request is throttled. Suggested Backoff Time: 299910 milliseconds",
        (TEMPORARY, "mail_throttled", "slows this mailbox down"),
    ),
    ("Exchange", "NO Server Unavailable. 15", (TEMPORARY, "mail_server_busy", "short problem")),
    ("Exchange", "NO Server busy", (TEMPORARY, "mail_server_busy", "short problem")),
    (
        "Gmail",
        "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
        (CONSENT, "mail_token_refused", "refuses the token of this account"),
    ),
    (
        "Gmail",
        "NO [ALERT] Too many simultaneous connections. (Failure)",
        (TEMPORARY, "mail_connections", "Too many mail programs"),
    ),
    (
        "Gmail",
        "NO [ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)",
        (CONSENT, "web_login_required", "in a browser"),
    ),
    (
        "Gmail",
        "NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
        (CONFIGURATION, "mail_password_login_off", "no passwords"),
    ),
    (
        "Gmail",
        "NO [OVERQUOTA] Account exceeded command or bandwidth limits.",
        (TEMPORARY, "mail_quota", "download limit"),
    ),
    (
        "Gmail",
        "NO [ALERT] Your account is not enabled for IMAP use. Please visit your settings page.",
        (ADMINISTRATOR, "imap_switched_off", "Switch it on"),
    ),
    (
        "Gmail",
        "NO IMAP access is disabled for your domain.",
        (ADMINISTRATOR, "imap_switched_off", "administrator"),
    ),
    (
        "Gmail POP3",
        "NO [SYS/PERM] Your account is not enabled for POP access.",
        (ADMINISTRATOR, "pop_switched_off", "POP is switched off"),
    ),
    (
        "Gmail POP3",
        "NO [AUTH] Username and password not accepted.",
        (CONSENT, "mail_token_refused", "refuses the token of this account"),
    ),
    (
        "Gmail",
        "NO [UNAVAILABLE] Temporary System Error (Failure)",
        (TEMPORARY, "mail_server_busy", "short problem"),
    ),
    (
        "Yahoo",
        "NO [AUTHENTICATIONFAILED] (#AUTH901) The provided OAuth2 access token is invalid",
        (CONSENT, "mail_token_refused", "token of this account"),
    ),
    ("Yahoo", "NO [LIMIT] LOGIN Rate limit hit", (TEMPORARY, "mail_throttled", "slows this mailbox down")),
    (
        "Yahoo",
        "NO [SERVERBUG] LOGIN Server error - Please try again later",
        (TEMPORARY, "mail_server_busy", "short problem"),
    ),
    (
        "Dovecot",
        "NO [UNAVAILABLE] Temporary authentication failure. [host:2026-11-05 10:00:00]",
        (TEMPORARY, "mail_server_cannot_check", "right now"),
    ),
    (
        "Dovecot",
        "NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)",
        (TEMPORARY, "mail_connections", "close other programs"),
    ),
    (
        "Dovecot",
        "NO [ALERT] Invalid base64 data in initial response",
        (CONFIGURATION, "mail_sign_in_refused", "Invalid base64"),
    ),
    (
        "Dovecot",
        "NO [AUTHENTICATIONFAILED] Authentication failed.",
        (CONFIGURATION, "mail_sign_in_refused", "user name"),
    ),
    (
        "RFC 5530",
        "NO [AUTHORIZATIONFAILED] You may not act for this user.",
        (CONFIGURATION, "mailbox_not_permitted", "full access"),
    ),
    ("RFC 5530", "NO [EXPIRED] The password is too old.", (CONSENT, "mail_password_expired", "Change it")),
    (
        "RFC 5530",
        "NO [PRIVACYREQUIRED] Not without encryption.",
        (CONFIGURATION, "mail_needs_tls", "STARTTLS"),
    ),
    (
        "RFC 5530",
        "NO [CONTACTADMIN] Call the desk.",
        (ADMINISTRATOR, "mail_contact_administrator", "administrator"),
    ),
    ("RFC 5530", "NO [INUSE] Somebody else reads it.", (TEMPORARY, "mailbox_in_use", "other program")),
    ("any", "NO Account is disabled", (ADMINISTRATOR, "mail_account_disabled", "enable it")),
    (
        "unknown",
        "NO Not on <b>Sundays</b>",
        (CONFIGURATION, "mail_sign_in_refused", "(Not on <b>Sundays</b>)"),
    ),
];

/// At EXAMINE.
const FOLDER: [Row; 11] = [
    ("Courier", "NO Unable to open this mailbox.", (CONFIGURATION, "folder_missing", "INBOX always exists")),
    ("Cyrus", "NO Permission denied", (CONFIGURATION, "mailbox_not_permitted", "cannot open this folder")),
    (
        "Exchange",
        "BAD User is authenticated but not connected.",
        (CONFIGURATION, "mailbox_not_permitted", "full access"),
    ),
    (
        "Exchange",
        "BAD Request is throttled. Suggested Backoff Time: 89000 milliseconds",
        (TEMPORARY, "mail_throttled", "slows this mailbox down"),
    ),
    ("Exchange", "BAD Command Argument Error. 11", (CONFIGURATION, "mail_refused", "Command Argument Error")),
    (
        "Gmail",
        "NO [NONEXISTENT] Unknown Mailbox: Nowhere (Failure)",
        (CONFIGURATION, "folder_missing", "INBOX always exists"),
    ),
    ("Dovecot", "NO Mailbox doesn't exist: Nowhere", (CONFIGURATION, "folder_missing", "Check its name")),
    ("RFC 5530", "NO [NOPERM] Permission denied.", (CONFIGURATION, "mailbox_not_permitted", "cannot open")),
    ("RFC 5530", "NO [UNAVAILABLE] Backend is away.", (TEMPORARY, "mail_server_cannot_check", "right now")),
    ("RFC 5530", "NO [SERVERBUG] Internal error occurred.", (TEMPORARY, "mail_server_busy", "short problem")),
    ("unknown", "NO Not this one", (CONFIGURATION, "mail_refused", "(Not this one)")),
];

/// At the sign-in with a password.
const PASSWORD: [Row; 6] = [
    (
        "Exchange",
        "NO LOGIN failed.",
        (CONFIGURATION, "mail_sign_in_refused", "Exchange Online takes no passwords"),
    ),
    (
        "Exchange",
        "NO Basic authentication is disabled.",
        (CONFIGURATION, "mail_password_login_off", "OAuth 2.0"),
    ),
    (
        "Gmail",
        "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
        (CONFIGURATION, "mail_sign_in_refused", "the password"),
    ),
    (
        "Gmail",
        "NO [ALERT] Please log in via your web browser: https://support.google.com/ (Failure)",
        (CONFIGURATION, "web_login_required", "in a browser"),
    ),
    (
        "RFC 5530",
        "NO [EXPIRED] The password is too old.",
        (CONFIGURATION, "mail_password_expired", "enter it here"),
    ),
    (
        "Dovecot",
        "NO [PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.",
        (CONFIGURATION, "mail_needs_tls", "TLS"),
    ),
];

fn options() -> Options {
    let account = Account::new(ACCOUNT, "Customer support").with_password("a password");
    Options { accounts: vec![account], ..Options::default() }
}

/// The test, the poll and the state tell the same.
async fn check(served: &Served, mailbox: &str, step: &Step, name: &str, (server, answer, told): Row) {
    let (api, script, what) = (&served.api, served.playground.script(), format!("{server}: {answer}"));
    let say = || {
        for _ in 0..2 {
            script.mail_fault(MailFault::says(step.clone(), answer));
        }
        if *step == Step::Command("EXAMINE".to_owned()) {
            // The other way to open a folder.
            script.mail_fault(MailFault::says(Step::Command("SELECT".to_owned()), answer));
        }
    };
    say();
    let test = api.post(&format!("{mailbox}/test"), json!({})).await;
    let failed = failed(&test);
    let (class, code) = (json!(told.0), json!(told.1));
    assert_eq!(
        (&failed["name"], &failed["class"], &failed["code"]),
        (&json!(name), &class, &code),
        "{what}: {failed}"
    );
    // A server's own words come with whose they are.
    let words = told.2.strip_prefix('(').map_or_else(|| told.2.to_owned(), |words| format!(": {words}"));
    assert!(text(&test["summary"]).contains(&words), "{what}: {test}");
    script.calm();
    say();
    let (status, problem) = api.attempt(Method::POST, &format!("{mailbox}/poll"), Some(json!({}))).await;
    assert_eq!(status.as_u16(), if told.0 == TEMPORARY { 503 } else { 409 }, "{what}: {problem}");
    script.calm();
    let state = api.get(mailbox).await["state"].clone();
    tells(&state["last_error"], (told.0, told.1, &words), &what);
    let expected = match told.0 {
        TEMPORARY => "failing",
        CONSENT => "needs_consent",
        _ => "needs_attention",
    };
    assert_eq!(state["status"], expected, "{what}");
    let throttled = ["mail_throttled", "mail_quota", "mail_connections"].contains(&told.1);
    assert_eq!(state["throttled_until"] != Value::Null, throttled, "{what}: {state}");
    let japanese = api.in_language("ja").get(mailbox).await["state"].clone();
    tells_in_japanese(&japanese["last_error"], told, &what);
    api.post(&format!("{mailbox}/poll"), json!({})).await;
    let state = api.get(mailbox).await["state"].clone();
    assert_eq!((&state["status"], &state["throttled_until"]), (&json!("ok"), &Value::Null), "{what}");
}

#[tokio::test]
async fn every_refusal_of_a_token_is_told_in_plain_sentences() {
    let served = Served::new(options()).await;
    let mailbox = served.connected().await.mailbox;
    for row in SIGN_IN {
        check(&served, &mailbox, &Step::SignIn, "sign_in", row).await;
    }
}

#[tokio::test]
async fn every_refusal_of_a_folder_is_told_in_plain_sentences() {
    let served = Served::new(options()).await;
    let mailbox = served.connected().await.mailbox;
    for row in FOLDER {
        check(&served, &mailbox, &Step::Command("EXAMINE".to_owned()), "folder", row).await;
    }
}

#[tokio::test]
async fn every_refusal_of_a_password_is_told_in_plain_sentences() {
    let served = Served::new(options()).await;
    let server = served.playground.imap_address();
    let body = json!({"name": "By password", "protocol": "imap", "host": server.ip().to_string(),
        "port": server.port(), "tls": "implicit", "project": PROJECT,
        "auth": {"method": "password", "username": ACCOUNT, "password": "a password"}});
    let mailbox = format!("/mailboxes/{}", id(&served.api.post("/mailboxes", body).await));
    for row in PASSWORD {
        check(&served, &mailbox, &Step::SignIn, "sign_in", row).await;
    }
}

#[tokio::test]
async fn the_secret_of_a_web_alert_is_nowhere() {
    let served = Served::new(options()).await;
    let mailbox = served.connected().await.mailbox;
    for _ in 0..2 {
        served.playground.script().mail_fault(MailFault::gmail_web_login());
    }
    let test = served.api.post(&format!("{mailbox}/test"), json!({})).await;
    assert_eq!(failed(&test)["code"], "web_login_required");
    served.api.attempt(Method::POST, &format!("{mailbox}/poll"), Some(json!({}))).await;
    let all = format!("{test}{}{}", served.api.get(&mailbox).await, served.api.get("/status").await);
    assert!(!all.contains("playground-secret"), "{all}");
}

#[tokio::test]
async fn a_switched_off_mailbox_spends_no_refresh() {
    let served = Served::new(options()).await;
    let mailbox = served.connected().await.mailbox;
    let script = served.playground.script();
    let before = script.counters().token_requests_for("refresh_token");
    script.mail_fault(MailFault::says(Step::SignIn, "NO [ALERT] Your account is not enabled for IMAP use."));
    served.api.attempt(Method::POST, &format!("{mailbox}/poll"), Some(json!({}))).await;
    assert!(script.is_used_up(), "tried once");
    assert_eq!(script.counters().token_requests_for("refresh_token"), before);
}
