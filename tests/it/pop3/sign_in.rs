//! Every way to sign in at a POP3 server, and its refusals in the words of Microsoft and Google.

use std::time::Duration;

use intake::{
    ports::{Credentials, MailFault, MailTarget},
    types::{
        host::MailHost,
        mailbox::{MailServer, Protocol, Tls},
    },
};
use playground::{MailFault as Fault, Options, Step};
use secrecy::SecretString;
use tests::{Scene, Servers, dovecot::PASSWORD, scene::ACCOUNT};

/// CAPA of Exchange Online.
const MICROSOFT: [&str; 4] = ["TOP", "UIDL", "SASL PLAIN XOAUTH2", "USER"];
/// CAPA of Gmail.
const GMAIL: [&str; 7] =
    ["USER", "RESP-CODES", "EXPIRE 0", "LOGIN-DELAY 300", "TOP", "UIDL", "SASL PLAIN XOAUTH2 OAUTHBEARER"];

fn target(port: u16, tls: Tls) -> MailTarget {
    let host = MailHost::new("localhost").unwrap();
    let server = MailServer { protocol: Protocol::Pop3, host, port, tls };
    MailTarget { server, folder: String::new(), max_mail_bytes: 1024 * 1024, life: Duration::from_secs(60) }
}

fn bearer(token: &str) -> Credentials {
    Credentials::Bearer { username: ACCOUNT.to_owned(), token: SecretString::from(token) }
}

#[tokio::test]
async fn passwords_over_tls_stls_and_clear_text_and_a_wrong_one_is_refused() {
    let servers = Servers::get().await;
    let inside = super::inside(servers).await;
    let account = servers.dovecot.account();
    let credentials = |password: &str| Credentials::Password {
        username: account.address.clone(),
        password: SecretString::from(password),
    };
    let (secure, clear) = (servers.dovecot.pop3s, servers.dovecot.pop3);
    for target in [target(secure, Tls::Implicit), target(clear, Tls::Starttls), target(clear, Tls::None)] {
        let opened = inside.app.mail.open(&target, &credentials(PASSWORD)).await;
        let opened = opened.unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(opened.status.exists, 0);
        opened.session.close().await;
        // Long enough for a line of its own.
        for wrong in ["wrong".to_owned(), "wrong".repeat(60)] {
            let refused = inside.app.mail.open(&target, &credentials(&wrong)).await.err().expect("a refusal");
            assert_eq!(refused.fault, MailFault::AuthenticationRefused { challenge: None });
            assert!(refused.server_text.is_some_and(|text| text.contains("Authentication failed")));
        }
    }
    let refused = inside.app.mail.open(&target(secure, Tls::Implicit), &bearer("no token")).await;
    let fault = refused.err().expect("a refusal").fault;
    let MailFault::AuthenticationRefused { challenge: Some(challenge) } = fault else { panic!("{fault:?}") };
    assert!(challenge.contains("openid-configuration"), "{challenge}");
}

#[tokio::test]
async fn tokens_sign_in_at_servers_of_every_kind() {
    let scene = Scene::new(Options::default()).await;
    scene.consent().await;
    let token = scene.script().issue_tokens(tests::inside::CLIENT_ID, ACCOUNT).unwrap().access_token;
    let target = target(scene.playground.pop3_address().port(), Tls::Implicit);
    let bearer_only = ["UIDL", "TOP", "SASL OAUTHBEARER"];
    let pipelining = ["UIDL", "TOP", "PIPELINING", "SASL XOAUTH2"];
    for capabilities in [&MICROSOFT[..], &GMAIL, &bearer_only, &pipelining] {
        scene.script().set_pop3_capabilities(capabilities);
        let opened = scene.app().mail.open(&target, &bearer(&token)).await;
        opened.unwrap_or_else(|error| panic!("{capabilities:?}: {error:?}")).session.close().await;
        let refused = scene.app().mail.open(&target, &bearer("no token")).await;
        let fault = refused.err().expect("a refusal").fault;
        let MailFault::AuthenticationRefused { challenge: Some(challenge) } = fault else {
            panic!("{capabilities:?}: {fault:?}")
        };
        assert!(challenge.contains("\"status\""), "{capabilities:?}: {challenge}");
    }
    // Nothing goes along with a token that could be taken for the answer to the challenge.
    assert_eq!(scene.script().counters().bad_challenge_answers, 0);
}

#[tokio::test]
async fn refusals_of_microsoft_and_gmail_are_understood() {
    let scene = Scene::new(Options::default()).await;
    scene.consent().await;
    let token = scene.script().issue_tokens(tests::inside::CLIENT_ID, ACCOUNT).unwrap().access_token;
    let target = target(scene.playground.pop3_address().port(), Tls::Implicit);
    let throttled = |seconds| MailFault::Throttled { after: Some(Duration::from_secs(seconds)) };
    let refused = |challenge| MailFault::AuthenticationRefused { challenge };
    let google = r#"{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}"#;
    let slow = "-ERR Request is throttled. Suggested Backoff Time: 299000 milliseconds";
    let cases = [
        (&MICROSOFT[..], Fault::exchange_pop3_refuses_token(), refused(None)),
        (&MICROSOFT[..], Fault::says(Step::SignIn, slow), throttled(299)),
        (&MICROSOFT[..], Fault::says(Step::Greeting, "-ERR Server Unavailable. 21"), MailFault::Temporary),
        (&GMAIL[..], Fault::gmail_pop3_refuses(), refused(Some(google.to_owned()))),
        (&GMAIL[..], Fault::pop3_in_use(), MailFault::Temporary),
        (&GMAIL[..], Fault::pop3_login_delay(), throttled(300)),
        (&GMAIL[..], Fault::drops(Step::SignIn), MailFault::Temporary),
        (&GMAIL[..], Fault::drops(Step::Command("UIDL".to_owned())), MailFault::Temporary),
    ];
    for (capabilities, fault, wanted) in cases {
        scene.script().set_pop3_capabilities(capabilities);
        scene.script().mail_fault(fault.clone());
        let error = scene.app().mail.open(&target, &bearer(&token)).await.err().expect("a fault");
        assert_eq!(error.fault, wanted, "{fault:?}: {error:?}");
        assert!(scene.script().is_used_up(), "{fault:?}");
    }
    scene.script().set_pop3_capabilities(&GMAIL);
    scene.script().mail_fault(Fault::gmail_pop3_not_enabled());
    let error = scene.app().mail.open(&target, &bearer(&token)).await.err().expect("a fault");
    // No other token would help.
    assert!(!matches!(error.fault, MailFault::AuthenticationRefused { .. }), "{error:?}");
}
