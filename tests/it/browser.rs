//! What a person sees, in a real browser.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use fantoccini::Locator;
use serde_json::json;
use tests::{
    Chromium, Maildocket, Servers,
    maildocket::{TOKEN, id},
    mails::mail,
    process::told,
};

/// What the demo says before the link that signs in.
pub(crate) const LINK: &str = "Sign in (works once)";

/// A running `maildocket demo`, and what it prints.
pub(crate) struct Demo {
    process: Child,
    lines: mpsc::Receiver<String>,
}

impl Demo {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(told("MAILDOCKET_TEST_BIN"))
            .arg("demo")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line).map_err(drop))
        });
        Self { process, lines }
    }

    /// The next line that holds this.
    pub(crate) fn line(&self, holds: &str) -> String {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).unwrap_or_else(|_| panic!("no line with {holds:?}"));
            if line.contains(holds) {
                return line;
            }
        }
    }

    pub(crate) fn url(&self, holds: &str) -> String {
        let line = self.line(holds);
        line.split_whitespace().find(|word| word.starts_with("http")).unwrap().to_owned()
    }

    /// The token that it tells.
    pub(crate) fn token(&self) -> String {
        self.line("Or with the token").split_whitespace().last().unwrap().to_owned()
    }

    /// Ctrl-C.
    pub(crate) fn end(mut self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.line("its folder is removed");
        assert!(self.process.wait().unwrap().success());
    }
}

#[tokio::test]
async fn the_demo_goes_from_one_link_to_a_conversation() {
    let demo = Demo::start(&[]);
    let browser = Chromium::open(1200, 900).await;
    let link = demo.url(LINK);
    browser.window.goto(&link).await.unwrap();
    browser.press(Locator::Css("form button"), "Sign in at the provider").await;
    browser.picture("connect").await;
    let guide = browser.window.current_url().await.unwrap();
    browser.follow("a[href*='/oauth2/start/']").await;
    browser.shows("Choose an account").await;
    browser.press(Locator::Css("button.account"), "The account is connected").await;
    browser.picture("connected").await;
    demo.line("The first import is done");

    browser.press(Locator::LinkText("See the issues"), "注文番号58213の納期について").await;
    browser.picture("issues").await;
    browser.press(Locator::LinkText("Invoice 2041 shows our old address"), "HELP-1").await;
    browser.picture("conversation").await;
    browser.window.goto(guide.as_str()).await.unwrap();
    browser.shows("nothing is left to do here").await;
    browser.close().await;
    demo.end();
}

#[tokio::test]
async fn the_demo_shows_its_first_issue_within_ten_seconds() {
    let begun = Instant::now();
    let demo = Demo::start(&["--yes"]);
    demo.line("HELP-1");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    demo.end();
}

#[tokio::test]
async fn an_administrator_signs_in_and_connects_an_account_at_a_real_provider() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "ランプが点滅します", "", "昨日からです。"));
    let (integration, _) = docket.api.integration(servers).await;
    let mailbox = docket.api.oauth_mailbox(servers, &integration).await;
    let path = format!("/integrations/{integration}/authorizations");
    let begun = docket.api.post(&path, json!({ "mailbox_id": mailbox })).await;

    let browser = Chromium::open(420, 900).await;
    browser.window.goto(&docket.api.base).await.unwrap();
    browser.shows("Token").await;
    browser.picture("sign-in").await;
    let field = browser.window.find(Locator::Css("input[name=token]")).await.unwrap();
    field.send_keys("a wrong token").await.unwrap();
    browser.press(Locator::Css("form button"), "unknown").await;
    browser.window.goto(&docket.api.base).await.unwrap();
    let field = browser.window.find(Locator::Css("input[name=token]")).await.unwrap();
    field.send_keys(TOKEN).await.unwrap();
    browser.press(Locator::Css("form button"), "Support").await;

    browser.window.goto(begun["start_url"].as_str().unwrap()).await.unwrap();
    let login = browser.window.find(Locator::Css("input[name=login]")).await.unwrap();
    login.send_keys(&account.address).await.unwrap();
    let password = browser.window.find(Locator::Css("input[name=password]")).await.unwrap();
    password.send_keys("any").await.unwrap();
    browser.press(Locator::Css("form button[type=submit]"), "Continue").await;
    browser.press(Locator::Css("form button[type=submit]"), "The account is connected").await;
    let attempt = docket.api.get(&format!("/authorizations/{}", id(&begun))).await;
    assert_eq!(attempt["status"], "done");
    assert!(!browser.window.current_url().await.unwrap().as_str().contains("code="));

    assert_eq!(docket.api.poll(&mailbox).await["created"], 1);
    browser.window.goto(&format!("{}/issues/SUP-1", docket.api.base)).await.unwrap();
    browser.shows("ランプが点滅します").await;
    browser.picture("issue-narrow").await;
    browser.close().await;
}

pub(crate) fn origin(url: &str) -> String {
    url::Url::parse(url).unwrap().origin().ascii_serialization()
}
