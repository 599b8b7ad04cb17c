//! What was there then is there now.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Client, Method, redirect::Policy};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tests::{Maildocket, Servers, maildocket::password, mails::mail, process::told};

/// Fields of lists that say how it goes or where it lies, and not what there is.
const MOVING: [(&str, &[&str]); 4] = [
    ("/grants", &["status", "health", "last_error", "next_refresh_at", "consecutive_failures"]),
    ("/integrations", &["redirect_url_stale", "warnings"]),
    ("/mailboxes", &["state", "port", "updated_at"]),
    ("/tokens", &["last_used_at"]),
];

/// Another UIDVALIDITY.
const ANEW: u32 = 7;

/// What the program of then said.
#[derive(Serialize, Deserialize)]
pub(super) struct Then {
    /// What it said of itself.
    pub(super) version: String,
    /// An agent's token.
    pub(super) token: String,
    /// Lists of the API, by their paths.
    pub(super) lists: BTreeMap<String, Vec<Value>>,
    /// Digests of raw mails and files, by their paths.
    pub(super) bytes: BTreeMap<String, String>,
    /// The mailboxes that go on: identifier, protocol, and the account's address, which names its Maildir.
    pub(super) mailboxes: Vec<(String, String, String)>,
}

impl Then {
    pub(super) fn read(folder: &Path) -> Self {
        serde_json::from_slice(&fs::read(folder.join("told.json")).unwrap()).unwrap()
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Everything that a list had is in it, as it was; there may be more fields now, and more entries.
    pub(super) async fn is_all_there(&self, docket: &Maildocket) {
        for (path, then) in &self.lists {
            let now = docket.api.list(path).await;
            for item in then {
                let found = now.iter().find(|now| is_it(item, now));
                let found = found.unwrap_or_else(|| panic!("{path} has no {item} any more"));
                let mut item = item.clone();
                moving(path)
                    .for_each(|name| drop(item.as_object_mut().and_then(|fields| fields.remove(name))));
                same(&format!("{path} {}", name(&item)), &item, found);
            }
        }
        for (path, then) in &self.bytes {
            assert_eq!(&sum(&docket.api.bytes(path).await), then, "{path}");
        }
    }

    /// A token of then signs in, to the API and to the console.
    pub(super) async fn lets_in(&self, docket: &Maildocket) {
        let issues = docket.api.with_token(&self.token).issues().await;
        assert!(!issues.is_empty());
        let cookie = signed_in(&docket.api.base, &self.token).await;
        assert_eq!(opened(&docket.api.base, &cookie).await, 200);
    }

    /// No mail that is known makes anything, from a mailbox, a file or a redrive; a new one does.
    pub(super) async fn imports_go_on(&self, docket: &Maildocket, servers: &Servers, folder: &Path) {
        let before = self.counted(docket).await;
        let imported = Command::new(told("MAILDOCKET_TEST_BIN"))
            .args(["import", "--project", "SUP"])
            .arg(folder.join("mails"))
            .arg("--data-dir")
            .arg(docket.data_dir())
            .output()
            .unwrap();
        assert!(imported.status.success(), "{imported:?}");
        for (mailbox, protocol, address) in &self.mailboxes {
            let account = servers.dovecot.account_named(address);
            account.take_back(&folder.join("maildirs").join(address));
            let port = if protocol == "imap" { servers.dovecot.imaps } else { servers.dovecot.pop3s };
            // A stored password never goes to a new address.
            let moved = json!({ "port": port, "auth": password(&account) });
            docket.api.call(Method::PATCH, &format!("/mailboxes/{mailbox}"), Some(moved)).await;
            assert_eq!(docket.api.poll(mailbox).await["fetched"], 0, "{protocol}: known mails");
        }
        assert_eq!(self.counted(docket).await, before, "what was known made something");
        for (number, (mailbox, protocol, address)) in self.mailboxes.iter().enumerate() {
            let account = servers.dovecot.account_named(address);
            account.deliver_after(&mail(&format!("later-{number}"), "After the update", "", "It is new."));
            let report = docket.api.poll(mailbox).await;
            assert_eq!(
                (&report["fetched"], &report["created"]),
                (&json!(1), &json!(1)),
                "{protocol}: {report}"
            );
        }
    }

    /// Nor does one whose server numbers its mails anew.
    pub(super) async fn mails_are_recognised(&self, docket: &Maildocket, servers: &Servers) {
        let before = self.counted(docket).await;
        for (mailbox, protocol, address) in &self.mailboxes {
            servers.dovecot.account_named(address).renumber(ANEW);
            let report = docket.api.poll(mailbox).await;
            assert_eq!(
                (&report["created"], &report["commented"]),
                (&json!(0), &json!(0)),
                "{protocol}: {report}"
            );
        }
        assert_eq!(self.counted(docket).await, before);
    }

    /// What was sealed then can be opened: the tokens of an account and the client's secret come before the provider is
    /// asked, which in a later run is gone.
    pub(super) async fn secrets_can_be_opened(&self, docket: &Maildocket) {
        for grant in &self.lists["/grants"] {
            let path = format!("/grants/{}/refresh", name(grant));
            let (status, answer) = docket.api.attempt(Method::POST, &path, Some(json!({}))).await;
            let code = answer["code"].as_str().unwrap_or_default();
            assert!(status.is_success() || code.starts_with("provider_"), "{status} {answer}");
        }
    }

    /// How many entries the lists of then have now, of what mails become.
    async fn counted(&self, docket: &Maildocket) -> Vec<usize> {
        let mut counts = Vec::new();
        for path in
            self.lists.keys().filter(|path| path.starts_with("/issues") || path.starts_with("/messages"))
        {
            counts.push(docket.api.list(path).await.len());
        }
        counts
    }
}

/// The digest of what lies there.
pub(super) fn sum(bytes: &[u8]) -> String {
    STANDARD.encode(digest(&SHA256, bytes))
}

/// The cookie of somebody who signs in to the console.
pub(super) async fn signed_in(base: &str, token: &str) -> String {
    let form = client().post(format!("{base}/sign-in")).header("origin", base);
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    let answer = form.body(format!("token={token}")).send().await.unwrap();
    let cookie = answer.headers().get("set-cookie").unwrap_or_else(|| panic!("{answer:?}")).to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// How the console answers somebody with this cookie.
pub(super) async fn opened(base: &str, cookie: &str) -> u16 {
    let request = client().get(format!("{base}/projects/SUP")).header("cookie", cookie);
    request.send().await.unwrap().status().as_u16()
}

fn client() -> Client {
    let browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    Client::builder().redirect(Policy::none()).no_proxy().user_agent(browser).build().unwrap()
}

/// What of a list's entries is not compared.
fn moving(list: &str) -> impl Iterator<Item = &'static str> {
    MOVING.iter().filter(move |(of, _)| *of == list).flat_map(|(_, names)| names.iter().copied())
}

fn name(item: &Value) -> &str {
    ["id", "key"].iter().find_map(|name| item[*name].as_str()).unwrap_or_else(|| panic!("{item} has no name"))
}

fn is_it(then: &Value, now: &Value) -> bool {
    then.get("id") == now.get("id") && then.get("key") == now.get("key")
}

#[track_caller]
fn same(place: &str, then: &Value, now: &Value) {
    match (then, now) {
        (Value::Object(fields), Value::Object(_)) => {
            for (name, then) in fields {
                same(&format!("{place} {name}"), then, &now[name]);
            }
        }
        (Value::Array(then), Value::Array(now)) if then.len() == now.len() => {
            for (number, (then, now)) in then.iter().zip(now).enumerate() {
                same(&format!("{place} {number}"), then, now);
            }
        }
        _ => assert_eq!(then, now, "{place}"),
    }
}
