//! Scripted HTTP answers.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::doors::Scissors;

/// Size of [`Answer::oversized`].
const OVERSIZED: usize = 3 * 1024 * 1024;

/// An endpoint whose answers can be scripted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// Both well-known documents.
    Discovery,
    /// The consent page.
    Authorization,
    /// The token endpoint, for both grant types.
    Token,
    /// Revocation (RFC 7009).
    Revocation,
    /// `OpenID` userinfo.
    Userinfo,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Whole,
    Drop,
    Never,
}

/// What an endpoint says instead of its honest answer.
#[derive(Clone)]
pub struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    delay: Duration,
    ending: Ending,
    /// The request is worked on first, and only its answer is replaced.
    pub(crate) after_effect: bool,
}

impl Answer {
    /// An empty answer; a status outside 100..=999 becomes 500.
    pub fn new(status: u16) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: Vec::new(),
            body: Bytes::new(),
            delay: Duration::ZERO,
            ending: Ending::Whole,
            after_effect: false,
        }
    }

    /// Adds a header; ignored if it is not a valid one.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.push((name, value));
        }
        self
    }

    /// Replaces the body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Waits before it answers.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Works on the request first: codes are spent and tokens rotate, and only then this answer is given.
    pub fn after_effect(mut self) -> Self {
        self.after_effect = true;
        self
    }

    /// An OAuth error (RFC 6749, section 5.2) with status 400, or 401 for `invalid_client`.
    pub fn oauth_error(error: &str, description: &str) -> Self {
        let body = serde_json::json!({"error": error, "error_description": description}).to_string();
        Self::new(if error == "invalid_client" { 401 } else { 400 })
            .header(header::CONTENT_TYPE.as_str(), "application/json")
            .header(header::CACHE_CONTROL.as_str(), "no-store")
            .body(body)
    }

    /// A 503 that asks to come back after some seconds.
    pub fn busy(retry_after_seconds: u32) -> Self {
        Self::new(503).header("retry-after", &retry_after_seconds.to_string()).body("busy")
    }

    /// A 200 with a page, as captive portals and proxies send it.
    pub fn html() -> Self {
        Self::new(200)
            .header(header::CONTENT_TYPE.as_str(), "text/html; charset=utf-8")
            .body("<!doctype html><title>Welcome</title><h1>Please sign in to the guest network</h1>")
    }

    /// A 200 with valid JSON of 3 MiB.
    pub fn oversized() -> Self {
        let start = r#"{"token_type":"Bearer","padding":""#;
        let body = format!("{start}{}\"}}", "x".repeat(OVERSIZED - start.len() - 2));
        Self::new(200).header(header::CONTENT_TYPE.as_str(), "application/json").body(body)
    }

    /// A redirect; OAuth clients must not follow it.
    pub fn redirect(location: &str) -> Self {
        Self::new(307).header(header::LOCATION.as_str(), location)
    }

    /// The connection is dropped without any answer.
    pub fn dropped() -> Self {
        Self { ending: Ending::Drop, ..Self::new(200) }
    }

    /// The connection stays open, and nothing comes.
    pub fn never() -> Self {
        Self { ending: Ending::Never, ..Self::new(200) }
    }

    /// Plays the answer. It ends early, with the connection, when the playground closes.
    pub(crate) async fn play(self, closing: &CancellationToken, scissors: &Scissors) -> Response {
        let closed = tokio::select! {
            () = closing.cancelled() => true,
            () = sleep(self.delay) => false,
        };
        if !closed && self.ending == Ending::Never {
            closing.cancelled().await;
        }
        if closed || self.ending != Ending::Whole {
            scissors.0.cancel();
        }
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}
