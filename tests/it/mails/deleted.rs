//! What a deleted mailbox leaves behind: its issues, with the texts and files that they name, and nothing else.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use reqwest::Method;
use serde_json::json;
use tests::{maildocket::id, mails::with_attachment};

use super::scene::{Post, fate, letter};

/// More than lies in an item, and some of it that any answer shows.
const LONG: usize = 80_000;
const SHOWN: usize = 10_000;

fn files_below(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => files_below(&path, found),
            path => {
                found.insert(path);
            }
        }
    }
}

#[tokio::test]
async fn only_what_issues_name_outlives_a_mailbox() {
    let post = Post::fresh(json!({ "handlers": [
        { "name": "Held", "when": { "subject": "Held" }, "then": [{ "hold": {} }] },
        { "name": "None", "when": { "subject": "Left out" }, "then": [{ "ignore": {} }] },
    ] }))
    .await;
    let long = format!("{}\n--cut--\n{}", "Above. ".repeat(LONG / 7), "Below. ".repeat(LONG / 7));
    let letters = [
        letter("1").text(&long).file("a.txt", "a").file("b.exe", "b"),
        letter("2").answers("1").text(&long).file("d.txt", "d"),
        letter("3").subject("Held").text(&long).file("held.txt", "held"),
        letter("4").subject("Left out").text(&long).file("left.txt", "left"),
    ];
    let records = post.receive(&letters).await;
    let fates: Vec<_> = records.iter().map(|record| fate(record).0).collect();
    assert_eq!(fates, ["applied", "applied", "held", "skipped"]);
    // Its parts are written while it streams by.
    post.account.deliver(&with_attachment("5", "A large file", &vec![7; 3_000_000]));
    post.poll().await;
    // With today's rules the first mail has one file and one text less.
    post.handlers(json!([{ "name": "Cut", "then": [{ "create": {} }, { "set": {
        "split_at": ["Above."], "attachments": { "leave_out": ["*.exe"] } } }] }]))
        .await;
    post.redrive(&records[0], json!({})).await;

    let path = format!("/mailboxes/{}", post.mailbox);
    post.docket.api.call(Method::DELETE, &path, None).await;
    assert_eq!(post.docket.api.attempt(Method::GET, &path, None).await.0.as_u16(), 404);
    let blobs = post.docket.data_dir().join("blobs");
    let mut left = BTreeSet::new();
    files_below(&blobs, &mut left);
    let names: Vec<_> =
        left.iter().map(|path| path.strip_prefix(&blobs).unwrap().to_string_lossy().into_owned()).collect();
    let of = |folder: &str| names.iter().filter(|name| name.starts_with(folder)).count();

    let mut files = Vec::new();
    for issue in post.docket.api.issues().await {
        files.extend(
            post.docket.api.list(&format!("/issues/{}/attachments", issue["key"].as_str().unwrap())).await,
        );
    }
    assert_eq!(files.len(), 3, "{files:#?}");
    for file in &files {
        let bytes = post.docket.api.bytes(&format!("/attachments/{}", id(file))).await;
        assert_eq!(bytes.len() as u64, file["size"].as_u64().unwrap(), "{file}");
    }
    let issue = post.issue(&json!("SUP-1")).await;
    let comment = &post.comments(&json!("SUP-1")).await[0];
    assert!(issue["description_text"].as_str().unwrap().len() > SHOWN, "{issue}");
    assert!(comment["body_text"].as_str().unwrap().len() > SHOWN, "{comment}");
    assert_eq!((of("files/"), of("text/"), names.len()), (3, 2, 5), "{names:#?}");
}
