//! The provider: OAuth 2.0 (RFC 6749) with PKCE (RFC 7636), `iss` in callbacks (RFC 9207), `OpenID` Connect,
//! revocation (RFC 7009) and both discovery documents.

pub(crate) mod authority;
mod authorize;
mod client_auth;
mod consent;
mod form;
mod id_token;
mod metadata;
mod pages;
mod provider;
mod request;
mod scopes;
mod token;
mod token_error;
mod userinfo;

#[cfg(test)]
mod oauth_tests;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

pub use authority::IssuedTokens;
pub use consent::{ConsentError, Decision};
pub use provider::Endpoints;
pub use scopes::MAIL_SCOPE;

pub(crate) use consent::{consent, issue_directly};
pub(crate) use provider::Provider;

/// Bytes of a request body.
const MAX_BODY: usize = 64 * 1024;

pub(crate) fn router(provider: Provider) -> Router {
    Router::new()
        .route("/", get(pages::front))
        .route("/style.css", get(pages::style))
        .route("/.well-known/openid-configuration", get(metadata::document))
        .route("/.well-known/oauth-authorization-server", get(metadata::document))
        .route("/jwks", get(metadata::keys))
        .route("/authorize", get(authorize::show).post(authorize::decide))
        .route("/token", post(token::token))
        .route("/revoke", post(token::revoke))
        .route("/userinfo", get(userinfo::userinfo))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(provider)
}
