//! What is refused when it is typed.

use intake::{
    Error,
    flows::{
        integrations::{self, IntegrationInput},
        mailboxes::{self, AuthInput, MailboxInput},
    },
    types::{
        given::Given,
        host::{AddressPolicy, OwnListener},
    },
};
use playground::Identity;
use secrecy::SecretString;
use tests::inside::{Inside, PROJECT, actor, text};

use super::hosts::{HOSTS, NO_HOSTS, Open};

/// A mailbox at this host.
fn mailbox_at(n: usize, host: &str) -> MailboxInput {
    MailboxInput {
        name: text(&format!("Mailbox {n}")),
        protocol: text("imap"),
        host: text(host),
        port: Given::Value(993),
        tls: text("implicit"),
        auth: Given::Value(AuthInput {
            method: text("password"),
            username: text("support@example.com"),
            password: Given::Value(SecretString::from("x")),
            ..AuthInput::default()
        }),
        project: text(PROJECT),
        ..MailboxInput::default()
    }
}

async fn inside(allow_private: bool) -> Inside {
    let mut inside = Inside::new(&Identity::new().unwrap().ca_pem).await;
    inside.app.settings.addresses = AddressPolicy { allow_private };
    inside
}

/// The errors of an integration with this token endpoint, and of a mailbox at this host.
async fn saved(inside: &Inside, n: usize, host: &str) -> [Option<Error>; 2] {
    let bracketed = if host.contains("::") || host.matches(':').count() > 1 {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    let integration = IntegrationInput {
        provider: text("custom"),
        authorization_endpoint: text("https://login.example.com/auth"),
        token_endpoint: text(&format!("https://{bracketed}/token")),
        name: text(&format!("Provider {n}")),
        client_id: text("x"),
        client_secret: Given::Value(SecretString::from("x")),
        ..IntegrationInput::default()
    };
    [
        integrations::create(&inside.app, &actor(), integration, None).await.err(),
        mailboxes::create(&inside.app, &actor(), mailbox_at(n, host), None).await.err(),
    ]
}

const POINTERS: [&str; 2] = ["/token_endpoint", "/host"];

#[tokio::test]
async fn hosts_that_are_not_public_are_refused_when_they_are_saved() {
    assert!(HOSTS.len() >= 60);
    let (off, on) = (inside(false).await, inside(true).await);
    for (n, (host, open)) in HOSTS.iter().enumerate() {
        for (error, pointer) in saved(&off, n, host).await.into_iter().zip(POINTERS) {
            let error = error.unwrap_or_else(|| panic!("{host} was saved at {pointer}"));
            assert_eq!(error.code, "address_not_allowed", "{host}: {error:?}");
            assert_eq!(error.fields[0].pointer, pointer, "{host}");
        }
        for (error, pointer) in saved(&on, n, host).await.into_iter().zip(POINTERS) {
            let code = error.map(|error| error.code);
            let wanted = if *open == Open::Switch { None } else { Some("address_not_allowed") };
            assert_eq!(code.as_deref(), wanted, "{host} at {pointer}, with the switch");
        }
    }
    assert!(off.grants_with_secrets().await.is_empty());
}

#[tokio::test]
async fn what_is_no_host_is_refused_whatever_the_switch_says() {
    let on = inside(true).await;
    for (n, host) in NO_HOSTS.iter().enumerate() {
        let [integration, mailbox] = saved(&on, n, host).await;
        let integration = integration.unwrap_or_else(|| panic!("{host:?} was saved in an endpoint"));
        assert_eq!(integration.fields[0].pointer, "/token_endpoint", "{host:?}");
        // Blanks around a mail host are not part of it.
        if host.trim() == *host {
            let mailbox = mailbox.unwrap_or_else(|| panic!("{host:?} was saved as a mail host"));
            assert_eq!(mailbox.fields[0].pointer, "/host", "{host:?}");
        }
    }
}

#[tokio::test]
async fn public_hosts_are_saved_as_what_they_are() {
    let off = inside(false).await;
    let hosts = ["imap.example.com", "8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "imap.example.com."];
    for (n, host) in hosts.iter().enumerate() {
        assert_eq!(saved(&off, n, host).await, [None, None], "{host}");
    }
    // A look-alike of a well-known name is shown in the form that name servers know.
    let made = mailboxes::create(&off.app, &actor(), mailbox_at(99, "imap.gmаil.com"), None).await.unwrap();
    assert_eq!(made.mailbox.server.host.as_str(), "imap.xn--gmil-63d.com");
}

#[tokio::test]
async fn ports_are_numbers_of_16_bits_and_not_our_own() {
    let mut on = inside(true).await;
    on.app.settings.own = OwnListener::new(vec!["127.0.0.1:8025".parse().unwrap()]);
    for port in [-1, 0, 65_536, 4_294_968_289, 8025] {
        let mailbox = MailboxInput { port: Given::Value(port), ..mailbox_at(0, "localhost") };
        let error = mailboxes::create(&on.app, &actor(), mailbox, None).await.expect_err("a wrong port");
        let wanted = if port == 8025 { "/host" } else { "/port" };
        assert_eq!(error.fields[0].pointer, wanted, "{port}");
    }
}
