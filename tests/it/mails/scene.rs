//! An installation with one mailbox at Dovecot, and letters to it.

use std::time::{Duration, SystemTime};

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Maildocket, Servers, dovecot::Account, maildocket::id};

/// An installation, an account, and its mailbox.
pub(super) struct Post {
    pub(super) docket: Maildocket,
    pub(super) account: Account,
    pub(super) mailbox: String,
}

impl Post {
    /// An empty mailbox that was polled once, so that what comes now is new; with these rules.
    pub(super) async fn with(rules: Value) -> Self {
        let post = Self::fresh(rules).await;
        post.poll().await;
        post
    }

    /// The same before its first poll.
    pub(super) async fn fresh(rules: Value) -> Self {
        let servers = Servers::get().await;
        let docket = Maildocket::start(servers).await;
        docket.api.post("/projects", json!({ "key": "BILL", "name": "Bills" })).await;
        let account = servers.dovecot.account();
        let mailbox = docket.api.password_mailbox(servers, &account).await;
        let post = Self { docket, account, mailbox };
        post.rules(rules).await;
        post
    }

    /// Another mailbox of the same installation, polled once.
    pub(super) async fn another(&self, rules: Value) -> (Account, String) {
        let servers = Servers::get().await;
        let account = servers.dovecot.account();
        let mailbox = self.docket.api.password_mailbox(servers, &account).await;
        self.docket.api.call(Method::PATCH, &format!("/mailboxes/{mailbox}"), Some(rules)).await;
        self.docket.api.poll(&mailbox).await;
        (account, mailbox)
    }

    /// Changes what the mailbox says of its mails.
    pub(super) async fn rules(&self, rules: Value) {
        self.docket.api.call(Method::PATCH, &format!("/mailboxes/{}", self.mailbox), Some(rules)).await;
    }

    /// The handlers alone.
    pub(super) async fn handlers(&self, handlers: Value) {
        self.rules(json!({ "handlers": handlers })).await;
    }

    pub(super) async fn poll(&self) -> Value {
        self.docket.api.poll(&self.mailbox).await
    }

    /// Delivers and polls; the record of each, in their order.
    pub(super) async fn receive(&self, letters: &[Letter]) -> Vec<Value> {
        // A second apart: what came in one second has no order.
        for (seconds, letter) in (1..=letters.len() as u64).rev().zip(letters) {
            self.account.deliver_at(&letter.raw(), ago(seconds));
        }
        self.poll().await;
        self.records(letters.len()).await
    }

    /// The record of one mail.
    pub(super) async fn receive_one(&self, letter: Letter) -> Value {
        self.receive(&[letter]).await.remove(0)
    }

    /// The newest records by UID, whole and oldest first.
    pub(super) async fn records(&self, count: usize) -> Vec<Value> {
        let mut all = self.docket.api.list(&format!("/messages?mailbox_id={}", self.mailbox)).await;
        all.sort_by_key(|record| record["uid"].as_u64());
        all.split_off(all.len() - count)
    }

    pub(super) async fn issue(&self, key: &Value) -> Value {
        self.docket.api.get(&format!("/issues/{}", key.as_str().unwrap())).await
    }

    pub(super) async fn comments(&self, key: &Value) -> Vec<Value> {
        self.docket.api.list(&format!("/issues/{}/comments", key.as_str().unwrap())).await
    }

    /// Names of an issue's files.
    pub(super) async fn files(&self, key: &Value) -> Vec<String> {
        let files = self.docket.api.list(&format!("/issues/{}/attachments", key.as_str().unwrap())).await;
        let mut names: Vec<_> = files.iter().map(|f| f["filename"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }

    /// Works on a mail again.
    pub(super) async fn redrive(&self, record: &Value, body: Value) -> Value {
        self.docket.api.post(&format!("/messages/{}/redrive", id(record)), body).await
    }

    /// Lets a mail through.
    pub(super) async fn release(&self, record: &Value) -> Value {
        self.docket.api.post(&format!("/messages/{}/release", id(record)), json!({})).await
    }
}

/// State, reason and issue of a record.
pub(super) fn fate(record: &Value) -> (&str, &str, &str) {
    let text = |name: &str| record[name].as_str().unwrap_or_default();
    (text("state"), text("reason"), text("issue_key"))
}

/// Whether its trace says so.
#[track_caller]
pub(super) fn says(record: &Value, what: &str) {
    let steps = record["trace"].as_array().unwrap();
    let said = steps.iter().any(|step| step["detail"].as_str().unwrap().contains(what));
    assert!(said, "{what}: {record:#}");
}

/// Seconds before now.
pub(super) fn ago(seconds: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(seconds)
}

/// A mail as it is delivered.
#[derive(Clone)]
pub(super) struct Letter {
    /// Above all else: what servers on the way wrote.
    above: String,
    from: String,
    to: String,
    subject: String,
    id: String,
    more: String,
    text: String,
    files: Vec<(String, String)>,
}

/// A mail with this Message-ID before its domain, from Ann, about the lamp.
pub(super) fn letter(id: &str) -> Letter {
    Letter {
        above: String::new(),
        from: "Ann Example <ann@customer.example>".to_owned(),
        to: "support@example.test".to_owned(),
        subject: format!("Lamp {id}"),
        id: format!("{id}@customer.example"),
        more: String::new(),
        text: format!("The lamp flickers ({id})."),
        files: Vec::new(),
    }
}

impl Letter {
    pub(super) fn above(mut self, lines: &str) -> Self {
        self.above.push_str(lines);
        self
    }

    pub(super) fn from(mut self, from: &str) -> Self {
        self.from = from.to_owned();
        self
    }

    pub(super) fn to(mut self, to: &str) -> Self {
        self.to = to.to_owned();
        self
    }

    pub(super) fn subject(mut self, subject: &str) -> Self {
        self.subject = subject.to_owned();
        self
    }

    /// With this whole Message-ID.
    pub(super) fn id(mut self, id: &str) -> Self {
        self.id = id.to_owned();
        self
    }

    /// With this header line.
    pub(super) fn with(mut self, line: &str) -> Self {
        self.more.push_str(line);
        self.more.push_str("\r\n");
        self
    }

    /// As an answer to this mail of the customer.
    pub(super) fn answers(self, id: &str) -> Self {
        self.with(&format!("In-Reply-To: <{id}@customer.example>"))
    }

    pub(super) fn text(mut self, text: &str) -> Self {
        self.text = text.replace('\n', "\r\n");
        self
    }

    /// With a file of this name and text.
    pub(super) fn file(mut self, name: &str, content: &str) -> Self {
        self.files.push((name.to_owned(), content.to_owned()));
        self
    }

    pub(super) fn raw(&self) -> Vec<u8> {
        let Self { above, from, to, subject, id, more, text, files } = self;
        let head = format!(
            "{above}From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Tue, 24 Nov 2026 09:00:00 +0000\r\n\
             Message-ID: <{id}>\r\n{more}"
        );
        if files.is_empty() {
            let kind = if more.contains("Content-Type") {
                ""
            } else {
                "Content-Type: text/plain; charset=utf-8\r\n"
            };
            return format!("{head}{kind}\r\n{text}\r\n").into_bytes();
        }
        let mut raw = format!(
            "{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=parts\r\n\r\n\
             --parts\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        );
        for (name, content) in files {
            let kind = if name.ends_with(".png") { "image/png" } else { "application/octet-stream" };
            raw.push_str(&format!(
                "--parts\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n\
                 {content}\r\n"
            ));
        }
        raw.push_str("--parts--\r\n");
        raw.into_bytes()
    }
}
