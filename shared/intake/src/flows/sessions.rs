//! Console sessions: made by signing in with a token, ended by signing out, by an administrator, or by revoking the
//! token.

use std::{collections::BTreeMap, pin::pin, time::Duration};

use futures::TryStreamExt;

use crate::{
    App, Error, Result, Timestamp,
    app::sha256_hex,
    failed,
    flows::{
        change::{Deed, Diff, Undone, shown},
        tokens,
    },
    lists,
    ports::{Change, Why, Write},
    types::{
        Page, PageRequest,
        audit::{Actor, Origin, Via},
        ids::SessionId,
        token::{ApiToken, Session, Visitor},
    },
};

/// How long a session lasts.
pub const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// Who signs in.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// From where.
    pub from: Origin,
    /// The browser's name and system.
    pub browser: Option<String>,
}

/// A session with the token that it was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The session.
    pub session: Session,
    /// Its token.
    pub token: ApiToken,
}

/// Signs in with a token: the cookie's value, to be given to the browser once. None when the token is not good.
pub async fn sign_in(app: &App, token: &str, visit: &Visit) -> Result<Option<String>> {
    let Some((actor, token)) = tokens::recognise(app, token).await? else { return Ok(None) };
    let cookie = app.random_text();
    let session = Session {
        hash: sha256_hex(&cookie),
        token_hash: token.hash,
        expires_at: app.after(LIFETIME),
        created_at: app.now(),
        visitor: Visitor { network: visit.from.network(), browser: visit.browser.clone() },
        last_used_at: None,
    };
    let actor = Actor { from: visit.from.clone(), ..actor };
    Deed::new(app, &actor, "session.created", session.id())
        .tells(Diff::default().field("browser", "", shown(session.visitor.browser.as_ref())))
        .change(Change::Session(Write::Create(session)))
        .commit()
        .await?;
    Ok(Some(cookie))
}

/// Who has this cookie. None when the session ended, or its token was revoked or has expired.
pub async fn recognise(app: &App, cookie: &str) -> Result<Option<Actor>> {
    let now = app.now();
    let Some((session, token)) = find(app, cookie, now).await? else { return Ok(None) };
    note_use(app, &session, now).await;
    let from = Origin { via: Via::ConsoleSession, address: None, session_id: Some(session.id()) };
    Ok(Some(Actor { from, ..tokens::actor(&token) }))
}

async fn find(app: &App, cookie: &str, now: Timestamp) -> Result<Option<(Session, ApiToken)>> {
    let session = app.store.session(&sha256_hex(cookie), now).await?;
    let Some(session) = session.filter(|session| session.expires_at > now) else { return Ok(None) };
    let token = app.store.token(&session.token_hash).await?;
    Ok(token.filter(|token| tokens::is_valid(token, now)).map(|token| (session, token)))
}

/// To the nearest quarter of an hour. A failure changes no answer.
async fn note_use(app: &App, session: &Session, now: Timestamp) {
    const QUARTER: i64 = 15 * 60;
    let last = session.last_used_at.unwrap_or(session.created_at);
    if (now.as_second() - last.as_second()).abs() >= QUARTER
        && let Err(error) = app.store.session_used(&session.hash, now).await
    {
        failed!(warn, error, "The use of a session could not be noted.");
    }
}

/// Sessions that somebody can act with, newest first. Those whose token ended are left out.
pub async fn list(app: &App, page: &PageRequest) -> Result<Page<Listed>> {
    let now = app.now();
    let Page { items, next } = app.store.sessions(now, page).await?;
    let tokens: BTreeMap<String, ApiToken> = tokens::all(app)
        .await?
        .into_iter()
        .filter(|token| tokens::is_valid(token, now))
        .map(|token| (token.hash.clone(), token))
        .collect();
    let listed = items.into_iter().filter_map(|session| {
        let token = tokens.get(&session.token_hash)?.clone();
        Some(Listed { session, token })
    });
    Ok(Page { items: listed.collect(), next })
}

/// Ends a session, whosever it is.
pub async fn revoke(app: &App, actor: &Actor, id: SessionId) -> Result<()> {
    let mut listed = pin!(lists::entries(200, |page| async move { list(app, &page).await }));
    while let Some(Listed { session, token }) = listed.try_next().await? {
        if session.id() == id {
            let told = Diff::default().field("token", token.name, "");
            return end(app, actor, "session.revoked", session, told).await;
        }
    }
    Err(Error::not_found("session"))
}

/// Signs out.
pub async fn sign_out(app: &App, cookie: &str, from: &Origin) -> Result<()> {
    let Some((session, token)) = find(app, cookie, app.now()).await? else { return Ok(()) };
    let from = Origin { via: Via::ConsoleSession, session_id: Some(session.id()), ..from.clone() };
    let actor = Actor { from, ..tokens::actor(&token) };
    end(app, &actor, "session.ended", session, Diff::default()).await
}

async fn end(app: &App, actor: &Actor, action: &str, session: Session, told: Diff) -> Result<()> {
    let id = session.id();
    let deed = Deed::new(app, actor, action, id).tells(told);
    match deed.change(Change::Session(Write::Delete { old: session })).commit().await {
        // Somebody else ended it at the same moment.
        Ok(_) | Err(Undone::Refused(Why::Stale)) => Ok(()),
        Err(undone) => Err(undone.into()),
    }
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
