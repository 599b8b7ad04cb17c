//! Who looks at a page: somebody who has signed in with a cookie, and what they may do.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};
use intake::{
    App, Sentence,
    flows::sessions,
    types::audit::{Actor, Role},
};
use url::form_urlencoded;

use super::page::Trouble;
use crate::{Web, auth, client::Client, error::ApiError};

/// What the sender of these headers may do, where they have signed in: for pages that are open to everybody.
pub(crate) async fn role_of(app: &App, headers: &HeaderMap) -> Option<Role> {
    let cookie = auth::session_cookie(&app.settings, headers)?;
    sessions::recognise(app, cookie).await.ok().flatten().map(|actor| actor.role)
}

/// Somebody who has signed in. Whoever has not is led to the page where one does, and back.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// Who, and from where.
    pub(crate) actor: Actor,
    /// What forms of this session carry.
    pub(crate) csrf_token: String,
    /// The page that is looked at: path and query.
    pub(crate) address: String,
}

impl Visitor {
    /// Whether this role is theirs, or one below it.
    pub(crate) fn may(&self, least: Role) -> bool {
        self.actor.role >= least
    }

    /// The visitor of these parts of a request.
    pub(super) async fn read(parts: &Parts, web: &Web) -> Result<Self, Trouble> {
        let address = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let app = &web.app;
        let nobody = || Trouble::Elsewhere(to_sign_in(&address));
        let cookie = auth::session_cookie(&app.settings, &parts.headers).ok_or_else(nobody)?;
        let mut actor = sessions::recognise(app, cookie).await?.ok_or_else(nobody)?;
        actor.from.address = parts.extensions.get::<Client>().and_then(|client| client.address);
        Ok(Self { actor, csrf_token: sessions::csrf_token(app, cookie), address })
    }

    /// The same, if they have this role.
    pub(super) fn with_role(self, least: Role) -> Result<Self, Trouble> {
        if self.may(least) {
            return Ok(self);
        }
        let sentence = Sentence::new("role_missing").with("needed", least.as_str());
        Err(ApiError::forbidden(sentence.with("role", self.actor.role.as_str())).into())
    }
}

/// Where one signs in, and from there back to this page.
fn to_sign_in(address: &str) -> String {
    if address == "/" || address.is_empty() {
        return "/sign-in".to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("then", address).finish();
    format!("/sign-in?{query}")
}

/// A page of ours that a visitor wanted before signing in: its path and query. Nothing that leads elsewhere.
pub(crate) fn own_page(wanted: &str) -> Option<&str> {
    let is_own = wanted.starts_with('/') && !wanted.starts_with("//") && !wanted.contains(['\\', '\r', '\n']);
    is_own.then_some(wanted)
}

macro_rules! visitors {
    ($($(#[$doc:meta])* $name:ident = $role:path;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name(pub(crate) Visitor);

        impl FromRequestParts<Web> for $name {
            type Rejection = Trouble;

            async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Trouble> {
                Visitor::read(parts, web).await?.with_role($role).map(Self)
            }
        }
    )*};
}

visitors! {
    /// A visitor who may do everything.
    Administrator = Role::Administrator;
    /// A visitor who may change issues.
    Agent = Role::Agent;
    /// A visitor who may read issues.
    Reader = Role::Reader;
}

#[cfg(test)]
mod tests {
    use super::own_page;

    #[test]
    fn only_pages_of_ours_are_gone_back_to() {
        for own in ["/", "/issues/SUP-1", "/messages?state=held&cursor=x"] {
            assert_eq!(own_page(own), Some(own));
        }
        for other in
            ["", "//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/a\r\nb"]
        {
            assert_eq!(own_page(other), None, "{other}");
        }
    }
}
