//! Loops and floods.

use serde_json::{Value, json};

use super::scene::{Letter, Post, ago, fate, letter, says};

#[tokio::test]
async fn what_we_sent_ourselves_is_held_as_a_loop() {
    let post = Post::with(json!({})).await;
    let first = post.receive_one(letter("1")).await;
    let issue = post.issue(&first["issue_key"]).await;
    let own = post.account.address.clone();
    let rows: [(Letter, (&str, &str)); 7] = [
        (letter("2").id(issue["reply_message_id"].as_str().unwrap()), ("held", "loop")),
        (letter("3").with(&format!("X-Loop: {own}")), ("held", "loop")),
        (letter("4").with(&format!("X-Loop: another-{own}")), ("applied", "created")),
        (letter("5").from(&own).with("Auto-Submitted: auto-replied"), ("held", "loop")),
        (letter("6").from(&own), ("applied", "created")),
        (letter("7").from("a@b.example").with("Auto-Submitted: auto-replied"), ("skipped", "auto_reply")),
        (letter("8").with("X-Loop: somebody@elsewhere.example"), ("applied", "created")),
    ];
    let letters: Vec<Letter> = rows.iter().map(|row| row.0.clone()).collect();
    let records = post.receive(&letters).await;
    for (record, (_, wanted)) in records.iter().zip(&rows) {
        assert_eq!((fate(record).0, fate(record).1), *wanted, "{record:#}");
    }
    // With today's rules it is still one; a person lets it through.
    assert_eq!(fate(&post.redrive(&records[0], json!({})).await), ("held", "loop", ""));
    let released = post.release(&records[0]).await;
    assert_eq!((fate(&released).0, fate(&released).1), ("applied", "created"), "{released:#}");
}

/// Delivered at these seconds before now.
fn deliver(post: &Post, letters: impl IntoIterator<Item = (u64, Letter)>) {
    letters.into_iter().for_each(|(seconds, letter)| post.account.deliver_at(&letter.raw(), ago(seconds)));
}

fn states(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| fate(record).0).collect()
}

#[tokio::test]
async fn the_sixth_of_the_same_within_an_hour_is_held_and_can_be_released() {
    let post = Post::with(json!({})).await;
    let long = "An alarm of a very long name ".repeat(15);
    for subject in ["Alarm", "Re: Alarm 2", long.trim()] {
        let same = |n: u64| letter(&format!("{}-{n}", subject.len())).subject(subject);
        // Four in one poll, the others one by one: what the batch knows, and what the store knows.
        deliver(&post, (0..4).map(|n| (5000 - n, same(n))));
        post.poll().await;
        assert_eq!(states(&post.records(4).await), ["applied"; 4]);
        deliver(&post, (4..9).map(|n| (1000 - n, same(n))));
        post.poll().await;
        assert_eq!(
            states(&post.records(5).await),
            ["applied"; 5],
            "the first four are more than an hour older"
        );
        let sixth = post.receive_one(same(9)).await;
        assert_eq!(fate(&sixth), ("held", "flood", ""), "{sixth:#}");
        says(&sixth, "this subject within an hour");
        // Another sender, and another subject, are no flood.
        let other = post.receive_one(same(10).from("b@elsewhere.example")).await;
        assert_eq!(fate(&other).0, "applied", "{other:#}");
        let released = post.release(&sixth).await;
        assert_eq!((fate(&released).0, fate(&released).1), ("applied", "created"), "{released:#}");
        post.rules(json!({ "rate_limits": { "per_sender": 1000 } })).await;
    }
}

#[tokio::test]
async fn limits_are_for_what_arrives_and_not_for_a_first_import() {
    let post = Post::fresh(json!({ "rate_limits": { "per_sender": 1 } })).await;
    deliver(&post, (0..100).map(|n| (200 - n, letter(&n.to_string()).subject("The same"))));
    let report = post.poll().await;
    assert_eq!((&report["created"], &report["held"]), (&json!(100), &json!(0)), "{report}");
    let next = post.receive(&[letter("a").subject("Other"), letter("b").subject("Others")]).await;
    assert_eq!(states(&next), ["applied", "held"], "what was there before does not count: {next:#?}");
    says(&next[1], "Its sender sent more than 1 mails");
}

#[tokio::test]
async fn comments_are_limited_by_their_issue_and_all_mails_by_their_mailbox() {
    let post = Post::with(json!({ "rate_limits": { "per_thread": 3 } })).await;
    post.receive_one(letter("0")).await;
    let answer = |n: u64| letter(&format!("a{n}")).answers("0").from(&format!("p{n}@customer.example"));
    let records = post.receive(&(0..4).map(answer).collect::<Vec<_>>()).await;
    assert_eq!(states(&records), ["applied", "applied", "applied", "held"], "{records:#?}");
    says(&records[3], "comments came to its issue");
    // Comments do not count against new issues with the same subject.
    post.rules(json!({ "rate_limits": { "per_subject": 1, "per_thread": 100 } })).await;
    let again = letter("b").subject("Lamp a0").from("p0@customer.example");
    assert_eq!(fate(&post.receive_one(again).await).0, "applied");

    let before = post.records(6).await.len();
    post.rules(json!({ "rate_limits": { "per_mailbox": before + 1 } })).await;
    let strangers = |n: u64| letter(&format!("s{n}")).from(&format!("s{n}@elsewhere.example"));
    // A copy of what came already counts as nothing.
    let copy = post.receive_one(letter("0")).await;
    assert_eq!(fate(&copy), ("skipped", "duplicate", ""));
    let records = post.receive(&[strangers(0), strangers(1)]).await;
    assert_eq!(states(&records), ["applied", "held"], "{records:#?}");
    says(&records[1], "came to this mailbox");
}
