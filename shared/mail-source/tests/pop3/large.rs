//! Large maildrops.

use std::time::Duration;

use intake::{
    ports::{MailFault, MailSource, MailTarget},
    types::{
        host::{AddressPolicy, MailHost},
        mailbox::{MailServer, Protocol, Tls},
    },
};
use mail_source::{MailServers, SourceConfig};

use crate::fake::{CAPABLE, Fake, password};

async fn with_mails(count: u32) -> Fake {
    Fake::new("+OK\r\n", move |line| {
        let all = |of: &dyn Fn(u32) -> String| {
            (1..=count).map(of).fold("+OK\r\n".to_owned(), |all, one| all + &one) + ".\r\n"
        };
        Some(match line {
            "CAPA" => CAPABLE.to_owned(),
            "UIDL" => all(&|n| format!("{n} {n:08x}6a1b2c3d\r\n")),
            "LIST" => all(&|n| format!("{n} 1000\r\n")),
            _ => "+OK\r\n".to_owned(),
        })
    })
    .await
}

fn target(port: u16) -> MailTarget {
    let host = MailHost::new("127.0.0.1").unwrap();
    let server = MailServer { protocol: Protocol::Pop3, host, port, tls: Tls::None };
    MailTarget { server, folder: String::new(), max_mail_bytes: 1024, life: Duration::from_secs(60) }
}

#[tokio::test]
async fn a_maildrop_of_300_000_mails_is_listed_and_one_without_end_has_its_sentence() {
    let servers =
        MailServers::new(SourceConfig::new(machine::gate(AddressPolicy { allow_private: true }), Vec::new()));
    let fake = with_mails(300_000).await;
    let mut opened = servers.open(&target(fake.port), &password()).await.unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(opened.status.exists, 300_000);
    let mails = opened.session.half().maildrop().unwrap().mails().await.unwrap();
    assert_eq!((mails.len(), mails[299_999].size), (300_000, 1000));
    let fake = with_mails(500_001).await;
    let error = servers.open(&target(fake.port), &password()).await.err().expect("a fault");
    assert_eq!(error.fault, MailFault::TooMany);
}
