//! The pages of mailboxes, as a browser without script sees them.

use intake::types::message::{MessageState, Reason};
use serde_json::json;

use crate::{
    browser::{Browser, hidden, is_japanese, mailbox},
    integrations::{self, custom, google, grant},
    mailboxes::password,
    messages::{MAIL, kept},
    site::Site,
};

async fn site() -> Site {
    let site = Site::new().await;
    site.project("SUP").await;
    site
}

#[tokio::test]
async fn only_administrators_see_mailboxes() {
    let site = site().await;
    let id = mailbox(&site, password("Support")).await;
    let pages = ["", "/edit", "/delete", "/handlers"].map(|below| format!("/mailboxes/{id}{below}"));
    let pages: Vec<&str> =
        ["/mailboxes", "/mailboxes/new"].into_iter().chain(pages.iter().map(String::as_str)).collect();
    for path in &pages {
        let nobody = site.page(path).await;
        assert_eq!(nobody.status, 303, "{path}");
        assert!(nobody.header("location").starts_with("/sign-in?then="), "{path}");
    }
    for role in ["reader", "agent"] {
        let token = site.token(role).await;
        let browser = Browser::of(&site, &token).await;
        for path in &pages {
            assert_eq!(browser.get(path).await.status, 403, "{role} {path}");
        }
        for path in ["/mailboxes/new", &format!("/mailboxes/{id}/pause"), &format!("/mailboxes/{id}/delete")]
        {
            assert_eq!(browser.send(path, &[]).await.status, 403, "{role} {path}");
        }
    }
    let browser = Browser::of(&site, &site.admin).await;
    for path in &pages {
        assert!(browser.read(path).await.contains("<h1"), "{path}");
    }
    for nowhere in ["/mailboxes/x", "/mailboxes/mbx_01M000000000000000000000ZZ", "/mailboxes/x/handlers"] {
        assert_eq!(browser.get(nowhere).await.status, 404, "{nowhere}");
    }
    let wrong = browser.with_csrf("wrong");
    for path in
        ["test", "poll", "pause", "consent", "preview", "reconcile", "backfill", "delete", "edit", "handlers"]
    {
        assert_eq!(wrong.send(&format!("/mailboxes/{id}/{path}"), &[]).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn the_list_says_how_each_is_and_leads_to_the_guide_where_there_is_none() {
    let site = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    assert!(browser.read("/mailboxes").await.contains("href=\"/setup\""));
    let id = mailbox(&site, password("<b>Support</b>")).await;
    let list = browser.read("/mailboxes").await;
    for part in
        ["&lt;b&gt;Support", "never read yet", "/projects/SUP", "support", &format!("/mailboxes/{id}/test")]
    {
        assert!(list.contains(part), "{part} in {list}");
    }
    assert!(!list.contains("<b>Support"));
}

const NEW: [(&str, &str); 10] = [
    ("/name", "Support"),
    ("/protocol", "imap"),
    ("/host", "imap.example.com"),
    ("/port:number", "993"),
    ("/tls", "implicit"),
    ("/auth/by", "password"),
    ("/auth/username:null", "support"),
    ("/auth/password:secret", "CANARY-password"),
    ("/project", "SUP"),
    ("/start/mode", "new_only"),
];

#[tokio::test]
async fn a_form_makes_one_mailbox_also_when_it_is_sent_twice() {
    let site = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    let once = hidden(&browser.read("/mailboxes/new").await, "once");
    let mut fields = NEW.to_vec();
    fields.push(("once", &once));
    let (first, second) =
        (browser.send("/mailboxes/new", &fields).await, browser.send("/mailboxes/new", &fields).await);
    let all = site.get("/mailboxes").await.is(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    let place = format!("/mailboxes/{}?done=created", all["items"][0]["id"].as_str().unwrap());
    Browser::led_to(&first, &place);
    Browser::led_to(&second, &place);
    assert!(browser.read(&place).await.contains("Created."));
    let wrong = [("/name", ""), ("/host", "a b"), ("/auth/by", "password"), ("/start/mode", "since")];
    let refused = browser.send("/mailboxes/new", &wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    for field in ["name", "port", "tls", "host", "auth-username", "auth-password", "start-since", "project"] {
        assert!(refused.text.contains(&format!("id=\"{field}-wrong\"")), "{field} in {}", refused.text);
    }
    assert!(refused.text.contains("value=\"a b\""), "what was typed stays");
    let no_number = browser.send("/mailboxes/new", &[("/port:number", "x")]).await;
    assert!(no_number.status == 422 && no_number.text.contains("id=\"port-wrong\""), "{}", no_number.text);
    let mut taken = NEW.to_vec();
    taken.push(("/folder:null", "Other"));
    let taken = browser.send("/mailboxes/new", &taken).await;
    assert_eq!(taken.status, 409);
    assert!(taken.text.contains("name-wrong") && !taken.text.contains("CANARY"), "{}", taken.text);
}

#[tokio::test]
async fn a_change_overwrites_nothing_that_was_not_seen() {
    let site = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    let id = mailbox(&site, password("Support")).await;
    let path = format!("/mailboxes/{id}/edit");
    let form = browser.read(&path).await;
    assert!(form.contains("value=\"imap.example.com\"") && form.contains("value=\"support\""), "{form}");
    let version = hidden(&form, "version");
    site.patch(&format!("/mailboxes/{id}"), json!({"poll_interval_seconds": 120})).await.is(200);
    let changed = [
        ("/name", "Help"),
        ("/poll_interval_seconds:number", "300"),
        ("/auth/by", "password"),
        ("version", &version),
    ];
    let stale = browser.send(&path, &changed).await;
    assert_eq!(stale.status, 412);
    assert!(
        stale.text.contains("value=\"Help\"") && stale.text.contains("version_mismatch")
            || stale.text.contains("value=\"300\"")
    );
    assert_eq!(
        browser.send(&path, &[("/name", "Help"), ("version", &hidden(&stale.text, "version"))]).await.status,
        412
    );
    let fresh = hidden(&browser.read(&path).await, "version");
    let saved =
        browser.send(&path, &[("/name", "Help"), ("/auth/by", "password"), ("version", &fresh)]).await;
    Browser::led_to(&saved, &format!("/mailboxes/{id}?done=saved"));
    let now = site.get(&format!("/mailboxes/{id}")).await.is(200);
    assert_eq!(
        (&now["name"], &now["poll_interval_seconds"], &now["auth"]["username"]),
        (&json!("Help"), &json!(120), &json!("support"))
    );
    let moved = [("/host", "imap.example.org"), ("/auth/by", "password"), ("version", "3")];
    let moved = browser.send(&path, &moved).await;
    assert!(moved.status == 422 && moved.text.contains("auth-password-wrong"), "{}", moved.text);
}

#[tokio::test]
async fn an_unchanged_form_changes_nothing() {
    let site = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    let integration = integrations::create(&site, custom("C")).await.str("/id");
    let account = grant(&site, &integration, Some("ada@example.com")).await.to_string();
    let body = json!({"name": "Ada", "protocol": "imap", "host": "imap.example.com", "port": 993, "tls": "implicit",
        "auth": {"method": "oauth2", "grant_id": account}, "project": "SUP",
        "start": {"mode": "since", "since": "2026-01-02T03:04:05Z"}});
    let id = mailbox(&site, body).await;
    let form = browser.read(&format!("/mailboxes/{id}/edit")).await;
    assert!(
        form.contains("value=\"2026-01-02\"") && form.contains("ada@example.com, signed in under C"),
        "{form}"
    );
    let fields = [
        ("/auth/by", account.as_str()),
        ("/auth/username:null", ""),
        ("/start/mode", "since"),
        ("/start/since", "2026-01-02"),
        ("/after_import/action", "none"),
        ("/after_import/folder", "left over"),
        ("/enabled:bool", "true"),
        ("version", "1"),
    ];
    Browser::led_to(
        &browser.send(&format!("/mailboxes/{id}/edit"), &fields).await,
        &format!("/mailboxes/{id}?done=saved"),
    );
    assert_eq!(site.get(&format!("/mailboxes/{id}")).await.header("etag"), "\"1\"");
}

#[tokio::test]
async fn a_password_at_google_is_warned_of_and_changed_over_in_place() {
    let site = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    let mut body = password("Support");
    body["host"] = json!("imap.gmail.com");
    body["auth"]["username"] = json!("support@example.com");
    let id = mailbox(&site, body).await;
    let path = format!("/mailboxes/{id}");
    let page = browser.read(&path).await;
    assert!(page.contains("Google accepts none") && page.contains("href=\"/setup\""), "{page}");
    integrations::create(&site, custom("Other")).await;
    let integration = integrations::create(&site, google("G")).await.str("/id");
    let page = browser.read(&path).await;
    assert!(page.contains(&format!("value=\"{integration}\"")) && !page.contains("under Other"), "{page}");
    let account = grant(&site, &integration, Some("ada@example.com")).await.to_string();
    let changed =
        browser.send(&format!("{path}/change-over"), &[("/auth/by", &account), ("version", "1")]).await;
    Browser::led_to(&changed, &format!("{path}?done=mailbox_changed_over"));
    let told = site.get(&path).await.is(200);
    assert_eq!(
        (&told["auth"]["method"], &told["auth"]["username"]),
        (&json!("oauth2"), &json!("support@example.com"))
    );
    let run = site.app.store.run(id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(run.epoch, 1, "its history is kept");
    assert!(!browser.read(&path).await.contains("Google accepts none"));
}

#[tokio::test]
async fn consent_is_a_link_to_open_or_to_send() {
    let site = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    let integration = integrations::create(&site, custom("C")).await.str("/id");
    let body = json!({"name": "W", "protocol": "imap", "host": "imap.example.com", "port": 993, "tls": "implicit",
        "auth": {"method": "oauth2", "integration_id": integration}, "project": "SUP"});
    let id = mailbox(&site, body).await;
    let page = browser.read(&format!("/mailboxes/{id}")).await;
    assert!(page.contains("waits for consent") && page.contains("Make a sign-in link"), "{page}");
    let once = hidden(&page, "once");
    let link = browser.send(&format!("/mailboxes/{id}/consent"), &[("once", &once)]).await;
    assert!(
        link.status == 200 && link.text.contains("data-copy=\"http://localhost:8025/oauth2/start/"),
        "{}",
        link.text
    );
    let by_password = mailbox(&site, password("P")).await;
    assert_eq!(browser.send(&format!("/mailboxes/{by_password}/consent"), &[]).await.status, 409);
}

#[tokio::test]
async fn what_is_asked_of_the_server_is_told_above_the_mailbox() {
    let site = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    let id = mailbox(&site, password("Support")).await;
    let path = |below: &str| format!("/mailboxes/{id}/{below}");
    let tested = browser.send(&path("test"), &[]).await;
    assert!(tested.status == 200 && tested.text.contains("Connection test"), "{}", tested.text);
    for (below, fields, wrong) in [
        ("backfill", vec![], "since-wrong"),
        ("backfill", vec![("/since", "2026-02-02"), ("/until", "2026-01-01")], "until-wrong"),
        ("preview", vec![("/do", "preview"), ("/mode", "since")], "day-wrong"),
    ] {
        let refused = browser.send(&path(below), &fields).await;
        assert!(refused.status == 422 && refused.text.contains(wrong), "{below}: {}", refused.text);
    }
    for below in ["preview", "reconcile", "poll"] {
        let reply = browser.send(&path(below), &[]).await;
        assert!(reply.text.contains("<h1"), "{below}: {}", reply.text);
        let back = browser.get(&path(below)).await;
        Browser::led_to(&back, &format!("/mailboxes/{id}"));
    }
    let version = hidden(&browser.read(&format!("/mailboxes/{id}")).await, "version");
    let paused = browser.send(&path("pause"), &[("version", &version)]).await;
    Browser::led_to(&paused, &format!("/mailboxes/{id}?done=mailbox_paused"));
    assert_eq!(browser.send(&path("resume"), &[("version", &version)]).await.status, 412);
    let page = browser.read(&format!("/mailboxes/{id}")).await;
    assert!(page.contains("paused") && page.contains("Resume") && page.contains("Polled by hand"), "{page}");
}

#[tokio::test]
async fn deleting_says_first_what_it_does() {
    let site = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    let id = mailbox(&site, password("Support")).await;
    for uid in 1..=3 {
        kept(&site, &id, uid, MessageState::Held, Reason::Flood, MAIL).await;
    }
    let page = browser.read(&format!("/mailboxes/{id}")).await;
    assert!(
        page.contains("3 mails have been seen") && page.contains(&format!("/messages?mailbox_id={id}")),
        "{page}"
    );
    let page = browser.read(&format!("/mailboxes/{id}/delete")).await;
    assert!(page.contains("3 records of mails") && page.contains("3 of them wait for review"), "{page}");
    assert_eq!(browser.send(&format!("/mailboxes/{id}/delete"), &[("version", "7")]).await.status, 412);
    let gone =
        browser.send(&format!("/mailboxes/{id}/delete"), &[("version", &hidden(&page, "version"))]).await;
    Browser::led_to(&gone, "/mailboxes?done=mailbox_deleting");
}

#[tokio::test]
async fn who_reads_japanese_gets_mailboxes_without_english() {
    let site = site().await;
    let browser = Browser::of(&site, &site.admin).await;
    is_japanese(&browser.japanese("/mailboxes").await, &[]);
    let id = mailbox(&site, password("Support")).await;
    is_japanese(&browser.japanese("/mailboxes").await, &[]);
    is_japanese(&browser.japanese("/mailboxes/new").await, &[]);
    is_japanese(&browser.japanese(&format!("/mailboxes/{id}/edit")).await, &[]);
    is_japanese(&browser.japanese(&format!("/mailboxes/{id}/delete")).await, &[]);
    kept(&site, &id, 1, MessageState::Held, Reason::Flood, MAIL).await;
    // What was changed is told as it was written.
    let values = [
        "implicit", "password", "true", "new", "only", "none", "30", "per", "mark", "accept", "sender",
        "subject", "thread", "mailbox", "policy", "trusted", "authserv", "ids", "on", "fail", "Printer",
        "limits",
    ];
    is_japanese(&browser.japanese(&format!("/mailboxes/{id}")).await, &values);
}
