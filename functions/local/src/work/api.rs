//! Calls of the JSON API, made from the command line.

use intake::App;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use web::{Call, Method, Router};

use crate::failure::{Failure, Outcome};

/// The longest answer, bytes: less than a line between two processes may have, escaped.
const MAX_ANSWER: usize = 1024 * 1024;

/// A call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// The path and query behind `/api/v1`.
    Get(String),
    /// The same, with a body.
    Post(String, Value),
}

/// Does a call over these routes; the JSON that was answered.
pub(crate) async fn execute(app: &App, routes: Router, request: Request) -> Outcome<String> {
    let (method, path, body) = match &request {
        Request::Get(path) => (Method::GET, path, None),
        Request::Post(path, body) => (Method::POST, path, Some(body.to_string())),
    };
    let call = Call { method, path, body };
    web::call(routes, &app.settings.base_url, call, MAX_ANSWER).await.map_err(|text| refused(&text))
}

/// A problem document (RFC 9457) as a sentence: its detail names the fields, too.
fn refused(text: &str) -> Failure {
    let problem: Option<Value> = serde_json::from_str(text).ok();
    Failure::new(problem.as_ref().and_then(|problem| problem["detail"].as_str()).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_problem_is_a_sentence() {
        let told = |text: &str| super::refused(text).to_string();
        assert_eq!(
            told(r#"{"detail": "There is no such mailbox.", "errors": []}"#),
            "There is no such mailbox."
        );
        assert_eq!(told("body too long"), "body too long");
    }
}
