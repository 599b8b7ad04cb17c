//! Whatever a server sends: no panic, no endless wait, no memory without a limit.

use std::time::{Duration, Instant};

use intake::{ports::MailFault, types::mailbox::Tls};
use proptest::{collection::vec, prelude::*, sample::select};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};

use crate::fake::{CAPABLE, Fake, bearer, ids, open, password};

/// Longer than all of a client's limits together.
const ENDLESS: Duration = Duration::from_secs(20);

/// Says this at once, whatever it is asked, and then nothing more.
async fn babbling(bytes: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        // A client that has enough goes away.
        let _ = tcp.write_all(&bytes).await;
        let _ = tcp.shutdown().await;
        let mut heard = [0; 1024];
        while matches!(tcp.read(&mut heard).await, Ok(1..)) {}
    });
    port
}

/// Everything that a session can be asked for, whatever comes of it.
async fn ask_for_everything(port: u16, token: bool) {
    let credentials = if token { bearer() } else { password() };
    let Ok(mut opened) = open(port, Tls::None, true, &credentials).await else { return };
    let session = &mut *opened.session;
    let mails = session.half().maildrop().unwrap().mails().await.unwrap_or_default();
    let ids: Vec<_> = mails.into_iter().map(|mail| mail.server_id).collect();
    for headers in [true, false] {
        let (sender, mut receiver) = mpsc::channel(1);
        let receive = async { while receiver.recv().await.is_some() {} };
        let send = async {
            if headers {
                session.fetch_headers(&ids, sender).await
            } else {
                session.fetch(&ids, sender).await
            }
        };
        let _ = tokio::join!(send, receive);
    }
    let _ = session.list(1, None, 3).await;
    for id in ids.iter().take(3) {
        let _ = session.fetch_piece(id, 0, 5).await;
        let _ = session.fetch_piece(id, 5, 5).await;
        let _ = session.fetch_header(id).await;
    }
    opened.session.close().await;
}

/// Bytes that lead far into a session, and bytes that lead nowhere.
fn babble() -> impl Strategy<Value = Vec<u8>> {
    let word = select(vec![
        "+OK\r\n",
        "+OK 2 messages\r\n",
        "-ERR\r\n",
        "-ERR [SYS/TEMP] x\r\n",
        "+ \r\n",
        "+ e30=\r\n",
        ".\r\n",
        "..\r\n",
        "1 a\r\n",
        "2 b\r\n",
        "1 1\r\n",
        "0 0\r\n",
        "4294967296 x\r\n",
        "Subject: x\r\n",
        "\r\n",
        "\n",
        ".",
        "\r",
        "SASL PLAIN XOAUTH2\r\n",
        "PIPELINING\r\n",
        "TOP\r\n",
        "\0",
    ]);
    let word = word.prop_map(|word| word.as_bytes().to_vec());
    let noise = vec(any::<u8>(), 0..40);
    let begun = select(vec![
        "",
        "+OK\r\n+OK\r\nUSER\r\nPIPELINING\r\nTOP\r\n.\r\n+OK\r\n+OK\r\n+OK\r\n1 a\r\n2 b\r\n.\r\n",
        "+OK\r\n+OK\r\nSASL PLAIN XOAUTH2\r\nTOP\r\n.\r\n+ \r\n+OK\r\n+OK\r\n1 a\r\n.\r\n+OK\r\n1 5\r\n.\r\n",
    ]);
    (begun, vec(prop_oneof![4 => word, 1 => noise], 0..40))
        .prop_map(|(begun, words)| [begun.as_bytes().to_vec(), words.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn any_bytes_come_to_an_end(bytes in babble(), token: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let port = babbling(bytes).await;
            tokio::time::timeout(ENDLESS, ask_for_everything(port, token)).await.expect("an end");
        });
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left() {
    let halves =
        ["", "+OK", "+OK\r\n", "+OK\r\n+OK\r\nUSER\r\n", "+OK\r\n+OK\r\n.\r\n+OK\r\n+OK\r\n+OK\r\n1 a\r\n"];
    for half in halves {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let silent = tokio::spawn(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            tcp.write_all(half.as_bytes()).await.unwrap();
            tokio::time::sleep(ENDLESS).await;
        });
        let begun = Instant::now();
        let fault = open(port, Tls::None, true, &password()).await.err().expect("a fault").fault;
        let is_left = matches!(fault, MailFault::Silent | MailFault::TimedOut | MailFault::NoMechanism);
        assert!(is_left, "{half:?}: {fault:?}");
        assert!(begun.elapsed() < ENDLESS / 4, "{half:?}");
        silent.abort();
    }
}

#[tokio::test]
async fn what_has_no_end_is_cut_off() {
    let endless = |piece: &'static str| piece.repeat(4 * 1024 * 1024 / piece.len());
    // A line, a list of capabilities, a listing.
    let begun = "+OK\r\n";
    let signed_in = "+OK\r\n+OK\r\nUSER\r\n.\r\n+OK\r\n+OK\r\n";
    let cases = [
        (format!("+OK {}", endless("x")), MailFault::Protocol),
        (format!("{begun}+OK\r\n{}", endless("X\r\n")), MailFault::TooLarge),
        (format!("{signed_in}+OK\r\n{}", endless("1 a\r\n")), MailFault::TooLarge),
    ];
    for (bytes, wanted) in cases {
        let port = babbling(bytes.into_bytes()).await;
        let fault = open(port, Tls::None, true, &password()).await.err().expect("a fault").fault;
        assert_eq!(fault, wanted);
    }
}

/// Larger than a mail may be that is read at once: the limit holds, and pieces of it may be read all the same.
#[tokio::test]
async fn a_mail_that_is_too_large_ends_its_reading_alone() {
    let mail = format!("Subject: x\r\n\r\n{}", "0123456789abcdef\r\n".repeat(100_000));
    let fake = Fake::with_mails(CAPABLE, vec![mail.clone()]).await;
    let mut opened = fake.opened().await;
    let ids = ids(&mut *opened.session).await;
    let (sender, _receiver) = mpsc::channel(1);
    assert_eq!(opened.session.fetch(&ids, sender).await.unwrap_err().fault, MailFault::TooLarge);
    assert!(opened.session.fetch_piece(&ids[0], 0, 5).await.is_err(), "the session is given up");
    drop(opened);
    let mut opened = fake.opened().await;
    let piece = opened.session.fetch_piece(&ids[0], 1_500_000, 5).await.unwrap().unwrap();
    assert_eq!(piece, &mail.as_bytes()[1_500_000..1_500_005]);
}
