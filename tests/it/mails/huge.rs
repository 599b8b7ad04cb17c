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

/// A mail all of whose names are as long as a header field may be.
fn named(id: &str) -> Letter {
    let long = "name\"".repeat(12_000);
    let folded = "\u{1}x ".repeat(20_000);
    let cc: Vec<String> = (0..60).map(|n| format!("{}{n}@example.net", "a".repeat(900))).collect();
    letter(id)
        .from(&format!("{folded} <ann@customer.example>"))
        .subject(&long)
        .id(&format!("{}@customer.example", "i".repeat(60_000)))
        .with(&format!("Cc: {}", cc.join(",\r\n ")))
        .with(&format!("References: <{}>", "r".repeat(60_000)))
        .file("a.bin", "x")
}

#[tokio::test]
async fn what_a_mail_is_full_of_keeps_it_from_nothing() {
    let post = Post::with(json!({ "handlers": [
        { "then": [{ "set": { "watchers_from_cc": true, "strip_quotes": true } }] },
    ] }))
    .await;
    let letters =
        [full_of("1", "\""), full_of("2", "\\"), full_of("3", "\u{1}"), full_of("4", "\u{1b}\""), named("5")];
    for record in post.receive(&letters).await {
        assert_eq!((fate(&record).0, fate(&record).1), ("applied", "created"), "{record:.2000}");
        let issue = post.issue(&record["issue_key"]).await;
        assert!(!issue["description_text"].as_str().unwrap().is_empty());
    }
    let after = post.receive_one(letter("6")).await;
    assert_eq!(fate(&after).0, "applied", "{after:#}");
}
