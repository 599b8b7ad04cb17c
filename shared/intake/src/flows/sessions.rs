//! Console sessions: made by signing in with a token, ended by signing out or by revoking the token.

use std::time::Duration;

use crate::{
    App, Result,
    app::sha256_hex,
    flows::{change::Deed, tokens},
    ports::Change,
    types::{audit::Actor, token::Session},
};

/// How long a session lasts.
pub const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// Signs in with a token: the cookie's value, to be given to the browser once. None when the token is not good.
pub async fn sign_in(app: &App, token: &str) -> Result<Option<String>> {
    let Some((actor, token)) = tokens::recognise(app, token).await? else { return Ok(None) };
    let cookie = app.random_text();
    let session = Session {
        hash: sha256_hex(&cookie),
        token_hash: token.hash,
        expires_at: app.after(LIFETIME),
        created_at: app.now(),
    };
    Deed::new(app, &actor, "session.created", token.id).change(Change::Session(session)).commit().await?;
    Ok(Some(cookie))
}

/// Who has this cookie. None when the session ended, or its token was revoked or has expired.
pub async fn recognise(app: &App, cookie: &str) -> Result<Option<Actor>> {
    let now = app.now();
    let Some(session) = app.store.session(&sha256_hex(cookie), now).await? else { return Ok(None) };
    if session.expires_at <= now {
        return Ok(None);
    }
    let token = app.store.token(&session.token_hash).await?;
    Ok(token.filter(|token| tokens::is_valid(token, now)).map(|token| tokens::actor(&token)))
}

/// Signs out.
pub async fn sign_out(app: &App, cookie: &str) -> Result<()> {
    app.store.end_session(&sha256_hex(cookie)).await
}

/// What forms and scripts of this session must send along (`X-CSRF-Token`), so that another site cannot act with the
/// browser's cookie.
pub fn csrf_token(app: &App, cookie: &str) -> String {
    app.mac.tag("csrf", cookie)
}

/// Whether this is the session's token; takes the same time for every wrong one.
pub fn is_csrf_token(app: &App, cookie: &str, token: &str) -> bool {
    app.mac.verify("csrf", cookie, token)
}
