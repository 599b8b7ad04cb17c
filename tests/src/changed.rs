//! What changed since a time, as the API tells it.

use serde_json::Value;

use crate::{Api, maildocket::PROJECT};

impl Api {
    /// The keys of the issues that changed since, and how many of a mailbox's messages did.
    pub async fn changed_since(&self, mailbox: &str, since: intake::Timestamp) -> (Vec<String>, usize) {
        let issues = self.list(&format!("/issues?project={PROJECT}&updated_since={since}")).await;
        let messages = self.list(&format!("/messages?mailbox_id={mailbox}&updated_since={since}")).await;
        let key = |issue: &Value| issue["key"].as_str().expect("a key").to_owned();
        (issues.iter().map(key).collect(), messages.len())
    }
}
