//! The calls before and after an import.

use serde_json::{Value, json};

use crate::after_import::{mailbox, site};

#[tokio::test]
async fn the_calls_around_imports_need_a_mailbox_and_good_input() {
    let site = site().await;
    let made = site.post("/mailboxes", mailbox(Value::Null)).await;
    let path = format!("/mailboxes/{}", made.str("/id"));
    for (call, body, code, pointer) in [
        ("preview", json!({"start": {"mode": "later"}}), "validation_failed", "/start/mode"),
        (
            "preview",
            json!({"start": {"mode": "all", "since": "2026-11-01T00:00:00Z"}}),
            "validation_failed",
            "/start/since",
        ),
        ("preview", json!({"begin": {}}), "unknown_field", "/begin"),
        ("reconcile", json!({"import": "yes"}), "validation_failed", "/import"),
        ("reconcile", json!({"all": true}), "unknown_field", "/all"),
        ("backfill", json!({}), "validation_failed", "/since"),
        ("backfill", json!({"since": "2026-11-01T00:00:00Z", "before": "x"}), "validation_failed", "/before"),
        ("backfill", json!({"since": "2026-11-01T00:00:00Z", "until": "x"}), "unknown_field", "/until"),
    ] {
        let reply = site.post(&format!("{path}/{call}"), body).await;
        reply.is_problem(422, code, &[pointer]);
    }
    let nobody = "/mailboxes/mbx_01J00000000000000000000000";
    for (call, body) in [
        ("preview", json!({})),
        ("reconcile", json!({})),
        ("backfill", json!({"since": "2026-11-01T00:00:00Z"})),
    ] {
        site.post(&format!("{nobody}/{call}"), body).await.is_problem(404, "not_found", &[]);
    }
}

#[tokio::test]
async fn pop3_has_neither_dates_nor_numbers_for_them() {
    let site = site().await;
    let mut body = mailbox(Value::Null);
    (body["protocol"], body["port"]) = (json!("pop3"), json!(995));
    let made = site.post("/mailboxes", body).await.is(201);
    let path = format!("/mailboxes/{}", made["id"].as_str().unwrap());
    for (call, body) in [
        ("preview", json!({})),
        ("reconcile", json!({})),
        ("backfill", json!({"since": "2026-11-01T00:00:00Z"})),
    ] {
        site.post(&format!("{path}/{call}"), body).await.is_problem(409, "not_with_pop3", &[]);
    }
}
