//! Writes a data folder as this version does, into `target/upgrade`, from where `cargo xtask keep-data` takes it; and goes
//! on with it as with those of former versions, so that both halves are tried at each change.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Browser, Maildocket, Person, Servers,
    dovecot::Account,
    maildocket::{id, password},
    mails::{mail, with_attachment},
    process::told,
};

use super::{
    PARTS, goes_on,
    look::{Then, opened, signed_in, sum},
};
use crate::workspace::root;

/// The protocols of what goes on elsewhere.
const PROTOCOLS: [&str; 2] = ["imap", "pop3"];
/// Lists that are told whole.
const LISTS: [&str; 8] = [
    "/projects",
    "/integrations",
    "/grants",
    "/mailboxes",
    "/issues?project=SUP",
    "/issues?project=OPS",
    "/tokens",
    "/audit",
];
/// More than goes by in one piece, bytes.
const LARGE: usize = 700_000;
/// What is kept of a version, at most, bytes.
const MOST: u64 = 300_000;

/// The accounts of what is kept: no other test has them, and no other data that were kept.
fn addresses() -> [String; 2] {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    PROTOCOLS.map(|protocol| format!("kept-{protocol}-{now}@example.test"))
}

fn deliver(imap: &Account, pop3: &Account) {
    imap.deliver(&mail("kept-1", "The lamp is broken", "", "It began yesterday."));
    imap.deliver(&mail(
        "kept-2",
        "Re: The lamp is broken",
        "In-Reply-To: <kept-1@customer.example>\r\n",
        "Still.",
    ));
    imap.deliver(&with_attachment("kept-3", "A file", &[7; 3000]));
    imap.deliver(&mail("kept-4", "=?utf-8?B?6Zu75rCX44GM5raI44GI44G+44GX44Gf?=", "", "昨日からです。"));
    imap.deliver(&mail("kept-5", "Out of office", "Auto-Submitted: auto-replied\r\n", "I am away."));
    imap.deliver(&mail("kept-6", "Please wait", "", "A handler holds it."));
    imap.deliver(&mail("kept-7", "A log", "", &"one line of many\r\n".repeat(LARGE / 18)));
    imap.deliver(&mail("kept-8", "For the others", "", "A handler routes it."));
    pop3.deliver(&mail("kept-9", "By POP3", "", "A question."));
    pop3.deliver(&mail("kept-10", "Another by POP3", "", "A question more."));
}

fn handlers() -> Value {
    json!([
        { "name": "Wait", "when": { "subject": "please wait" }, "then": [{ "hold": {} }] },
        { "name": "Others", "when": { "subject": "for the others" }, "then": [{ "set": { "project": "OPS", "labels": ["routed"] } }] },
    ])
}

/// A mailbox of each kind, read to its end; those by password, which can go on elsewhere.
async fn mailboxes(docket: &Maildocket, servers: &Servers, accounts: [&Account; 2]) -> Vec<String> {
    let api = &docket.api;
    let [imap, pop3] = accounts;
    let by_imap = api.password_mailbox(servers, imap).await;
    let by_pop3 = api.mailbox_by("pop3", servers.dovecot.pop3s, "implicit", password(pop3)).await;
    api.call(Method::PUT, &format!("/mailboxes/{by_imap}/handlers"), Some(handlers())).await;
    let (integration, _) = api.integration(servers).await;
    let by_consent = api.oauth_mailbox(servers, &integration).await;
    let owner = servers.dovecot.account();
    owner.deliver(&mail("kept-11", "By consent", "", "A question."));
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let input = json!({ "mailbox_id": by_consent });
    let (attempt, _) = api.consent(&mut browser, &integration, input, Person::Agrees(&owner.address)).await;
    assert_eq!(attempt["status"], "done", "{attempt}");
    for mailbox in [&by_imap, &by_pop3, &by_consent] {
        api.poll(mailbox).await;
    }
    vec![by_imap, by_pop3]
}

/// What people do with issues.
async fn people(docket: &Maildocket) {
    let api = &docket.api;
    let closed = json!({ "status": "closed", "labels": ["kept"], "priority": "high" });
    api.call(Method::PATCH, "/issues/SUP-1", Some(closed)).await;
    api.post("/issues/SUP-1/comments", json!({ "body_text": "A lamp is on its way." })).await;
}

fn import(docket: &Maildocket, folder: &Path) {
    fs::create_dir(folder).unwrap();
    for number in 0..3 {
        let raw = mail(&format!("kept-file-{number}"), &format!("From a file {number}"), "", "An old mail.");
        fs::write(folder.join(format!("{number}.eml")), raw).unwrap();
    }
    let mut import = Command::new(told("MAILDOCKET_TEST_BIN"));
    import.args(["import", "--project", "SUP"]).arg(folder).arg("--data-dir").arg(docket.data_dir());
    assert!(import.status().unwrap().success());
}

/// What the API says of all of it.
async fn asked(docket: &Maildocket) -> (BTreeMap<String, Vec<Value>>, BTreeMap<String, String>) {
    let api = &docket.api;
    let (mut lists, mut bytes) = (BTreeMap::new(), BTreeMap::new());
    for path in LISTS {
        lists.insert(path.to_owned(), api.list(path).await);
    }
    for mailbox in lists["/mailboxes"].clone() {
        let path = format!("/messages?mailbox_id={}", id(&mailbox));
        let messages = api.list(&path).await;
        for message in &messages {
            let path = format!("/messages/{}/raw", id(message));
            bytes.insert(path.clone(), sum(&api.bytes(&path).await));
        }
        lists.insert(path, messages);
    }
    let issues: Vec<_> =
        ["SUP", "OPS"].iter().flat_map(|key| lists[&format!("/issues?project={key}")].clone()).collect();
    for issue in issues {
        let key = issue["key"].as_str().unwrap();
        let comments = format!("/issues/{key}/comments");
        lists.insert(comments.clone(), api.list(&comments).await);
        for file in api.list(&format!("/issues/{key}/attachments")).await {
            let path = format!("/attachments/{}", id(&file));
            bytes.insert(path.clone(), sum(&api.bytes(&path).await));
        }
    }
    (lists, bytes)
}

fn pack(folder: &Path) -> std::path::PathBuf {
    let archive = root().join("target/upgrade").join(concat!(env!("CARGO_PKG_VERSION"), ".tar.gz"));
    fs::create_dir_all(archive.parent().unwrap()).unwrap();
    for name in ["lock", "listen", "control", "setup-link"] {
        let _ = fs::remove_file(folder.join("data").join(name));
    }
    let mut tar = Command::new("tar");
    tar.args([
        "--create",
        "--sort=name",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--use-compress-program=gzip -9n",
    ]);
    tar.arg("--file").arg(&archive).arg("--directory").arg(folder).args(PARTS);
    assert!(tar.status().unwrap().success());
    let size = fs::metadata(&archive).unwrap().len();
    println!("{}: {size} bytes", archive.display());
    assert!(size < MOST, "{size} bytes are too much to be kept of each version");
    archive
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_of_this_version_can_be_kept() {
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    docket.api.post("/projects", json!({ "key": "OPS", "name": "Others" })).await;
    let [imap, pop3] = addresses().map(|address| servers.dovecot.account_named(&address));
    deliver(&imap, &pop3);
    let read = mailboxes(&docket, servers, [&imap, &pop3]).await;
    people(&docket).await;
    let folder = docket.data_dir().parent().unwrap().to_owned();
    import(&docket, &folder.join("mails"));
    let made = docket.api.post("/tokens", json!({ "name": "kept", "role": "agent" })).await;
    let token = made["token"].as_str().unwrap().to_owned();
    let session = signed_in(&docket.api.base, &token).await;
    let (lists, bytes) = asked(&docket).await;
    for account in [&imap, &pop3] {
        account.keep(&folder.join("maildirs").join(&account.address));
    }
    let version = Command::new(told("MAILDOCKET_TEST_BIN")).arg("--version").output().unwrap().stdout;
    let mailboxes = read.into_iter().zip(PROTOCOLS.map(str::to_owned)).zip([imap.address, pop3.address]);
    let then = Then {
        version: String::from_utf8(version).unwrap().trim().to_owned(),
        token,
        lists,
        bytes,
        mailboxes: mailboxes.map(|((id, protocol), address)| (id, protocol, address)).collect(),
    };
    fs::write(folder.join("told.json"), serde_json::to_vec_pretty(&then).unwrap()).unwrap();
    docket.stop();
    docket.start_again().await;
    // A session lives for days, and data of former versions for years: it is asked for here alone.
    assert_eq!(opened(&docket.api.base, &session).await, 200);
    docket.stop();
    goes_on(&pack(&folder)).await;
}
