//! Servers that announce PIPELINING and do not keep to it, and servers without TOP.

use std::time::{Duration, Instant};

use intake::ports::Fetched;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};

use crate::fake::{CAPABLE, Fake, ids, open, password};

/// What a server does with commands that came along with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    ThrowsAway,
    Refuses,
    /// Answers each as it should, and once the second very late.
    Dawdles,
}

fn answer(line: &str) -> String {
    let number: usize = line.split(' ').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    match line.split(' ').next().unwrap_or_default() {
        "CAPA" => CAPABLE.to_owned(),
        "UIDL" => {
            (1..=20).map(|n| format!("{n} id-{n}\r\n")).fold("+OK\r\n".to_owned(), |a, b| a + &b) + ".\r\n"
        }
        "LIST" if number == 0 => {
            (1..=20).map(|n| format!("{n} 30\r\n")).fold("+OK\r\n".to_owned(), |a, b| a + &b) + ".\r\n"
        }
        "LIST" => format!("+OK {number} 30\r\n"),
        "TOP" => format!("+OK\r\nSubject: {number}\r\n\r\n.\r\n"),
        "RETR" => format!("+OK {number} octets\r\nSubject: {number}\r\n\r\ntext\r\n.\r\n"),
        _ => "+OK\r\n".to_owned(),
    }
}

async fn server(habit: Habit) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        tcp.write_all(b"+OK\r\n").await.unwrap();
        let mut heard = [0; 4096];
        let mut has_dawdled = false;
        while let Ok(count @ 1..) = tcp.read(&mut heard).await {
            let text = String::from_utf8_lossy(&heard[..count]).into_owned();
            for (at, line) in text.lines().enumerate() {
                let said = match (habit, at) {
                    (_, 0) => answer(line),
                    (Habit::ThrowsAway, _) => break,
                    (Habit::Refuses, _) => "-ERR one after the other\r\n".to_owned(),
                    (Habit::Dawdles, _) if has_dawdled => answer(line),
                    (Habit::Dawdles, _) => {
                        has_dawdled = true;
                        // Until something else is said.
                        let mut more = [0; 4096];
                        let count = tcp.read(&mut more).await.unwrap();
                        let more = String::from_utf8_lossy(&more[..count]).into_owned();
                        answer(line) + &more.lines().map(answer).collect::<String>()
                    }
                };
                tcp.write_all(said.as_bytes()).await.unwrap();
            }
        }
    });
    port
}

#[tokio::test]
async fn pipelining_that_is_not_kept_costs_a_moment_and_no_mail() {
    for habit in [Habit::ThrowsAway, Habit::Refuses, Habit::Dawdles] {
        let port = server(habit).await;
        let began = Instant::now();
        let mut opened = open(port, intake::types::mailbox::Tls::None, true, &password())
            .await
            .unwrap_or_else(|error| panic!("{habit:?}: {error:?}"));
        let session = &mut *opened.session;
        let ids = ids(session).await;
        for headers in [false, true] {
            let (sender, mut receiver) = mpsc::channel::<Fetched>(32);
            let read = if headers {
                session.fetch_headers(&ids, sender).await
            } else {
                session.fetch(&ids, sender).await
            };
            read.unwrap_or_else(|error| panic!("{habit:?}: {error:?}"));
            for (n, id) in (1..).zip(&ids) {
                let mail = receiver.recv().await.unwrap();
                let raw = mail.raw.unwrap();
                assert_eq!(&mail.server_id, id);
                assert!(raw.starts_with(format!("Subject: {n}\r\n").as_bytes()), "{habit:?} {n}: {raw:?}");
            }
        }
        assert!(began.elapsed() < Duration::from_secs(3), "{habit:?}: {:?}", began.elapsed());
    }
}

/// TOP is announced, or may be there, and is refused all the same: the mail itself begins with its header.
#[tokio::test]
async fn a_header_comes_also_where_top_is_refused() {
    for capabilities in [CAPABLE, "-ERR\r\n", "+OK\r\nUSER\r\n.\r\n"] {
        let long = format!("Subject: 1\r\n\r\n{}", "0123456789\r\n".repeat(100_000));
        let fake = Fake::new("+OK\r\n", move |line| {
            Some(match line {
                "CAPA" => capabilities.to_owned(),
                line if line.starts_with("TOP") => "-ERR not implemented\r\n".to_owned(),
                "RETR 1" => format!("+OK\r\n{long}.\r\n"),
                line => answer(line),
            })
        })
        .await;
        let mut opened = fake.opened().await;
        let session = &mut *opened.session;
        let ids = ids(session).await;
        for _ in 0..2 {
            let header = session.fetch_header(&ids[0]).await.unwrap().unwrap();
            assert_eq!(header, "Subject: 1\r\n\r\n", "{capabilities:?}");
            assert!(session.fetch_piece(&ids[1], 0, 3).await.unwrap().is_some(), "the session goes on");
        }
        let (sender, mut receiver) = mpsc::channel::<Fetched>(32);
        session.fetch_headers(&ids, sender).await.unwrap();
        let mut count = 0;
        while let Some(header) = receiver.recv().await {
            count += usize::from(header.raw.is_some());
        }
        assert_eq!(count, 20, "{capabilities:?}");
    }
}
