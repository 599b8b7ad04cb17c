//! Cursors that a list did not give out: forged, cut, another list's. Each is told so, in every list.

use serde_json::{Value, json};

use crate::{mailboxes::password, site::Site};

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> String {
    let bytes = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap());
    String::from_utf8(bytes.collect()).unwrap()
}

/// Cursors made of a good one.
fn forged(good: &str) -> Vec<String> {
    let mut all: Vec<String> =
        ["nonsense", "00", "zz", "7b7d", "5b5d", "2026-11.", "2026-13.00", "zzzz.00", "."]
            .map(str::to_owned)
            .into();
    all.extend([1, 2, 7, good.len() / 2].map(|less| good[..good.len() - less].to_owned()));
    all.push(format!("{good}00"));
    all.push(good.replacen('7', "6", 1));
    // The audit's cursors begin with their month.
    let (month, key) = good.split_once('.').map_or(("", good), |(month, key)| (month, key));
    let join = |key: String| if month.is_empty() { hex(&key) } else { format!("{month}.{}", hex(&key)) };
    let Ok(Value::Object(fields)) = serde_json::from_str(&unhex(key)) else { panic!("{good}") };
    for name in fields.keys() {
        for value in [None, Some(json!("")), Some(json!(1)), Some(json!("x".repeat(2_100)))] {
            let mut changed = fields.clone();
            match value {
                None => changed.remove(name),
                Some(value) => changed.insert(name.clone(), value),
            };
            all.push(join(Value::Object(changed).to_string()));
        }
    }
    let mut more = fields.clone();
    more.insert("gsi3pk".to_owned(), json!("x"));
    more.insert("gsi2pk".to_owned(), json!("x"));
    all.push(join(Value::Object(more).to_string()));
    let mut elsewhere = fields;
    elsewhere.insert("sk".to_owned(), json!("~"));
    elsewhere.insert("gsi1pk".to_owned(), json!("elsewhere"));
    elsewhere.insert("pk".to_owned(), json!("elsewhere"));
    all.push(join(Value::Object(elsewhere).to_string()));
    all.retain(|cursor| cursor.len() <= 4_096 && cursor != good);
    all
}

#[tokio::test]
async fn a_cursor_of_no_list_is_told_in_every_list() {
    let site = Site::new().await;
    site.project("SUP").await;
    site.project("BILL").await;
    for n in 0..2 {
        site.post("/mailboxes", password(&format!("M{n}"))).await.is(201);
        site.token(["agent", "reader"][n]).await;
        site.post("/issues", json!({"project": "SUP", "summary": "x"})).await.is(201);
        site.post("/issues/SUP-1/comments", json!({"body_text": "x"})).await.is(201);
        let integration =
            json!({"provider": "google", "name": format!("I{n}"), "client_id": "x", "client_secret": "y"});
        site.post("/integrations", integration).await.is(201);
        site.form("/sign-in", &format!("token={}", site.admin)).await;
    }
    let mailbox = site.get("/mailboxes").await.str("/items/0/id");
    for uid in 1..=2 {
        let (state, reason) =
            (intake::types::message::MessageState::Held, intake::types::message::Reason::Flood);
        crate::messages::kept(&site, &mailbox, uid, state, reason, "x").await;
    }
    let lists = [
        "/issues?project=SUP&".to_owned(),
        "/issues?project=SUP&status=open&".to_owned(),
        "/issues/SUP-1/comments?".to_owned(),
        "/projects?".to_owned(),
        "/tokens?".to_owned(),
        "/sessions?".to_owned(),
        "/integrations?".to_owned(),
        "/mailboxes?".to_owned(),
        "/audit?".to_owned(),
        format!("/messages?mailbox_id={mailbox}&"),
        format!("/messages?mailbox_id={mailbox}&state=held&"),
    ];
    let mut good = Vec::new();
    for list in &lists {
        let first = site.get(&format!("{list}limit=1")).await;
        good.push(first.str("/next_cursor"));
    }
    // These have nothing to page through here; what they are given is another list's all the more.
    let empty = ["/grants?", "/issues/SUP-1/attachments?", "/presets?"].map(str::to_owned);
    for (n, list) in lists.iter().chain(&empty).enumerate() {
        let mut wrong: Vec<String> =
            good.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, c)| c.clone()).collect();
        wrong.extend(good.get(n).map(|own| forged(own)).unwrap_or_default());
        for cursor in wrong {
            let reply = site.get(&format!("{list}cursor={cursor}")).await;
            reply.is_problem(422, "invalid_cursor", &["/cursor"]);
        }
        if let Some(own) = good.get(n) {
            site.get(&format!("{list}cursor={own}")).await.is(200);
        }
    }
}
