//! The stack that the tests share, and desks in it: a project, an account and a mailbox for each test.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    Servers,
    deployed::Stack,
    dovecot::Account,
    maildocket::{id, password},
    process::within,
};
use tokio::sync::{Mutex, OnceCell};

static SHARED: OnceCell<Stack> = OnceCell::const_new();
/// Projects that are made at the same moment refuse each other.
static PROJECTS: Mutex<()> = Mutex::const_new(());

/// What a plan, a call of the poller and a handful of mails may take here, a failed try included.
const SOON: Duration = Duration::from_secs(180);
/// Between two looks: each is a call of a function.
const PAUSE: Duration = Duration::from_millis(500);

/// The shared stack, deployed by whoever asks first.
pub(super) async fn shared() -> &'static Stack {
    SHARED.get_or_init(|| Stack::deploy("maildocket-shared", &[])).await
}

/// Looks until something is there, for as long as schedules, retries and leases may take.
pub(super) async fn soon<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(SOON, PAUSE, what, look).await
}

/// What one test has for itself in a stack.
pub(super) struct Desk<'a> {
    pub(super) stack: &'a Stack,
    pub(super) servers: &'static Servers,
    pub(super) project: &'static str,
    pub(super) account: Account,
}

/// Makes a project.
pub(super) async fn project(stack: &Stack, key: &str, name: &str) {
    let _alone = PROJECTS.lock().await;
    stack.api.post("/projects", json!({ "key": key, "name": name })).await;
}

impl<'a> Desk<'a> {
    /// A new project, and an account without mails.
    pub(super) async fn new(stack: &'a Stack, project: &'static str) -> Self {
        let servers = Servers::get().await;
        self::project(stack, project, project).await;
        Self { stack, servers, project, account: servers.dovecot.account() }
    }

    /// A mailbox of this project that imports everything.
    pub(super) async fn mailbox(&self, port: u16, auth: Value) -> String {
        let input = json!({
            "name": format!("{} {port} {}", self.project, self.account.address), "protocol": "imap",
            "host": "localhost", "port": port, "tls": "implicit", "auth": auth, "start": { "mode": "all" },
            "project": self.project,
        });
        id(&self.stack.api.post("/mailboxes", input).await)
    }

    /// The same at Dovecot, by password.
    pub(super) async fn password_mailbox(&self) -> String {
        self.mailbox(self.servers.dovecot.imaps, password(&self.account)).await
    }

    /// All issues of the project.
    pub(super) async fn issues(&self) -> Vec<Value> {
        self.stack.api.list(&format!("/issues?project={}", self.project)).await
    }

    /// Their summaries, in order.
    pub(super) async fn summaries(&self) -> Vec<String> {
        let issues = self.issues().await;
        let mut all: Vec<_> = issues.iter().map(|issue| text(issue, "summary").to_owned()).collect();
        all.sort();
        all
    }

    /// Records of a mailbox's mails, by UID.
    pub(super) async fn records(&self, mailbox: &str) -> Vec<Value> {
        let mut all = self.stack.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
        all.sort_by_key(|record| record["uid"].as_u64());
        all
    }

    /// The records once there are so many that are decided on.
    pub(super) async fn decided(&self, mailbox: &str, count: usize) -> Vec<Value> {
        soon(&format!("{count} decided mails of {mailbox}"), async || {
            let records = self.records(mailbox).await;
            let done = records.iter().filter(|record| record["state"] != "stored").count();
            (done >= count).then_some(records)
        })
        .await
    }
}

/// A field's text.
#[track_caller]
pub(super) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or_else(|| panic!("no {name} in {object}"))
}
