//! Projects are renamed, and deleted while nothing is tied to them: whatever comes at that moment.

use axum::http::Method;
use intake::flows::messages::FileImport;
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    mailboxes::password,
    site::{Reply, Site},
};

/// A mailbox whose mails go to the project `SUP`, and by this handler to another one.
fn mailbox(name: &str, to: Option<&str>) -> Value {
    let mut body = password(name);
    if let Some(project) = to {
        body["handlers"] = json!([{"name": "There", "then": [{"set": {"project": project}}]}]);
    }
    body
}

#[tokio::test]
async fn a_project_gets_another_name_and_keeps_its_key() {
    let site = Site::new().await;
    site.project("SUP").await;
    let seen = site.get("/projects/SUP").await;
    let tag = seen.header("etag").to_owned();
    let renamed =
        site.patch("/projects/SUP", json!({"name": " Customer support "})).header("if-match", &tag).await;
    assert_eq!(renamed.is(200)["name"], "Customer support");
    assert_ne!(renamed.header("etag"), tag);
    let late = site.patch("/projects/SUP", json!({"name": "Late"})).header("if-match", &tag).await;
    late.is_problem(412, "version_mismatch", &[]);
    site.patch("/projects/SUP", json!({"key": "NEW"})).await.is_problem(422, "unknown_field", &["/key"]);
    site.patch("/projects/SUP", json!({"name": ""})).await.is_problem(422, "validation_failed", &["/name"]);
    site.patch("/projects/NONE", json!({"name": "x"})).await.is_problem(404, "not_found", &[]);
    assert_eq!(site.patch("/projects/SUP", json!({})).await.header("etag"), renamed.header("etag"));
    let entry = &site.get("/audit?subject=SUP&limit=1").await.is(200)["items"][0];
    let change = json!([{"field": "name", "before": "SUP", "after": "Customer support"}]);
    assert_eq!((&entry["action"], &entry["changes"]), (&json!("project.changed"), &change));
    assert_eq!(site.get("/projects").await.is(200)["items"][0]["name"], "Customer support");
}

#[tokio::test]
async fn a_project_goes_that_nothing_is_tied_to() {
    let site = Site::new().await;
    site.project("SUP").await;
    let tag = site.get("/projects/SUP").await.header("etag").to_owned();
    site.patch("/projects/SUP", json!({"name": "Another"})).await.is(200);
    let late = site.delete("/projects/SUP").header("if-match", &tag).await;
    late.is_problem(412, "version_mismatch", &[]);
    assert_eq!(site.delete("/projects/SUP").await.status, 204);
    site.delete("/projects/SUP").await.is_problem(404, "not_found", &[]);
    site.get("/projects/SUP").await.is_problem(404, "not_found", &[]);
    assert_eq!(site.get("/projects").await.is(200)["items"], json!([]));
    site.post("/mailboxes", mailbox("Late", None)).await.is_problem(422, "validation_failed", &["/project"]);
    let issue = site.post("/issues", json!({"project": "SUP", "summary": "Late"})).await;
    issue.is_problem(422, "validation_failed", &["/project"]);
    site.project("SUP").await;
    assert_eq!(site.post("/issues", json!({"project": "SUP", "summary": "x"})).await.is(201)["key"], "SUP-1");
}

/// That it is held, and by what, in both languages.
async fn is_held(site: &Site, key: &str, by: [&str; 2]) {
    for (language, sentence) in ["en", "ja"].into_iter().zip(by) {
        let refused = site.delete(&format!("/projects/{key}")).header("accept-language", language).await;
        refused.is_problem(409, "in_use", &[]);
        assert!(refused.text.contains(sentence), "{}", refused.text);
    }
}

#[tokio::test]
async fn what_holds_a_project_is_told() {
    let site = Site::new().await;
    for key in ["SUP", "BILL", "FILES", "ISSUES"] {
        site.project(key).await;
    }
    let id = site.post("/mailboxes", mailbox("Desk", Some("BILL"))).await.str("/id");
    is_held(&site, "SUP", ["mailbox Desk go to this project", "メールボックス Desk のメール"]).await;
    is_held(&site, "BILL", ["handler of the mailbox Desk", "メールボックス Desk のハンドラー"]).await;
    let key: intake::types::project::ProjectKey = "FILES".parse().unwrap();
    let actor = intake::types::audit::Actor::unknown(intake::types::audit::Origin::default());
    FileImport::into(&site.app, &key).await.unwrap().begin(&actor, "a folder").await.unwrap();
    is_held(&site, "FILES", ["imported into this project", "インポートされています"]).await;
    let issue = site.post("/issues", json!({"project": "ISSUES", "summary": "x"})).await;
    issue.is(201);
    is_held(&site, "ISSUES", ["Issues were made", "課題が作成されたこと"]).await;
    // What named it may name another.
    let change = json!({"project": "ISSUES", "handlers": []});
    site.patch(&format!("/mailboxes/{id}"), change).await.is(200);
    assert_eq!(site.delete("/projects/SUP").await.status, 204);
    assert_eq!(site.delete("/projects/BILL").await.status, 204);
    let back = json!({"handlers": [{"name": "There", "then": [{"set": {"project": "BILL"}}]}]});
    assert_eq!(site.patch(&format!("/mailboxes/{id}"), back).await.status, 422);
}

#[tokio::test]
async fn what_comes_while_it_goes_keeps_it_or_is_refused() {
    let site = Site::new().await;
    site.project("SUP").await;
    for n in 0..40 {
        let key = format!("P{n}");
        site.project(&key).await;
        let path = format!("/projects/{key}");
        let mut body = mailbox(&format!("M{n}"), (n % 3 == 1).then_some(key.as_str()));
        if n % 3 == 0 {
            body["project"] = key.clone().into();
        }
        let other = if n % 3 == 2 {
            site.post("/issues", json!({"project": key, "summary": "x"}))
        } else {
            site.post("/mailboxes", body)
        };
        let (gone, made): (Reply, Reply) = if n % 2 == 0 {
            tokio::join!(site.delete(&path).into_future(), other.into_future())
        } else {
            let (made, gone) = tokio::join!(other.into_future(), site.delete(&path).into_future());
            (gone, made)
        };
        let there = site.call(Method::GET, &path).await.status == 200;
        assert_eq!(gone.status == 204, !there, "{n}: {}", gone.text);
        assert_ne!(
            there,
            made.status != 201,
            "{n}: either it stays or nothing names it: {} {}",
            gone.text,
            made.text
        );
    }
}

#[tokio::test]
async fn the_console_renames_and_deletes() {
    let site = Site::new().await;
    for key in ["SUP", "OLD"] {
        site.project(key).await;
    }
    site.post("/mailboxes", mailbox("Desk", None)).await.is(201);
    let browser = Browser::administrator(&site).await;
    let page = browser.read("/projects/OLD/settings").await;
    assert!(page.contains("action=\"/projects/OLD/settings\""), "{page}");
    assert!(browser.read("/projects/OLD").await.contains("/projects/OLD/settings"));
    let long = browser.send("/projects/OLD/settings", &[("/name", &"x".repeat(101))]).await;
    assert_eq!(long.status, 422, "{}", long.text);
    let saved = browser.send("/projects/OLD/settings", &[("/name", "Older")]).await;
    assert_eq!(saved.header("location"), "/projects/OLD/settings?done=saved");
    assert_eq!(site.get("/projects/OLD").await.is(200)["name"], "Older");
    let stale = browser.send("/projects/OLD/settings", &[("/name", "Oldest"), ("version", "1")]).await;
    assert_eq!(stale.status, 412, "{}", stale.text);

    let held = browser.read("/projects/SUP/delete").await;
    assert!(held.contains("mailbox Desk") && !held.contains("button class=\"danger\""), "{held}");
    assert_eq!(browser.send("/projects/SUP/delete", &[]).await.status, 409);
    assert!(browser.read("/projects/OLD/delete").await.contains("class=\"danger\""));
    let gone = browser.send("/projects/OLD/delete", &[]).await;
    assert_eq!(gone.header("location"), "/projects?done=deleted");
    site.get("/projects/OLD").await.is_problem(404, "not_found", &[]);
    let agent = Browser::of(&site, &site.token("agent").await).await;
    for page in ["/projects/SUP/settings", "/projects/SUP/delete"] {
        assert_eq!(agent.get(page).await.status, 403, "{page}");
    }
    assert!(!agent.read("/projects/SUP").await.contains("/projects/SUP/settings"));
}
