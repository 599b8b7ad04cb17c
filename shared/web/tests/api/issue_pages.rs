//! Projects and issues as pages: who may do what, forms and what is wrong in them, searching, and two people at once.

use serde_json::json;
use url::form_urlencoded;

use crate::{
    browser::{Browser, hidden},
    site::Site,
};

async fn site_with_issue() -> Site {
    let site = Site::new().await;
    site.project("SUP").await;
    let issue = json!({"project": "SUP", "summary": "Printer <b>on</b> fire", "description_text": "It smokes",
        "reporter": {"name": "Ada", "address": "ada@example.com"}});
    site.post("/issues", issue).await.is(201);
    site
}

#[tokio::test]
async fn each_role_sees_and_does_what_is_its_own() {
    let site = site_with_issue().await;
    // Page, and what it offers to agents, and to administrators.
    let changes = [
        ("/projects", vec![("/key", "NEW"), ("/name", "New")]),
        ("/projects/SUP/new", vec![("/summary", "x")]),
        ("/issues/SUP-1", vec![("/status", "closed"), ("version", "1")]),
        ("/issues/SUP-1/status", vec![("/status", "closed"), ("version", "1")]),
        ("/issues/SUP-1/comments", vec![("/body_text:text", "x")]),
    ];
    for path in ["/projects", "/projects/SUP", "/projects/SUP/new", "/issues/SUP-1"] {
        assert_eq!(site.page(path).await.status, 303, "{path}");
    }
    for (path, fields) in &changes {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        assert_eq!(site.form(path, &body).await.status, 303, "nobody is led to the sign-in");
    }
    let reader = Browser::role(&site, "reader").await;
    for path in ["/projects", "/projects/SUP", "/issues/SUP-1"] {
        let page = reader.read(path).await;
        assert!(!page.contains("formaction") && !page.contains("name=\"/status\""), "{path}");
        assert!(!page.contains("textarea") && !page.contains("New issue"), "{path}: {page}");
    }
    assert!(reader.read("/issues/SUP-1").await.contains("Assignee"), "the facts");
    assert_eq!(reader.get("/projects/SUP/new").await.status, 403);
    for (path, fields) in &changes {
        assert_eq!(reader.send(path, fields).await.status, 403, "{path}");
    }
    let agent = Browser::role(&site, "agent").await;
    assert!(!agent.read("/projects").await.contains("New project"));
    assert_eq!(agent.send("/projects", &changes[0].1).await.status, 403);
    assert!(agent.read("/projects/SUP").await.contains("formaction=\"/issues/SUP-1/status\""));
    for path in ["/projects/SUP/new", "/issues/SUP-1"] {
        agent.read(path).await;
    }
    let administrator = Browser::administrator(&site).await;
    assert!(administrator.read("/projects").await.contains("New project"));
    for (path, fields) in &changes {
        let foreign = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let foreign = site.form(path, &foreign).header("cookie", &administrator.cookie).await;
        assert_eq!(foreign.status, 403, "{path}: without a CSRF token");
    }
    let issue = site.get("/issues/SUP-1").await.is(200);
    assert_eq!((&issue["status"], &issue["comment_count"]), (&json!("open"), &json!(0)), "nobody changed it");
}

#[tokio::test]
async fn projects_are_made_once_and_counted() {
    let site = Site::new().await;
    let person = Browser::administrator(&site).await;
    let page = person.read("/projects").await;
    assert!(page.contains("There is no project yet. Create the first one below"), "{page}");
    let wrong = person.send("/projects", &[("/key", "sup"), ("/name", "")]).await;
    assert_eq!(wrong.status, 422);
    for part in ["id=\"key-wrong\"", "id=\"name-wrong\"", "value=\"sup\""] {
        assert!(wrong.text.contains(part), "{part} in {}", wrong.text);
    }
    let once = hidden(&page, "once");
    let fields = [("/key", "SUP"), ("/name", "Support & <more>"), ("once", &once)];
    for _ in 0..2 {
        Browser::led_to(&person.send("/projects", &fields).await, "/projects/SUP?done=created");
    }
    let taken = person.send("/projects", &fields[..2]).await;
    assert!(taken.status == 409 && taken.text.contains("id=\"key-wrong\""), "{}", taken.text);
    for (n, status) in ["open", "open", "in_progress", "closed"].into_iter().enumerate() {
        site.post("/issues", json!({"project": "SUP", "summary": format!("{n}"), "status": status}))
            .await
            .is(201);
    }
    let page = person.read("/projects").await;
    assert!(page.contains("/projects/SUP?status=open\">2</a>"), "{page}");
    assert!(
        page.contains("/projects/SUP?status=in_progress\">1</a>")
            && page.contains("Support &amp; &lt;more&gt;")
    );
    let page = person.read("/projects/SUP?done=created").await;
    assert!(page.contains("Created.") && page.contains("data-live") && page.contains("data-entry"));
}

#[tokio::test]
async fn lists_are_filtered_and_searched() {
    let site = site_with_issue().await;
    let second = json!({"project": "SUP", "summary": "Invoice", "description_text": "請求書を送ってください", "type": "bill",
        "labels": ["money", "May 2027"], "assignee": "Kim", "priority": "high", "status": "in_progress",
        "reporter": {"name": "山田", "address": "yamada@example.jp"}});
    site.post("/issues", second).await.is(201);
    let reader = Browser::role(&site, "reader").await;
    for (query, first, second) in [
        ("", true, true),
        ("?status=open", true, false),
        ("?status=closed", false, false),
        ("?status=nothing", true, true),
        ("?q=FIRE+ada", true, false),
        ("?q=smokes", true, false),
        ("?q=%E8%AB%8B%E6%B1%82%E6%9B%B8", false, true),
        ("?q=yamada%40&status=open", false, false),
        ("?q=sup-", true, true),
        ("?label=MONEY", false, true),
        ("?label=May+2027&priority=High", false, true),
        ("?assignee=-", true, false),
        ("?assignee=ki&type=bill", false, true),
        ("?type=issue", true, false),
        ("?q=%3Cscript%3E", false, false),
    ] {
        let page = reader.read(&format!("/projects/SUP{query}")).await;
        let has = |key: &str| page.contains(&format!("href=\"/issues/{key}\""));
        assert_eq!((has("SUP-1"), has("SUP-2")), (first, second), "{query}");
        assert!(!page.contains("<script>"));
        let looks = ["q=", "label=", "assignee=", "type="].iter().any(|name| query.contains(name));
        assert_eq!(page.contains("looked at."), looks, "{query}");
        assert_eq!(page.contains("data-live"), !looks, "{query}: a search is not repeated by itself");
    }
    assert!(reader.read("/projects/SUP?status=closed").await.contains("Nothing found."));
}

#[tokio::test]
async fn a_search_finds_words_of_comments_up_to_its_bounds() {
    let site = site_with_issue().await;
    let says = async |issue: &str, text: String| {
        site.post(&format!("/issues/{issue}/comments"), json!({ "body_text": text })).await.is(201);
    };
    for n in 0..60 {
        says("SUP-1", format!("Again {n}.")).await;
    }
    says("SUP-1", "The fuse MELTED <b>".to_owned()).await;
    let reader = Browser::role(&site, "reader").await;
    // In a comment behind the first part of them; in the issue and a comment; in two comments; nowhere together.
    for (query, found) in
        [("melted", true), ("fire+melted", true), ("again+fuse", true), ("melted+water", false)]
    {
        let page = reader.read(&format!("/projects/SUP?q={query}")).await;
        assert_eq!(page.contains("href=\"/issues/SUP-1\""), found, "{query}");
    }
    for n in 60..199 {
        says("SUP-1", format!("Again {n}.")).await;
    }
    says("SUP-1", "unreachable".to_owned()).await;
    assert!(reader.read("/projects/SUP?q=melted").await.contains("href=\"/issues/SUP-1\""));
    let page = reader.read("/projects/SUP?q=unreachable").await;
    assert!(!page.contains("href=\"/issues/SUP-1\"") && page.contains("first 200 comments"), "{page}");
}

#[tokio::test]
async fn a_search_goes_on_where_a_page_ended() {
    let site = site_with_issue().await;
    for n in 0..310 {
        site.post("/issues", json!({"project": "SUP", "summary": format!("other {n}")})).await.is(201);
    }
    let reader = Browser::role(&site, "reader").await;
    let page = reader.read("/projects/SUP?q=fire").await;
    assert!(page.contains("300 issues were looked at.") && page.contains("Search in older issues"), "{page}");
    let next =
        page.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let page = reader.read(&next).await;
    assert!(page.contains("href=\"/issues/SUP-1\"") && page.contains("That is all."), "{page}");
}

#[tokio::test]
async fn issues_are_made_by_hand_once() {
    let site = site_with_issue().await;
    let agent = Browser::role(&site, "agent").await;
    let page = agent.read("/projects/SUP/new").await;
    let wrong = agent
        .send(
            "/projects/SUP/new",
            &[("/summary", ""), ("/labels:lines", &"x".repeat(60)), ("/description_text:text", "kept <i>")],
        )
        .await;
    assert_eq!(wrong.status, 422);
    for part in [
        "id=\"summary-wrong\"",
        "id=\"labels-wrong\"",
        "kept &lt;i&gt;",
        "aria-describedby=\"summary-wrong\"",
    ] {
        assert!(wrong.text.contains(part), "{part} in {}", wrong.text);
    }
    let (once, text) = (hidden(&page, "once"), "é".repeat(30_000));
    let fields = [
        ("once", once.as_str()),
        ("/project", "ELSE"),
        ("/summary", "Telephone"),
        ("/description_text:text", &text),
        ("/reporter/name", "Ada"),
        ("/reporter/address", "ada@example.com"),
        ("/labels:lines", "a\r\nb\r\n"),
        ("/watchers:lines", ""),
        ("/priority", ""),
    ];
    for _ in 0..2 {
        Browser::led_to(&agent.send("/projects/SUP/new", &fields).await, "/issues/SUP-2?done=created");
    }
    let issue = site.get("/issues/SUP-2").await.is(200);
    assert_eq!((&issue["labels"], &issue["reporter"]["name"]), (&json!(["a", "b"]), &json!("Ada")));
    assert_eq!(issue["description_text"].as_str().unwrap(), text);
    let page = agent.read("/issues/SUP-2?done=created").await;
    assert!(page.contains("Created.") && page.contains("This text is very long"), "the page stays small");
    assert_eq!(agent.get("/projects/NONE/new").await.status, 404);
    let long = agent.send("/projects/SUP/new", &[("/summary", &"x".repeat(300_000))]).await;
    assert_eq!(long.status, 413);
}

#[tokio::test]
async fn nothing_is_overwritten_unseen() {
    let site = site_with_issue().await;
    let agent = Browser::role(&site, "agent").await;
    let page = agent.read("/issues/SUP-1").await;
    let (version, was) = (hidden(&page, "version"), hidden(&page, "was"));
    let mine = |status: &'static str| {
        [
            ("version", version.clone()),
            ("was", was.clone()),
            ("/status", status.to_owned()),
            ("/assignee:null", String::new()),
            ("/labels:lines", "mine".to_owned()),
            ("/summary:text", "Printer <b>on</b> fire".to_owned()),
        ]
    };
    fn pairs<'f>(fields: &'f [(&'static str, String)]) -> Vec<(&'f str, &'f str)> {
        fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
    site.patch("/issues/SUP-1", json!({"assignee": "Other <one>", "status": "in_progress"})).await.is(200);
    let stale = agent.send("/issues/SUP-1", &pairs(&mine("closed"))).await;
    assert_eq!(stale.status, 412, "{}", stale.text);
    for part in [
        "There now",
        "Other &lt;one&gt;",
        "<bdi>in progress</bdi>",
        "<bdi>closed</bdi>",
        ">mine</textarea>",
        "value=\"closed\" selected",
        "value=\"Other &lt;one&gt;\"",
    ] {
        assert!(stale.text.contains(part), "{part} in {}", stale.text);
    }
    let there = site.get("/issues/SUP-1").await.is(200);
    assert_eq!((&there["status"], &there["labels"]), (&json!("in_progress"), &json!([])));
    // As it is shown now, it is saved.
    let (version, was) = (hidden(&stale.text, "version"), hidden(&stale.text, "was"));
    let again = [
        ("version", version.as_str()),
        ("was", &was),
        ("/status", "closed"),
        ("/assignee:null", "Other <one>"),
        ("/labels:lines", "mine"),
    ];
    for _ in 0..2 {
        Browser::led_to(&agent.send("/issues/SUP-1", &again).await, "/issues/SUP-1?done=saved");
    }
    let there = site.get("/issues/SUP-1").await.is(200);
    assert_eq!(
        (&there["status"], &there["labels"], &there["assignee"]),
        (&json!("closed"), &json!(["mine"]), &json!("Other <one>"))
    );
    let wrong = [("version", "x"), ("/status", "done"), ("/summary:text", "")];
    let wrong = agent.send("/issues/SUP-1", &wrong).await;
    assert!(
        wrong.status == 422
            && wrong.text.contains("id=\"status-wrong\"")
            && wrong.text.contains("id=\"summary-wrong\"")
    );
}

#[tokio::test]
async fn issues_are_closed_and_opened_with_one_button() {
    let site = site_with_issue().await;
    let agent = Browser::role(&site, "agent").await;
    let close = [("/status", "closed"), ("version", "1"), ("then", "/projects/SUP?status=open")];
    for _ in 0..2 {
        let reply = agent.send("/issues/SUP-1/status", &close).await;
        Browser::led_to(&reply, "/projects/SUP?status=open&done=closed");
    }
    let page = agent.read("/issues/SUP-1").await;
    assert!(page.contains("Open again") && page.contains("data-key=\"e\""));
    let open = [("/status", "open"), ("version", "2"), ("then", "https://evil.example/")];
    Browser::led_to(&agent.send("/issues/SUP-1/status", &open).await, "/issues/SUP-1?done=reopened");
    let stale = agent.send("/issues/SUP-1/status", &close).await;
    assert!(
        stale.status == 412 && stale.text.contains("Somebody changed this issue meanwhile"),
        "{}",
        stale.text
    );
    assert_eq!(agent.send("/issues/SUP-1/status", &[("/status", "x"), ("version", "3")]).await.status, 422);
    assert_eq!(agent.send("/issues/SUP-9/status", &close).await.status, 404);
    Browser::led_to(&agent.get("/issues/SUP-1/status").await, "/issues/SUP-1");
    assert_eq!(site.get("/issues/SUP-1").await.is(200)["status"], "open");
}

#[tokio::test]
async fn comments_are_added_once_and_stay_inside() {
    let site = site_with_issue().await;
    let agent = Browser::role(&site, "agent").await;
    let page = agent.read("/issues/SUP-1").await;
    let empty = agent.send("/issues/SUP-1/comments", &[("/body_text:text", " ")]).await;
    assert!(empty.status == 422 && empty.text.contains("id=\"body_text-wrong\""), "{}", empty.text);
    let once = hidden(&page, "once");
    let fields = [("/body_text:text", "<script>alert(1)</script>\r\nnext"), ("once", &once)];
    for _ in 0..2 {
        Browser::led_to(&agent.send("/issues/SUP-1/comments", &fields).await, "/issues/SUP-1?done=commented");
    }
    let page = agent.read("/issues/SUP-1?done=commented").await;
    assert_eq!(page.matches("&lt;script&gt;").count(), 1, "{page}");
    assert!(page.contains(">internal<") && page.contains("Comment added.") && !page.contains("<script>"));
    assert!(page.contains("id=\"conversation\" data-live"));
}

#[tokio::test]
async fn who_reads_japanese_gets_these_pages_in_japanese() {
    let site = site_with_issue().await;
    let agent = Browser::role(&site, "agent").await;
    let page = async |path: &str| {
        let page = site.page(path).header("cookie", &agent.cookie).header("accept-language", "ja");
        page.await.text
    };
    for (path, words) in [
        ("/projects/SUP?q=fire", ["1 件見つかりました。", "完了にする", "キーボード操作"]),
        ("/projects/SUP/new", ["課題を作成", "差出人のアドレス", "キャンセル"]),
        ("/issues/SUP-1", ["内部コメント", "担当者", "ウォッチャー"]),
    ] {
        let page = page(path).await;
        for word in words {
            assert!(page.contains(word), "{word} in {page}");
        }
        for english in ["Close", "Assignee", "Search", "Save", "Sender", "Comment"] {
            assert!(!page.contains(english), "{path}: {english}");
        }
    }
}
