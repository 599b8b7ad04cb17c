//! API tokens: what there is, a new one, and revoking one.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use intake::{
    App, Error, Result, Timestamp,
    flows::{
        sessions,
        tokens::{self, Made, TokenInput},
    },
    lists,
    types::{Page, PageRequest, audit::Role, ids::TokenId, token::ApiToken},
};
use maud::{Markup, html};
use secrecy::ExposeSecret;

use super::{
    super::frame::{
        console::{console, csrf},
        fields::{Choice, Filled, Line},
        form::{AdministratorForm, Form},
        page::{PageResult, again},
        parts::{
            Tone, act, badge, card, copied, cursor, done, facts, notice, on_to, once, pager, refused, table,
        },
        visitor::{Administrator, Visitor},
        words::{ago, counted, when, word, word_for},
    },
    tabs::tabs,
};

const PATH: &str = "/settings/tokens";
/// Entries of one page.
const ON_A_PAGE: u32 = 50;
/// The fields of a new token.
const FIELDS: [&str; 3] = ["/name", "/role", "/expires_at"];
/// How long before its end a token is marked, in seconds.
const SOON: i64 = 14 * 24 * 60 * 60;

/// The list.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> PageResult {
    let query = query.unwrap_or_default();
    let filled = Filled::default();
    let told = done(&query);
    Ok(list(&app, &visitor, cursor(&query), told, new(&app, &visitor, &filled)).await?)
}

async fn list(
    app: &App,
    visitor: &Visitor,
    cursor: Option<String>,
    told: Markup,
    new: Markup,
) -> Result<Response> {
    let is_first = cursor.is_none();
    let Page { items, next } = tokens::list(app, &PageRequest { limit: ON_A_PAGE, cursor }).await?;
    let columns =
        ["name", "role", "last_used", "ends", "created", "do"].map(|name| word_for("page.access", name));
    let rows = items.iter().map(|token| row(visitor, token, app.now())).collect();
    let content = html! {
        (tabs(visitor))
        (told)
        (card(&word("page.settings.tokens"), html! {
            (table(&word("page.settings.tokens"), &columns, rows))
            (pager(PATH, &[], is_first, next.as_deref()))
        }))
        (card(&word("page.token.new"), new))
    };
    Ok(console(visitor, &word("page.settings.tokens"), content))
}

fn row(visitor: &Visitor, token: &ApiToken, now: Timestamp) -> Vec<Markup> {
    vec![
        html! {
            bdi { (token.name) }
            @if visitor.actor.token_id == Some(token.id) { " " (badge(Tone::Calm, &word("page.access.own"))) }
        },
        html! { (word_for("page.role", token.role.as_str())) },
        last_use(token, now),
        end(token, now),
        html! { (ago(token.created_at, now)) },
        html! { a href={ (PATH) "/" (token.id) "/revoke" } aria-label={ (word("page.token.revoke")) ": " (token.name) } { (word("page.token.revoke")) } },
    ]
}

fn last_use(token: &ApiToken, now: Timestamp) -> Markup {
    html! { @match token.last_used_at { Some(at) => (ago(at, now)), None => (word("page.token.unused")) } }
}

fn end(token: &ApiToken, now: Timestamp) -> Markup {
    let Some(at) = token.expires_at else { return html! { (word("page.token.endless")) } };
    let left = at.as_second() - now.as_second();
    html! {
        @match left {
            ..=0 => (badge(Tone::Bad, &word("page.token.ended"))),
            1..SOON => (badge(Tone::Warn, &word("page.token.ends_soon"))),
            _ => {}
        }
        " " (when(at))
    }
}

/// The form of a new one.
fn new(app: &App, visitor: &Visitor, filled: &Filled) -> Markup {
    let role = |role: Role| Choice::new(role.as_str(), word_for("page.role", role.as_str()));
    html! {
        form method="post" action=(PATH) {
            (csrf(visitor)) (once(app))
            div.form-columns {
                (filled.line("/name", "token_name", Line::Required))
                (filled.choice("/role", "role", &[Role::Reader, Role::Agent, Role::Administrator].map(role)))
                (filled.line("/expires_at:end", "token_end", Line::Day))
            }
            div.actions { button { (word("page.token.create")) } }
        }
    }
}

/// Makes one, and shows it this once.
pub(super) async fn create(State(app): State<App>, AdministratorForm(form): AdministratorForm) -> PageResult {
    let error = match made(&app, &form).await {
        Ok(made) => return Ok(shown(&form.visitor, &made)),
        Err(error) => error,
    };
    let filled = Filled::again(&form, &error);
    let told = refused(&error, &filled, &FIELDS);
    let page = list(&app, &form.visitor, None, told, new(&app, &form.visitor, &filled)).await?;
    Ok(again(page, error))
}

async fn made(app: &App, form: &Form) -> Result<Made> {
    let once = form.once(app, "/tokens")?;
    tokens::create(app, &form.visitor.actor, form.request::<TokenInput>()?, once.as_ref()).await
}

fn shown(visitor: &Visitor, made: &Made) -> Response {
    let content = html! {
        (tabs(visitor))
        @match &made.value {
            Some(value) => {
                (notice(Tone::Good, html! { p { (word("page.token.keep")) } }))
                (copied(&word("page.token"), value.expose_secret()))
            }
            None => (notice(Tone::Warn, html! { p { (word("page.token.shown_before")) } })),
        }
        (facts(vec![
            (word_for("page.access", "name"), html! { bdi { (made.token.name) } }),
            (word_for("page.access", "role"), html! { (word_for("page.role", made.token.role.as_str())) }),
        ]))
        div.actions { a.button.second href=(PATH) { (word("page.token.back")) } }
    };
    console(visitor, &word("page.token.made"), content)
}

/// Asks before one is revoked.
pub(super) async fn ask(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(id): Path<String>,
) -> PageResult {
    Ok(asked(&app, &visitor, &id, None).await?)
}

async fn asked(app: &App, visitor: &Visitor, id: &str, error: Option<&Error>) -> Result<Response> {
    let token = tokens::get(app, parsed(id)?).await?;
    let all = lists::all(|page| async move { sessions::list(app, &page).await }).await?;
    let sessions = all.iter().filter(|listed| listed.actor.token_id == Some(token.id)).count();
    let now = app.now();
    let content = html! {
        (tabs(visitor))
        @if let Some(error) = error { (refused(error, &Filled::default(), &[])) }
        (card(&word("page.token.revoke_what"), html! {
            (facts(vec![
                (word_for("page.access", "name"), html! { bdi { (token.name) } }),
                (word_for("page.access", "role"), html! { (word_for("page.role", token.role.as_str())) }),
                (word_for("page.access", "last_used"), last_use(&token, now)),
            ]))
            p { (word("page.token.revoke_means")) " " (counted("page.token.sessions", u64::try_from(sessions).unwrap_or(u64::MAX))) }
            @if visitor.actor.token_id == Some(token.id) {
                (notice(Tone::Warn, html! { p { (word("page.token.revoke_own")) } }))
            }
            div.actions {
                (act(visitor, &format!("{PATH}/{}/revoke", token.id), &word("page.token.revoke"), "danger", html! {}))
                a.button.second href=(PATH) { (word("page.settings.cancel")) }
            }
        }))
    };
    Ok(console(visitor, &word("page.token.revoke_title"), content))
}

/// Revokes one.
pub(super) async fn revoke(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let of = parsed(&id)?;
    match tokens::revoke(&app, &form.visitor.actor, of, &form.expect()).await {
        Ok(()) => Ok(on_to(PATH, "token_revoked")),
        Err(error) => Ok(again(asked(&app, &form.visitor, &id, Some(&error)).await?, error)),
    }
}

fn parsed(id: &str) -> Result<TokenId> {
    id.parse().map_err(|_| Error::not_found("token"))
}
