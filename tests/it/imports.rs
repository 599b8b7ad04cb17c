//! Before and after an import: previews, backfills, and the server's list against ours.

use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, SystemTime},
};

use intake::flows::survey;
use playground::Spoilt;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Maildocket, Scene, Servers,
    dovecot::{Account, PASSWORD},
    inside::actor,
    maildocket::{PROJECT, id},
    mails::mail,
    scene::ACCOUNT,
};

/// Midnight of the 10th of November 2026, UTC.
const TENTH: u64 = 1_794_268_800;
const DAY: u64 = 24 * 60 * 60;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A mail for each of these times, in their order.
fn deliver(account: &Account, times: &[u64]) {
    for time in times {
        let name = time.to_string();
        account.deliver_at(&mail(&name, &format!("Mail {name}"), "", "text"), at(*time));
    }
}

/// A mailbox that imports nothing of what is there, and is polled by hand only.
async fn new_only(docket: &Maildocket, servers: &Servers, account: &Account) -> String {
    let auth = json!({ "method": "password", "username": account.address, "password": PASSWORD });
    let input = json!({
        "name": "Support", "protocol": "imap", "host": "localhost", "port": servers.dovecot.imaps,
        "tls": "implicit", "auth": auth, "project": PROJECT, "enabled": false,
    });
    id(&docket.api.post("/mailboxes", input).await)
}

/// The sum of the answers to the same backfill until nothing is left.
async fn backfill(docket: &Maildocket, mailbox: &str, span: Value) -> Value {
    let mut created = 0;
    loop {
        let report = docket.api.post(&format!("/mailboxes/{mailbox}/backfill"), span.clone()).await;
        created += report["created"].as_u64().unwrap();
        if report["more"] == false {
            return json!(created);
        }
    }
}

#[tokio::test]
async fn a_preview_counts_what_a_first_import_would_bring_and_changes_nothing() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    deliver(&account, &[TENTH - DAY, TENTH - 1, TENTH, TENTH + 1, TENTH + 3 * DAY]);
    let mailbox = new_only(&docket, servers, &account).await;
    let path = format!("/mailboxes/{mailbox}/preview");
    let before = docket.api.get(&format!("/mailboxes/{mailbox}")).await;

    let bytes = |files: &[std::path::PathBuf]| -> u64 {
        files.iter().map(|file| fs::metadata(file).unwrap().len()).sum()
    };
    let files = account.mails_in("INBOX");
    let (all_bytes, some_bytes) = (bytes(&files), bytes(&files[2..]));
    let nothing = docket.api.post(&path, json!({})).await;
    let wanted = json!({
        "count": 0, "bytes": 0, "oldest_received_at": null, "newest_received_at": null,
        "folder_count": 5, "complete": true,
    });
    assert_eq!(nothing, wanted, "the mailbox's own start");
    let all = docket.api.post(&path, json!({ "start": { "mode": "all" } })).await;
    assert_eq!((&all["count"], &all["bytes"]), (&json!(5), &json!(all_bytes)), "{all}");
    let start = json!({ "start": { "mode": "since", "since": "2026-11-10T00:00:00Z" } });
    let since = docket.api.post(&path, start).await;
    let wanted = json!({
        "count": 3, "bytes": some_bytes, "oldest_received_at": "2026-11-10T00:00:00Z",
        "newest_received_at": "2026-11-13T00:00:00Z", "folder_count": 5, "complete": true,
    });
    assert_eq!(since, wanted);

    assert_eq!(docket.api.get(&format!("/mailboxes/{mailbox}")).await, before, "it was not changed");
    assert_eq!(account.flags(), Vec::<String>::new());
    let (status, problem) =
        docket.api.attempt(Method::POST, &path, Some(json!({ "start": { "mode": "since" } }))).await;
    assert_eq!((status.as_u16(), &problem["errors"][0]["pointer"]), (422, &json!("/start/since")));
    let (status, problem) = docket.api.attempt(Method::POST, &path, Some(json!({ "begin": 1 }))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("unknown_field")));
}

#[tokio::test]
async fn a_preview_of_a_full_folder_is_counted_in_parts_and_ends_in_time() {
    const MAILS: u64 = 2_500;
    let servers = Servers::get().await;
    let inside = tests::Inside::new(&servers.identity.ca_pem).await;
    let account = servers.dovecot.account();
    deliver(&account, &(0..MAILS).map(|n| TENTH + n).collect::<Vec<_>>());
    let input = tests::inside::password_mailbox(&account, servers.dovecot.imaps);
    let made = intake::flows::mailboxes::create(&inside.app, &actor(), input, None).await.unwrap();
    let ask = |time| survey::preview(&inside.app, made.mailbox.id, None, time);
    let whole = ask(Duration::from_secs(20)).await.unwrap();
    assert_eq!((whole.count, whole.folder_count, whole.complete), (MAILS, MAILS, true), "{whole:?}");
    let cut = ask(Duration::from_millis(1)).await.unwrap();
    assert!(!cut.complete && cut.count < MAILS && cut.folder_count == MAILS, "{cut:?}");
}

#[tokio::test]
async fn a_backfill_imports_a_span_once_also_what_the_start_left_out() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    deliver(&account, &[TENTH - DAY, TENTH - 1, TENTH, TENTH + 1, TENTH + DAY, TENTH + 3 * DAY]);
    let mailbox = new_only(&docket, servers, &account).await;
    assert_eq!(docket.api.poll(&mailbox).await["fetched"], 0);
    let path = format!("/mailboxes/{mailbox}/backfill");

    // From the first time on, and up to the second: three of the six.
    let span = json!({ "since": "2026-11-10T00:00:00Z", "before": "2026-11-11T00:00:01Z" });
    let (one, two) =
        tokio::join!(backfill(&docket, &mailbox, span.clone()), backfill(&docket, &mailbox, span.clone()));
    assert_eq!(one.as_u64().unwrap() + two.as_u64().unwrap(), 3, "each once: {one} {two}");
    let again = docket.api.post(&path, span).await;
    let nothing = json!({
        "fetched": 0, "created": 0, "commented": 0, "skipped": 0, "held": 0, "failed": 0, "more": false,
        "busy": false,
    });
    assert_eq!(again, nothing);
    assert_eq!(backfill(&docket, &mailbox, json!({ "since": "2020-01-01T00:00:00Z" })).await, 3);
    assert_eq!(docket.api.issues().await.len(), 6);
    let state = docket.api.get(&format!("/mailboxes/{mailbox}")).await["state"].clone();
    assert_eq!(state["last_uid"], 6);

    let audit = docket.api.list("/audit").await;
    let entry = audit.iter().find(|entry| entry["action"] == "mailbox.backfilled").expect("an entry");
    assert_eq!(entry["subject"], mailbox.as_str());
    for (body, pointer) in [
        (json!({}), "/since"),
        (json!({ "since": "yesterday" }), "/since"),
        (json!({ "since": "2026-11-10T00:00:00Z", "before": "2026-11-10T00:00:00Z" }), "/before"),
    ] {
        let (status, problem) = docket.api.attempt(Method::POST, &path, Some(body)).await;
        assert_eq!((status.as_u16(), &problem["errors"][0]["pointer"]), (422, &json!(pointer)), "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backfill_beside_polls_and_kills_doubles_nothing() {
    const OLD: u64 = 400;
    const NEW: usize = 20;
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    deliver(&account, &(0..OLD).map(|n| TENTH + n).collect::<Vec<_>>());
    let mailbox = new_only(&docket, servers, &account).await;
    docket.api.poll(&mailbox).await;
    for n in 0..NEW {
        account.deliver(&mail(&format!("new{n}"), &format!("New {n}"), "", "text"));
    }
    let span = json!({ "since": "2026-11-01T00:00:00Z" });
    for kill in 0..6u64 {
        let work: Vec<_> = [format!("/mailboxes/{mailbox}/backfill"), format!("/mailboxes/{mailbox}/poll")]
            .into_iter()
            .map(|path| {
                let (api, span) = (docket.api.clone(), span.clone());
                let body = if path.ends_with("backfill") { span } else { json!({}) };
                tokio::spawn(async move { api.try_post(&path, body).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(80 + 60 * kill)).await;
        docket.kill();
        work.iter().for_each(tokio::task::JoinHandle::abort);
        docket.start_again().await;
    }
    backfill(&docket, &mailbox, span).await;
    let issues = docket.api.issues().await;
    let summaries: BTreeSet<_> = issues.iter().map(|issue| issue["summary"].as_str().unwrap()).collect();
    assert_eq!((issues.len(), summaries.len()), (OLD as usize + NEW, OLD as usize + NEW));
    let messages = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    assert!(messages.len() == OLD as usize + NEW && messages.iter().all(|m| m["state"] == "applied"));
}

#[tokio::test]
async fn a_reconciliation_tells_what_is_missing_left_out_and_gone() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    deliver(&account, &[TENTH, TENTH + 1, TENTH + 2]);
    let mailbox = new_only(&docket, servers, &account).await;
    docket.api.poll(&mailbox).await;
    for name in ["kept", "removed"] {
        account.deliver(&mail(name, name, "", "text"));
    }
    assert_eq!(docket.api.poll(&mailbox).await["created"], 2);
    fs::remove_file(account.mails_in("INBOX").pop().unwrap()).unwrap();
    account.deliver(&mail("waiting", "Waiting", "", "text"));

    let path = format!("/mailboxes/{mailbox}/reconcile");
    let found = docket.api.post(&path, json!({})).await;
    let numbers = |found: &Value| {
        ["on_server", "recorded", "not_imported", "missing", "gone"].map(|name| found[name].as_u64().unwrap())
    };
    assert_eq!(numbers(&found), [5, 1, 3, 1, 1], "{found}");
    assert_eq!((&found["complete"], &found["imported"]), (&json!(true), &Value::Null), "{found}");
    assert_eq!(found["missing_ids"][0]["server_id"], "imap:0000000006", "{found}");
    assert!(found["missing_ids"][0]["size"].as_u64().unwrap() > 100, "{found}");
    let found = docket.api.post(&path, json!({ "import": true })).await;
    assert_eq!((&found["missing"], &found["imported"]["created"]), (&json!(1), &json!(1)), "{found}");
    let found = docket.api.post(&path, json!({ "import": true })).await;
    assert_eq!(numbers(&found), [5, 2, 3, 0, 1], "{found}");
    assert_eq!(found["imported"]["fetched"], 0, "{found}");

    account.renumber(3_456_789);
    let (status, problem) = docket.api.attempt(Method::POST, &path, Some(json!({}))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("renumbered")), "{problem}");
}

/// A mail below the cursor that the server did not show when it was polled.
#[tokio::test]
async fn a_mail_that_showed_itself_late_is_missing_and_can_be_imported() {
    let scene = Scene::new(playground::Options::default()).await;
    let (mailbox, _) = scene.mailbox().await;
    for n in 1..=300 {
        let raw = mail(&n.to_string(), &format!("Letter {n}"), "", "text");
        scene.playground.deliver_at(ACCOUNT, raw, intake::Timestamp::now()).unwrap();
    }
    scene.script().spoil(ACCOUNT, 7, Spoilt::Hidden);
    assert_eq!(scene.poll(mailbox).await.unwrap().created, 299);
    scene.script().mend(ACCOUNT, 7);
    let actor = actor();
    let reconcile = |import| survey::reconcile(scene.app(), &actor, mailbox, import, Duration::from_secs(20));
    let found = reconcile(false).await.unwrap();
    assert_eq!((found.on_server, found.recorded, found.missing), (300, 299, 1), "{found:?}");
    assert_eq!(found.missing_mails[0].server_id.uid(), Some(7));
    let found = reconcile(true).await.unwrap();
    assert_eq!(found.imported.map(|report| report.created), Some(1), "{found:?}");
    assert_eq!(reconcile(false).await.unwrap().missing, 0);
    assert_eq!(scene.poll(mailbox).await.unwrap().fetched, 0);
}
