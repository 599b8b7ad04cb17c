//! Hostile mail as a real browser shows it: no request leaves, and no script runs.

use std::sync::{Arc, Mutex, PoisonError};

use fantoccini::Locator;
use serde_json::Value;
use tests::{Chromium, Maildocket, Servers, maildocket::TOKEN};
use tokio::{io::AsyncReadExt, net::TcpListener};

#[path = "../../shared/web/tests/api/attacks.rs"]
mod attacks;

use attacks::ATTACKS;

/// The ends of the names that attacks have.
const HOSTS: [&str; 2] = [".example", "e.org"];

/// Where every name of a host leads but `localhost`.
struct Trap {
    port: u16,
    caught: Arc<Mutex<Vec<String>>>,
}

impl Trap {
    async fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let caught = Arc::<Mutex<Vec<String>>>::default();
        let kept = caught.clone();
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                let kept = kept.clone();
                tokio::spawn(async move {
                    let mut begin = vec![0; 4096];
                    let length = caller.read(&mut begin).await.unwrap_or_default();
                    // In TLS, too, the name of the host is readable (RFC 6066 section 3).
                    let begin = String::from_utf8_lossy(&begin[..length]).into_owned();
                    kept.lock().unwrap_or_else(PoisonError::into_inner).push(begin);
                });
            }
        });
        Self { port, caught }
    }

    /// Whether somebody asked for a host of the mails: browsers ask for their maker's own.
    fn caught(&self) -> bool {
        let caught = self.caught.lock().unwrap_or_else(PoisonError::into_inner);
        caught.iter().any(|begin| HOSTS.iter().any(|host| begin.contains(host)))
    }
}

/// What runs names the window, which stays over all pages.
fn mail(n: usize, attack: &str) -> Vec<u8> {
    let attack = attack.replace("alert(1)", "name=1");
    format!(
        "From: Mallory <mallory@customer.example>\r\nTo: support@example.test\r\nSubject: Attack {n}\r\n\
         Date: Tue, 24 Nov 2026 09:00:00 +0000\r\nMessage-ID: <attack-{n}@customer.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>before</p>{attack}<p>after</p>\r\n"
    )
    .into_bytes()
}

#[tokio::test]
async fn no_attack_in_a_mail_sends_a_request_or_runs_a_script() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    for (n, attack) in ATTACKS.iter().enumerate() {
        account.deliver(&mail(n, attack));
    }
    account.deliver(&mail(ATTACKS.len(), "<img src=https://pictures.example/a.png width=50 height=50>"));
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    docket.api.poll(&mailbox).await;
    let messages = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    assert_eq!(messages.len(), ATTACKS.len() + 1);

    let trap = Trap::set().await;
    let rules = format!("--host-resolver-rules=MAP * 127.0.0.1:{}, EXCLUDE localhost", trap.port);
    let browser = Chromium::open_with(1000, 800, &[&rules]).await;
    let base = &docket.api.base;
    browser.window.goto(&format!("{base}/messages")).await.unwrap();
    let token = browser.window.find(Locator::Css("input[name=token]")).await.unwrap();
    token.send_keys(TOKEN).await.unwrap();
    browser.press(Locator::Css("form button"), "Attack").await;
    for (n, message) in messages.iter().enumerate() {
        let id = message["id"].as_str().unwrap();
        let told = &message["internet_message_id"];
        // The page around the document shows text alone: some of them do.
        let around = Some(format!("{base}/messages/{id}")).filter(|_| n.is_multiple_of(8));
        for page in around.into_iter().chain([format!("{base}/messages/{id}/html")]) {
            browser.window.goto(&page).await.unwrap();
            let name = browser.run("return window.name").await;
            assert_eq!(name, Value::from(""), "{told}: a script ran at {page}");
            assert_eq!(browser.window.current_url().await.unwrap().as_str(), page, "{told}: it leads away");
            assert!(!trap.caught(), "{told}: a request left from {page}");
        }
    }
    // What would be caught is caught: a picture of elsewhere that somebody asks for.
    let last = format!("attack-{}@", ATTACKS.len());
    let with_picture = |message: &&Value| message["internet_message_id"].as_str().unwrap().contains(&last);
    let id = messages.iter().find(with_picture).unwrap()["id"].as_str().unwrap();
    browser.window.goto(&format!("{base}/messages/{id}/html?pictures=remote")).await.unwrap();
    tests::process::until("the picture", async || trap.caught().then_some(())).await;
    browser.close().await;
}
