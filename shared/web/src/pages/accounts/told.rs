//! What pages tell of signed-in accounts.

use intake::{
    App, Error,
    flows::{
        grants,
        health::{self, Forecast},
        integrations,
        uses::{self, Uses},
    },
    types::{grant::Grant, ids::GrantId, integration::Integration},
};
use maud::{Markup, html};

use crate::pages::frame::{
    parts::{Tone, badge},
    words::{counted, shown, when, whole, word},
};

/// So many days before its end an account is warned of.
const SOON_DAYS: i64 = 14;

/// An account with all that its page tells.
pub(super) struct Told {
    pub(super) grant: Grant,
    pub(super) forecast: Forecast,
    pub(super) integration: Integration,
    pub(super) uses: Uses,
}

impl Told {
    /// Reads it.
    pub(super) async fn read(app: &App, id: &str) -> Result<Self, Error> {
        let grant = grants::get(app, id_of(id)?).await?;
        let forecasts = health::of(app, std::slice::from_ref(&grant)).await?;
        let forecast = forecasts.into_iter().next();
        Ok(Self {
            forecast: forecast.ok_or_else(|| Error::internal("forecast"))?,
            integration: integrations::get(app, grant.integration_id).await?,
            uses: uses::all(app).await?,
            grant,
        })
    }
}

/// The identifier in a path.
pub(super) fn id_of(text: &str) -> Result<GrantId, Error> {
    text.parse().map_err(|_| Error::not_found("grant"))
}

/// Whose account it is, where the provider told.
pub(super) fn account(grant: &Grant) -> String {
    grant.account.as_deref().map_or_else(|| word("page.account.unknown"), |name| shown(name).to_owned())
}

/// What is going to become of it: a sentence, and how long that is.
pub(super) fn forecast(forecast: &Forecast) -> Markup {
    html! {
        (whole(&forecast.sentence))
        @if let Some(days) = forecast.days_left.filter(|days| *days <= SOON_DAYS) {
            " " (badge(if forecast.fixed { Tone::Bad } else { Tone::Warn }, &counted("page.account.days_left", days.unsigned_abs())))
        }
        @if let Some(end) = forecast.ends_at { br; span.faint { (when(end)) } }
    }
}

/// The mailboxes that sign in with it.
pub(super) fn mailboxes(grant: &Grant, uses: &Uses) -> Markup {
    let mailboxes: Vec<_> = uses.mailboxes_with(grant.id).collect();
    html! {
        @if mailboxes.is_empty() { span.faint { (word("page.none")) } }
        @for mailbox in mailboxes { a href={ "/mailboxes/" (mailbox.id) } { bdi { (mailbox.name) } } br; }
    }
}
