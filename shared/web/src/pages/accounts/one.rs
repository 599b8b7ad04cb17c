//! One signed-in account: how it stands, what will become of it, and what can be done.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use intake::App;
use maud::{Markup, html};

use super::told::{Told, account, forecast, mailboxes};
use crate::pages::{
    frame::{
        console::console,
        page::PageResult,
        parts::{Tone, act, card, done, facts, once, problem},
        visitor::{Administrator, Visitor},
        words::{ago, when, word},
    },
    overview::grant_state,
    providers,
};

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> PageResult {
    let told = Told::read(&app, &id).await?;
    Ok(shown(&app, &visitor, &told, done(&query.unwrap_or_default())))
}

/// The page, with this above everything.
pub(super) fn shown(app: &App, visitor: &Visitor, told: &Told, above: Markup) -> Response {
    let grant = &told.grant;
    let content = html! {
        (above)
        @if let Some(error) = &grant.last_error { (problem(Tone::Bad, error)) }
        (card(&word("page.account.stands"), html! {
            p { (grant_state(grant.status)) }
            p { (forecast(&told.forecast)) }
            (facts(all_facts(app, told)))
            (acts(app, visitor, told))
        }))
        (card(&word("page.mailboxes"), mailboxes(grant, &told.uses)))
    };
    console(visitor, &account(grant), content)
}

fn all_facts(app: &App, told: &Told) -> Vec<(String, Markup)> {
    let Told { grant, integration, .. } = told;
    let now = app.now();
    let maybe = |at| match at {
        Some(at) => ago(at, now),
        None => html! { (word("page.never")) },
    };
    vec![
        (
            word("page.account.integration"),
            html! { a href={ "/integrations/" (integration.id) } { bdi { (integration.name) } } },
        ),
        (word("page.field.provider"), html! { (providers::provider_name(integration.provider)) }),
        (word("page.account.consented"), when(grant.consented_at)),
        (word("page.connect.column.refreshed"), maybe(grant.refreshed_at)),
        (word("page.account.next_refresh"), maybe(grant.next_refresh_at)),
        (word("page.account.token_ends"), maybe(grant.access_token_expires_at)),
        (word("page.account.granted"), html! { code { (grant.scopes_granted.join(" ")) } }),
    ]
}

fn acts(app: &App, visitor: &Visitor, told: &Told) -> Markup {
    let path = format!("/accounts/{}", told.grant.id);
    html! {
        div.actions {
            (act(visitor, &format!("{path}/test"), &word("page.connect.test"), "", html! {}))
            (act(visitor, &format!("{path}/refresh"), &word("page.account.refresh"), "second", html! {}))
            (act(visitor, &format!("{path}/consent"), &word("page.account.again"), "second", once(app)))
            a href={ (path) "/revoke" } { (word("page.account.revoke")) }
        }
        p.hint { (word("page.account.again.what")) }
    }
}
