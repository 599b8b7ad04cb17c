//! What the token endpoint says where it refuses.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::authority::Refused;
use super::pages;

/// An error answer (RFC 6749, section 5.2).
#[derive(Debug)]
pub(crate) struct TokenError {
    status: StatusCode,
    error: &'static str,
    description: String,
    /// The client used the Authorization header, so the answer names the scheme.
    by_header: bool,
}

impl TokenError {
    pub(crate) fn new(error: &'static str, description: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description: description.to_owned(), by_header: false }
    }

    pub(crate) fn request(description: &str) -> Self {
        Self::new("invalid_request", description)
    }

    pub(crate) fn client(by_header: bool, description: &str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, by_header, ..Self::new("invalid_client", description) }
    }
}

impl From<Refused> for TokenError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Grant(why) => Self::new("invalid_grant", why),
            Refused::Overloaded => Self {
                status: StatusCode::SERVICE_UNAVAILABLE,
                ..Self::new("temporarily_unavailable", "Too many tokens are live.")
            },
        }
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let body = Json(json!({"error": self.error, "error_description": self.description}));
        let mut response = (self.status, [(header::CACHE_CONTROL, pages::NO_STORE)], body).into_response();
        if self.by_header {
            let scheme = HeaderValue::from_static("Basic realm=\"playground\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
