//! The provider as one listener shows it.

use std::sync::Arc;

use url::Url;

use crate::world::World;

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
