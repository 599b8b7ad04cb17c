//! Projects, issues, comments, attachments, messages.

use bytes::Bytes;
use intake::{
    ports::Change,
    types::{
        ids::{AttachmentId, MessageId},
        issue::{Attachment, BlobKey},
    },
};
use serde_json::{Value, json};

use crate::site::{Reply, Site};

async fn issue(site: &Site, summary: &str) -> Reply {
    let reply = site.post("/issues", json!({"project": "SUP", "summary": summary})).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply
}

fn keys(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|i| i["key"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn projects_have_unique_keys() {
    let site = Site::new().await;
    let made = site.post("/projects", json!({"key": "SUP", "name": "Support"})).await;
    assert_eq!(made.is(201)["key"], "SUP");
    site.post("/projects", json!({"key": "SUP", "name": "Again"})).await.is_problem(
        409,
        "name_taken",
        &["/key"],
    );
    for key in ["", "sup", "1A", "TOOLONGAKEY", "A-B"] {
        let reply = site.post("/projects", json!({"key": key, "name": "x"})).await;
        reply.is_problem(422, "validation_failed", &["/key"]);
    }
    assert_eq!(site.get("/projects/SUP").await.is(200)["name"], "Support");
    assert_eq!(keys(&site.get("/projects").await.is(200)), ["SUP"]);
}

#[tokio::test]
async fn issues_are_made_listed_and_changed_by_hand() {
    let site = Site::new().await;
    site.project("SUP").await;
    let body = json!({
        "project": "SUP", "summary": " Printer on fire ", "description_text": "a\r\nb", "type": "bug",
        "labels": ["hot", "hot", "paper"], "assignee": "kim", "priority": "high",
        "reporter": {"name": "Ada", "address": "ada@example.com"},
    });
    let made = site.post("/issues", body).await;
    let json = made.is(201);
    assert_eq!(json["key"], "SUP-1");
    assert_eq!(json["summary"], "Printer on fire");
    assert_eq!(json["description_text"], "a\nb");
    assert_eq!(json["description_html"], Value::Null);
    assert_eq!(json["labels"], json!(["hot", "paper"]));
    assert_eq!(json["reporter"], json!({"name": "Ada", "address": "ada@example.com"}));
    assert_eq!(json["source"], Value::Null);
    assert_eq!(made.header("etag"), "\"1\"");
    assert_eq!(issue(&site, "Second").await.str("/reporter/name"), "Administrator");

    let patched = site.patch("/issues/SUP-1", json!({"status": "closed", "assignee": null})).await;
    assert_eq!(patched.is(200)["status"], "closed");
    assert_eq!(patched.json()["assignee"], Value::Null);
    assert_eq!(patched.json()["labels"], json!(["hot", "paper"]));
    let same = site.patch("/issues/SUP-1", json!({"status": "closed", "labels": ["hot", "paper"]})).await;
    assert_eq!((same.status.as_u16(), same.header("etag")), (200, patched.header("etag")), "nothing changed");
    let stale = site.patch("/issues/SUP-1", json!({"status": "open"})).header("if-match", "\"1\"").await;
    stale.is_problem(412, "version_mismatch", &[]);
    site.patch("/issues/SUP-1", json!({"status": "done"})).await.is_problem(
        422,
        "validation_failed",
        &["/status"],
    );
    site.patch("/issues/SUP-1", json!({"key": "SUP-9"})).await.is_problem(422, "unknown_field", &["/key"]);

    assert_eq!(keys(&site.get("/issues?project=SUP").await.is(200)), ["SUP-2", "SUP-1"]);
    assert_eq!(keys(&site.get("/issues?project=SUP&status=closed").await.is(200)), ["SUP-1"]);
    assert_eq!(keys(&site.get("/issues?project=SUP&status=in_progress").await.is(200)), [""; 0]);
    assert_eq!(keys(&site.get("/issues?project=NONE").await.is(200)), [""; 0]);
    let item = &site.get("/issues?project=SUP&limit=1").await.is(200)["items"][0];
    assert_eq!(item.get("description_text"), None);
}

#[tokio::test]
async fn wrong_issues_are_told() {
    let site = Site::new().await;
    site.post("/issues", json!({})).await.is_problem(422, "validation_failed", &["/project", "/summary"]);
    let reply = site
        .post(
            "/issues",
            json!({"project": "NONE", "summary": "a\nb", "labels": ["", "x"],
        "status": "x", "description_text": "x".repeat(70_000), "watchers": "x"}),
        )
        .await;
    reply.is_problem(422, "validation_failed", &["/watchers"]);
    let reply = site
        .post(
            "/issues",
            json!({"project": "NONE", "summary": "a\nb", "labels": ["", "x"],
        "status": "x", "description_text": "x".repeat(70_000)}),
        )
        .await;
    reply.is_problem(
        422,
        "validation_failed",
        &["/project", "/summary", "/labels/0", "/status", "/description_text"],
    );
    for (query, pointers) in [
        ("", ["/project"]),
        ("?project=x", ["/project"]),
        ("?mailbox_id=x", ["/mailbox_id"]),
        ("?project=SUP&mailbox_id=mbx_01M000000000000000000000ZZ", ["/mailbox_id"]),
        ("?mailbox_id=mbx_01M000000000000000000000ZZ&status=open", ["/status"]),
        ("?project=SUP&status=x", ["/status"]),
        ("?project=SUP&stat=open", ["/stat"]),
    ] {
        site.get(&format!("/issues{query}")).await.is_problem(422, "validation_failed", &pointers);
    }
}

#[tokio::test]
async fn comments_count_and_keep_the_etag() {
    let site = Site::new().await;
    site.project("SUP").await;
    issue(&site, "x").await;
    let path = "/issues/SUP-1/comments";
    for n in 0..3 {
        let made = site.post(path, json!({"body_text": format!("comment {n}")})).await;
        assert_eq!(made.is(201)["author"]["name"], "Administrator");
        assert!(made.str("/id").starts_with("cmt_"));
    }
    for body in [json!({}), json!({"body_text": "  "}), json!({"body_text": null})] {
        site.post(path, body).await.is_problem(422, "validation_failed", &["/body_text"]);
    }
    let post = || site.post(path, json!({"body_text": "once"})).header("idempotency-key", "k");
    assert_eq!(post().await.is(201)["id"], post().await.is(201)["id"]);
    let listed = site.get(&format!("{path}?limit=2")).await;
    assert_eq!(listed.str("/items/0/body_text"), "comment 0");
    let rest = site.get(&format!("{path}?cursor={}", listed.str("/next_cursor"))).await;
    assert_eq!(rest.is(200)["items"].as_array().unwrap().len(), 2);
    let read = site.get("/issues/SUP-1").await;
    assert_eq!(read.is(200)["comment_count"], 4);
    assert_eq!(read.header("etag"), "\"1\"");
    let patched = site.patch("/issues/SUP-1", json!({"summary": "y"})).header("if-match", "\"1\"").await;
    assert_eq!(patched.is(200)["comment_count"], 4);
}

#[tokio::test]
async fn attachments_are_downloads() {
    let site = Site::new().await;
    site.project("SUP").await;
    let key = issue(&site, "x").await.str("/key");
    let message = MessageId::from_parts(site.app.now(), 1);
    let attachment = Attachment {
        id: AttachmentId::of(message, 0),
        issue_key: key.parse().unwrap(),
        comment_id: None,
        filename: "x\".html".to_owned(),
        content_type: "text/html".to_owned(),
        size: 8,
        sha256: "ab".repeat(32),
        inline: false,
        content_id: None,
        blob: BlobKey::file(message, 0),
    };
    site.app.blobs.put(&attachment.blob, Bytes::from_static(b"<script>")).await.unwrap();
    site.app.store.commit(&[Change::Attachment(attachment.clone())]).await.unwrap();
    let listed = site.get("/issues/SUP-1/attachments").await;
    assert_eq!(listed.is(200)["items"][0]["content_type"], "text/html");
    let reader = site.token("reader").await;
    let reply = site.get(&format!("/attachments/{}", attachment.id)).token(&reader).await;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, "<script>"));
    assert_eq!(reply.header("content-type"), "application/octet-stream");
    assert_eq!(reply.header("content-length"), "8");
    assert_eq!(
        reply.header("content-disposition"),
        "attachment; filename=\"x_.html\"; filename*=UTF-8''x%22.html"
    );
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert!(reply.header("content-security-policy").starts_with("sandbox;"));
}
