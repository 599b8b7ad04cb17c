//! Console sessions: made by signing in with a token or at the company's identity provider; ended by signing out, by an
//! administrator, by nobody's using them, or by revoking the token.

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
        token::{ApiToken, Holder, Member, Session, Visitor},
    },
};

/// How long a session lasts at most. One that is not used ends after [`Session::IDLE`].
pub const LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Who signs in.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// From where.
    pub from: Origin,
    /// The browser's name and system.
    pub browser: Option<String>,
}

/// A session, and who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The session.
    pub session: Session,
    /// Who has it.
    pub actor: Actor,
}

/// Signs in with a token: the cookie's value, to be given to the browser once. None when the token is not good.
pub async fn sign_in(app: &App, token: &str, visit: &Visit) -> Result<Option<String>> {
    let Some((actor, token)) = tokens::recognise(app, token).await? else { return Ok(None) };
    let actor = Actor { from: visit.from.clone(), ..actor };
    begin(app, &actor, Holder::Token { token_hash: token.hash }, visit).await.map(Some)
}

/// Signs in a person of whom the company's identity provider told: the cookie's value.
pub async fn sign_in_member(app: &App, member: Member, visit: &Visit) -> Result<String> {
    begin(app, &member.actor(visit.from.clone()), Holder::Member { member }, visit).await
}

/// Always a session of its own, and never one that was there before.
async fn begin(app: &App, actor: &Actor, holder: Holder, visit: &Visit) -> Result<String> {
    let cookie = app.random_text();
    let session = Session {
        hash: sha256_hex(&cookie),
        holder,
        expires_at: app.after(LIFETIME),
        created_at: app.now(),
        visitor: Visitor { network: visit.from.network(), browser: visit.browser.clone() },
        last_used_at: None,
    };
    Deed::new(app, actor, "session.created", session.id())
        .tells(Diff::default().field("browser", "", shown(session.visitor.browser.as_ref())))
        .change(Change::Session(Write::Create(session)))
        .commit()
        .await?;
    Ok(cookie)
}

/// Who has this cookie. None when the session ended, its token was revoked or has expired, or people of its identity
/// provider do not sign in here any more.
pub async fn recognise(app: &App, cookie: &str) -> Result<Option<Actor>> {
    let now = app.now();
    let Some((session, actor)) = find(app, cookie, now).await? else { return Ok(None) };
    note_use(app, &session, now).await;
    let from = Origin { via: Via::ConsoleSession, address: None, session_id: Some(session.id()) };
    Ok(Some(Actor { from, ..actor }))
}

async fn find(app: &App, cookie: &str, now: Timestamp) -> Result<Option<(Session, Actor)>> {
    let session = app.store.session(&sha256_hex(cookie), now).await?;
    let Some(session) = session.filter(|session| session.ends_at() > now) else { return Ok(None) };
    let actor = match &session.holder {
        Holder::Token { token_hash } => {
            let token = app.store.token(token_hash).await?;
            token.filter(|token| tokens::is_valid(token, now)).map(|token| tokens::actor(&token))
        }
        Holder::Member { member } => member_actor(app, member),
    };
    Ok(actor.map(|actor| (session, actor)))
}

/// None where people of this issuer do not sign in here any more.
fn member_actor(app: &App, member: &Member) -> Option<Actor> {
    let known = app.settings.identity.as_ref().is_some_and(|identity| identity.is_issuer(&member.issuer));
    known.then(|| member.actor(Origin::default()))
}

/// To the nearest quarter of an hour. A failure changes no answer.
async fn note_use(app: &App, session: &Session, now: Timestamp) {
    const QUARTER: i64 = 15 * 60;
    if (now.as_second() - session.used_at().as_second()).abs() >= QUARTER
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
    let listed = items.into_iter().filter(|session| session.ends_at() > now).filter_map(|session| {
        let actor = match &session.holder {
            Holder::Token { token_hash } => tokens::actor(tokens.get(token_hash)?),
            Holder::Member { member } => member_actor(app, member)?,
        };
        Some(Listed { session, actor })
    });
    Ok(Page { items: listed.collect(), next })
}

/// One session that somebody can act with.
pub async fn get(app: &App, id: SessionId) -> Result<Listed> {
    let mut listed = pin!(lists::entries(200, |page| async move { list(app, &page).await }));
    while let Some(entry) = listed.try_next().await? {
        if entry.session.id() == id {
            return Ok(entry);
        }
    }
    Err(Error::not_found("session"))
}

/// Ends a session, whosever it is.
pub async fn revoke(app: &App, actor: &Actor, id: SessionId) -> Result<()> {
    let Listed { session, actor: whose } = get(app, id).await?;
    let field = if whose.token_id.is_some() { "token" } else { "person" };
    let told = Diff::default().field(field, whose.name, "");
    end(app, actor, "session.revoked", session, told).await
}

/// Signs out.
pub async fn sign_out(app: &App, cookie: &str, from: &Origin) -> Result<()> {
    let Some((session, actor)) = find(app, cookie, app.now()).await? else { return Ok(()) };
    let from = Origin { via: Via::ConsoleSession, session_id: Some(session.id()), ..from.clone() };
    end(app, &Actor { from, ..actor }, "session.ended", session, Diff::default()).await
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
