//! Starting and ending.

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::testing::{Imap, USER, http, start, start_with};
use crate::{Answer, Endpoint, Options, samples};

#[tokio::test]
async fn a_shutdown_says_goodbye_and_closes_the_ports() {
    let playground = start().await;
    let (address, url) = (playground.imap_address(), playground.plain_provider_url());
    let mut imap = Imap::signed_in(&playground).await;
    let (line, ()) = tokio::join!(imap.line(), playground.shutdown());
    assert_eq!(line.unwrap(), "* BYE The playground closes");
    assert!(TcpStream::connect(address).await.is_err());
    assert!(TcpStream::connect(url.socket_addrs(|| None).unwrap()[0]).await.is_err());
}

#[tokio::test]
async fn an_answer_that_never_comes_ends_with_the_playground() {
    let playground = start().await;
    playground.script().answer_next(Endpoint::Discovery, 1, &Answer::never());
    let address = playground.plain_provider_url().socket_addrs(|| None).unwrap()[0];
    let mut tcp = TcpStream::connect(address).await.unwrap();
    let request = b"GET /.well-known/openid-configuration HTTP/1.1\r\nHost: x\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut tcp, request).await.unwrap();
    while playground.script().counters().discovery_requests == 0 {
        tokio::task::yield_now().await;
    }
    drop(playground);
    let mut answer = Vec::new();
    let _ = tcp.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
}

#[tokio::test]
async fn clients_beyond_the_limit_wait_for_their_turn() {
    let playground = start_with(Options { max_connections: 1, ..Options::default() }).await;
    let first = Imap::signed_in(&playground).await;
    let second = Imap::connect(&playground);
    let release = async {
        // The second client is connected by the system and not yet by the server.
        tokio::task::yield_now().await;
        assert_eq!(playground.script().counters().mail_connections, 1);
        drop(first);
    };
    let ((_, greeting), ()) = tokio::join!(second, release);
    assert!(greeting.starts_with("* OK"));
}

#[tokio::test]
async fn all_samples_lie_in_the_mailbox_as_they_were_given() {
    let playground = start().await;
    let samples = samples();
    for sample in &samples {
        playground.deliver_at(sample.user, sample.raw.clone(), sample.received).unwrap();
    }
    let mut imap = Imap::signed_in(&playground).await;
    imap.command("EXAMINE INBOX").await.unwrap();
    let (untagged, _) = imap.command("UID FETCH 1:* (UID RFC822.SIZE BODY.PEEK[])").await.unwrap();
    assert_eq!(untagged.len(), samples.len());
    for (line, sample) in untagged.iter().zip(&samples) {
        assert!(line.contains(&format!("RFC822.SIZE {} BODY[]", sample.raw.len())), "{}", sample.name);
        assert!(line.contains(&*String::from_utf8_lossy(&sample.raw)), "{}", sample.name);
    }
    assert_eq!(playground.script().mailbox(USER).len(), 16);
}

#[tokio::test]
async fn the_front_page_and_its_style_are_served_over_both() {
    let playground = start().await;
    for root in [playground.provider_url(), playground.plain_provider_url()] {
        assert_eq!(http(&playground, &root, &[], None).await.unwrap().status, 200);
        let style = http(&playground, &root.join("/style.css").unwrap(), &[], None).await.unwrap();
        assert!(style.headers["content-type"].starts_with("text/css"));
    }
}
