//! Handlers, sender policy and rate limits, and what a mail would become.

use base64::{Engine, engine::general_purpose::STANDARD};
use intake::types::message::{MessageState, Reason};
use serde_json::{Value, json};

use crate::{
    mailboxes::password,
    messages::{MAIL, kept},
    site::{Reply, Site},
};

async fn site() -> (Site, String) {
    let site = Site::new().await;
    site.project("SUP").await;
    site.project("BILL").await;
    let mailbox = site.post("/mailboxes", password("Support")).await.str("/id");
    (site, format!("/mailboxes/{mailbox}"))
}

/// Bills go to another project.
fn billing() -> Value {
    json!({
        "name": "Billing", "when": {"any": [{"to": "billing@*"}, {"sub_address": "billing"}]},
        "then": [{"create_or_comment": {}}, {"set": {"project": "BILL", "type": "bill", "labels": ["money"]}}],
        "stop": true,
    })
}

async fn put(site: &Site, path: &str, body: Value) -> Reply {
    site.call(axum::http::Method::PUT, &format!("{path}/handlers")).json(&body).await
}

#[tokio::test]
async fn the_list_is_read_and_replaced_as_a_whole() {
    let (site, path) = site().await;
    let read = site.get(&format!("{path}/handlers")).await;
    assert_eq!((read.is(200), read.header("etag")), (json!([]), "\"1\""));
    let forwards = json!([{"name": "Forwards", "when": {"from": "@example.org"},
        "then": [{"as_forwarded": {}}, {"set": {"reporter": "first_forwarded_sender"}}], "stop": false}]);
    assert_eq!(put(&site, &path, forwards.clone()).await.is(200), forwards);
    put(&site, &path, json!([])).await.is(200);
    let written = put(&site, &path, json!([billing()])).await;
    assert_eq!((written.is(200), written.header("etag")), (json!([billing()]), "\"4\""));
    let same = put(&site, &path, json!({"handlers": [billing()]})).await;
    assert_eq!((same.is(200), same.header("etag")), (json!([billing()]), "\"4\""), "nothing changed");
    assert_eq!(site.get(&path).await.is(200)["handlers"], json!([billing()]));

    let stale = site.call(axum::http::Method::PUT, &format!("{path}/handlers")).json(&json!([]));
    stale.header("if-match", "\"1\"").await.is_problem(412, "version_mismatch", &[]);
    let fresh = site.call(axum::http::Method::PUT, &format!("{path}/handlers")).json(&json!([]));
    let emptied = fresh.header("if-match", "\"4\"").await;
    assert_eq!((emptied.is(200), emptied.header("etag")), (json!([]), "\"5\""));
    let change =
        site.get("/audit?action=mailbox.changed&limit=1").await.is(200)["items"][0]["changes"][0].clone();
    assert_eq!((&change["field"], &change["after"]), (&json!("handlers"), &json!("[]")), "{change}");
    for (method, call) in [("GET", "/handlers"), ("PUT", "/handlers"), ("POST", "/handlers/dry-run")] {
        let nowhere = format!("/mailboxes/mbx_01M000000000000000000000ZZ{call}");
        let body = if call == "/handlers" { json!([]) } else { json!({"raw_base64": ""}) };
        let call = site.call(method.parse().unwrap(), &nowhere);
        let reply = if method == "GET" { call.await } else { call.json(&body).await };
        reply.is_problem(404, "not_found", &[]);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_list_is_told_with_its_place() {
    let (site, path) = site().await;
    let one = |when: Value, then: Value| json!([{"name": "a", "when": when, "then": then}]);
    let hold = || json!([{"hold": {}}]);
    let many: Vec<_> = (0..101).map(|n| json!({"name": n.to_string(), "then": [{"hold": {}}]})).collect();
    for (list, code, pointers) in [
        (json!([{"name": "a", "then": []}]), "validation_failed", vec!["/0/then"]),
        (json!([{"name": "a"}]), "validation_failed", vec!["/0"]),
        (json!([{"then": [{"hold": {}}]}]), "validation_failed", vec!["/0"]),
        (json!([{"name": " ", "then": [{"hold": {}}]}]), "validation_failed", vec!["/0/name"]),
        (
            one(json!({"from": "x"}), json!([{"hold": {}}, {"ignore": {}}])),
            "validation_failed",
            vec!["/0/then"],
        ),
        (one(json!({"any": []}), hold()), "validation_failed", vec!["/0/when/any"]),
        (
            one(json!({"all": [{"not": {"size": {}}}]}), hold()),
            "validation_failed",
            vec!["/0/when/all/0/not/size"],
        ),
        (one(json!({"from": ""}), hold()), "validation_failed", vec!["/0/when/from"]),
        (
            one(json!({"from": "x"}), json!([{"set": {"project": "sup"}}])),
            "validation_failed",
            vec!["/0/then/0/set/project"],
        ),
        (one(json!({"from": "x"}), json!([{"set": {"project": "NONE"}}])), "validation_failed", vec![""]),
        (
            one(json!({"from": "x"}), json!([{"set": {"reporter": "sender"}}])),
            "validation_failed",
            vec!["/0/then/0/set/reporter"],
        ),
        (
            one(json!({"from": "x"}), json!([{"as_forwarded": {}}, {"create": {}}])),
            "validation_failed",
            vec!["/0/then"],
        ),
        (
            one(json!({"from": "x"}), json!([{"set": {"colour": "red"}}])),
            "unknown_field",
            vec!["/0/then/0/set/colour"],
        ),
        (one(json!({"size": {"over": 1}}), hold()), "unknown_field", vec!["/0/when/size/over"]),
        (json!([{"name": "a", "then": [{"hold": {}}], "if": {}}]), "unknown_field", vec!["/0/if"]),
        (one(json!({"from": "x"}), json!([{"drop": {}}])), "validation_failed", vec!["/0/then/0"]),
        (one(json!({"kind": "odd"}), hold()), "validation_failed", vec!["/0/when/kind"]),
        (json!(many), "validation_failed", vec![""]),
        (json!({"handlers": null}), "validation_failed", vec!["/handlers"]),
        (json!({}), "validation_failed", vec!["/handlers"]),
        (json!({"handlers": [], "more": 1}), "unknown_field", vec!["/more"]),
    ] {
        println!("{list:.200}");
        put(&site, &path, list).await.is_problem(422, code, &pointers);
    }
    let text = site.call(axum::http::Method::PUT, &format!("{path}/handlers"));
    text.raw("application/json", "[{").await.is_problem(400, "malformed_json", &[]);
    let patched = site.patch(&path, json!({"handlers": [{"name": "a", "then": []}]})).await;
    patched.is_problem(422, "validation_failed", &["/handlers/0/then"]);
    assert_eq!(site.get(&path).await.header("etag"), "\"1\"", "nothing was written");
}

#[tokio::test]
async fn rules_of_a_mailbox_are_given_in_part_and_keep_the_rest() {
    let (site, path) = site().await;
    let usual = site.get(&path).await.is(200);
    let senders = json!({"trusted_authserv_ids": [], "on_fail": "mark", "on_none": "accept"});
    assert_eq!(usual["sender_policy"], senders);
    let rates = json!({"per_sender": 30, "per_subject": 5, "per_thread": 20, "per_mailbox": 200});
    assert_eq!((&usual["rate_limits"], &usual["handlers"]), (&rates, &json!([])));

    let change = json!({"sender_policy": {"trusted_authserv_ids": [" MX.example.com "], "on_none": "hold"},
        "rate_limits": {"per_sender": 3}});
    site.patch(&path, change).await.is(200);
    let changed = site.patch(&path, json!({"sender_policy": {"on_fail": "ignore"}})).await.is(200);
    let senders = json!({"trusted_authserv_ids": ["mx.example.com"], "on_fail": "ignore", "on_none": "hold"});
    assert_eq!(changed["sender_policy"], senders, "what is not mentioned stays");
    assert_eq!(
        (&changed["rate_limits"]["per_sender"], &changed["rate_limits"]["per_thread"]),
        (&json!(3), &json!(20))
    );
    let back = json!({"sender_policy": {"on_none": null}, "rate_limits": null, "handlers": null});
    let back = site.patch(&path, back).await.is(200);
    assert_eq!((&back["sender_policy"]["on_none"], &back["rate_limits"]), (&json!("accept"), &rates));
    for (body, code, pointer) in [
        (json!({"rate_limits": {"per_sender": 0}}), "validation_failed", "/rate_limits/per_sender"),
        (json!({"rate_limits": {"per_mailbox": 1001}}), "validation_failed", "/rate_limits/per_mailbox"),
        (json!({"rate_limits": {"per_sender": "3"}}), "validation_failed", "/rate_limits/per_sender"),
        (json!({"rate_limits": {"per_day": 3}}), "unknown_field", "/rate_limits/per_day"),
        (json!({"rate_limits": 7}), "validation_failed", "/rate_limits"),
        (json!({"sender_policy": {"on_fail": "drop"}}), "validation_failed", "/sender_policy/on_fail"),
        (json!({"sender_policy": {"on_pass": "hold"}}), "unknown_field", "/sender_policy/on_pass"),
        (
            json!({"sender_policy": {"trusted_authserv_ids": ["a", "b c"]}}),
            "validation_failed",
            "/sender_policy/trusted_authserv_ids/1",
        ),
    ] {
        site.patch(&path, body).await.is_problem(422, code, &[pointer]);
    }
    let mut new = password("Other");
    new["handlers"] = json!([billing()]);
    new["rate_limits"] = json!({"per_thread": 7});
    let new = site.post("/mailboxes", new).await.is(201);
    assert_eq!((&new["handlers"], &new["rate_limits"]["per_thread"]), (&json!([billing()]), &json!(7)));
}

#[tokio::test]
async fn rules_survive_the_file() {
    let (site, path) = site().await;
    let rules = json!({"handlers": [billing()], "sender_policy": {"on_fail": "hold"}, "rate_limits": {"per_sender": 9}});
    site.patch(&path, rules).await.is(200);
    let document = site.get("/config").await.is(200);
    let there = &document["mailboxes"]["Support"];
    assert_eq!(
        (&there["handlers"], &there["sender_policy"]["on_fail"]),
        (&json!([billing()]), &json!("hold"))
    );
    let nothing = json!({"changed": false, "applied": false, "changes": [], "risks": []});
    assert_eq!(site.post("/config/apply", document.clone()).await.is(200), nothing);
    // What a file leaves out is as it is, or as it is by default.
    let mut handler = billing();
    handler.as_object_mut().unwrap().remove("stop");
    let short = json!({"format": 1, "mailboxes": {"Support": {
        "sender_policy": {"on_fail": "hold"}, "rate_limits": {"per_sender": 9}, "handlers": [billing()],
    }}});
    assert_eq!(site.post("/config/apply", short).await.is(200), nothing);
    let other = json!({"format": 1, "mailboxes": {"Support": {"handlers": [handler]}}});
    let told = site.post("/config/apply", other.clone()).await.is(200);
    assert_eq!(
        (&told["changed"], &told["changes"][0]["fields"][0]["field"]),
        (&json!(true), &json!("handlers"))
    );
    assert_eq!(site.post("/config/apply", other).await.is(200), nothing, "the same without a word of it");
    let wrong = json!({"format": 1, "mailboxes": {"Support": {"handlers": [{"name": "a", "then": []}]}}});
    let refused = site.post("/config/apply", wrong).await;
    refused.is_problem(422, "validation_failed", &["/mailboxes/Support/handlers/0/then"]);
}

#[tokio::test]
async fn a_dry_run_tells_what_a_mail_would_become_and_writes_nothing() {
    let (site, path) = site().await;
    put(&site, &path, json!([billing()])).await.is(200);
    let entries = || async { site.get("/audit?limit=200").await.is(200)["items"].as_array().unwrap().len() };
    let before = entries().await;
    let dry = |body: Value| site.post(&format!("{path}/handlers/dry-run"), body);
    let encoded = STANDARD.encode(MAIL);
    let told = dry(json!({"raw_base64": encoded})).await.is(200);
    assert_eq!((&told["decision"], &told["project"]), (&json!("create"), &json!("SUP")), "{told}");
    let steps = told["trace"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["detail"] == "\"Billing\" does not apply."), "{told}");
    let japanese = dry(json!({"raw_base64": encoded})).header("accept-language", "ja").await.is(200);
    let passed_over = json!({"step": "handler_passed_over", "detail": "「Billing」は当てはまりません。"});
    assert!(japanese["trace"].as_array().unwrap().contains(&passed_over), "{japanese}");
    // As command lines write it: in lines.
    let bill = MAIL.replace("support@", "billing@");
    let lines: Vec<String> = STANDARD
        .encode(bill)
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8_lossy(line).into())
        .collect();
    let told = dry(json!({"raw_base64": lines.join("\n")})).await.is(200);
    assert_eq!((&told["decision"], &told["project"]), (&json!("create"), &json!("BILL")), "{told}");
    let other = json!([{"name": "Later", "then": [{"hold": {}}]}]);
    let told = dry(json!({"raw_base64": encoded, "handlers": other})).await.is(200);
    assert_eq!((&told["decision"], &told["reason"]), (&json!("hold"), &json!("by_handler")), "{told}");
    assert_eq!((&told["project"], &told["issue_key"]), (&Value::Null, &Value::Null));
    let none = dry(json!({"raw_base64": encoded, "handlers": []})).await.is(200);
    assert_eq!(none["decision"], "create", "{none}");
    assert_eq!(
        (entries().await, site.get("/issues?project=SUP").await.is(200)["items"].clone()),
        (before, json!([]))
    );

    let large = STANDARD.encode(vec![b'x'; 800_000]);
    dry(json!({"raw_base64": large})).await.is_problem(413, "body_too_large", &[]);
    let unknown = json!("msg_01M000000000000000000000ZZ");
    dry(json!({"message_id": unknown})).await.is_problem(404, "not_found", &[]);
    let wrong_list = json!([{"name": "a", "then": [{"set": {"project": "NONE"}}]}]);
    for (body, code, pointer) in [
        (json!({}), "validation_failed", "/raw_base64"),
        (json!({"raw_base64": encoded, "message_id": unknown}), "validation_failed", "/raw_base64"),
        (json!({"raw_base64": "not base64"}), "validation_failed", "/raw_base64"),
        (json!({"message_id": "x"}), "validation_failed", "/message_id"),
        (
            json!({"raw_base64": encoded, "handlers": [{"name": "a", "then": []}]}),
            "validation_failed",
            "/handlers/0/then",
        ),
        (json!({"raw_base64": encoded, "handlers": wrong_list}), "validation_failed", "/handlers"),
        (json!({"raw_base64": encoded, "mail": 1}), "unknown_field", "/mail"),
    ] {
        dry(body).await.is_problem(422, code, &[pointer]);
    }
}

/// A mail that was imported is known by its record: it is no copy of itself, and no answer to itself.
#[tokio::test]
async fn a_dry_run_of_a_mail_that_came_is_as_if_it_came_now() {
    let (site, path) = site().await;
    let mailbox = path.rsplit('/').next().unwrap().to_owned();
    let id = kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, MAIL).await;
    site.post(&format!("/messages/{id}/release"), json!({})).await.is(200);
    let answer = MAIL.replace("<1@", "<2@").replace("Date:", "In-Reply-To: <1@example.com>\nDate:");
    let answer = kept(&site, &mailbox, 2, MessageState::Failed, Reason::Unprocessable, &answer).await;
    site.post(&format!("/messages/{answer}/redrive"), json!({})).await.is(200);
    // Another folder is another epoch: what came before keeps its own.
    site.patch(&path, json!({"folder": "Other"})).await.is(200);
    let dry = |id: String, handlers: Value| {
        site.post(&format!("{path}/handlers/dry-run"), json!({"message_id": id, "handlers": handlers}))
    };
    let told = dry(id.to_string(), json!([])).await.is(200);
    assert_eq!((&told["decision"], &told["project"]), (&json!("create"), &json!("SUP")), "{told}");
    let told = dry(answer.to_string(), json!([])).await.is(200);
    assert_eq!((&told["decision"], &told["issue_key"]), (&json!("comment"), &json!("SUP-1")), "{told}");
    let told = dry(id.to_string(), json!([{"name": "no", "then": [{"ignore": {}}]}])).await.is(200);
    assert_eq!((&told["decision"], &told["reason"]), (&json!("skip"), &json!("by_handler")), "{told}");
    let other = site.post("/mailboxes", password("Other")).await.str("/id");
    let body = json!({"message_id": id.to_string()});
    let elsewhere = site.post(&format!("/mailboxes/{other}/handlers/dry-run"), body).await;
    elsewhere.is_problem(422, "validation_failed", &["/message_id"]);
}

#[tokio::test]
async fn other_handlers_are_compared_over_the_last_mails_and_nothing_is_written() {
    let (site, path) = site().await;
    let mailbox = path.rsplit('/').next().unwrap().to_owned();
    let printer = kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, MAIL).await;
    site.post(&format!("/messages/{printer}/release"), json!({})).await.is(200);
    let bill = MAIL.replace("<1@", "<2@").replace("support@", "billing@").replace("Printer", "Bill");
    let bill = kept(&site, &mailbox, 2, MessageState::Skipped, Reason::ByHandler, &bill).await;
    kept(&site, &mailbox, 3, MessageState::Failed, Reason::TooLarge, MAIL).await;
    let before = site.get("/audit?limit=200").await.text;
    let compare = |body: Value| site.post(&format!("{path}/handlers/compare"), body);
    let told = compare(json!({"handlers": []})).await.is(200);
    assert_eq!(told, json!({"same": 2, "different": [], "left_out": 1, "complete": true}));
    let told = compare(json!({"handlers": [billing()], "last": 3})).await.is(200);
    assert_eq!((&told["same"], &told["left_out"]), (&json!(1), &json!(1)), "{told}");
    let different = &told["different"][0];
    assert_eq!(different["message_id"], json!(bill.to_string()), "{told}");
    let (now, then) = (&different["before"], &different["after"]);
    assert_eq!(
        (&now["decision"], &now["project"], &now["labels"]),
        (&json!("create"), &json!("SUP"), &json!([]))
    );
    assert_eq!(
        (&then["project"], &then["type"], &then["labels"]),
        (&json!("BILL"), &json!("bill"), &json!(["money"]))
    );
    let none = json!([{"name": "no", "then": [{"ignore": {}}]}]);
    let told = compare(json!({"handlers": none, "last": 1})).await.is(200);
    assert_eq!((&told["same"], &told["different"], &told["left_out"]), (&json!(0), &json!([]), &json!(1)));
    let told = compare(json!({"handlers": none})).await.is(200);
    assert_eq!(told["different"].as_array().unwrap().len(), 2, "the one that made an issue, too: {told}");
    let decision = |n: usize| {
        (told["different"][n]["after"]["decision"].clone(), told["different"][n]["after"]["reason"].clone())
    };
    assert_eq!(decision(0), (json!("skip"), json!("by_handler")));
    assert_eq!(site.get("/audit?limit=200").await.text, before);
    for (body, code, pointer) in [
        (json!({}), "validation_failed", "/handlers"),
        (json!({"handlers": [], "last": 0}), "validation_failed", "/last"),
        (json!({"handlers": [], "last": 501}), "validation_failed", "/last"),
        (json!({"handlers": [{"name": "a", "then": []}]}), "validation_failed", "/handlers/0/then"),
        (json!({"handlers": [], "mails": 1}), "unknown_field", "/mails"),
    ] {
        compare(body).await.is_problem(422, code, &[pointer]);
    }
    let nowhere = "/mailboxes/mbx_01M000000000000000000000ZZ/handlers/compare";
    site.post(nowhere, json!({"handlers": []})).await.is_problem(404, "not_found", &[]);
}
