//! Mails that no person wrote.

use serde_json::json;

use super::scene::{Letter, Post, fate, letter, says};

fn bounce(id: &str, returned: &str) -> Letter {
    let text = format!(
        "--parts\nContent-Type: text/plain\n\nThe mail could not be delivered.\n--parts\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n\
         Final-Recipient: rfc822; gone@customer.example\nAction: failed\nStatus: 5.1.1\n\n--parts\n\
         Content-Type: message/rfc822\n\nFrom: support@example.test\nTo: gone@customer.example\n\
         Message-ID: <{returned}>\nSubject: Re: Lamp\n\nOur answer.\n\n--parts--"
    );
    letter(id)
        .above("Return-Path: <>\r\n")
        .from("Mail Delivery System <MAILER-DAEMON@example.net>")
        .subject("Undelivered Mail Returned to Sender")
        .with("Auto-Submitted: auto-replied")
        .with("Content-Type: multipart/report; report-type=delivery-status; boundary=parts")
        .text(&text)
}

#[tokio::test]
async fn a_bounce_of_our_answer_is_a_comment_and_other_automatic_mail_makes_no_issue() {
    let post = Post::with(json!({})).await;
    let first = post.receive_one(letter("1")).await;
    let ours = post.issue(&first["issue_key"]).await["reply_message_id"].as_str().unwrap().to_owned();
    let away = "Auto-Submitted: auto-replied";
    let aggregate = letter("dmarc")
        .from("noreply-dmarc@provider.example")
        .subject("Report Domain: example.test Submitter: provider.example Report-ID: <1>")
        .with("Content-Type: multipart/mixed; boundary=parts")
        .text(
            "--parts\nContent-Type: text/plain\n\nThis is an aggregate report.\n--parts\n\
             Content-Type: application/gzip\nContent-Disposition: attachment;\n \
             filename=\"provider.example!example.test!1764028800!1764115200.xml.gz\"\n\
             Content-Transfer-Encoding: base64\n\nH4sIAAAAAAAA\n--parts--",
        );
    let rows = [
        (bounce("2", &ours), ("applied", "commented", "SUP-1")),
        (bounce("3", "1@customer.example"), ("applied", "commented", "SUP-1")),
        (bounce("4", "unknown@example.net"), ("skipped", "bounce", "")),
        (bounce("5", &ours.replace("sup-1", "sup-2")), ("skipped", "bounce", "")),
        (letter("6").with(away), ("skipped", "auto_reply", "")),
        (letter("7").with(away).answers("1"), ("applied", "commented", "SUP-1")),
        (aggregate, ("skipped", "report", "")),
        (letter("8").subject("Automatic reply: Lamp"), ("applied", "created", "SUP-2")),
        (letter("9").subject("Automatic reply: Lamp").answers("1"), ("applied", "commented", "SUP-1")),
    ];
    let letters: Vec<Letter> = rows.iter().map(|row| row.0.clone()).collect();
    let records = post.receive(&letters).await;
    for (record, (_, wanted)) in records.iter().zip(&rows) {
        assert_eq!(fate(record), *wanted, "{record:#}");
    }
    says(&records[0], "reply token of SUP-1");
    assert_eq!(post.docket.api.issues().await.len(), 2);
    // Words alone make no mail nothing: what they suggest stands beside it.
    let marked = post.issue(&json!("SUP-2")).await;
    assert_eq!(marked["labels"], json!(["likely-auto-reply"]));
    let likely = json!({ "kind": "auto_reply", "evidence": ["the subject begins with \"automatic reply\""] });
    assert_eq!(marked["source"]["likely"], likely);
    let comments = post.comments(&json!("SUP-1")).await;
    let told = comments.iter().filter(|comment| comment["source"]["likely"] == likely);
    assert_eq!(told.count(), 1, "{comments:#?}");
}
