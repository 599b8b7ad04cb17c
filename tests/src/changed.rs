//! What changed since a time, and what a project goes through, as the API tells it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Api, maildocket::PROJECT};

impl Api {
    /// The keys of the issues that changed since, and how many of a mailbox's messages did.
    pub async fn changed_since(&self, mailbox: &str, since: intake::Timestamp) -> (Vec<String>, usize) {
        let issues = self.list(&format!("/issues?project={PROJECT}&updated_since={since}")).await;
        let messages = self.list(&format!("/messages?mailbox_id={mailbox}&updated_since={since}")).await;
        let key = |issue: &Value| issue["key"].as_str().expect("a key").to_owned();
        (issues.iter().map(key).collect(), messages.len())
    }

    /// A project is made and renamed; an issue holds it. Another one goes.
    pub async fn a_project_comes_and_goes(&self) {
        for key in ["KEPT", "GONE"] {
            self.post("/projects", json!({ "key": key, "name": key })).await;
        }
        let renamed = self.attempt(Method::PATCH, "/projects/KEPT", Some(json!({ "name": "Another" }))).await;
        assert_eq!((renamed.0.as_u16(), &renamed.1["name"]), (200, &json!("Another")));
        self.post("/issues", json!({ "project": "KEPT", "summary": "An issue" })).await;
        let held = self.attempt(Method::DELETE, "/projects/KEPT", None).await;
        assert_eq!((held.0.as_u16(), &held.1["code"]), (409, &json!("in_use")), "{}", held.1);
        assert_eq!(self.attempt(Method::DELETE, "/projects/GONE", None).await.0.as_u16(), 204);
        assert_eq!(self.attempt(Method::GET, "/projects/GONE", None).await.0.as_u16(), 404);
    }
}
