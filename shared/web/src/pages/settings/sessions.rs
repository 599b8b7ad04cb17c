//! Console sessions: who has signed in, and ending it.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use intake::{
    App, Error, Result, Timestamp,
    flows::sessions::{self, Listed},
    types::{Page, PageRequest, ids::SessionId},
};
use maud::{Markup, html};

use super::{
    super::frame::{
        console::console,
        form::AdministratorForm,
        page::PageResult,
        parts::{Tone, act, badge, card, cursor, done, facts, notice, on_to, pager, table},
        visitor::{Administrator, Visitor},
        words::{ago, word, word_for},
    },
    tabs::tabs,
};

const PATH: &str = "/settings/sessions";
/// Entries of one page.
const ON_A_PAGE: u32 = 50;

/// The list.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> PageResult {
    Ok(list(&app, &visitor, &query.unwrap_or_default()).await?)
}

async fn list(app: &App, visitor: &Visitor, query: &str) -> Result<Response> {
    let cursor = cursor(query);
    let is_first = cursor.is_none();
    let Page { items, next } = sessions::list(app, &PageRequest { limit: ON_A_PAGE, cursor }).await?;
    let columns =
        ["who", "browser", "network", "last_used", "ends", "do"].map(|name| word_for("page.access", name));
    let rows = items.iter().map(|listed| row(visitor, listed, app.now())).collect();
    let content = html! {
        (tabs(visitor))
        (done(query))
        (card(&word("page.settings.sessions"), html! {
            p.faint { (word("page.session.about")) }
            (table(&word("page.settings.sessions"), &columns, rows))
            (pager(PATH, &[], is_first, next.as_deref()))
        }))
    };
    Ok(console(visitor, &word("page.settings.sessions"), content))
}

fn is_own(visitor: &Visitor, listed: &Listed) -> bool {
    visitor.actor.from.session_id == Some(listed.session.id())
}

fn row(visitor: &Visitor, listed: &Listed, now: Timestamp) -> Vec<Markup> {
    let session = &listed.session;
    vec![
        html! {
            bdi { (listed.actor.name) }
            @if is_own(visitor, listed) { " " (badge(Tone::Good, &word("page.access.own"))) }
            div.faint { (word_for("page.role", listed.actor.role.as_str())) }
        },
        or_unknown(session.visitor.browser.as_deref()),
        or_unknown(session.visitor.network.as_deref()),
        ago(session.used_at(), now),
        ago(session.ends_at(), now),
        html! { a href={ (PATH) "/" (session.id()) "/end" } aria-label={ (word("page.session.end")) ": " (listed.actor.name) } { (word("page.session.end")) } },
    ]
}

fn or_unknown(text: Option<&str>) -> Markup {
    html! { @match text { Some(text) => (text), None => span.faint { (word("page.access.unknown")) } } }
}

/// Asks before one is ended.
pub(super) async fn ask(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(id): Path<String>,
) -> PageResult {
    Ok(asked(&app, &visitor, &id).await?)
}

async fn asked(app: &App, visitor: &Visitor, id: &str) -> Result<Response> {
    let listed = sessions::get(app, parsed(id)?).await?;
    let (session, now) = (&listed.session, app.now());
    let fact = |of: &'static str, value: Markup| (word_for("page.access", of), value);
    let content = html! {
        (tabs(visitor))
        (card(&word("page.session.end_what"), html! {
            (facts(vec![
                fact("who", html! { bdi { (listed.actor.name) } }),
                fact("browser", or_unknown(session.visitor.browser.as_deref())),
                fact("network", or_unknown(session.visitor.network.as_deref())),
                fact("created", ago(session.created_at, now)),
                fact("last_used", ago(session.used_at(), now)),
            ]))
            p { (word("page.session.end_means")) }
            @if is_own(visitor, &listed) { (notice(Tone::Warn, html! { p { (word("page.session.end_own")) } })) }
            div.actions {
                (act(visitor, &format!("{PATH}/{}/end", session.id()), &word("page.session.end"), "danger", html! {}))
                a.button.second href=(PATH) { (word("page.settings.cancel")) }
            }
        }))
    };
    Ok(console(visitor, &word("page.session.end_title"), content))
}

/// Ends one.
pub(super) async fn end(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    sessions::revoke(&app, &form.visitor.actor, parsed(&id)?).await?;
    Ok(on_to(PATH, "session_ended"))
}

fn parsed(id: &str) -> Result<SessionId> {
    id.parse().map_err(|_| Error::not_found("session"))
}
