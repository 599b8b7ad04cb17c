//! Who may make which call, and which calls leave a trace: a table over the whole OpenAPI document.

use std::collections::BTreeSet;

use axum::http::Method;
use intake::types::message::{MessageState, Reason};
use serde_json::{Value, json};

use crate::{
    integrations::{custom, grant},
    messages::{self, MAIL},
    site::Site,
};

/// The least role that a call needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Least {
    Reader,
    Agent,
    Administrator,
}

/// What a call leaves in the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trace {
    /// An entry with this action.
    Entry(&'static str),
    /// Nothing, and why.
    None(&'static str),
}

use Least::{Administrator, Agent, Reader};
use Trace::{Entry, None as Nothing};

const READS: Trace = Nothing("it reads");
const TRIES: Trace = Nothing("it tries, and changes nothing");

/// Every call. A new one needs its line here.
const CALLS: &[(&str, &str, Least, Trace)] = &[
    ("post", "/redirect-urls", Administrator, Nothing("it computes")),
    ("get", "/integrations", Administrator, READS),
    ("post", "/integrations", Administrator, Entry("integration.created")),
    ("get", "/integrations/{id}", Administrator, READS),
    ("patch", "/integrations/{id}", Administrator, Entry("integration.changed")),
    ("delete", "/integrations/{id}", Administrator, Entry("integration.deleted")),
    ("post", "/integrations/{id}/redirect-url", Administrator, Entry("redirect_url.generated")),
    ("post", "/integrations/{id}/client-secret/reveal", Administrator, Entry("client_secret.revealed")),
    ("post", "/integrations/{id}/test", Administrator, TRIES),
    ("post", "/integrations/{id}/authorizations", Administrator, Entry("authorization.begun")),
    ("get", "/authorizations/{id}", Administrator, READS),
    ("get", "/grants", Administrator, READS),
    ("get", "/grants/{id}", Administrator, READS),
    ("delete", "/grants/{id}", Administrator, Entry("grant.deleted")),
    ("post", "/grants/{id}/refresh", Administrator, Entry("grant.refresh_requested")),
    ("post", "/grants/{id}/test", Administrator, TRIES),
    ("get", "/mailboxes", Administrator, READS),
    ("post", "/mailboxes", Administrator, Entry("mailbox.created")),
    ("get", "/mailboxes/{id}", Administrator, READS),
    ("patch", "/mailboxes/{id}", Administrator, Entry("mailbox.changed")),
    ("delete", "/mailboxes/{id}", Administrator, Entry("mailbox.deleted")),
    ("post", "/mailboxes/{id}/test", Administrator, TRIES),
    ("post", "/mailboxes/{id}/poll", Administrator, Entry("mailbox.poll_requested")),
    ("post", "/mailboxes/{id}/preview", Administrator, TRIES),
    ("post", "/mailboxes/{id}/reconcile", Administrator, Entry("mailbox.missing_imported")),
    ("post", "/mailboxes/{id}/backfill", Administrator, Entry("mailbox.backfilled")),
    ("get", "/mailboxes/{id}/handlers", Administrator, READS),
    ("put", "/mailboxes/{id}/handlers", Administrator, Entry("mailbox.changed")),
    ("post", "/mailboxes/{id}/handlers/dry-run", Administrator, TRIES),
    ("post", "/mailboxes/{id}/handlers/compare", Administrator, TRIES),
    ("get", "/presets", Administrator, READS),
    ("get", "/prerequisites", Administrator, READS),
    ("post", "/prerequisites", Administrator, TRIES),
    ("post", "/client-credentials", Administrator, Nothing("it suggests")),
    ("get", "/projects", Reader, READS),
    ("post", "/projects", Administrator, Entry("project.created")),
    ("get", "/projects/{key}", Reader, READS),
    ("patch", "/projects/{key}", Administrator, Entry("project.changed")),
    ("delete", "/projects/{key}", Administrator, Entry("project.deleted")),
    ("get", "/issues", Reader, READS),
    ("post", "/issues", Agent, Entry("issue.created")),
    ("get", "/issues/{key}", Reader, READS),
    ("patch", "/issues/{key}", Agent, Entry("issue.changed")),
    ("get", "/issues/{key}/comments", Reader, READS),
    ("post", "/issues/{key}/comments", Agent, Entry("comment.created")),
    ("get", "/issues/{key}/attachments", Reader, READS),
    ("get", "/issues/{key}/texts/{text}", Reader, READS),
    ("get", "/issues/{key}/comments/{id}/texts/{text}", Reader, READS),
    ("get", "/attachments/{id}", Reader, READS),
    ("get", "/messages", Administrator, READS),
    ("get", "/messages/{id}", Administrator, READS),
    ("get", "/messages/{id}/raw", Administrator, Entry("message.raw_read")),
    ("post", "/messages/{id}/redrive", Administrator, Entry("message.redriven")),
    ("post", "/messages/{id}/release", Administrator, Entry("message.released")),
    ("post", "/messages/{id}/dismiss", Administrator, Entry("message.dismissed")),
    ("post", "/messages/redrive", Administrator, Entry("messages.redriven")),
    ("get", "/audit", Administrator, READS),
    ("get", "/status", Administrator, READS),
    ("get", "/tokens", Administrator, READS),
    ("post", "/tokens", Administrator, Entry("token.created")),
    ("get", "/tokens/{id}", Administrator, READS),
    ("delete", "/tokens/{id}", Administrator, Entry("token.revoked")),
    ("get", "/sessions", Administrator, READS),
    ("delete", "/sessions/{id}", Administrator, Entry("session.revoked")),
    ("get", "/config", Administrator, READS),
    ("post", "/config/apply", Administrator, Entry("project.created")),
    ("get", "/openapi.json", Reader, READS),
];

/// Method and path of each call in the document.
fn documented() -> BTreeSet<(String, String)> {
    let document = crate::description::given();
    let operations = |(path, item): (&String, &Value)| {
        let methods = item.as_object().unwrap().keys().filter(|key| METHODS.contains(&key.as_str()));
        methods.map(|method| (method.clone(), path.clone())).collect::<Vec<_>>()
    };
    document["paths"].as_object().unwrap().iter().flat_map(operations).collect()
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[test]
fn every_call_has_its_place_in_the_table() {
    let table: BTreeSet<_> =
        CALLS.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(table.len(), CALLS.len(), "a call stands there twice");
    let documented = documented();
    let new: Vec<_> = documented.difference(&table).collect();
    assert!(new.is_empty(), "without a place in the table: {new:?}");
    let gone: Vec<_> = table.difference(&documented).collect();
    assert!(gone.is_empty(), "not in the document: {gone:?}");
    let document = crate::description::given();
    for (method, path, least, _) in CALLS {
        let wanted = match least {
            Reader => "Needs a reader.",
            Agent => "Needs an agent.",
            Administrator => "Needs an administrator.",
        };
        let told = document["paths"][path][method]["description"].as_str().unwrap();
        assert!(told.contains(wanted), "{method} {path}: {told}");
    }
}

#[tokio::test]
async fn each_call_is_refused_to_whoever_may_not_make_it() {
    let site = Site::new().await;
    site.project("SUP").await;
    let tokens = [
        (Reader, site.token("reader").await),
        (Agent, site.token("agent").await),
        (Administrator, site.admin.clone()),
    ];
    for (method, path, least, _) in CALLS {
        let concrete = path.replace("{id}", "x").replace("{key}", "SUP");
        let method: Method = method.to_uppercase().parse().unwrap();
        let call = || {
            let call = site.call(method.clone(), &concrete);
            if method == Method::GET { call } else { call.json(&json!({})) }
        };
        call().nobody().await.is_problem(401, "unauthenticated", &[]);
        for (role, token) in &tokens {
            let reply = call().token(token).await;
            if role < least {
                reply.is_problem(403, "role_missing", &[]);
            } else {
                let refused = matches!(reply.status.as_u16(), 401 | 403 | 405);
                assert!(!refused, "{role:?} {method} {path}: {}", reply.text);
            }
        }
    }
}

/// A step through the changing calls: method, path of the document, path of the call, body.
struct Step(&'static str, &'static str, String, Value);

/// Every changing call once, in an order in which each has something to change.
async fn steps(site: &Site) -> Vec<Step> {
    let made = |call: &str, body: Value| {
        let call = call.to_owned();
        async move { site.post(&call, body).await.str("/id") }
    };
    let mailbox = |name: &str| {
        json!({"name": name, "protocol": "imap", "host": "imap.example.com", "port": 993, "tls": "implicit",
            "auth": {"method": "password", "username": "u", "password": "CANARY-password"}, "project": "OLD"})
    };
    site.project("OLD").await;
    let integration = made("/integrations", custom("Old")).await;
    let grant = grant(site, &integration, Some("a@example.com")).await;
    let box_id = made("/mailboxes", mailbox("Old")).await;
    let held = messages::kept(site, &box_id, 1, MessageState::Held, Reason::Loop, MAIL).await;
    let dismissed = messages::kept(site, &box_id, 2, MessageState::Held, Reason::Loop, MAIL).await;
    let token = made("/tokens", json!({"name": "old", "role": "agent"})).await;
    let issue = site.post("/issues", json!({"project": "OLD", "summary": "x"})).await.str("/key");
    let cookie = intake::flows::sessions::sign_in(&site.app, &site.admin, &Default::default()).await;
    cookie.unwrap().unwrap();
    let session = site.get("/sessions").await.str("/items/0/id");
    let at = |rest: &str| format!("/integrations/{integration}{rest}");
    let in_box = |rest: &str| format!("/mailboxes/{box_id}{rest}");
    let moved = json!({"authorization_endpoint": "https://login.example/v2/auth"});
    let change = json!({"description": "new"});
    let document = json!({"format": 1, "projects": {"FILE": {"name": "From a file"}}});
    let none = || json!({});
    let handlers = json!([{"name": "All", "then": [{"create": {}}]}]);
    site.patch(&at(""), moved).await.is(200);
    vec![
        Step("post", "/integrations", "/integrations".into(), custom("New")),
        Step("post", "/integrations/{id}/redirect-url", at("/redirect-url"), none()),
        Step("patch", "/integrations/{id}", at(""), change),
        Step("post", "/integrations/{id}/client-secret/reveal", at("/client-secret/reveal"), none()),
        Step("post", "/integrations/{id}/authorizations", at("/authorizations"), none()),
        Step("post", "/grants/{id}/refresh", format!("/grants/{grant}/refresh"), none()),
        Step("delete", "/grants/{id}", format!("/grants/{grant}"), Value::Null),
        Step("delete", "/integrations/{id}", at(""), Value::Null),
        Step("post", "/mailboxes", "/mailboxes".into(), mailbox("New")),
        Step("patch", "/mailboxes/{id}", format!("/mailboxes/{box_id}"), json!({"folder": "Other"})),
        Step("put", "/mailboxes/{id}/handlers", in_box("/handlers"), handlers),
        Step("post", "/messages/{id}/release", format!("/messages/{held}/release"), none()),
        Step("post", "/messages/{id}/dismiss", format!("/messages/{dismissed}/dismiss"), none()),
        Step("post", "/messages/{id}/redrive", format!("/messages/{held}/redrive"), none()),
        Step("post", "/messages/redrive", "/messages/redrive".into(), json!({"mailbox_id": box_id})),
        Step("post", "/mailboxes/{id}/poll", in_box("/poll"), none()),
        Step("post", "/mailboxes/{id}/reconcile", in_box("/reconcile"), json!({"import": true})),
        Step(
            "post",
            "/mailboxes/{id}/backfill",
            in_box("/backfill"),
            json!({"since": "2026-01-01T00:00:00Z"}),
        ),
        Step("delete", "/mailboxes/{id}", format!("/mailboxes/{box_id}"), Value::Null),
        Step("post", "/projects", "/projects".into(), json!({"key": "NEW", "name": "New"})),
        Step("patch", "/projects/{key}", "/projects/NEW".into(), json!({"name": "Newer"})),
        Step("delete", "/projects/{key}", "/projects/NEW".into(), Value::Null),
        Step("post", "/issues", "/issues".into(), json!({"project": "OLD", "summary": "y"})),
        Step("patch", "/issues/{key}", format!("/issues/{issue}"), json!({"status": "closed"})),
        Step(
            "post",
            "/issues/{key}/comments",
            format!("/issues/{issue}/comments"),
            json!({"body_text": "z"}),
        ),
        Step("post", "/tokens", "/tokens".into(), json!({"name": "new", "role": "reader"})),
        Step("delete", "/tokens/{id}", format!("/tokens/{token}"), Value::Null),
        Step("delete", "/sessions/{id}", format!("/sessions/{session}"), Value::Null),
        Step("post", "/config/apply", "/config/apply".into(), document),
    ]
}

#[tokio::test]
async fn each_change_leaves_an_entry_that_says_who_and_from_where() {
    let site = Site::new().await;
    let steps = steps(&site).await;
    let walked: BTreeSet<_> = steps.iter().map(|step| (step.0, step.1)).collect();
    let traced = CALLS.iter().filter(|(method, _, _, trace)| *method != "get" && matches!(trace, Entry(_)));
    let missing: Vec<_> = traced.map(|(m, p, ..)| (*m, *p)).filter(|call| !walked.contains(call)).collect();
    assert!(missing.is_empty(), "without a step: {missing:?}");
    for Step(method, path, concrete, body) in steps {
        let before = newest(&site).await["id"].clone();
        let call = site.call(method.to_uppercase().parse().unwrap(), &concrete);
        let reply = if body.is_null() { call.await } else { call.json(&body).await };
        // Nobody answers on this network: what was asked for is noted all the same.
        let outside = ["/refresh", "/poll", "/reconcile", "/backfill"].iter().any(|end| path.ends_with(end));
        assert!(reply.status.is_success() || outside, "{method} {path}: {}", reply.text);
        let place = CALLS.iter().find(|(m, p, ..)| (*m, *p) == (method, path));
        let Some((_, _, _, Entry(action))) = place else {
            panic!("{method} {path} has no entry in the table")
        };
        let entry = newest(&site).await;
        assert_ne!(entry["id"], before, "{method} {path} left no trace");
        assert_eq!(entry["action"], *action, "{method} {path}");
        assert_eq!(entry["actor"]["name"], "Administrator");
        assert_eq!(entry["from"]["via"], "api_token");
        assert!(!entry["subject"].as_str().unwrap().is_empty());
    }
    let all = site.get("/audit?limit=200").await;
    assert!(!all.text.contains("CANARY"), "{}", all.text);
}

async fn newest(site: &Site) -> Value {
    site.get("/audit?limit=1").await.is(200)["items"][0].clone()
}

#[tokio::test]
async fn nothing_changes_or_deletes_an_entry() {
    let site = Site::new().await;
    site.project("SUP").await;
    for (method, path) in documented() {
        assert!(method == "get" || !path.starts_with("/audit"), "{method} {path}");
    }
    let entry = newest(&site).await["id"].as_str().unwrap().to_owned();
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        site.call(method.clone(), "/audit").await.is_problem(405, "method_not_allowed", &[]);
        let reply = site.call(method, &format!("/audit/{entry}")).await;
        reply.is_problem(404, "not_found", &[]);
    }
}

#[tokio::test]
async fn the_trail_is_found_by_subject_actor_action_and_time() {
    let site = Site::new().await;
    site.project("SUP").await;
    let agent = site.token("agent").await;
    let issue = json!({"project": "SUP", "summary": "Printer"});
    let key = site.post("/issues", issue).token(&agent).await.str("/key");
    site.clock.advance(std::time::Duration::from_secs(3_600));
    let middle = site.app.now();
    site.patch(&format!("/issues/{key}"), json!({"status": "closed"})).await.is(200);
    let found = async |query: String| {
        let page = site.get(&format!("/audit?{query}")).await.is(200);
        let actions = page["items"].as_array().unwrap().iter().map(|e| e["action"].clone());
        json!(actions.collect::<Vec<_>>())
    };
    assert_eq!(found(format!("subject={key}")).await, json!(["issue.changed", "issue.created"]));
    assert_eq!(found("actor=agent+for+a+test".to_owned()).await, json!(["issue.created"]));
    assert_eq!(found("action=issue".to_owned()).await, json!(["issue.changed", "issue.created"]));
    assert_eq!(found("action=issue.changed".to_owned()).await, json!(["issue.changed"]));
    assert_eq!(found("action=iss".to_owned()).await, json!([]));
    assert_eq!(found(format!("since={middle}")).await, json!(["issue.changed"]));
    assert_eq!(found(format!("until={middle}&action=issue")).await, json!(["issue.created"]));
    assert_eq!(found(format!("until={middle}&since=2026-12-31T00:00:00Z")).await, json!([]));
    let change = site.get(&format!("/audit?subject={key}&limit=1")).await.is(200);
    let status = json!({"field": "status", "before": "open", "after": "closed"});
    assert_eq!(change["items"][0]["changes"], json!([status]));
    let next = change["next_cursor"].as_str().unwrap();
    assert_eq!(found(format!("subject={key}&limit=1&cursor={next}")).await, json!(["issue.created"]));
    site.get("/audit?since=yesterday").await.is_problem(422, "validation_failed", &["/since"]);
}

#[tokio::test]
async fn refused_sign_ins_are_noted_but_do_not_fill_the_trail() {
    let site = Site::new().await;
    for _ in 0..20 {
        site.get("/projects").token("mdk_wrong").await.is_problem(401, "unauthenticated", &[]);
        site.form("/sign-in", "token=mdk_wrong").await;
    }
    site.get("/projects").nobody().await.is_problem(401, "unauthenticated", &[]);
    let noted = site.get("/audit?action=sign_in.refused").await.is(200);
    let ways: Vec<_> = noted["items"].as_array().unwrap().iter().map(|e| e["from"]["via"].clone()).collect();
    assert_eq!(json!(ways), json!(["page", "api_token"]));
    assert_eq!(noted["items"][0]["actor"]["name"], "unknown");
    site.clock.advance(std::time::Duration::from_secs(15 * 60));
    site.get("/projects").token("mdk_wrong").await.is_problem(401, "unauthenticated", &[]);
    let noted = site.get("/audit?action=sign_in.refused").await.is(200);
    assert_eq!(noted["items"].as_array().unwrap().len(), 3);
}
