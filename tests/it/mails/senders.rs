//! What is done about senders that may be forged.

use serde_json::{Value, json};

use super::scene::{Letter, Post, fate, letter, says};

const PASS: &str = "Authentication-Results: mx.example.test; dmarc=pass header.from=customer.example\r\n";
const FAIL: &str = "Authentication-Results: MX.Example.Test; dmarc=fail header.from=customer.example\r\n";
const NONE: &str = "Authentication-Results: mx.example.test; spf=none; dmarc=none\r\n";
const FOREIGN: &str = "Received: from a.example (a.example [192.0.2.1]) by mail.elsewhere.example; Tue, 24 Nov 2026 09:00:00 +0000\r\n";

#[tokio::test]
async fn each_verdict_is_treated_as_the_mailbox_says() {
    let policy = |on_fail: &str, on_none: &str| json!({ "sender_policy": { "trusted_authserv_ids": ["mx.example.test"], "on_fail": on_fail, "on_none": on_none } });
    let post = Post::with(policy("mark", "accept")).await;
    let marked = json!(["unverified-sender"]);
    let created = ("applied", "created");
    let held = ("held", "unverified_sender");
    let rows = [
        (policy("mark", "accept"), PASS, created, json!([])),
        (policy("mark", "accept"), FAIL, created, marked.clone()),
        (policy("mark", "accept"), NONE, created, json!([])),
        (policy("hold", "mark"), FAIL, held, Value::Null),
        (policy("hold", "mark"), NONE, created, marked.clone()),
        (policy("hold", "mark"), "", created, marked.clone()),
        (policy("ignore", "hold"), PASS, created, json!([])),
        (policy("ignore", "hold"), FAIL, ("skipped", "unverified_sender"), Value::Null),
        (policy("ignore", "hold"), NONE, held, Value::Null),
    ];
    for (n, (rules, above, (state, reason), labels)) in rows.into_iter().enumerate() {
        post.rules(rules).await;
        let record = post.receive_one(letter(&n.to_string()).above(above)).await;
        assert_eq!((fate(&record).0, fate(&record).1), (state, reason), "{n}: {record:#}");
        if state == "applied" {
            assert_eq!(post.issue(&record["issue_key"]).await["labels"], labels, "{n}: {record:#}");
        } else if state == "held" {
            says(&record, "held here");
            let released = post.release(&record).await;
            assert_eq!((fate(&released).0, fate(&released).1), created, "{released:#}");
        }
    }
    // A comment has no labels: its record tells.
    post.rules(policy("mark", "accept")).await;
    let comment = post.receive_one(letter("comment").answers("0").above(FAIL)).await;
    assert_eq!(fate(&comment), ("applied", "commented", "SUP-1"), "{comment:#}");
    says(&comment, "dmarc=fail");
    says(&comment, "marked here");
}

#[tokio::test]
async fn only_the_receiving_servers_own_words_count() {
    let post = Post::with(json!({
        "sender_policy": { "trusted_authserv_ids": ["mx.example.test"], "on_fail": "hold" },
        "handlers": (["pass", "fail", "none"].map(|verdict| json!({
            "name": verdict, "when": { "sender_verdict": verdict }, "then": [{ "set": { "type": verdict } }],
        }))),
    }))
    .await;
    let forged = PASS.replace("mx.example.test", "mx.evil.example");
    let rows: [(&str, String, &str); 6] = [
        ("the receiver's", PASS.to_owned(), "pass"),
        ("another server's", forged.clone(), "none"),
        ("below a foreign hop", format!("{FOREIGN}{PASS}"), "none"),
        ("above a foreign hop, with a forged one below", format!("{NONE}{FOREIGN}{PASS}"), "none"),
        ("the topmost counts", format!("{PASS}{FOREIGN}{FAIL}"), "pass"),
        ("none at all", String::new(), "none"),
    ];
    let letters: Vec<Letter> =
        rows.iter().enumerate().map(|(n, row)| letter(&n.to_string()).above(&row.1)).collect();
    for (record, (what, _, verdict)) in post.receive(&letters).await.iter().zip(&rows) {
        assert_eq!(fate(record).1, "created", "{what}: {record:#}");
        assert_eq!(post.issue(&record["issue_key"]).await["type"], *verdict, "{what}: {record:#}");
    }
    let fail = post.receive_one(letter("fail").above(&format!("{FAIL}{FOREIGN}{PASS}"))).await;
    assert_eq!(fate(&fail), ("held", "unverified_sender", ""), "{fail:#}");
    says(&fail, "\"fail\" applies");
}
