//! What polling an unchanged maildrop costs.

use tests::{Servers, mails::mail, traffic::Traffic};

use super::{inside, mailbox, poll, start};

#[tokio::test]
async fn an_unchanged_maildrop_costs_six_round_trips_and_writes_nothing() {
    const MAILS: u64 = 2_000;
    let servers = Servers::get().await;
    let traffic = Traffic::to_dovecot_by_pop3(servers).await;
    let account = servers.dovecot.account();
    for number in 0..MAILS {
        account.deliver(&mail(&number.to_string(), "Hello", "", "text"));
    }
    let inside = inside(servers).await;
    let mailbox = mailbox(&inside, &account, traffic.port, start("all")).await;
    assert_eq!(poll(&inside, mailbox).await.fetched, MAILS);

    traffic.take();
    let written = inside.embedded.items_written();
    poll(&inside, mailbox).await;
    let counts = traffic.take();
    println!("idle poll by POP3: {} round trips, {counts:?}", counts.round_trips());
    assert_eq!((counts.connects, counts.handshakes), (1, 1));
    assert_eq!(counts.commands, ["CAPA", "AUTH", "UIDL", "QUIT"]);
    assert!(counts.round_trips() <= 6, "{counts:?}");
    assert!(counts.bytes_down < 500 + MAILS * 30, "{} bytes", counts.bytes_down);
    assert_eq!(inside.embedded.items_written(), written, "an item was written");
}
