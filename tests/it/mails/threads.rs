//! Which issue a mail belongs to.

use serde_json::json;

use super::scene::{Letter, Post, ago, fate, letter, says};

/// Another person than the one who wrote first.
const BOB: &str = "Bob <bob@elsewhere.example>";

#[tokio::test]
async fn a_reply_token_joins_anyone_and_a_forged_one_nobody() {
    let post = Post::with(json!({})).await;
    let first = post.receive_one(letter("1")).await;
    let issue = post.issue(&first["issue_key"]).await;
    let (address, id) =
        (issue["reply_address"].as_str().unwrap(), issue["reply_message_id"].as_str().unwrap());
    let forged = |text: &str| {
        let at = text.find(['@', '.']).unwrap() - 1;
        let other = if &text[at..=at] == "0" { "1" } else { "0" };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    };
    let of_another = address.replace("sup-1-", "sup-2-");
    let rows = [
        (letter("2").from(BOB).to(address), "commented", "SUP-1"),
        (letter("3").from(BOB).to(&address.to_uppercase()), "commented", "SUP-1"),
        (letter("4").from(BOB).with(&format!("In-Reply-To: <{id}>")), "commented", "SUP-1"),
        (
            letter("5").from(BOB).with(&format!("References: <{id}> <other@example.net>")),
            "commented",
            "SUP-1",
        ),
        (letter("6").from(BOB).above(&format!("Delivered-To: {address}\r\n")), "commented", "SUP-1"),
        (letter("7").from(BOB).to(&forged(address)), "created", "SUP-2"),
        (letter("8").from(BOB).to(&of_another), "created", "SUP-3"),
        (letter("9").from(BOB).with(&format!("In-Reply-To: <{}>", forged(id))), "created", "SUP-4"),
        // In the text it is no token.
        (letter("10").from(BOB).text(address), "created", "SUP-5"),
    ];
    let letters: Vec<Letter> = rows.iter().map(|row| row.0.clone()).collect();
    for (record, (_, reason, key)) in post.receive(&letters).await.iter().zip(&rows) {
        assert_eq!(fate(record), ("applied", *reason, *key), "{record:#}");
        if *reason == "commented" {
            says(record, "reply token of SUP-1");
        }
    }
}

#[tokio::test]
async fn an_issue_key_in_the_subject_joins_only_who_takes_part() {
    let post = Post::with(json!({ "handlers": [
        { "name": "Cc", "then": [{ "set": { "watchers_from_cc": true } }] },
    ] }))
    .await;
    post.receive_one(letter("1").with("Cc: carol@customer.example")).await;
    let about = |id: &str, from: &str| letter(id).from(from).subject("Again: [SUP-1] the lamp");
    let rows = [
        (about("2", "Ann <ANN@customer.example>"), "commented", "SUP-1", "in which its sender takes part"),
        (about("3", "carol@customer.example"), "commented", "SUP-1", "in which its sender takes part"),
        (about("4", BOB), "created", "SUP-2", "does not take part"),
        (letter("5").from(BOB).answers("1"), "commented", "SUP-1", "answers <1@"),
        (letter("6").subject("NONE-1 and SUP-99"), "created", "SUP-3", ""),
    ];
    let letters: Vec<Letter> = rows.iter().map(|row| row.0.clone()).collect();
    for (record, (_, reason, key, said)) in post.receive(&letters).await.iter().zip(&rows) {
        assert_eq!(fate(record), ("applied", *reason, *key), "{record:#}");
        says(record, said);
    }
    // By his comment he takes part now.
    let now = post.receive_one(about("7", BOB)).await;
    assert_eq!(fate(&now), ("applied", "commented", "SUP-1"), "{now:#}");
    // Who is found forged takes part in nothing.
    post.rules(
        json!({ "sender_policy": { "trusted_authserv_ids": ["mx.example.test"], "on_fail": "accept" } }),
    )
    .await;
    let forged = about("8", "ann@customer.example")
        .above("Authentication-Results: mx.example.test; dmarc=fail header.from=customer.example\r\n");
    let forged = post.receive_one(forged).await;
    assert_eq!(fate(&forged), ("applied", "created", "SUP-4"), "{forged:#}");
}

#[tokio::test]
async fn outlooks_conversation_joins_with_the_same_subject_only() {
    let post = Post::with(json!({})).await;
    // Six bytes of time, sixteen of the conversation; an answer has five more.
    let (index, answer) = ("AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQ==", "AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQABAgME");
    let outlook = |id: &str, index: &str, subject: &str, topic: &str| {
        let letter = letter(id).subject(subject).with(&format!("Thread-Index: {index}"));
        if topic.is_empty() { letter } else { letter.with(&format!("Thread-Topic: {topic}")) }
    };
    let rows = [
        (outlook("1", index, "The lamp", "The lamp"), "created", "SUP-1"),
        (outlook("2", answer, "AW: The lamp", "The lamp").from(BOB), "commented", "SUP-1"),
        (outlook("3", answer, "RE: the LAMP", ""), "commented", "SUP-1"),
        (outlook("4", answer, "Another matter", "Another matter"), "created", "SUP-2"),
        (outlook("5", "AdxcKz0BAgMEBQYHCAkKCwwNDg8QEg==", "The lamp", "The lamp"), "created", "SUP-3"),
        (outlook("6", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "Zeros", ""), "created", "SUP-4"),
        (outlook("7", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "Zeros", ""), "created", "SUP-5"),
    ];
    // In two polls: what the store knows, and what the batch has learnt.
    let letters: Vec<Letter> = rows.iter().map(|row| row.0.clone()).collect();
    let mut records = post.receive(&letters[..2]).await;
    records.extend(post.receive(&letters[2..]).await);
    for (record, (_, reason, key)) in records.iter().zip(&rows) {
        assert_eq!(fate(record), ("applied", *reason, *key), "{record:#}");
    }
    says(&records[1], "Thread-Index");
}

#[tokio::test]
async fn answers_find_their_parents_whenever_they_come_and_subjects_join_nobody() {
    let post = Post::with(json!({})).await;
    let far = "References: <2@customer.example>\r\n <gone-1@example.net>\r\n <gone-2@example.net>";
    let forward = letter("8").subject("Fwd: Lamp 2").text(
        "Look:\n\n---------- Forwarded message ---------\nFrom: x@y.example\nSubject: Lamp 2\n\nIt flickers.",
    );
    let rows = [
        (letter("1").subject("Re: Lamp 2").answers("2"), "created", "SUP-1"),
        (letter("2"), "commented", "SUP-1"),
        (letter("3").answers("1").from(BOB), "commented", "SUP-1"),
        (letter("4").subject("Re: Lamp 2").with(far), "commented", "SUP-1"),
        (letter("5").subject("Re: Lamp 2").from(BOB), "created", "SUP-2"),
        (letter("6").subject("Lamp 2"), "created", "SUP-3"),
        (forward, "created", "SUP-4"),
    ];
    let letters: Vec<Letter> = rows.iter().map(|row| row.0.clone()).collect();
    // One poll each, so that the store is asked; then all at once, so that the batch is.
    let mut records = Vec::new();
    for letter in letters.clone() {
        records.push(post.receive_one(letter).await);
    }
    let (account, mailbox) = post.another(json!({ "project": "BILL" })).await;
    letters.iter().for_each(|letter| account.deliver(&letter.raw()));
    post.docket.api.poll(&mailbox).await;
    let mut batch = post.docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    batch.sort_by_key(|record| record["uid"].as_u64());
    for ((one, other), (_, reason, key)) in records.iter().zip(&batch).zip(&rows) {
        assert_eq!(fate(one), ("applied", *reason, *key), "{one:#}");
        assert_eq!(fate(other), ("applied", *reason, key.replace("SUP", "BILL").as_str()), "{other:#}");
    }
}

#[tokio::test]
async fn a_mail_to_two_mailboxes_of_a_project_becomes_one_thing() {
    let post = Post::with(json!({})).await;
    let (second, second_box) = post.another(json!({})).await;
    let to_bills = json!({ "project": "BILL", "handlers": [
        { "name": "Support", "when": { "to": "support@*" }, "then": [{ "set": { "project": "SUP" } }] },
        { "name": "Answers", "when": { "subject": "Re:" }, "then": [{ "set": { "project": "BILL" } }] },
    ] });
    let (third, third_box) = post.another(to_bills).await;
    let both = letter("1");
    assert_eq!(fate(&post.receive_one(both.clone()).await), ("applied", "created", "SUP-1"));
    let newest = async |mailbox: &str| {
        post.docket.api.poll(mailbox).await;
        let records = post.docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
        records.into_iter().max_by_key(|record| record["uid"].as_u64()).unwrap()
    };
    for (account, mailbox) in [(&second, &second_box), (&third, &third_box)] {
        account.deliver(&both.raw());
        assert_eq!(fate(&newest(mailbox).await), ("skipped", "duplicate", ""));
    }
    // An answer that the third mailbox would take for its own project belongs to the same issue.
    let answer = letter("2").subject("Re: Lamp").answers("1");
    third.deliver(&answer.raw());
    assert_eq!(fate(&newest(&third_box).await), ("applied", "commented", "SUP-1"));
    assert_eq!(fate(&post.receive_one(answer.clone()).await), ("skipped", "duplicate", ""));
    let answer = letter("3").subject("Re: Lamp").answers("1");
    assert_eq!(fate(&post.receive_one(answer.clone()).await), ("applied", "commented", "SUP-1"));
    third.deliver(&answer.raw());
    assert_eq!(fate(&newest(&third_box).await), ("skipped", "duplicate", ""));
    assert_eq!(post.comments(&json!("SUP-1")).await.len(), 2);

    // What one mailbox leaves out, another may want.
    post.handlers(json!([{ "name": "None", "then": [{ "ignore": {} }] }])).await;
    let wanted = letter("4");
    assert_eq!(fate(&post.receive_one(wanted.clone()).await), ("skipped", "by_handler", ""));
    second.deliver(&wanted.raw());
    assert_eq!(fate(&newest(&second_box).await), ("applied", "created", "SUP-2"));
}

/// Answers follow each other through many batches, each decided on while the one before is written; and two mailboxes
/// that get the same mails at the same time refuse each other's decisions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_threads_that_come_by_two_mailboxes_at_once_stay_whole() {
    const MAILS: usize = 120;
    const THREAD: usize = 40;
    let no_floods = json!({ "rate_limits": { "per_sender": 1000, "per_thread": 1000 } });
    let post = Post::fresh(no_floods.clone()).await;
    let (second, second_box) = post.another(no_floods).await;
    for n in 0..MAILS {
        let mail = letter(&n.to_string());
        let mail = if n % THREAD == 0 { mail } else { mail.answers(&(n - 1).to_string()) };
        post.account.deliver_at(&mail.raw(), ago((MAILS - n) as u64));
        second.deliver_at(&mail.raw(), ago((MAILS - n) as u64));
    }
    tokio::join!(post.poll(), post.docket.api.poll(&second_box));
    let mut applied = Vec::new();
    for mailbox in [&post.mailbox, &second_box] {
        let records = post.docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
        assert_eq!(records.len(), MAILS);
        for record in records {
            match fate(&record) {
                ("applied", _, key) => {
                    let subject = record["subject"].as_str().unwrap();
                    let n: usize = subject.rsplit(' ').next().unwrap().parse().unwrap();
                    applied.push((n, key.to_owned()));
                }
                other => assert_eq!(other, ("skipped", "duplicate", ""), "{record:#}"),
            }
        }
    }
    applied.sort();
    assert_eq!(applied.iter().map(|(n, _)| *n).collect::<Vec<_>>(), (0..MAILS).collect::<Vec<_>>());
    for thread in applied.chunks(THREAD) {
        assert!(thread.iter().all(|(_, key)| *key == thread[0].1), "{thread:?}");
    }
    let issues = post.docket.api.issues().await;
    assert_eq!(issues.len(), MAILS / THREAD);
    assert!(issues.iter().all(|issue| issue["comment_count"] == THREAD - 1), "{issues:#?}");
}
