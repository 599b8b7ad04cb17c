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
mod request;
mod token;
mod userinfo;

#[cfg(test)]
mod oauth_tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use url::Url;

pub use authority::IssuedTokens;
pub use consent::{ConsentError, Decision};

pub(crate) use consent::{consent, issue_directly};

use crate::world::World;

/// The scope that opens the mailbox over IMAP.
pub const MAIL_SCOPE: &str = "mail";
/// Every scope the provider knows.
pub(crate) const SCOPES: [&str; 5] = ["openid", "email", "profile", "offline_access", MAIL_SCOPE];

/// Bytes of a request body.
const MAX_BODY: usize = 64 * 1024;

/// The addresses of one provider.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// `iss` of ID tokens and callbacks; no slash at its end.
    pub issuer: String,
    /// Where the browser goes.
    pub authorization: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token: Url,
    /// Where tokens are revoked.
    pub revocation: Url,
    /// `OpenID` userinfo.
    pub userinfo: Url,
}

impl Endpoints {
    pub(crate) fn at(origin: &Url) -> Self {
        let path = |path: &str| {
            let mut url = origin.clone();
            url.set_path(path);
            url
        };
        Self {
            issuer: origin.as_str().trim_end_matches('/').to_owned(),
            authorization: path("/authorize"),
            token: path("/token"),
            revocation: path("/revoke"),
            userinfo: path("/userinfo"),
        }
    }

    pub(crate) fn root(&self) -> Url {
        let mut url = self.token.clone();
        url.set_path("/");
        url
    }
}

/// One listener's view of the world.
#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) world: Arc<World>,
    pub(crate) endpoints: Arc<Endpoints>,
}

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
