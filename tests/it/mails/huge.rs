//! Mails that grow when they are stored: an item has an end, and no sender may choose that it is passed.

use serde_json::json;

use super::scene::{Letter, Post, fate, letter};

/// Lines of this text, so many bytes in all.
fn lines(of: &str, bytes: usize) -> String {
    let line = of.repeat(70 / of.len());
    format!("{line}\n").repeat(bytes / 71)
}

/// A mail whose text, HTML and quote are full of this.
fn full_of(id: &str, what: &str) -> Letter {
    let text = lines(what, 60_000);
    let quote = text.replace('\n', "\n> ");
    letter(id).with("MIME-Version: 1.0").with("Content-Type: multipart/alternative; boundary=parts").text(&format!(
        "--parts\nContent-Type: text/plain; charset=utf-8\n\n{text}\nOn Tue, 24 Nov 2026, Bob wrote:\n> {quote}\n\
         --parts\nContent-Type: text/html; charset=utf-8\n\n<p>{text}</p>\n--parts--"
    ))
}

/// A mail all of whose names are as long as a header field may be, and full of this.
fn named(id: &str, of: &str) -> Letter {
    let long = format!("{of}name\"").repeat(60_000 / (of.len() + 5));
    let folded = format!("\u{1}{of} ").repeat(60_000 / (of.len() + 2));
    // Sixty that are no addresses by their length, and one that is as long as one may be.
    let local = |bytes: usize| of.repeat(bytes / of.len());
    let mut cc: Vec<String> = (0..60).map(|n| format!("{}{n}@example.net", local(900))).collect();
    cc.push(format!("{}@{}.example", local(64), "d".repeat(247)));
    letter(id)
        .from(&format!("{folded} <ann@customer.example>"))
        .subject(&long)
        .id(&format!("{}@customer.example", of.repeat(60_000 / of.len())))
        .with(&format!("Cc: {}", cc.join(",\r\n ")))
        .with(&format!("References: <{}>", of.repeat(60_000 / of.len())))
        .file("a.bin", "x")
}

#[tokio::test]
async fn what_a_mail_is_full_of_keeps_it_from_nothing() {
    let post = Post::with(json!({ "handlers": [
        { "name": "All", "then": [{ "set": { "watchers_from_cc": true, "strip_quotes": true } }] },
    ] }))
    .await;
    let letters = [
        full_of("1", "\""),
        full_of("2", "\\"),
        full_of("3", "\u{1}"),
        full_of("4", "\u{1b}\""),
        full_of("5", "\u{1f4a1}"),
        named("6", "a"),
        named("7", "\u{1f4a1}"),
    ];
    let mut watching = 0;
    for record in post.receive(&letters).await {
        assert_eq!((fate(&record).0, fate(&record).1), ("applied", "created"), "{record:.2000}");
        let issue = post.issue(&record["issue_key"]).await;
        // Texts of control characters are files.
        let told = !issue["description_text"].as_str().unwrap().is_empty();
        assert!(told || issue["attachment_count"] == 2, "{record:.2000}");
        let watchers = issue["watchers"].as_array().unwrap();
        let longest = watchers.iter().map(|watcher| watcher.as_str().unwrap().len()).max();
        assert_eq!(longest, (!watchers.is_empty()).then_some(320), "{watchers:?}");
        watching += watchers.len();
        let reporter = &issue["reporter"];
        assert!(["name", "address"].iter().all(|part| reporter[part].as_str().unwrap().len() <= 1000));
    }
    assert_eq!(watching, 2, "each mail with names has one that may be an address");
    let after = post.receive_one(letter("8")).await;
    assert_eq!(fate(&after).0, "applied", "{after:#}");
}
