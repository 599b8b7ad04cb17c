//! The pages of the settings and the audit trail, as a browser without script sees them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    browser::{Browser, hidden, unescaped},
    integrations,
    site::Site,
};

const PAGES: [&str; 5] =
    ["/settings", "/settings/tokens", "/settings/sessions", "/settings/configuration", "/audit"];

#[tokio::test]
async fn each_role_sees_its_own_pages() {
    let site = Site::new().await;
    let admin = Browser::of(&site, &site.admin).await;
    let below = [site.token("agent").await, site.token("reader").await];
    for path in PAGES.into_iter().chain(["/settings/configuration/download"]) {
        assert_eq!(admin.get(path).await.status, 200, "{path}");
        let nobody = site.page(path).await;
        assert_eq!(nobody.status, 303);
        assert!(nobody.header("location").starts_with("/sign-in?then="), "{path}");
        for token in &below {
            let status = Browser::of(&site, token).await.get(path).await.status;
            assert_eq!(status.as_u16(), if path == "/settings" { 200 } else { 403 }, "{path}");
        }
    }
    let own = Browser::of(&site, &below[1]).await.get("/settings").await.text;
    assert!(!own.contains("/settings/tokens") && own.contains("May read issues"), "{own}");
    let forms = [
        "/settings",
        "/settings/tokens",
        "/settings/tokens/x/revoke",
        "/settings/sessions/x/end",
        "/settings/configuration/plan",
        "/settings/configuration/apply",
    ];
    let forged = Browser::administrator(&site).await.with_csrf("wrong");
    for path in forms {
        assert_eq!(forged.send(path, &[]).await.status, 403, "{path}");
        let agent = Browser::of(&site, &below[0]).await.send(path, &[]).await;
        assert_eq!(agent.status.as_u16(), if path == "/settings" { 303 } else { 403 }, "{path}");
        assert_eq!(site.form(path, "").await.status, 303, "{path}: nobody has signed in");
    }
}

#[tokio::test]
async fn language_and_zone_are_chosen_by_person_and_browser() {
    let site = Site::new().await;
    let reader = Browser::of(&site, &site.token("reader").await).await;
    let saved = reader.send("/settings", &[("/language", "ja"), ("/zone", "Asia/Tokyo")]).await;
    assert_eq!((saved.status.as_u16(), saved.header("location")), (303, "/settings?done=saved"));
    let cookies: Vec<_> = saved.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    let kept = "Path=/; Max-Age=31536000; SameSite=Lax";
    assert_eq!(
        cookies,
        [format!("maildocket-language=ja; {kept}"), format!("maildocket-zone=Asia/Tokyo; {kept}")]
    );
    let header = format!("{}; maildocket-language=ja; maildocket-zone=Asia%2FTokyo", reader.cookie);
    let page =
        site.page("/settings?done=saved").header("cookie", &header).header("accept-language", "en").await;
    assert!(page.text.contains("<html lang=\"ja\">") && page.text.contains("保存しました"), "{}", page.text);
    for chosen in ["value=\"ja\" selected", "value=\"Asia/Tokyo\" selected"] {
        assert!(page.text.contains(chosen), "{chosen}");
    }
    assert!(page.text.len() < 100_000);
    let back = reader.send("/settings", &[("/language", ""), ("/zone", "")]).await;
    let gone = back.headers.get_all("set-cookie").iter().all(|v| v.to_str().unwrap().contains("Max-Age=0"));
    assert!(gone && back.status == 303);
    for wrong in [("/language", "xx"), ("/zone", "Nowhere/x; Secure")] {
        assert_eq!(reader.send("/settings", &[wrong]).await.status, 422);
    }
}

#[tokio::test]
async fn a_token_is_made_once_and_shown_once() {
    let site = Site::new().await;
    let admin = Browser::of(&site, &site.admin).await;
    let once = hidden(&admin.get("/settings/tokens").await.text, "once");
    let fields =
        |name| [("/name", name), ("/role", "reader"), ("/expires_at:end", "2026-12-31"), ("once", &*once)];
    let made = admin.send("/settings/tokens", &fields("Build <server>")).await;
    assert_eq!(made.status, 200);
    let value = made.text.split("data-copy=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(value.starts_with("mdk_") && made.text.contains("Build &lt;server&gt;"), "{}", made.text);
    site.get("/projects").token(value).await.is(200);
    let again = admin.send("/settings/tokens", &fields("Build <server>")).await;
    assert!(again.status == 200 && !again.text.contains("mdk_") && again.text.contains("made already"));
    let list = admin.get("/settings/tokens").await.text;
    assert_eq!(list.matches("Build &lt;server&gt;</bdi>").count(), 1, "{list}");
    assert!(list.contains("2027-01-01 00:00 UTC") && !list.contains(value));

    let wrong = admin.send("/settings/tokens", &[("/name", "build <SERVER>"), ("/role", "reader")]).await;
    assert_eq!(wrong.status, 409);
    assert!(
        wrong.text.contains("id=\"name-wrong\"") && wrong.text.contains("value=\"build &lt;SERVER&gt;\"")
    );
    let wrong = [("/name", ""), ("/role", "root"), ("/expires_at:end", "2020-01-01")];
    let wrong = admin.send("/settings/tokens", &wrong).await;
    assert_eq!(wrong.status, 422);
    for shown in ["id=\"name-wrong\"", "id=\"role-wrong\"", "id=\"expires_at-wrong\"", "value=\"2020-01-01\""]
    {
        assert!(wrong.text.contains(shown), "{shown} in {}", wrong.text);
    }
}

#[tokio::test]
async fn a_token_is_revoked_after_it_was_asked() {
    let site = Site::new().await;
    let admin = Browser::of(&site, &site.admin).await;
    let made = site.post("/tokens", json!({"name": "ci", "role": "agent"})).await;
    let agent = Browser::of(&site, &made.str("/token")).await;
    let path = format!("/settings/tokens/{}/revoke", made.str("/id"));
    let ask = admin.get(&path).await.text;
    assert!(ask.contains("1 session that was begun") && !ask.contains("you will be signed out"), "{ask}");
    let done = admin.send(&path, &[]).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/settings/tokens?done=token_revoked"));
    assert_eq!(agent.get("/settings").await.status, 303, "it is signed out");
    assert_eq!(admin.send(&path, &[]).await.status, 404);
    assert_eq!(admin.get("/settings/tokens/x/revoke").await.status, 404);

    let own = site.get("/tokens").await.str("/items/0/id");
    let path = format!("/settings/tokens/{own}/revoke");
    assert!(admin.get(&path).await.text.contains("you will be signed out"));
    let last = admin.send(&path, &[]).await;
    assert!(last.status == 409 && last.text.contains("role=\"alert\""), "{}", last.text);
    assert_eq!(admin.get("/settings").await.status, 200);
}

#[tokio::test]
async fn sessions_are_told_apart_and_ended() {
    let site = Site::new().await;
    let (own, other) = (Browser::of(&site, &site.admin).await, Browser::of(&site, &site.admin).await);
    let list = own.get("/settings/sessions").await.text;
    assert_eq!((list.matches("/end\"").count(), list.matches("yours</span>").count()), (2, 1), "{list}");
    let value = |browser: &Browser<'_>| browser.cookie.split_once('=').unwrap().1.to_owned();
    assert!(!list.contains(&value(&own)) && !list.contains(&value(&other)));
    let id = |page: &str, n| {
        page.split("/settings/sessions/").skip(1).nth(n).unwrap().split('/').next().unwrap().to_owned()
    };
    let listed = site.get("/sessions").await.is(200);
    let other_id = listed["items"][0]["id"].as_str().unwrap().to_owned();
    assert!([id(&list, 0), id(&list, 1)].contains(&other_id), "{list}");
    let path = format!("/settings/sessions/{other_id}/end");
    assert!(!own.get(&path).await.text.contains("your own"));
    let done = own.send(&path, &[]).await;
    assert_eq!(done.header("location"), "/settings/sessions?done=session_ended");
    assert_eq!(other.get("/settings").await.status, 303);
    assert_eq!(own.send(&path, &[]).await.status, 404);
    let own_id = site.get("/sessions").await.str("/items/0/id");
    assert!(own.get(&format!("/settings/sessions/{own_id}/end")).await.text.contains("your own"));
}

#[tokio::test]
async fn the_audit_trail_is_filtered_and_harmless() {
    let site = Site::new().await;
    let admin = Browser::of(&site, &site.admin).await;
    site.post("/projects", json!({"key": "SUP", "name": "<script>x</script>"})).await.is(201);
    site.post("/issues", json!({"project": "SUP", "summary": "Printer"})).await.is(201);
    let all = admin.get("/audit").await.text;
    assert!(all.contains("Project created") && all.contains("Signed in") && all.contains("&lt;script&gt;"));
    assert!(!all.contains("<script>x") && all.contains("href=\"/projects/SUP\""));
    let found = async |query: &str| {
        let page = admin.get(&format!("/audit?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        let rows = page.text.split("<tbody>").nth(1).unwrap_or_default().matches("<tr>").count();
        (rows, page.text)
    };
    assert_eq!(found("action=project").await.0, 1);
    assert_eq!(found("action=project.created&subject=SUP&actor=Administrator").await.0, 1);
    let (none, page) = found("actor=nobody&subject=").await;
    assert!(none == 0 && page.contains("Nothing was done") && page.contains("value=\"nobody\""));
    let today = site.app.now().to_string()[..10].to_owned();
    assert!(found(&format!("since={today}&until={today}")).await.0 > 2);
    assert_eq!(found("until=2026-11-01").await.0, 0);
    assert_eq!(admin.get("/audit?since=soon").await.status, 422);
    for n in 0..60 {
        site.post("/projects", json!({"key": format!("P{n}"), "name": "x"})).await.is(201);
    }
    let (rows, page) = found("action=project").await;
    assert_eq!(rows, 50);
    let next = page.split("rel=\"next\" href=\"/audit?").nth(1).unwrap().split('"').next().unwrap();
    let (rows, page) = found(&unescaped(next)).await;
    assert!(rows == 11 && page.contains("From the beginning"), "{rows} {page}");
}

/// The document of this site, changed.
async fn document(site: &Site, change: impl FnOnce(&mut Value)) -> String {
    let mut document = site.get("/config").await.is(200);
    change(&mut document);
    document.to_string()
}

#[tokio::test]
async fn a_configuration_is_applied_after_its_difference_was_shown() {
    let site = Site::new().await;
    let admin = Browser::of(&site, &site.admin).await;
    site.project("SUP").await;
    let saved = admin.get("/settings/configuration/download").await;
    assert!(saved.header("content-disposition").starts_with("attachment"));
    assert_eq!(saved.json(), site.get("/config").await.is(200));
    let (plan, apply) = ("/settings/configuration/plan", "/settings/configuration/apply");
    let same = admin.send(plan, &[("/document:text", &saved.text)]).await;
    assert!(same.status == 200 && same.text.contains("nothing would change"), "{}", same.text);

    let integration = integrations::create(&site, integrations::custom("C")).await.str("/id");
    let own = format!("/integrations/{integration}");
    let wanted = document(&site, |d| {
        d["projects"]["NEW"] = json!({ "name": "N" });
        d["integrations"]["C"]["description"] = json!("<b>ours");
    });
    let wanted = wanted.await;
    let shown = admin.send(plan, &[("/document:text", &wanted)]).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert!(shown.text.contains("2 objects would change") && shown.text.contains("&lt;b&gt;ours"));
    assert_eq!(site.get("/projects/NEW").await.status, 404, "nothing is done yet");
    let seen = hidden(&shown.text, "seen");
    let echo = hidden(&shown.text, "/document:text");
    let fields = [("/document:text", &*echo), ("/prune:bool", "false"), ("seen", &*seen)];

    site.patch(&own, json!({ "description": "theirs" })).await.is(200);
    let stale = admin.send(apply, &fields).await;
    assert!(stale.status == 412 && stale.text.contains("changed meanwhile"), "{}", stale.text);
    assert_eq!(site.get(&own).await.str("/description"), "theirs", "nothing is overwritten unseen");
    let seen = hidden(&stale.text, "seen");
    let fields = [("/document:text", &*echo), ("/prune:bool", "false"), ("seen", &*seen)];
    let done = admin.send(apply, &fields).await;
    assert_eq!(
        (done.status.as_u16(), done.header("location")),
        (303, "/settings/configuration?done=config_applied")
    );
    assert_eq!(site.get(&own).await.str("/description"), "<b>ours");
    site.get("/projects/NEW").await.is(200);
    assert_eq!(admin.send(apply, &fields).await.status, 412, "a second click makes nothing twice");
}

#[tokio::test]
async fn what_is_wrong_with_a_configuration_is_told_and_secrets_do_not_come_back() {
    let site = Site::new().await;
    let admin = Browser::of(&site, &site.admin).await;
    let plan = "/settings/configuration/plan";
    for (text, status) in [("", 422), ("{", 422), ("[]", 422), ("{\"format\": 1, \"odd\": {}}", 422)] {
        let wrong = admin.send(plan, &[("/document:text", text)]).await;
        assert_eq!(wrong.status.as_u16(), status, "{text}");
        assert!(wrong.text.contains("role=\"alert\"") && wrong.text.contains("<textarea"), "{text}");
    }
    let long = "x".repeat(600 * 1024);
    assert_eq!(admin.send(plan, &[("/document:text", &long)]).await.status, 413);

    integrations::create(&site, integrations::custom("C")).await.is(201);
    let canary = "canary-of-a-secret";
    let wanted = document(&site, |d| {
        d["integrations"]["C"]["client_secret"] = json!({ "value": canary });
    });
    let wanted = wanted.await;
    let shown = admin.send(plan, &[("/document:text", &wanted)]).await;
    assert_eq!(shown.status, 200);
    assert!(!shown.text.contains(canary) && shown.text.contains("type=\"password\""), "{}", shown.text);
    let echo = hidden(&shown.text, "/document:text");
    let seen = hidden(&shown.text, "seen");
    let secret = "secret/integrations/C/client_secret";
    let fields = [("/document:text", &*echo), ("seen", &*seen), (secret, canary), ("/force:bool", "true")];
    let done = admin.send("/settings/configuration/apply", &fields).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let broken =
        format!("{{\"integrations\": {{\"C\": {{\"client_secret\": {{\"value\": \"{canary}\"}}}}}}}}");
    for text in [broken.as_str(), &broken[..broken.len() - 1]] {
        let wrong = admin.send(plan, &[("/document:text", text)]).await;
        assert!(wrong.status == 422 && !wrong.text.contains(canary), "{}", wrong.text);
    }
}

/// What a person reads of a page: no tags, no values of fields.
fn visible(page: &str) -> String {
    let page = page.split("<main").nth(1).unwrap_or_default();
    page.split('<').filter_map(|tag| Some(tag.split_once('>')?.1)).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn who_reads_japanese_gets_the_settings_without_english() {
    const NAMES: [&str; 16] = [
        // What programs name: fields and values that no page has a word for.
        "URL",
        "key",
        "maildocket",
        "administrator",
        "API",
        "UTC",
        "ID",
        "JSON",
        "OpenID",
        "Connect",
        "Maildocket",
        "MAILDOCKET",
        "OIDC",
        "ISSUER",
        "Administrator",
        "SUP",
    ];
    let site = Site::new().await;
    let admin = Browser::of(&site, &site.admin).await;
    site.project("SUP").await;
    site.clock.advance(Duration::from_secs(3 * 60 * 60));
    admin.get("/settings").await;
    let token = site.get("/tokens").await.str("/items/0/id");
    let session = site.get("/sessions").await.str("/items/0/id");
    let asks = [format!("/settings/tokens/{token}/revoke"), format!("/settings/sessions/{session}/end")];
    for path in PAGES.into_iter().chain(asks.iter().map(String::as_str)) {
        let page = admin.get_in(path, "ja").await;
        assert_eq!(page.status, 200, "{path}");
        // Names of languages, places and things.
        let text = page.text.replace("<option value=\"en\">English", "");
        let text = text.split("<option value=\"Africa").enumerate().filter(|(n, _)| *n == 0);
        let text = visible(&text.map(|(_, part)| part).collect::<String>());
        let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 1);
        let odd: Vec<_> =
            words.filter(|word| !NAMES.contains(word) && !text.contains(&format!("_{word}"))).collect();
        let ids = |word: &&&str| !session.contains(**word) && !token.contains(**word);
        assert_eq!(odd.iter().filter(ids).collect::<Vec<_>>(), Vec::<&&str>::new(), "{path}: {text}");
    }
}
