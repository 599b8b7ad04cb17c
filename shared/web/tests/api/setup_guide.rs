//! The guide, and what of it is said in Japanese.

use crate::{
    browser::Browser,
    integrations::{create, custom, grant},
    setup_pages::GOOGLE,
    site::Site,
};

#[tokio::test]
async fn the_guide_leads_from_an_address_to_a_mailbox_that_waits_for_consent() {
    let site = Site::new().await;
    let browser = Browser::administrator(&site).await;
    assert!(browser.read("/setup?address=nonsense").await.contains("id=\"address-wrong\""));
    assert_eq!(
        browser.get("/setup/way?address=nonsense").await.header("location"),
        "/setup?address=nonsense"
    );
    let kind = browser.read("/setup?address=help%40gmail.com").await;
    assert!(kind.contains("value=\"shared\"") && kind.contains("help@gmail.com"));
    let way = browser.read("/setup/way?address=help%40gmail.com&kind=own").await;
    assert!(
        way.contains("imap.gmail.com") && way.contains("recommended") && way.contains("app passwords only")
    );
    let shared = browser.get("/setup/way?address=help%40gmail.com&kind=shared").await;
    assert_eq!(shared.header("location"), "/setup?address=help%40gmail.com&kind=shared");
    assert!(browser.read(shared.header("location")).await.contains("id=\"account-wrong\""));

    let answers = [("address", "help@gmail.com"), ("kind", "own"), ("way", "google")];
    let fields: Vec<_> = GOOGLE.into_iter().chain(answers).collect();
    let to = browser.moved("/setup/integration", &fields).await;
    assert!(to.starts_with("/setup/mailbox?") && to.contains("integration=int_"), "{to}");
    let form = browser.read(&to).await;
    assert!(form.contains("value=\"imap.gmail.com\"") && form.contains("value=\"help@gmail.com\""));
    let id = to.split("integration=").nth(1).unwrap().to_owned();
    let mailbox = |host: &'static str, key: &'static str| {
        let fields = [
            ("/auth/method", "oauth2"),
            ("/name", "Help"),
            ("/protocol", "imap"),
            ("/host", host),
            ("/port:number", "993"),
            ("/tls", "implicit"),
            ("/folder", "INBOX"),
            ("/start/mode", "since"),
            ("/start/since", "2026-01-05"),
            ("/new_project/key", key),
            ("/new_project/name", "Support"),
            ("once", "m"),
        ];
        fields.into_iter().chain(answers)
    };
    let with = [("/auth/integration_id", id.as_str()), ("integration", id.as_str())];
    let wrong: Vec<_> = mailbox("imap.gmail.com", "x y").chain(with).collect();
    let wrong = browser.send("/setup/mailbox", &wrong).await;
    assert!(wrong.status == 422 && wrong.text.contains("id=\"new_project-key-wrong\""), "{}", wrong.text);
    let foreign: Vec<_> = mailbox("imap.example.com", "SUP").chain(with).collect();
    let foreign = browser.send("/setup/mailbox", &foreign).await;
    assert!(foreign.status == 422 && foreign.text.contains("id=\"host-wrong\""), "{}", foreign.text);
    let good: Vec<_> = mailbox("imap.gmail.com", "SUP").chain(with).collect();
    let to = browser.moved("/setup/mailbox", &good).await;
    assert_eq!(browser.moved("/setup/mailbox", &good).await, to, "a double click");
    assert!(to.starts_with("/setup/consent?") && to.contains("mailbox=mbx_"), "{to}");
    let made = site.get("/mailboxes").await.is(200);
    assert_eq!(made["items"].as_array().unwrap().len(), 1);
    assert_eq!(made["items"][0]["start"]["since"], "2026-01-05T00:00:00Z");

    assert!(browser.read(&to).await.contains("value=\"help@gmail.com\""));
    let mailbox = to.split("mailbox=").nth(1).unwrap().split('&').next().unwrap();
    let begun = browser.moved("/setup/consent", &[("mailbox", mailbox)]).await;
    assert!(browser.read(&begun).await.contains("/oauth2/start/"), "{begun}");
    let left = browser.read("/setup").await;
    assert!(left.contains(&format!("/setup/consent?mailbox={mailbox}")), "it can be gone on with");
    let tested = browser.send("/setup/test", &[("mailbox", mailbox)]).await;
    assert!(tested.status == 200 && tested.text.contains("class=\"steps\""));
    let import = browser.read(&format!("/setup/import?mailbox={mailbox}")).await;
    assert!(import.contains("data-live") && import.contains("waits for consent"));
    let refused = browser.send("/setup/import", &[("mailbox", mailbox), ("do", "preview")]).await;
    assert!(!refused.status.is_success() && refused.text.contains("class=\"notice bad\""));
}

#[tokio::test]
async fn what_a_domain_tells_is_shown_and_goes_on_to_the_forms() {
    let site = Site::new().await;
    let browser = Browser::administrator(&site).await;
    let told = browser.read("/setup/way?address=help%40workspace.example&kind=own").await;
    assert!(told.contains("taken by aspmx.l.google.com") && told.contains("imap.gmail.com"), "{told}");
    let likely = browser.read("/setup/way?address=help%40filtered.example&kind=own").await;
    let tenant = "6babcaad-604b-40ac-a9d7-9fd97c0b779f";
    assert!(likely.contains("likely, and not certain") && likely.contains(tenant), "{likely}");
    let query = format!("address=help%40filtered.example&kind=own&way=microsoft&tenant={tenant}");
    let form = browser.read(&format!("/setup/integration?{query}")).await;
    assert!(form.contains(&format!("name=\"/tenant:null\" type=\"text\" value=\"{tenant}\"")), "{form}");
    let query = "address=help%40example.com&kind=own&way=password&server=imap%3A%2F%2Fmail.example.com%3A143";
    let form = browser.read(&format!("/setup/mailbox?{query}")).await;
    assert!(form.contains("value=\"mail.example.com\"") && form.contains("value=\"143\""), "{form}");
}

#[tokio::test]
async fn a_password_at_microsoft_is_warned_of() {
    let site = Site::new().await;
    let browser = Browser::administrator(&site).await;
    let query = "address=help%40outlook.com&kind=own&way=password";
    let past = browser.get(&format!("/setup/integration?{query}")).await;
    assert_eq!(past.header("location"), format!("/setup/mailbox?{query}"));
    let form = browser.read(past.header("location")).await;
    assert!(form.contains("accepts passwords of mailboxes no more") && form.contains("way=microsoft"));
    assert!(!form.contains(">Consent<"), "no such step with a password");
    let fields = [
        ("way", "password"),
        ("/auth/method", "password"),
        ("/auth/username", "help@example.com"),
        ("/auth/password:secret", "CANARY"),
        ("/name", "Help"),
        ("/protocol", "imap"),
        ("/host", "imap.example.com"),
        ("/port:number", "993"),
        ("/tls", "implicit"),
        ("/start/mode", "new_only"),
        ("/start/since", "2026-01-05"),
        ("/new_project/key", "SUP"),
    ];
    let to = browser.moved("/setup/mailbox", &fields).await;
    assert!(to.starts_with("/setup/test?"), "{to}");
    let issue = browser.read(&to.replace("/test", "/import")).await;
    assert!(issue.contains("help@example.com"));
}

/// What a person reads of a page, without what was typed or is copied letter by letter.
fn visible(page: &str) -> String {
    let mut page = page.to_owned();
    for tag in ["code", "bdi", "textarea", "option", "title"] {
        while let Some((begin, rest)) = page.clone().split_once(&format!("<{tag}")) {
            let end = rest.split_once(&format!("</{tag}>")).map_or("", |(_, end)| end);
            page = format!("{begin}{end}");
        }
    }
    let labels: Vec<_> =
        page.split("aria-label=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let text = page.split('<').filter_map(|tag| Some(tag.split_once('>')?.1));
    text.chain(labels).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn who_reads_japanese_sets_up_in_japanese() {
    // Names, abbreviations, and words that stand so in the forms and protocols of others.
    const NAMES: &[&str] = &[
        "Maildocket",
        "UTC",
        "Administrator",
        "Google",
        "Microsoft",
        "Yahoo",
        "AOL",
        "Fastmail",
        "Yandex",
        "US",
        "Government",
        "GCC",
        "High",
        "DoD",
        "China",
        "21Vianet",
        "OAuth",
        "ID",
        "URL",
        "URI",
        "IMAP",
        "POP",
        "POP3",
        "TLS",
        "Web",
        "API",
        "Cloud",
        "Entra",
        "Office",
        "Exchange",
        "Online",
        "AccessAsUser",
        "All",
        "https",
        "http",
        "localhost",
        "docket",
        "local",
        "mail",
        "google",
        "com",
        "issuer",
        "prompt",
        "XOAUTH2",
        "OAUTHBEARER",
        "example",
        "SUP",
        "INBOX",
        "Workspace",
        "outlook",
        "login",
        "int",
        "grt",
        "help",
        "workspace",
        "aspmx",
        "imap",
        "l",
        "gmail",
        "Custom",
        "invalid",
        "STARTTLS",
        "IP",
        "a",
    ];
    let site = Site::new().await;
    let browser = Browser::administrator(&site).await;
    let id = create(&site, custom("受付")).await.str("/id");
    let account = grant(&site, &id, Some("a@example.com")).await;
    let begun = browser.moved(&format!("/integrations/{id}/consent"), &[("once", "x")]).await;
    let pages = [
        "/integrations".to_owned(),
        "/integrations/new".to_owned(),
        "/integrations/new?preset=google".to_owned(),
        "/integrations/new?preset=microsoft".to_owned(),
        "/integrations/new?preset=custom".to_owned(),
        format!("/integrations/{id}"),
        format!("/integrations/{id}/edit"),
        format!("/integrations/{id}/delete"),
        format!("/integrations/{id}/reveal"),
        "/accounts".to_owned(),
        format!("/accounts/{account}"),
        format!("/accounts/{account}/revoke"),
        begun,
        "/setup".to_owned(),
        "/setup?address=help%40gmail.com".to_owned(),
        "/setup/way?address=help%40workspace.example&kind=own".to_owned(),
        "/setup/way?address=help%40gmail.com&kind=own".to_owned(),
        "/setup/way?address=help%40example.com&kind=own".to_owned(),
        "/setup/integration?address=help%40gmail.com&kind=own&way=google".to_owned(),
        format!("/setup/mailbox?address=help%40gmail.com&kind=own&integration={id}"),
        "/setup/mailbox?address=help%40gmail.com&kind=own&way=password".to_owned(),
    ];
    for path in pages {
        let page = site.page(&path).header("cookie", &browser.cookie).header("accept-language", "ja");
        let page = page.await;
        assert!(page.status == 200 && page.text.contains("<html lang=\"ja\">"), "{path}: {}", page.text);
        let text = visible(&page.text);
        let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let english: Vec<_> = words.filter(|w| w.parse::<u64>().is_err() && !NAMES.contains(w)).collect();
        assert_eq!(english, Vec::<&str>::new(), "{path}: {text}");
    }
}

#[tokio::test]
async fn presets_are_told_in_the_readers_language() {
    let site = Site::new().await;
    let english = site.get("/presets").await.is(200);
    assert_eq!(english["items"][0]["steps"][0]["text"], "Create a project, or choose one.");
    assert_eq!(english["items"][1]["tenants"][1]["accounts"], "work and school accounts");
    let japanese = site.get("/presets").header("accept-language", "ja").await.is(200);
    assert_eq!(japanese["items"][0]["steps"][0]["text"], "プロジェクトを作成するか、選択します。");
    assert!(!english.to_string().contains("preset.") && !japanese.to_string().contains("preset."));
}
