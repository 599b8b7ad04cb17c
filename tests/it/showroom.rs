//! The demo as a showroom: every page has something to show, things go on happening, and every way leads somewhere.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use fantoccini::Locator;
use serde_json::Value;
use tests::{Chromium, maildocket::Api, process::told};

use crate::browser::{Demo, LINK, origin};

/// A page, and what it has to show.
const SHOWN: [(&str, &[&str]); 11] = [
    (
        "/",
        &[
            "ends in 12 days",
            "waits for somebody to sign in",
            "Returns cannot be read",
            "are held",
            "The last 21 days",
        ],
    ),
    (
        "/mailboxes",
        &["working", "waits for consent", "needs attention", "The mail server refuses the sign-in"],
    ),
    ("/integrations", &["Pretend provider"]),
    ("/accounts", &["support@example.test", "sales@example.test"]),
    ("/held", &["notice@parcel-notice.example", "Parcel notices wait for a person"]),
    ("/messages?state=skipped", &["Light & Living", "Automatische Antwort"]),
    ("/projects", &["Customer support", "Web shop"]),
    ("/projects/HELP", &["注文番号58213の納期について", "أي مصباح", "invoice"]),
    (
        "/projects/SHOP",
        &["の領収書について", "متى يصل المصباح", "in progress", "closed", "order", "Mika Sato"],
    ),
    ("/audit", &["Mika Sato", "demo"]),
    ("/settings/tokens", &["Monthly report", "Mika Sato"]),
];

async fn signed_in(link: &str, then: &str) -> Chromium {
    let browser = Chromium::open(1280, 900).await;
    browser.window.goto(link).await.unwrap();
    browser.press(Locator::Css("form button"), then).await;
    browser
}

#[tokio::test]
async fn every_page_has_something_to_show_and_mail_goes_on_arriving() {
    let demo = Demo::start(&["--yes"]);
    let link = demo.url(LINK);
    let token = demo.token();
    demo.line("The showroom is ready");
    let browser = signed_in(&link, "Overview").await;
    let base = origin(&link);
    for (path, wanted) in SHOWN {
        browser.window.goto(&format!("{base}{path}")).await.unwrap();
        let text = browser.text().await;
        for wanted in wanted {
            assert!(text.contains(wanted), "{path} lacks {wanted:?}: {text}");
        }
    }
    browser.close().await;

    // A token is a second way in.
    let api = Api::new(&base, "").with_token(&token);
    let mailboxes = api.list("/mailboxes").await;
    let shop = mailboxes.iter().find(|mailbox| mailbox["name"] == "Web shop").unwrap();
    let handlers = api.get(&format!("/mailboxes/{}/handlers", shop["id"].as_str().unwrap())).await;
    assert!(handlers.to_string().contains("Newsletters"), "{handlers}");
    let issues = api.list("/issues?project=SHOP").await;
    let days: std::collections::BTreeSet<&str> = issues.iter().filter_map(day).collect();
    assert!(days.len() > 15, "three weeks: {days:?}");
    demo.line("New mail: 1");
    demo.end();
}

fn day(issue: &Value) -> Option<&str> {
    issue["created_at"].as_str()?.split('T').next()
}

#[tokio::test]
async fn cancelling_and_choosing_another_account_lead_somewhere() {
    let demo = Demo::start(&[]);
    let link = demo.url(LINK);
    let browser = signed_in(&link, "Sign in at the provider").await;
    browser.follow("a[href*='/oauth2/start/']").await;
    browser.press(Locator::Css("button.cancel"), "The account was not connected").await;
    browser.press(Locator::Css("a.button[href^='/mailboxes/']"), "Support mailbox").await;
    browser.press(Locator::Css("form[action$='/consent'] button"), "Sign in now").await;
    browser.follow("a[href*='/oauth2/start/']").await;
    browser
        .press(
            Locator::Css("button[value='warehouse@example.test']"),
            "You signed in as warehouse@example.test",
        )
        .await;
    demo.line("The first import is done: 2 mails");
    browser.press(Locator::LinkText("See the issues"), "HELP-1").await;
    browser.close().await;
    demo.end();
}

#[test]
fn the_demo_ends_quietly_once_nobody_reads_what_it_says() {
    let mut demo = Command::new(told("MAILDOCKET_TEST_BIN"))
        .args(["demo", "--yes"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(demo.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("demo runs at"), "{first}");
    let mut told = String::new();
    demo.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    let status = demo.wait().unwrap();
    assert!(status.success() && told.is_empty(), "{status}: {told}");
}
