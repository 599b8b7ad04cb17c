//! Every way to sign in at a mail server.

use intake::{
    ports::{Credentials, MailFault, MailTarget, OpenedFolder},
    types::{
        host::MailHost,
        mailbox::{MailServer, Protocol, Tls},
    },
};
use playground::Options;
use secrecy::SecretString;
use tests::{Inside, Scene, Servers, dovecot::PASSWORD, scene::ACCOUNT};

fn target(port: u16, tls: Tls) -> MailTarget {
    let host = MailHost::new("localhost").unwrap();
    let server = MailServer { protocol: Protocol::Imap, host, port, tls };
    MailTarget {
        server,
        folder: "INBOX".to_owned(),
        max_mail_bytes: 1024 * 1024,
        life: std::time::Duration::from_secs(60),
    }
}

fn bearer(token: &str) -> Credentials {
    Credentials::Bearer { username: ACCOUNT.to_owned(), token: SecretString::from(token) }
}

#[tokio::test]
async fn tokens_by_both_mechanisms_with_and_without_an_initial_response() {
    let scene = Scene::new(Options::default()).await;
    scene.consent().await;
    let token = scene.script().issue_tokens(tests::inside::CLIENT_ID, ACCOUNT).unwrap().access_token;
    let target = target(scene.playground.imap_address().port(), Tls::Implicit);
    for mechanism in ["AUTH=XOAUTH2", "AUTH=OAUTHBEARER"] {
        for more in [&["SASL-IR"][..], &[]] {
            let words = [&["IMAP4rev1", mechanism][..], more].concat();
            scene.script().set_mail_capabilities(&words);
            let opened = scene.app().mail.open(&target, &bearer(&token)).await;
            opened.unwrap_or_else(|error| panic!("{words:?}: {error:?}")).session.close().await;

            let refused = scene.app().mail.open(&target, &bearer("no token")).await;
            let fault = refused.err().expect("a refusal").fault;
            let MailFault::AuthenticationRefused { challenge: Some(challenge) } = fault else {
                panic!("{words:?}: {fault:?}")
            };
            assert!(challenge.contains("\"status\""), "{words:?}: {challenge}");
        }
    }
}

#[tokio::test]
async fn passwords_over_tls_and_starttls_and_a_wrong_one_is_refused() {
    let servers = Servers::get().await;
    let inside = Inside::new(&servers.identity.ca_pem).await;
    let account = servers.dovecot.account();
    let credentials = |password: &str| Credentials::Password {
        username: account.address.clone(),
        password: SecretString::from(password),
    };
    for target in [target(servers.dovecot.imaps, Tls::Implicit), target(servers.dovecot.imap, Tls::Starttls)]
    {
        let opened = inside.app.mail.open(&target, &credentials(PASSWORD)).await;
        let OpenedFolder { session, status } = opened.unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(status.exists, 0);
        session.close().await;
        let refused = inside.app.mail.open(&target, &credentials("wrong")).await.err().expect("a refusal");
        assert_eq!(refused.fault, MailFault::AuthenticationRefused { challenge: None });
        assert!(refused.server_text.is_some_and(|text| text.contains("Authentication failed")));
    }
}

#[tokio::test]
async fn a_refused_token_brings_the_challenge_of_the_server() {
    let servers = Servers::get().await;
    let inside = Inside::new(&servers.identity.ca_pem).await;
    let target = target(servers.dovecot.imaps, Tls::Implicit);
    let refused = inside.app.mail.open(&target, &bearer("no token")).await.err().expect("a refusal");
    let MailFault::AuthenticationRefused { challenge: Some(challenge) } = refused.fault else {
        panic!("{refused:?}")
    };
    assert!(challenge.contains("openid-configuration"), "{challenge}");
}
