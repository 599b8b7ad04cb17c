//! The pages that set up: integrations, signed-in accounts, and the guide, as a browser without script sends them.

use serde_json::json;

use crate::{
    browser::Browser,
    integrations::{create, custom, google, grant},
    site::Site,
};

pub(crate) const GOOGLE: [(&str, &str); 5] = [
    ("/provider", "google"),
    ("/name", "Mail"),
    ("/client_id", "id.apps.example"),
    ("/client_secret:secret", "CANARY-secret"),
    ("/scopes:lines", "https://mail.google.com/"),
];

#[tokio::test]
async fn each_page_is_for_administrators() {
    let site = Site::new().await;
    let id = create(&site, custom("C")).await.str("/id");
    let account = grant(&site, &id, Some("a@example.com")).await;
    let one = format!("/integrations/{id}");
    let pages = [
        "/integrations".to_owned(),
        "/integrations/new".to_owned(),
        "/integrations/new?preset=google".to_owned(),
        "/integrations/new?preset=custom".to_owned(),
        one.clone(),
        format!("{one}/edit"),
        format!("{one}/delete"),
        format!("{one}/reveal"),
        "/accounts".to_owned(),
        format!("/accounts/{account}"),
        format!("/accounts/{account}/revoke"),
        "/setup".to_owned(),
        "/setup?address=a%40example.com".to_owned(),
        "/setup/way?address=a%40gmail.com&kind=own".to_owned(),
        "/setup/integration?address=a%40gmail.com&kind=own&way=google".to_owned(),
        format!("/setup/mailbox?address=a%40example.com&kind=own&integration={id}"),
    ];
    let administrator = Browser::administrator(&site).await;
    for role in ["agent", "reader"] {
        let other = Browser::of(&site, &site.token(role).await).await;
        for page in &pages {
            let reply = other.get(page).await;
            assert!(reply.status == 403 && reply.text.contains("role_missing"), "{role} {page}");
        }
        let reply = other.send("/integrations", &GOOGLE).await;
        assert_eq!(reply.status, 403, "{role}");
    }
    for page in &pages {
        let nobody = site.page(page).await;
        assert_eq!(nobody.status, 303, "{page}");
        assert!(nobody.header("location").starts_with("/sign-in?then="), "{page}");
        let text = administrator.read(page).await;
        assert_eq!(text.matches("<h1").count(), 1, "{page}");
        assert!(!text.contains(" style=") && !text.contains(" onclick="), "{page}");
    }
    for nowhere in [
        "/integrations/x",
        "/accounts/x",
        "/accounts/consent/x",
        "/setup/test?mailbox=mbx_01M000000000000000000000ZZ",
    ] {
        let reply = administrator.get(nowhere).await;
        // The test itself finds the mailbox; its page only asks.
        assert!(reply.status == 404 || nowhere.starts_with("/setup"), "{nowhere}");
    }
}

#[tokio::test]
async fn an_integration_is_made_once_and_its_secret_never_shown() {
    let site = Site::new().await;
    let browser = Browser::administrator(&site).await;
    assert!(browser.read("/integrations").await.contains("/setup"), "an empty list says what to do");
    let form = browser.read("/integrations/new?preset=google").await;
    for wanted in ["http://localhost:8025/oauth2/callback/google", "https://mail.google.com/", "data-copy"] {
        assert!(form.contains(wanted), "{wanted}");
    }
    let mut twice = GOOGLE.to_vec();
    twice.push(("once", "abc"));
    let first = browser.moved("/integrations", &twice).await;
    assert!(first.starts_with("/integrations/int_") && first.ends_with("?done=created"), "{first}");
    assert_eq!(browser.moved("/integrations", &twice).await, first, "a double click");
    let page = browser.read(&first).await;
    assert!(page.contains("Created.") && page.contains("id.apps.example") && !page.contains("CANARY"));
    assert!(page.contains(">created<"), "its history");
    assert!(browser.read("/integrations").await.contains("Mail"));

    let taken = browser.send("/integrations", &GOOGLE).await;
    assert_eq!(taken.status, 409);
    assert!(taken.text.contains("id=\"name-wrong\"") && !taken.text.contains("CANARY"));
    let empty = [("/provider", "custom"), ("/issuer:null", ""), ("/name", ""), ("/scopes:lines", "a\"b")];
    let empty = browser.send("/integrations", &empty).await;
    assert_eq!(empty.status, 422);
    for field in ["name", "client_id", "client_secret", "authorization_endpoint", "token_endpoint", "scopes"]
    {
        assert!(empty.text.contains(&format!("id=\"{field}-wrong\"")), "{field}: {}", empty.text);
    }
    let foreign = site.form("/integrations", "%2Fprovider=google").header("cookie", &browser.cookie).await;
    assert_eq!(foreign.status, 403, "without the session's token");
}

#[tokio::test]
async fn custom_is_prepared_before_it_is_saved() {
    let site = Site::new().await;
    let browser = Browser::administrator(&site).await;
    let place = [
        ("preset", "custom"),
        ("/provider", "custom"),
        ("/authorization_endpoint", "https://login.example/auth"),
        ("/token_endpoint", "https://login.example/token"),
        ("/name", "Ours <b>"),
    ];
    let generated = browser.send("/integrations/prepare", &place).await;
    assert_eq!(generated.status, 200, "{}", generated.text);
    assert!(generated.text.contains("/oauth2/callback/custom-") && generated.text.contains("Ours &lt;b&gt;"));
    let suggest: Vec<_> = place.into_iter().chain([("do", "suggest")]).collect();
    let suggested = browser.send("/integrations/prepare", &suggest).await;
    assert!(
        suggested.text.contains("maildocket-") && suggested.text.contains("name=\"/client_secret:secret\"")
    );
    let wrong = browser.send("/integrations/prepare", &place[..2]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("id=\"token_endpoint-wrong\""));
    assert_eq!(site.get("/integrations").await.is(200)["items"], json!([]), "nothing was saved");
}

#[tokio::test]
async fn nothing_is_overwritten_unseen() {
    let site = Site::new().await;
    let browser = Browser::administrator(&site).await;
    let id = create(&site, google("Mail")).await.str("/id");
    let path = format!("/integrations/{id}");
    assert!(browser.read(&format!("{path}/edit")).await.contains("name=\"version\" value=\"1\""));
    let change = [("version", "1"), ("/name", "Mail 2"), ("/client_id", "id.apps.example")];
    assert_eq!(browser.moved(&path, &change).await, format!("{path}?done=saved"));
    let stale = [("version", "1"), ("/name", "Mail 3"), ("/client_id", "id.apps.example")];
    let stale = browser.send(&path, &stale).await;
    assert_eq!(stale.status, 412);
    assert!(stale.text.contains("value=\"Mail 3\"") && stale.text.contains("name=\"version\" value=\"1\""));
    assert_eq!(site.get(&path).await.str("/name"), "Mail 2");
    let gone = browser.send(&format!("{path}/delete"), &[("version", "1")]).await;
    assert_eq!(gone.status, 412);
    let asked = browser.read(&format!("{path}/delete")).await;
    assert!(asked.contains("name=\"version\" value=\"2\""));
    assert_eq!(
        browser.moved(&format!("{path}/delete"), &[("version", "2")]).await,
        "/integrations?done=deleted"
    );
}

#[tokio::test]
async fn a_secret_is_shown_to_who_confirms_to_be_there() {
    let site = Site::new().await;
    let browser = Browser::administrator(&site).await;
    let id = create(&site, google("Mail")).await.str("/id");
    let path = format!("/integrations/{id}/reveal");
    let other = site.post("/tokens", json!({"name": "other", "role": "administrator"})).await.str("/token");
    for wrong in ["", "mdk_wrong", &other] {
        let reply = browser.send(&path, &[("token", wrong)]).await;
        assert!(reply.status == 403 && !reply.text.contains("CANARY"), "{wrong}");
        assert!(reply.text.contains("token-wrong"));
    }
    let shown = browser.send(&path, &[("token", &site.admin)]).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains("CANARY-secret"));
    assert_eq!(shown.header("cache-control"), "no-store");
    let trail = site.get(&format!("/audit?subject={id}&action=client_secret.revealed")).await.is(200);
    assert_eq!(trail["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_used_says_so_before_it_is_deleted() {
    let site = Site::new().await;
    site.project("SUP").await;
    let browser = Browser::administrator(&site).await;
    let id = create(&site, custom("C")).await.str("/id");
    let account = grant(&site, &id, Some("<i>a@example.com")).await;
    let free = grant(&site, &id, Some("free@example.com")).await;
    let mailbox = json!({"name": "Support <b>", "protocol": "imap", "host": "imap.example.com", "port": 993,
        "tls": "implicit", "auth": {"method": "oauth2", "grant_id": account.to_string()}, "project": "SUP"});
    site.post("/mailboxes", mailbox).await.is(201);
    let list = browser.read("/accounts").await;
    assert!(list.contains("&lt;i&gt;a@example.com") && !list.contains("<i>"));
    assert!(list.contains("this provider names no end") && list.contains("Support &lt;b&gt;"));
    for path in [format!("/integrations/{id}/delete"), format!("/accounts/{account}/revoke")] {
        let asked = browser.read(&path).await;
        assert!(asked.contains("Support &lt;b&gt;") && !asked.contains("class=\"danger\""), "{path}");
        let refused = browser.send(&path, &[("version", "1")]).await;
        assert!([409, 412].contains(&refused.status.as_u16()), "{path}: {}", refused.status);
    }
    let path = format!("/accounts/{free}/revoke");
    let unseen = browser.send(&path, &[("consented", "1")]).await;
    assert_eq!(unseen.status, 412, "another consent than the one that was seen");
    let asked = browser.read(&path).await;
    let seen = asked.split("name=\"consented\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(browser.moved(&path, &[("consented", seen)]).await, "/accounts?done=account_revoked");
    site.get(&format!("/grants/{free}")).await.is_problem(404, "not_found", &[]);
}

#[tokio::test]
async fn tests_and_consents_begin_with_a_button() {
    let site = Site::new().await;
    let browser = Browser::administrator(&site).await;
    let id = create(&site, custom("C")).await.str("/id");
    let path = format!("/integrations/{id}");
    let tested = browser.send(&format!("{path}/test"), &[]).await;
    assert_eq!(tested.status, 200);
    assert!(tested.text.contains("class=\"steps\"") && tested.text.contains("Authorization endpoint"));
    let wrong = browser.send(&format!("{path}/consent"), &[("/login_hint", "a\u{7}b")]).await;
    assert_eq!(wrong.status, 422);
    let fields = [("once", "x"), ("/login_hint", "a@example.com")];
    let to = browser.moved(&format!("{path}/consent"), &fields).await;
    assert_eq!(browser.moved(&format!("{path}/consent"), &fields).await, to, "a double click");
    let link = browser.read(&to).await;
    assert!(link.contains("http://localhost:8025/oauth2/start/") && link.contains("a@example.com"));
    assert!(link.contains("Sign in at the provider") && !link.contains("data-copy"), "{link}");
    let send = [("once", "y")];
    let sent = browser.moved(&format!("{to}/send"), &send).await;
    assert_eq!(browser.moved(&format!("{to}/send"), &send).await, sent, "a double click");
    let to_send = browser.read(&sent).await;
    assert!(
        to_send.contains("data-copy=\"http://localhost:8025/oauth2/start/")
            && to_send.contains("a@example.com")
    );
    assert!(
        to_send.contains("as often as needed") && !to_send.contains("Sign in at the provider"),
        "{to_send}"
    );
    site.clock.advance(std::time::Duration::from_secs(60 * 60));
    assert!(browser.read(&to).await.contains("took too long"));
    assert!(browser.read(&sent).await.contains("data-copy"));
    site.clock.advance(std::time::Duration::from_secs(7 * 24 * 60 * 60));
    let browser = Browser::administrator(&site).await;
    assert!(browser.read(&sent).await.contains("took too long"));

    let change = json!({"authorization_endpoint": "https://login.example/v2/auth"});
    site.patch(&path, change).await.is(200);
    assert!(browser.read("/integrations").await.contains("out of date"));
    assert_eq!(browser.send(&format!("{path}/consent"), &[]).await.status, 409);
    let generated = browser.moved(&format!("{path}/redirect-url"), &[("version", "2")]).await;
    assert!(generated.ends_with("?done=url_generated"));
    assert!(browser.read(&generated).await.contains("Register this redirect URL"));
}
