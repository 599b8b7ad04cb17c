//! What changed since a time: every change once, part by part.

use std::{collections::BTreeSet, time::Duration};

use intake::types::message::{MessageState, Reason};
use serde_json::{Value, json};

use crate::{
    mailboxes::password,
    messages::{MAIL, kept},
    site::Site,
};

/// All entries of a list, and how many parts it had.
async fn all(site: &Site, path: &str, limit: usize) -> (Vec<Value>, usize) {
    let (mut items, mut cursor, mut parts) = (Vec::new(), String::new(), 0);
    loop {
        let part = site.get(&format!("{path}&limit={limit}{cursor}")).await.is(200);
        let entries = part["items"].as_array().unwrap();
        assert!(entries.len() <= limit, "{part}");
        items.extend(entries.iter().cloned());
        parts += 1;
        match part["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (items, parts),
        }
    }
}

fn told(items: &[Value], field: &str) -> BTreeSet<String> {
    items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn issues_that_changed_are_found_however_old_they_are() {
    let site = Site::new().await;
    site.project("SUP").await;
    for n in 1..=30 {
        site.post("/issues", json!({"project": "SUP", "summary": format!("Issue {n}")})).await.is(201);
    }
    site.clock.advance(Duration::from_secs(3600));
    let since = site.app.now();
    let list = format!("/issues?project=SUP&updated_since={since}");
    assert_eq!(all(&site, &list, 50).await.0, Vec::<Value>::new());
    site.patch("/issues/SUP-2", json!({"status": "closed"})).await.is(200);
    site.post("/issues/SUP-1/comments", json!({"body_text": "Still there."})).await.is(201);
    site.post("/issues", json!({"project": "SUP", "summary": "The newest"})).await.is(201);
    for limit in [1, 2, 50] {
        let (items, parts) = all(&site, &list, limit).await;
        assert_eq!(told(&items, "key"), ["SUP-1", "SUP-2", "SUP-31"].map(str::to_owned).into(), "{limit}");
        assert_eq!(items.len(), 3, "each once: {limit}");
        assert!(parts > 1 || limit > 30, "{limit}: {parts}");
        assert!(
            items.iter().all(|issue| issue["changed_at"].as_str().unwrap() >= since.to_string().as_str())
        );
    }
    let closed = format!("{list}&status=closed");
    assert_eq!(told(&all(&site, &closed, 50).await.0, "key"), ["SUP-2".to_owned()].into());
    let wrong = site.get("/issues?project=SUP&updated_since=yesterday").await;
    wrong.is_problem(422, "validation_failed", &["/updated_since"]);
}

#[tokio::test]
async fn messages_that_changed_are_found_however_old_they_are() {
    let site = Site::new().await;
    site.project("SUP").await;
    let mailbox = site.post("/mailboxes", password("Support")).await.str("/id");
    let mut ids = Vec::new();
    for uid in 1..=5 {
        let held = (MessageState::Held, Reason::Flood);
        ids.push(kept(&site, &mailbox, uid, held.0, held.1, MAIL).await.to_string());
    }
    site.clock.advance(Duration::from_secs(3600));
    let list = format!("/messages?mailbox_id={mailbox}&updated_since={}", site.app.now());
    assert_eq!(all(&site, &list, 50).await.0, Vec::<Value>::new());
    site.post(&format!("/messages/{}/dismiss", ids[1]), json!({})).await.is(200);
    for limit in [1, 50] {
        let (items, _) = all(&site, &list, limit).await;
        assert_eq!(told(&items, "id"), [ids[1].clone()].into(), "{limit}");
    }
    let held = format!("{list}&state=held");
    assert_eq!(all(&site, &held, 50).await.0, Vec::<Value>::new());
    let wrong = site.get(&format!("/messages?mailbox_id={mailbox}&updated_since=1")).await;
    wrong.is_problem(422, "validation_failed", &["/updated_since"]);
}
