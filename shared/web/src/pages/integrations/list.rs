//! All integrations at a glance: whose secret ends, whose redirect URL is out of date, and what uses them.

use axum::extract::{RawQuery, State};
use intake::{
    App, Error,
    flows::{
        integrations::{self, SecretEnd},
        uses::{self, Uses},
    },
    types::{Page, PageRequest, integration::Integration},
};
use maud::{Markup, html};

use crate::pages::{
    frame::{
        console::console,
        page::PageResult,
        parts::{Tone, act, badge, done, empty, pager, table},
        visitor::{Administrator, Visitor},
        words::{counted, word, word_for},
    },
    providers,
};

/// Entries of one page.
const ON_A_PAGE: u32 = 50;

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> PageResult {
    let query = query.unwrap_or_default();
    let (page, uses) = read(&app, &query).await?;
    let content = html! { (done(&query)) (listed(&app, &visitor, &page, &uses, !query.contains("cursor="))) };
    Ok(console(&visitor, &word("page.integrations"), content))
}

async fn read(app: &App, query: &str) -> Result<(Page<Integration>, Uses), Error> {
    let cursor = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "cursor");
    let request = PageRequest { limit: ON_A_PAGE, cursor: cursor.map(|(_, value)| value.into_owned()) };
    Ok((integrations::list(app, &request).await?, uses::all(app).await?))
}

fn listed(app: &App, visitor: &Visitor, page: &Page<Integration>, uses: &Uses, is_first: bool) -> Markup {
    if page.items.is_empty() && is_first {
        return html! {
            (empty(&word("page.integration.none"), Some(("/setup", &word("page.setup.begin")))))
            p { a href="/integrations/new" { (word("page.integration.new")) } }
        };
    }
    let columns = ["name", "provider", "secret_end", "redirect_url", "used_by", "test"]
        .map(|column| word_for("page.connect.column", column));
    let rows = page.items.iter().map(|integration| row(app, visitor, integration, uses)).collect();
    html! {
        p { a.button href="/integrations/new" { (word("page.integration.new")) } }
        div.card { (table(&word("page.integrations"), &columns, rows)) }
        (pager("/integrations", &[], is_first, page.next.as_deref()))
    }
}

fn row(app: &App, visitor: &Visitor, integration: &Integration, uses: &Uses) -> Vec<Markup> {
    let test = format!("/integrations/{}/test", integration.id);
    vec![
        html! { a href={ "/integrations/" (integration.id) } { bdi { (integration.name) } } },
        html! { (providers::provider_name(integration.provider)) },
        secret_end(app, integration),
        redirect_state(app, integration),
        used_by(integration, uses),
        act(visitor, &test, &word("page.connect.test"), "small", html! {}),
    ]
}

/// How long the client secret is good, in a word and a colour.
pub(super) fn secret_end(app: &App, integration: &Integration) -> Markup {
    let Some(on) = integration.client_secret_expires_on else {
        return badge(Tone::Calm, &word("page.connect.secret_end.unknown"));
    };
    match SecretEnd::of(app, integration).map(|end| end.days_left) {
        None => {
            html! { (badge(Tone::Good, &word("page.connect.secret_end.far"))) " " time datetime=(on) { (on) } }
        }
        Some(..0) => badge(Tone::Bad, &word("page.connect.secret_end.over")),
        Some(left) => {
            let tone = if left <= 14 { Tone::Bad } else { Tone::Warn };
            badge(tone, &counted("page.connect.secret_end.days", u64::try_from(left).unwrap_or(0)))
        }
    }
}

/// Whether the redirect URL is the one of today.
pub(super) fn redirect_state(app: &App, integration: &Integration) -> Markup {
    match integrations::is_stale(app, integration) {
        true => badge(Tone::Bad, &word("page.connect.redirect_url.stale")),
        false => badge(Tone::Good, &word("page.connect.redirect_url.fits")),
    }
}

fn used_by(integration: &Integration, uses: &Uses) -> Markup {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let mailboxes = count(uses.mailboxes_of(integration.id).count());
    let accounts = count(uses.accounts_of(integration.id).count());
    html! {
        @if mailboxes + accounts == 0 { span.faint { (word("page.connect.used_by.nothing")) } }
        @else { (counted("page.connect.used_by.mailboxes", mailboxes)) br; (counted("page.connect.used_by.accounts", accounts)) }
    }
}
