//! Mails that are worked on again with today's rules.

use reqwest::Method;
use serde_json::{Value, json};

use super::scene::{Post, fate, letter, says};

/// An issue as it is but for the name that its next answer gets.
async fn whole(post: &Post, key: &str) -> Value {
    let mut issue = post.issue(&json!(key)).await;
    issue["reply_message_id"] = Value::Null;
    issue["comments"] = json!(post.comments(&json!(key)).await);
    issue["files"] = json!(post.files(&json!(key)).await);
    issue
}

async fn raw(post: &Post, record: &Value) -> Vec<u8> {
    post.docket.api.bytes(&format!("/messages/{}/raw", record["id"].as_str().unwrap())).await
}

#[tokio::test]
async fn texts_and_files_are_replaced_in_place_and_all_else_stays() {
    let post = Post::with(json!({})).await;
    let text = "Above.\n--cut--\nBelow.";
    let issue = letter("1").text(text).file("a.txt", "a").file("b.exe", "b").file("c.txt", "c");
    let answer = letter("2").answers("1").text(text).file("d.exe", "d").file("e.txt", "e");
    let records = post.receive(&[issue, answer, letter("3").answers("1")]).await;
    assert_eq!(fate(&records[1]), ("applied", "commented", "SUP-1"));
    let by_hand = json!({ "status": "closed", "labels": ["mine"], "assignee": "kim", "summary": "By hand" });
    post.docket.api.call(Method::PATCH, "/issues/SUP-1", Some(by_hand)).await;
    let before = whole(&post, "SUP-1").await;
    assert_eq!((&before["attachment_count"], &before["comment_count"]), (&json!(5), &json!(2)));
    let mails = [raw(&post, &records[0]).await, raw(&post, &records[1]).await];

    let rules = json!([{ "name": "Cut", "when": { "not": { "subject": "3" } }, "then": [{ "create": {} }, { "set": {
        "split_at": ["--cut--"], "attachments": { "leave_out": ["*.exe"] }, "project": "BILL", "labels": ["new"],
        "type": "bill" } }] }]);
    post.handlers(rules).await;
    for record in &records[..2] {
        let again = post.redrive(record, json!({})).await;
        let same = ["id", "state", "reason", "issue_key", "comment_id", "received_at", "subject"];
        assert!(same.iter().all(|name| again[name] == record[name]), "{again:#} {record:#}");
        assert_eq!(again["attempts"], 2);
        says(&again, "made anew in SUP-1");
        says(&again, "\"Cut\" applies");
    }
    let after = whole(&post, "SUP-1").await;
    assert_eq!(after["description_text"].as_str().unwrap().trim(), "Above.");
    assert_eq!(after["comments"][0]["body_text"].as_str().unwrap().trim(), "Above.");
    assert_eq!(
        (&after["files"], &after["attachment_count"]),
        (&json!(["a.txt", "c.txt", "e.txt"]), &json!(3))
    );
    let edited =
        ["key", "status", "labels", "assignee", "summary", "type", "comment_count", "created_at", "source"];
    assert!(edited.iter().all(|name| after[name] == before[name]), "{after:#}");
    assert_eq!(after["comments"][1], before["comments"][1], "another mail's");
    for name in ["id", "author", "source", "created_at"] {
        assert_eq!(after["comments"][0][name], before["comments"][0][name]);
    }
    assert_eq!(post.docket.api.list("/issues?project=BILL").await.len(), 0);
    assert_eq!([raw(&post, &records[0]).await, raw(&post, &records[1]).await], mails, "the bytes stay");

    // Once more changes nothing, not even the time; and with the old rules all is as it was.
    for record in &records[..2] {
        post.redrive(record, json!({})).await;
    }
    assert_eq!(whole(&post, "SUP-1").await, after);
    post.handlers(json!([])).await;
    let redrive = json!({ "mailbox_id": post.mailbox });
    let done = post.docket.api.post("/messages/redrive", redrive).await;
    assert_eq!(
        (&done["redriven"], &done["changed"], &done["more"]),
        (&json!(3), &json!(0), &json!(false)),
        "{done}"
    );
    let mut back = whole(&post, "SUP-1").await;
    back["updated_at"] = before["updated_at"].clone();
    back["changed_at"] = before["changed_at"].clone();
    assert_eq!(back, before);
}

#[tokio::test]
async fn a_mail_that_names_a_wrong_charset_is_read_in_the_right_one() {
    let post = Post::with(json!({})).await;
    let named = |id: &str, text: &[u8]| {
        let head = letter(id).with("Content-Type: text/plain; charset=iso-8859-1").text("");
        [&head.raw()[..], text, b"\r\n"].concat()
    };
    // "Привет, мир" in KOI8-R shows itself; a euro sign of Latin-9 is a good sign of Latin-1 too.
    post.account.deliver(&named("1", b"\xf0\xd2\xc9\xd7\xc5\xd4, \xcd\xc9\xd2"));
    let raw_mail = named("2", b"The lamp costs 5 \xa4.");
    post.account.deliver(&raw_mail);
    post.poll().await;
    let records = post.records(2).await;
    let text = async |record: &Value| {
        let issue = post.issue(&record["issue_key"]).await;
        issue["description_text"].as_str().unwrap().trim().to_owned()
    };
    assert_eq!(text(&records[0]).await, "Привет, мир");
    assert_eq!(text(&records[1]).await, "The lamp costs 5 ¤.");
    let again = post.redrive(&records[1], json!({ "charset": "iso-8859-15" })).await;
    assert_eq!(fate(&again), fate(&records[1]));
    assert_eq!(text(&again).await, "The lamp costs 5 €.");
    let misread = post.redrive(&records[0], json!({ "charset": "windows-1251" })).await;
    assert_ne!(text(&misread).await, "Привет, мир");
    post.redrive(&records[0], json!({ "charset": "koi8-r" })).await;
    assert_eq!(text(&records[0]).await, "Привет, мир");
    assert_eq!(raw(&post, &again).await, raw_mail);
    // It is known again all the same, as it is read now and as it was read.
    let copies = {
        post.account.deliver(&raw_mail);
        post.poll().await;
        post.records(1).await.remove(0)
    };
    assert_eq!(fate(&copies), ("skipped", "duplicate", ""), "{copies:#}");
}

#[tokio::test]
async fn what_became_nothing_is_decided_anew_and_nothing_is_done_on_the_server() {
    let post = Post::with(json!({ "handlers": [
        { "name": "Held", "when": { "subject": "held" }, "then": [{ "hold": {} }] },
        { "name": "Ignored", "when": { "subject": "ignored" }, "then": [{ "ignore": {} }] },
    ] }))
    .await;
    let records =
        post.receive(&[letter("1"), letter("2").subject("held"), letter("3").subject("ignored")]).await;
    assert_eq!([&records[1]["reason"], &records[2]["reason"]], [&json!("by_handler"), &json!("by_handler")]);
    let many = async |body: Value| {
        let mut request = json!({ "mailbox_id": post.mailbox });
        request.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let done = post.docket.api.post("/messages/redrive", request).await;
        [done["redriven"].clone(), done["changed"].clone(), done["refused"].clone()]
    };
    assert_eq!(many(json!({ "state": "held" })).await, [json!(1), json!(0), json!(0)]);
    post.handlers(json!([])).await;
    assert_eq!(many(json!({ "state": "held", "reason": "flood" })).await, [json!(0), json!(0), json!(0)]);
    assert_eq!(many(json!({ "reason": "by_handler" })).await, [json!(2), json!(2), json!(0)]);
    let keys: Vec<_> = post.records(3).await.iter().map(|record| record["issue_key"].clone()).collect();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(Value::is_string), "{keys:?}");

    // A choice that was made later is for later mails.
    post.rules(json!({ "after_import": { "action": "mark_seen" } })).await;
    let again = post.redrive(&records[0], json!({})).await;
    assert_eq!(again["after_import"], Value::Null, "{again:#}");
    post.poll().await;
    assert_eq!(post.account.flags(), Vec::<String>::new());
}
