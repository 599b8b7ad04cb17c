//! What others write may be as large as they like: every answer leaves a Lambda function, and nothing is lost by it.

use std::collections::{BTreeMap, BTreeSet};

use intake::types::{
    ids::AttachmentId,
    issue::{Body, Text},
};
use serde_json::{Value, json};

use crate::{
    hostile::{Hostile, message_id},
    site::Reply,
};

/// A Lambda function's answer has at most 6 MB; the rest is for status and headers.
const MAX: usize = 6 * 1024 * 1024 - 64 * 1024;

/// The size of an answer as a function would give it.
fn enveloped(reply: &Reply) -> usize {
    let kind = reply.header("content-type");
    let is_text =
        ["text", "application/json"].iter().any(|text| kind.starts_with(text)) || kind.ends_with("+json");
    if is_text { serde_json::to_string(&reply.text).unwrap().len() } else { reply.text.len() * 4 / 3 }
}

impl Hostile {
    /// The concrete paths of a call that reads.
    fn concrete(&self, path: &str) -> Vec<String> {
        let box_path = format!("/mailboxes/{}", self.mailbox);
        let message = format!("/messages/{}", message_id(self.mailbox, 1));
        let attachment = AttachmentId::of(message_id(self.mailbox, 100), 0);
        let comment = self.comments[2].0;
        let one = |path: String| vec![path];
        match path {
            "/issues" => vec![
                "/issues?project=SUP".to_owned(),
                "/issues?project=SUP&status=open".to_owned(),
                format!("/issues?mailbox_id={}", self.mailbox),
            ],
            "/issues/{key}" => (1..=2).map(|n| format!("/issues/SUP-{n}")).collect(),
            "/issues/{key}/comments" => one("/issues/SUP-1/comments".to_owned()),
            "/issues/{key}/attachments" => one("/issues/SUP-1/attachments".to_owned()),
            "/issues/{key}/texts/{text}" => {
                ["text", "html", "quoted"].map(|t| format!("/issues/SUP-1/texts/{t}")).into()
            }
            "/issues/{key}/comments/{id}/texts/{text}" => ["text", "html", "quoted"]
                .map(|t| format!("/issues/SUP-1/comments/{comment}/texts/{t}"))
                .into(),
            "/attachments/{id}" => one(format!("/attachments/{attachment}")),
            "/messages" => vec![
                format!("/messages?mailbox_id={}", self.mailbox),
                format!("/messages?mailbox_id={}&state=held", self.mailbox),
            ],
            "/messages/{id}" => one(message),
            "/messages/{id}/raw" => one(format!("{message}/raw")),
            "/mailboxes/{id}" => one(box_path),
            "/mailboxes/{id}/handlers" => one(format!("{box_path}/handlers")),
            "/projects/{key}" => one("/projects/SUP".to_owned()),
            "/integrations" | "/grants" | "/mailboxes" | "/projects" | "/tokens" | "/sessions" | "/audit"
            | "/presets" | "/prerequisites" | "/status" | "/config" | "/openapi.json" => one(path.to_owned()),
            // There is none, and nothing in them comes from outside without a limit.
            "/integrations/{id}" | "/grants/{id}" | "/authorizations/{id}" | "/tokens/{id}" => Vec::new(),
            new => panic!("{new} is a new call that reads: try it with large content here"),
        }
    }

    /// Follows a list to its end; its entries.
    async fn whole_list(&self, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let join = if path.contains('?') { '&' } else { '?' };
            let part = self.site.get(&format!("{path}{join}limit=200{cursor}")).await;
            fits(path, &part);
            let json = part.json();
            items.extend(json["items"].as_array().unwrap().iter().cloned());
            match json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// The bytes behind a link to a whole text.
    async fn follow(&self, url: &str) -> String {
        let answer = self.site.get(url).await;
        fits(url, &answer);
        match answer.header("location").strip_prefix("https://files.example/") {
            None => {
                assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
                assert!(answer.header("content-disposition").starts_with("attachment;"));
                assert!(answer.header("content-security-policy").starts_with("sandbox;"));
                answer.text
            }
            Some(key) => self.read(&Text::Blob(serde_json::from_value(json!(key)).unwrap())).await,
        }
    }

    async fn read(&self, text: &Text) -> String {
        match text {
            Text::Inline(text) => text.clone(),
            Text::Blob(key) => {
                let read = self.site.app.blobs.read(key).await.unwrap().bytes(u64::MAX).await.unwrap();
                String::from_utf8(read).unwrap()
            }
        }
    }

    /// What an answer tells of a body is a beginning of it, and where it was cut the whole is behind the link.
    async fn tells(&self, told: &Value, names: &[(&str, &str)], body: &Body) {
        let links: BTreeMap<&str, &str> = told["whole_texts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|whole| (whole["text"].as_str().unwrap(), whole["url"].as_str().unwrap()))
            .collect();
        assert_eq!(told["truncated"], json!(!links.is_empty()));
        for (kind, name) in names.iter().copied() {
            let text = match kind {
                "text" => Some(&body.text),
                "html" => body.html.as_ref(),
                _ => Some(&body.quoted),
            };
            let Some(text) = text else { continue };
            let (whole, shown) = (self.read(text).await, told[name].as_str().unwrap());
            match links.get(kind) {
                Some(url) => assert!(self.follow(url).await == whole, "{url} is not the whole"),
                None if kind == "html" => {
                    assert_eq!(shown, mail::html::sanitise(&whole, &|_| None), "not all of the HTML");
                }
                None => assert!(shown == whole, "{kind} was cut without a word"),
            }
            if kind != "html" {
                assert!(whole.starts_with(shown));
            }
            // Well-formed and clean: cleaned again it is the same.
            assert!(kind != "html" || mail::html::sanitise(shown, &|_| None) == shown);
        }
    }
}

#[track_caller]
fn fits(path: &str, reply: &Reply) {
    assert!(reply.status.is_success() || reply.status.as_u16() == 303, "{path}: {}", reply.status);
    let bytes = enveloped(reply);
    assert!(bytes < MAX, "{path}: {bytes} bytes in the envelope");
}

#[tokio::test]
async fn every_answer_leaves_a_function_and_nothing_is_lost() {
    let hostile = Hostile::new().await;
    let document = hostile.site.get("/openapi.json").await.is(200);
    for (path, item) in document["paths"].as_object().unwrap() {
        if item.get("get").is_none() {
            continue;
        }
        for path in hostile.concrete(path) {
            let reply = hostile.site.get(&path).await;
            fits(&path, &reply);
            if reply.text.starts_with("{\"items\":") {
                let ids = |items: Vec<Value>| -> Vec<String> {
                    items.iter().map(|i| i.get("id").unwrap_or(&i["key"]).to_string()).collect()
                };
                let all = ids(hostile.whole_list(&path).await);
                assert_eq!(
                    all.iter().collect::<BTreeSet<_>>().len(),
                    all.len(),
                    "{path}: something came twice"
                );
                let expected = match path.split('?').next().unwrap() {
                    "/issues" => 24,
                    "/issues/SUP-1/comments" => 60,
                    "/issues/SUP-1/attachments" => 120,
                    "/messages" => 24,
                    _ => continue,
                };
                assert_eq!(all.len(), expected, "{path}");
            }
        }
    }
    let names = [("text", "description_text"), ("html", "description_html")];
    let issue = hostile.site.get("/issues/SUP-1").await.is(200);
    assert_eq!(issue["truncated"], true);
    hostile.tells(&issue, &names, &hostile.issue).await;
    let names = [("text", "body_text"), ("html", "body_html"), ("quoted", "quoted_text")];
    let told = hostile.whole_list("/issues/SUP-1/comments").await;
    for (told, (id, body)) in told.iter().zip(&hostile.comments) {
        assert_eq!(told["id"], id.to_string());
        hostile.tells(told, &names, body).await;
    }
}

#[tokio::test]
async fn every_page_leaves_a_function_and_nothing_is_lost() {
    let hostile = Hostile::new().await;
    let site = &hostile.site;
    let signed_in = site.form("/sign-in", &format!("token={}", site.admin)).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    for path in ["/", "/projects/SUP"] {
        fits(path, &site.page(path).header("cookie", &cookie).await);
    }
    let (mut path, mut comments, mut pages) = ("/issues/SUP-1".to_owned(), 0, 0);
    loop {
        let page = site.page(&path).header("cookie", &cookie).await;
        fits(&path, &page);
        comments += page.text.matches("<article>").count();
        pages += 1;
        let Some((before, _)) = page.text.split_once("\">Later comments") else { break };
        path = before.rsplit('"').next().unwrap().to_owned();
    }
    assert_eq!(comments, 61, "the issue and all comments");
    assert!(pages > 3 && pages < 61, "{pages}");
    let first = site.page("/issues/SUP-1").header("cookie", &cookie).await.text;
    let link = first.split_once("href=\"/api/v1/issues/SUP-1/texts/").expect("a link to the whole text").1;
    assert!(link.starts_with("text\""), "{}", &link[..20]);
}
