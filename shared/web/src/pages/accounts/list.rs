//! All signed-in accounts, with what is going to become of each.

use axum::extract::{RawQuery, State};
use intake::{
    App, Error,
    flows::{
        grants,
        health::{self, Forecast},
        integrations,
        uses::{self, Uses},
    },
    lists,
    types::{Page, PageRequest, grant::Grant, ids::IntegrationId},
};
use maud::{Markup, html};
use std::collections::BTreeMap;

use super::told::{account, forecast, mailboxes};
use crate::pages::{
    frame::{
        console::console,
        page::PageResult,
        parts::{act, done, empty, pager, table},
        visitor::{Administrator, Visitor},
        words::{ago, word, word_for},
    },
    overview::grant_state,
};

/// Entries of one page.
const ON_A_PAGE: u32 = 50;

struct Listed {
    page: Page<Grant>,
    forecasts: Vec<Forecast>,
    uses: Uses,
    integrations: BTreeMap<IntegrationId, String>,
}

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> PageResult {
    let query = query.unwrap_or_default();
    let is_first = !query.contains("cursor=");
    let listed = read(&app, &query).await?;
    let content = html! { (done(&query)) (shown(&app, &visitor, &listed, is_first)) };
    Ok(console(&visitor, &word("page.accounts"), content))
}

async fn read(app: &App, query: &str) -> Result<Listed, Error> {
    let cursor = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "cursor");
    let request = PageRequest { limit: ON_A_PAGE, cursor: cursor.map(|(_, value)| value.into_owned()) };
    let page = grants::list(app, None, &request).await?;
    let integrations = lists::all(|page| async move { integrations::list(app, &page).await }).await?;
    Ok(Listed {
        forecasts: health::of(app, &page.items).await?,
        uses: uses::all(app).await?,
        integrations: integrations.into_iter().map(|i| (i.id, i.name.to_string())).collect(),
        page,
    })
}

fn shown(app: &App, visitor: &Visitor, listed: &Listed, is_first: bool) -> Markup {
    let Listed { page, forecasts, .. } = listed;
    if page.items.is_empty() && is_first {
        return html! {
            p { (word("page.account.what")) }
            (empty(&word("page.account.none"), Some(("/setup", &word("page.setup.begin")))))
        };
    }
    let columns = ["account", "state", "forecast", "refreshed", "used_by", "test"];
    let columns = columns.map(|column| word_for("page.connect.column", column));
    let rows = page.items.iter().zip(forecasts).map(|(grant, told)| row(app, visitor, grant, told, listed));
    html! {
        div.card { (table(&word("page.accounts"), &columns, rows.collect())) }
        (pager("/accounts", &[], is_first, page.next.as_deref()))
    }
}

fn row(app: &App, visitor: &Visitor, grant: &Grant, told: &Forecast, listed: &Listed) -> Vec<Markup> {
    let integration = listed.integrations.get(&grant.integration_id);
    let test = format!("/accounts/{}/test", grant.id);
    vec![
        html! {
            a href={ "/accounts/" (grant.id) } { bdi { (account(grant)) } }
            @if let Some(name) = integration { br; span.faint { bdi { (name) } } }
        },
        grant_state(grant.status),
        forecast(told),
        html! { @match grant.refreshed_at { Some(at) => (ago(at, app.now())), None => (word("page.never")) } },
        mailboxes(grant, &listed.uses),
        act(visitor, &test, &word("page.connect.test"), "small", html! {}),
    ]
}
