//! Memory of the web side, and its places: whatever clients do, the process stays small and health is told at once.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use futures::future::join_all;
use reqwest::Client;
use serde_json::json;
use tests::{Maildocket, Servers, maildocket::TOKEN};

/// What `serve` may have at most, with all of the loads below at once; the polls of mailboxes come on top.
const MOST: u64 = 110_000_000;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_bounded_whatever_clients_do() {
    let (docket, comments) = scene().await;
    let told = |load: &str| {
        let peak = docket.peak_memory();
        println!("{load}: {} MB at most, {} MB now", peak / MB, docket.memory() / MB);
        assert!(peak < MOST, "{load}: {} MB", peak / MB);
        docket.forget_peak();
    };
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
    drop((half_open, readers));
}
