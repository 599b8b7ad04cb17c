//! What a name leads to: asked for once at each connection, and the checked address is the one connected to.

use std::net::{IpAddr, SocketAddr};

use intake::{
    ports::{Credentials, MailFault, MailSource, MailTarget, OAuthProvider, Obstacle},
    types::{
        host::MailHost,
        mailbox::{MailServer, Protocol, Tls},
    },
};
use playground::{Options, Playground};
use url::Url;

use super::{
    NameServer, Outside,
    hosts::{HOSTS, Open},
};

/// A public name, as far as anybody can tell from it.
const NAME: &str = "id.example.test";

async fn playground() -> Playground {
    let certificate_names = vec![NAME.to_owned(), "127.0.0.1".to_owned()];
    Playground::start(Options { certificate_names, ..Options::default() }).await.unwrap()
}

fn port(playground: &Playground) -> u16 {
    playground.provider_url().port().unwrap()
}

impl Outside {
    /// What keeps from this URL.
    async fn obstacle(&self, url: &str) -> Option<Obstacle> {
        self.provider.reach(&Url::parse(url).unwrap()).await.err().map(|unreached| unreached.obstacle)
    }

    /// How the opening of a mailbox fails there: each test's password is wrong.
    async fn fault(&self, port: u16, tls: Tls) -> MailFault {
        let server = MailServer { protocol: Protocol::Imap, host: MailHost::new(NAME).unwrap(), port, tls };
        let target = MailTarget {
            server,
            folder: "INBOX".to_owned(),
            max_mail_bytes: 1024,
            life: std::time::Duration::from_secs(60),
        };
        let credentials =
            Credentials::Password { username: "support@example.test".to_owned(), password: "wrong".into() };
        match self.mail.open(&target, &credentials).await {
            Ok(_) => panic!("a wrong password opened a mailbox"),
            Err(error) => error.fault,
        }
    }
}

/// Whether a mail server answered, and refused the password.
fn is_refusal(fault: &MailFault) -> bool {
    matches!(fault, MailFault::AuthenticationRefused { .. })
}

#[tokio::test]
async fn a_name_that_leads_to_a_hostile_address_is_not_connected_to() {
    let playground = playground().await;
    let url = format!("https://{NAME}:{}/", port(&playground));
    let imap = playground.imap_address().port();
    let addresses = HOSTS.iter().filter(|(host, _)| host.parse::<IpAddr>().is_ok());
    let mut seen = 0;
    for (address, open) in addresses {
        seen += 1;
        for allow_private in [false, true] {
            if allow_private && *open == Open::Switch {
                continue;
            }
            let names = NameServer::answering(&[&[address]]);
            let outside = Outside::new(allow_private, playground.ca_pem(), &names, &[]);
            assert_eq!(outside.obstacle(&url).await, Some(Obstacle::Address), "{address}");
            assert_eq!(outside.fault(imap, Tls::Implicit).await, MailFault::AddressRefused, "{address}");
            assert_eq!(names.asked(), 2);
        }
    }
    assert!(seen >= 60, "{seen}");
}

#[tokio::test]
async fn a_name_that_answers_differently_the_second_time_is_checked_again() {
    let playground = playground().await;
    let url = format!("https://{NAME}:{}/", port(&playground));
    let imap = playground.imap_address().port();
    let answers: &[&[&str]] = &[
        &["127.0.0.1"],
        &["169.254.169.254"],
        &["127.0.0.1", "169.254.169.254"],
        &["169.254.169.254", "127.0.0.1"],
        &[],
    ];
    let names = NameServer::answering(answers);
    let outside = Outside::new(true, playground.ca_pem(), &names, &[]);
    // Nobody else knows this name: the address connected to is the one that was checked, under the name's certificate.
    assert_eq!(outside.obstacle(&url).await, None);
    // A connection that is kept open is asked for no address; a new client has none.
    let outside = Outside::new(true, playground.ca_pem(), &names, &[]);
    for wanted in [Obstacle::Address, Obstacle::Address, Obstacle::Address, Obstacle::Name] {
        assert_eq!(outside.obstacle(&url).await, Some(wanted));
    }
    assert_eq!(names.asked(), answers.len());

    let names = NameServer::answering(answers);
    let outside = Outside::new(true, playground.ca_pem(), &names, &[]);
    let first = outside.fault(imap, Tls::Implicit).await;
    assert!(is_refusal(&first), "{first:?}");
    for _ in 0..3 {
        assert_eq!(outside.fault(imap, Tls::Implicit).await, MailFault::AddressRefused);
    }
    assert_eq!(outside.fault(imap, Tls::Implicit).await, MailFault::NotResolved);
    assert_eq!(names.asked(), answers.len());
}

#[tokio::test]
async fn a_private_address_among_public_ones_refuses_all_of_them() {
    let playground = playground().await;
    let url = format!("https://{NAME}:{}/", port(&playground));
    let imap = playground.imap_address().port();
    for answer in [["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["2606:4700::1111", "::1"]] {
        let names = NameServer::answering(&[&answer]);
        let outside = Outside::new(false, playground.ca_pem(), &names, &[]);
        assert_eq!(outside.obstacle(&url).await, Some(Obstacle::Address), "{answer:?}");
        assert_eq!(outside.fault(imap, Tls::Implicit).await, MailFault::AddressRefused, "{answer:?}");
    }
}

#[tokio::test]
async fn clear_text_goes_to_private_addresses_only() {
    let playground = playground().await;
    let plain = playground.plain_provider_url().port().unwrap();
    let (local, public) = (NameServer::answering(&[&["127.0.0.1"]]), NameServer::answering(&[&["8.8.8.8"]]));
    let ca = playground.ca_pem();
    let url = format!("http://sso.internal:{plain}/");
    assert_eq!(Outside::new(true, ca, &local, &[]).obstacle(&url).await, None);
    for (allow_private, names) in [(false, &local), (true, &public), (false, &public)] {
        let outside = Outside::new(allow_private, ca, names, &[]);
        assert_eq!(outside.obstacle(&url).await, Some(Obstacle::Address));
        assert_eq!(outside.fault(plain, Tls::None).await, MailFault::AddressRefused);
    }
    let mixed = NameServer::answering(&[&["127.0.0.1", "8.8.8.8"]]);
    let outside = Outside::new(true, ca, &mixed, &[]);
    assert_eq!(outside.obstacle(&url).await, Some(Obstacle::Address));
    assert_eq!(outside.fault(plain, Tls::None).await, MailFault::AddressRefused);
}

#[tokio::test]
async fn no_name_leads_to_our_own_listener() {
    let playground = playground().await;
    let (provider, imap) = (port(&playground), playground.imap_address().port());
    let own = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let url = format!("https://{NAME}:{provider}/");
    for answer in ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"] {
        let names = NameServer::answering(&[&[answer]]);
        let outside = Outside::new(true, playground.ca_pem(), &names, &[own(provider), own(imap)]);
        assert_eq!(outside.obstacle(&url).await, Some(Obstacle::Address), "{answer}");
        assert_eq!(outside.fault(imap, Tls::Implicit).await, MailFault::AddressRefused, "{answer}");
    }
    let names = NameServer::answering(&[&["127.0.0.1"]]);
    let outside = Outside::new(true, playground.ca_pem(), &names, &[own(1)]);
    assert_eq!(outside.obstacle(&url).await, None, "another port is another server");
    assert!(is_refusal(&outside.fault(imap, Tls::Implicit).await));
    let outside = Outside::new(true, playground.ca_pem(), &names, &[own(provider)]);
    let literal = playground.provider_url();
    assert_eq!(outside.obstacle(literal.as_str()).await, Some(Obstacle::Address));
}
