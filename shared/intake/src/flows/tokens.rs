//! API tokens: made, listed, revoked, and recognised when somebody signs in.

use aws_lc_rs::constant_time;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    App, Error, Kind, Result, Timestamp,
    app::sha256_hex,
    error::FieldErrors,
    failed,
    flows::change::{Committed, Deed, Diff, Expect, Once, Undone, made_before, shown},
    lists,
    ports::{Change, Why, Write},
    request,
    types::{
        Page, PageRequest, Version,
        audit::{Actor, Origin, Role, Via},
        ids::TokenId,
        name::Name,
        token::ApiToken,
    },
};

/// What every token made here begins with, so that scanners of leaked secrets know it.
const PREFIX: &str = "mdk_";

/// The fewest characters of an administrator token that somebody brings along.
pub const MIN_ADMIN_TOKEN: usize = 32;

/// How often a revocation is decided anew while other tokens are being revoked.
const REVOCATIONS: usize = 8;

/// The name of the token made at the first start.
const FIRST_NAME: &str = "Administrator";

request! {
    /// What makes a token.
    #[schema(as = NewToken)]
    pub struct TokenInput {
        /// 1 to 100 characters; unique.
        #[schema(value_type = String, required, min_length = 1, max_length = 100)]
        name: String,
        /// What it may do: an agent works on issues, comments and attachments.
        #[schema(value_type = Role, required)]
        role: String,
        /// RFC 3339, in the future. Without it, it does not end by itself.
        #[schema(value_type = Option<String>, format = DateTime)]
        expires_at: String,
    }
}

/// A token that was just made.
#[derive(Debug)]
pub struct Made {
    /// Its record.
    pub token: ApiToken,
    /// Its value: shown this once. None when the same request had made it before.
    pub value: Option<SecretString>,
}

/// Makes a token.
pub async fn create(app: &App, actor: &Actor, input: TokenInput, once: Option<&Once>) -> Result<Made> {
    if let Some(object) = made_before(app, once).await? {
        return made_earlier(app, &object).await;
    }
    let now = app.now();
    let mut errors = FieldErrors::default();
    let name = input.name.required(&mut errors, "/name", None, |text| Name::new(&text));
    let role = input.role.required(&mut errors, "/role", None, |text| text.parse::<Role>());
    let expires_at = input.expires_at.optional(&mut errors, "/expires_at", None, |text| future(&text, now));
    let (name, role) = errors.finish_with(name.zip(role))?;
    let value = SecretString::from(format!("{PREFIX}{}", app.random_text()));
    let token = record(app, name, role, expires_at, &value);
    match add(app, actor, &token, once).await? {
        Committed::Now => Ok(Made { token, value: Some(value) }),
        Committed::Before(object) => made_earlier(app, &object).await,
    }
}

async fn made_earlier(app: &App, object: &str) -> Result<Made> {
    let id = object.parse().map_err(|_| Error::not_found("token"))?;
    Ok(Made { token: get(app, id).await?, value: None })
}

fn record(
    app: &App,
    name: Name,
    role: Role,
    expires_at: Option<Timestamp>,
    value: &SecretString,
) -> ApiToken {
    let created_at = app.now();
    ApiToken {
        id: TokenId::from_parts(created_at, app.id_bits()),
        name,
        hash: sha256_hex(value.expose_secret()),
        role,
        expires_at,
        last_used_at: None,
        created_at,
    }
}

async fn add(app: &App, actor: &Actor, token: &ApiToken, once: Option<&Once>) -> Result<Committed> {
    let diff = Diff::default().field("name", "", &token.name).field("role", "", token.role.as_str()).field(
        "expires_at",
        "",
        shown(token.expires_at),
    );
    let deed = Deed::new(app, actor, "token.created", token.id)
        .tells(diff)
        .change(Change::Token(Write::Create(token.clone())))
        .once(once);
    Ok(deed.commit().await?)
}

fn future(text: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    let at: Timestamp = text.parse().map_err(|_| "field.end_time")?;
    if at > now { Ok(at) } else { Err("field.future") }
}

/// All tokens.
pub async fn list(app: &App, page: &PageRequest) -> Result<Page<ApiToken>> {
    app.store.tokens(page).await
}

/// One token.
pub async fn get(app: &App, id: TokenId) -> Result<ApiToken> {
    all(app).await?.into_iter().find(|token| token.id == id).ok_or_else(|| Error::not_found("token"))
}

/// People name tokens by hand: there are few of them.
pub(super) async fn all(app: &App) -> Result<Vec<ApiToken>> {
    lists::all(|page| async move { app.store.tokens(&page).await }).await
}

/// Revokes a token, and with it the sessions made with it. The last administrator's token stays, and so does the last one
/// that does not end.
pub async fn revoke(app: &App, actor: &Actor, id: TokenId, expect: &Expect) -> Result<()> {
    let mut outcome = Ok(());
    for _ in 0..REVOCATIONS {
        let tokens = all(app).await?;
        let old = tokens.iter().find(|token| token.id == id).ok_or_else(|| Error::not_found("token"))?;
        expect.check(Version::FIRST)?;
        let deed = Deed::new(app, actor, "token.revoked", id)
            .tells(Diff::default().field("name", &old.name, ""))
            .change(Change::Token(Write::Delete { old: old.clone() }))
            // Another administrator may be revoking that one at the same moment: only one of both can be right.
            .changes(heir(&tokens, old, app.now())?.map(|heir| Change::TokenStays(heir.clone())));
        match deed.commit().await {
            Ok(_) => return Ok(()),
            Err(undone @ Undone::Refused(Why::Stale)) => outcome = Err(undone.into()),
            Err(undone) => return Err(undone.into()),
        }
    }
    outcome
}

/// With which token administrators go on when this one is revoked; None where it is not needed for that. One that ends
/// does not take the place of one that does not: after its end nobody could administer.
fn heir<'a>(tokens: &'a [ApiToken], old: &ApiToken, now: Timestamp) -> Result<Option<&'a ApiToken>> {
    let administers = |token: &ApiToken| token.role == Role::Administrator && is_valid(token, now);
    if !administers(old) {
        return Ok(None);
    }
    let good = |token: &&ApiToken| {
        token.id != old.id && administers(token) && (old.expires_at.is_some() || token.expires_at.is_none())
    };
    let last = || Error::told(Kind::Conflict, "last_administrator_token");
    tokens.iter().find(good).map(Some).ok_or_else(last)
}

/// Who presents this token, and its hash. None when it is unknown or has expired.
pub async fn recognise(app: &App, value: &str) -> Result<Option<(Actor, ApiToken)>> {
    let hash = sha256_hex(value);
    let Some(token) = app.store.token(&hash).await? else { return Ok(None) };
    let same = constant_time::verify_slices_are_equal(hash.as_bytes(), token.hash.as_bytes()).is_ok();
    let now = app.now();
    if !same || !is_valid(&token, now) {
        return Ok(None);
    }
    note_use(app, &token, now).await;
    Ok(Some((actor(&token), token)))
}

/// Whether a token has not expired.
pub fn is_valid(token: &ApiToken, now: Timestamp) -> bool {
    token.expires_at.is_none_or(|end| end > now)
}

/// Who acts with this token.
pub fn actor(token: &ApiToken) -> Actor {
    let from = Origin::at(Via::ApiToken, None);
    Actor { name: token.name.to_string(), token_id: Some(token.id), person: None, role: token.role, from }
}

/// To the nearest quarter of an hour, so that a busy caller writes four times an hour. A failure changes no answer.
async fn note_use(app: &App, token: &ApiToken, now: Timestamp) {
    const QUARTER: i64 = 15 * 60;
    let stale = token.last_used_at.is_none_or(|at| (now.as_second() - at.as_second()).abs() >= QUARTER);
    if stale && let Err(error) = app.store.token_used(&token.hash, now).await {
        failed!(warn, error, token = %token.id, "The use of a token could not be noted.");
    }
}

/// Makes sure that somebody can administer: the given token, or where none is given and none is there, a new one,
/// which is returned to be shown once.
pub async fn ensure_admin_token(app: &App, given: Option<&SecretString>) -> Result<Option<SecretString>> {
    if let Some(value) = given {
        return ensure_given(app, value).await.map(|()| None);
    }
    let Some(value) = propose_admin_token(app).await? else { return Ok(None) };
    ensure_given(app, &value).await?;
    Ok(Some(value))
}

/// A value for the token of the first start, which [`ensure_admin_token`] makes one: whoever has to show it puts it in a
/// safe place before. None where somebody can administer already.
pub async fn propose_admin_token(app: &App) -> Result<Option<SecretString>> {
    let now = app.now();
    let tokens = all(app).await?;
    let there = tokens.iter().any(|t| t.role == Role::Administrator && is_valid(t, now));
    Ok((!there).then(|| SecretString::from(format!("{PREFIX}{}", app.random_text()))))
}

/// Whether this is the value of a token of an administrator.
pub async fn is_admin_token(app: &App, value: &SecretString) -> Result<bool> {
    let known = app.store.token(&sha256_hex(value.expose_secret())).await?;
    Ok(known.is_some_and(|token| token.role == Role::Administrator && is_valid(&token, app.now())))
}

async fn ensure_given(app: &App, value: &SecretString) -> Result<()> {
    if value.expose_secret().chars().count() < MIN_ADMIN_TOKEN {
        return Err(Error::told(Kind::Installation, "admin_token_too_short"));
    }
    if is_admin_token(app, value).await? {
        return Ok(());
    }
    match put_first(app, &all(app).await?, value).await {
        // Another process that started at the same time has made it.
        Err(error) if error.kind == Kind::Conflict && is_admin_token(app, value).await? => Ok(()),
        made => made,
    }
}

/// The token of the first start, in the place of an older one.
async fn put_first(app: &App, tokens: &[ApiToken], value: &SecretString) -> Result<()> {
    let system = Actor::system();
    let name = Name::new(FIRST_NAME).map_err(Error::internal)?;
    let older = tokens.iter().find(|token| token.name.key() == name.key());
    if let Some(old) = older.cloned() {
        Deed::new(app, &system, "token.revoked", old.id)
            .change(Change::Token(Write::Delete { old }))
            .commit()
            .await?;
    }
    let token = record(app, name, Role::Administrator, None, value);
    add(app, &system, &token, None).await?;
    Ok(())
}
