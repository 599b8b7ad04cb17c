//! Memory of the process, and its places: whatever clients and a mail server do, it stays small, and health is told at
//! once.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::join_all;
use reqwest::Client;
use serde_json::json;
use tests::{Maildocket, Servers, maildocket::TOKEN};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

/// What `serve` may have at most of its own, with all that clients do at once. Its code is not counted: in a debug build it
/// takes 44 MB and more with each page, whatever clients do.
const MOST: u64 = 70_000_000;
/// The same, with mailboxes whose server sends mails without end.
const MOST_WITH_POLLS: u64 = 110_000_000;
/// How soon health is told, on a machine that has other things to do.
const AT_ONCE: Duration = Duration::from_secs(3);
const MB: u64 = 1_000_000;

fn mail(n: u32, of: &str) -> String {
    // Characters that grow when they are escaped, in HTML that grows when it is written anew.
    let html = format!(
        "<p>{}</p>",
        "<a href='http://e.org/x?a=1&b=2' title='\"\\\"'>\"quoted\" \\ text</a> ".repeat(1_600)
    );
    format!(
        "From: Ada <ada@example.com>\r\nTo: support@example.com\r\nSubject: Printer\r\nMessage-ID: <{n}@{of}>\r\n\
         In-Reply-To: <0@{of}>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n"
    )
}

/// An issue with 60 comments of 130 kB of HTML each.
async fn scene() -> (Maildocket, String) {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    for n in 0..61 {
        account.deliver(mail(n, "bounds.example").as_bytes());
    }
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    let report = docket.api.poll(&mailbox).await;
    assert_eq!((&report["created"], &report["commented"]), (&json!(1), &json!(60)), "{report}");
    let key = docket.api.issues().await[0]["key"].as_str().unwrap().to_owned();
    (docket, format!("/issues/{key}/comments?limit=200"))
}

fn address(docket: &Maildocket) -> SocketAddr {
    let port = docket.api.base.rsplit(':').next().unwrap().parse().unwrap();
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Connections on each of which this was said.
fn connections(docket: &Maildocket, count: usize, said: &str) -> Vec<TcpStream> {
    let address = address(docket);
    let connect = |_| {
        let mut stream = TcpStream::connect(address).expect("a connection");
        // One that had to give way may be gone already.
        let _ = stream.write_all(said.as_bytes());
        stream
    };
    (0..count).map(connect).collect()
}

fn request(docket: &Maildocket, path: &str) -> String {
    let host = docket.api.base.trim_start_matches("http://");
    format!("GET /api/v1{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n")
}

/// So many requests side by side, each over a connection of its own; those that were told to come again, come again.
async fn side_by_side(docket: &Maildocket, path: &str, count: usize) {
    let url = format!("{}/api/v1{path}", docket.api.base);
    let one = async || {
        loop {
            let client = Client::new();
            let answer = client.get(&url).bearer_auth(TOKEN).send().await.expect("an answer");
            let status = answer.status().as_u16();
            if status == 503 {
                assert!(answer.headers().contains_key("retry-after"));
                continue;
            }
            assert_eq!(status, 200);
            let page: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
            assert!(page["next_cursor"].is_string(), "it ended early");
            return;
        }
    };
    join_all((0..count).map(|_| one())).await;
}

async fn health_is_told_at_once(docket: &Maildocket) {
    let begun = Instant::now();
    let answer = Client::new().get(format!("{}/healthz", docket.api.base)).send().await.expect("an answer");
    assert!(answer.status().is_success());
    assert!(begun.elapsed() < AT_ONCE, "health took {:?}", begun.elapsed());
}

/// A mail server that takes every sign-in and answers each FETCH and SEARCH with mails without end; how many bytes of them
/// were taken.
async fn endless_server() -> (u16, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Arc::new(AtomicU64::new(0));
    let counted = taken.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counted = counted.clone();
            tokio::spawn(async move {
                // Whoever has had enough ends the connection.
                let _ = fetch_without_end(stream, &counted).await;
            });
        }
    });
    (port, taken)
}

async fn fetch_without_end(stream: tokio::net::TcpStream, taken: &AtomicU64) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n").await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or_default();
        if command.starts_with("EXAMINE") {
            let opened = "* 5000 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 5001] x\r\n";
            stream.write_all(format!("{opened}{tag} OK [READ-ONLY] done\r\n").as_bytes()).await?;
        } else if command.contains("FETCH") || command.contains("SEARCH") {
            let mail = format!("* 1 FETCH (UID 1 BODY[] {{1000000}}\r\n{})\r\n", "x".repeat(1_000_000));
            loop {
                stream.write_all(mail.as_bytes()).await?;
                taken.fetch_add(mail.len() as u64, Ordering::Relaxed);
            }
        } else {
            stream.write_all(format!("{tag} OK done\r\n").as_bytes()).await?;
        }
        line.clear();
    }
    Ok(())
}

/// Polls mailboxes of such a server, side by side and again and again, until all of this is over.
async fn poll_without_end(docket: &Maildocket, port: u16, until: impl Future<Output = ()>) {
    let mut mailboxes = Vec::new();
    for n in 0..8 {
        let made = docket.api.post("/mailboxes", json!({
            "name": format!("Endless {n}"), "protocol": "imap", "host": "127.0.0.1", "port": port, "tls": "none",
            "auth": { "method": "password", "username": "ann", "password": "secret" }, "start": { "mode": "all" },
            "project": "SUP",
        }));
        mailboxes.push(made.await["id"].as_str().unwrap().to_owned());
    }
    let polls = join_all(mailboxes.iter().map(async |mailbox| {
        loop {
            let url = format!("{}/api/v1/mailboxes/{mailbox}/poll", docket.api.base);
            // It ends as failed, or there was no place: what counts is what it takes meanwhile.
            let _ = Client::new().post(url).bearer_auth(TOKEN).send().await;
        }
    }));
    tokio::select! {
        _ = polls => {}
        () = until => {}
    }
}

/// Nobody has to have signed in for this.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_do_not_come_keep_nobody_out() {
    let docket = Maildocket::start(Servers::get().await).await;
    let host = docket.api.base.trim_start_matches("http://");
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1";
    let said = format!("POST /sign-in HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{form}\r\n\r\n");
    let bodiless = connections(&docket, 520, &said);
    health_is_told_at_once(&docket).await;
    drop(bodiless);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_bounded_whatever_clients_do() {
    let (docket, comments) = scene().await;
    let told_below = |most: u64, load: &str| {
        let peak = docket.peak_memory().saturating_sub(docket.code_in_memory());
        println!("{load}: {} MB at most, {} MB now", peak / MB, docket.memory() / MB);
        assert!(peak < most, "{load}: {} MB", peak / MB);
        docket.forget_peak();
    };
    let told = |load: &str| told_below(MOST, load);
    docket.forget_peak();
    side_by_side(&docket, &comments, 50).await;
    told("50 pages of comments side by side");

    let readers = connections(&docket, 100, &request(&docket, &comments));
    // Each has got its first bytes, or was told to come again: then all have been worked on.
    for mut reader in &readers {
        reader.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        assert_eq!(reader.read(&mut [0]).expect("the beginning of an answer"), 1);
    }
    health_is_told_at_once(&docket).await;
    told("100 readers that do not read");
    drop(readers);

    let form = "x".repeat(1_900_000);
    let host = docket.api.base.trim_start_matches("http://").to_owned();
    let sign_in = async || {
        let url = format!("{}/sign-in", docket.api.base);
        let request = Client::new().post(url).header("origin", format!("http://{host}"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        // A connection that is closed before all was sent is an answer, too.
        if let Ok(answer) = request.body(format!("token={form}")).send().await {
            assert_eq!(answer.status().as_u16(), 413);
        }
    };
    join_all((0..200).map(|_| sign_in())).await;
    told("200 sign-ins of 1.9 MB");

    let half_open = connections(&docket, 530, "GET / HTTP/1.1\r\nHost: x\r\nX-");
    health_is_told_at_once(&docket).await;
    told("530 half-open requests");

    let readers = connections(&docket, 100, &request(&docket, &comments));
    side_by_side(&docket, &comments, 200).await;
    health_is_told_at_once(&docket).await;
    told("200 pages of comments side by side, 100 readers that do not read and 530 half-open requests");

    let (port, taken) = endless_server().await;
    poll_without_end(&docket, port, side_by_side(&docket, &comments, 200)).await;
    assert!(taken.load(Ordering::Relaxed) > 4 * MB, "the server was not asked for mails");
    health_is_told_at_once(&docket).await;
    told_below(MOST_WITH_POLLS, "all of that, and eight mailboxes whose server sends mails without end");
    drop((half_open, readers));
}
