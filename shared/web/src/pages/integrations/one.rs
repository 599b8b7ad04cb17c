//! One integration: what is configured, what is probably wrong, who uses it, and what was done to it.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use intake::{
    App, Error,
    flows::{
        audit,
        integrations::{self, SecretEnd, is_stale},
        uses::{self, Uses},
    },
    types::{
        PageRequest,
        audit::{AuditEntry, AuditFilter},
        ids::IntegrationId,
        integration::Integration,
    },
};
use maud::{Markup, html};

use super::list::{redirect_state, secret_end};
use crate::pages::{
    frame::{
        console::{console, csrf},
        page::PageResult,
        parts::{Tone, act, card, copied, done, empty, facts, notice, once, table, version},
        visitor::{Administrator, Visitor},
        words::{when, whole, word, word_for, word_or},
    },
    overview::grant_state,
    providers,
};

/// Entries of the history that are shown.
const HISTORY: u32 = 20;

/// An integration with all that its page tells.
pub(super) struct Told {
    pub(super) integration: Integration,
    uses: Uses,
    history: Vec<AuditEntry>,
}

impl Told {
    /// Reads it.
    pub(super) async fn read(app: &App, id: &str) -> Result<Self, Error> {
        let integration = integrations::get(app, id_of(id)?).await?;
        let filter = AuditFilter { subject: Some(integration.id.to_string()), ..AuditFilter::default() };
        let history = audit::list(app, &filter, &PageRequest::first(HISTORY)).await?.items;
        Ok(Self { uses: uses::all(app).await?, history, integration })
    }
}

/// The identifier in a path.
pub(super) fn id_of(text: &str) -> Result<IntegrationId, Error> {
    text.parse().map_err(|_| Error::not_found("integration"))
}

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
    let integration = &told.integration;
    let content = html! {
        (above)
        (trouble(app, visitor, integration))
        (settings(app, visitor, integration))
        (consent(app, visitor, integration))
        (users(integration, &told.uses))
        (card(&word("page.connect.history"), history(&told.history)))
    };
    console(visitor, integration.name.as_str(), content)
}

/// What will not work, each with what to do.
fn trouble(app: &App, visitor: &Visitor, integration: &Integration) -> Markup {
    html! {
        @if is_stale(app, integration) {
            (notice(Tone::Bad, html! {
                p { (whole(&"redirect_url_stale".into())) }
                (act(visitor, &format!("/integrations/{}/redirect-url", integration.id), &word("page.integration.generate"), "", version(integration.version)))
            }))
        }
        @if let Some(end) = SecretEnd::of(app, integration) {
            (notice(Tone::Warn, html! { p { (whole(&end.sentence(&integration.name))) } }))
        }
        (providers::warned(&integrations::warnings(integration)))
    }
}

fn settings(app: &App, visitor: &Visitor, integration: &Integration) -> Markup {
    let path = format!("/integrations/{}", integration.id);
    html! {
        (card(&word("page.integration.settings"), html! {
            (facts(told(app, integration)))
            h3 { (word("page.provider.redirect_url")) }
            (copied(&word("page.provider.redirect_url"), integration.redirect_url.as_str()))
            div.actions {
                a.button href={ (path) "/edit" } { (word("page.connect.edit")) }
                (act(visitor, &format!("{path}/test"), &word("page.connect.test"), "second", html! {}))
                a.button.second href={ (path) "/reveal" } { (word("page.connect.reveal")) }
                a.button.danger href={ (path) "/delete" } { (word("page.connect.delete")) }
            }
        }))
    }
}

fn told(app: &App, i: &Integration) -> Vec<(String, Markup)> {
    let changed = i.client_secret_changed_at.unwrap_or(i.created_at);
    let mut facts = vec![
        (word("page.field.provider"), html! { (providers::provider_name(i.provider)) }),
        (word("page.field.client_id"), html! { code { (i.client_id) } }),
        (word("page.integration.secret_set"), when(changed)),
        (word("page.connect.column.secret_end"), secret_end(app, i)),
        (word("page.connect.column.redirect_url"), redirect_state(app, i)),
        (word("page.field.scopes"), html! { code { (i.scopes.join(" ")) } }),
        (word("page.field.authorization_endpoint"), html! { code { (i.endpoints.authorization) } }),
        (word("page.field.token_endpoint"), html! { code { (i.endpoints.token) } }),
        (word("page.connect.created"), when(i.created_at)),
        (word("page.connect.changed"), when(i.updated_at)),
    ];
    let optional = [
        ("tenant", i.tenant.clone()),
        ("issuer", i.issuer.clone()),
        ("description", Some(i.description.clone()).filter(|text| !text.is_empty())),
    ];
    for (key, value) in optional {
        if let (Some(value), Some(name)) = (value, word_or("page.field", key)) {
            facts.push((name, html! { span dir="auto" { (value) } }));
        }
    }
    facts
}

/// A consent begins here: in this browser, or as a link to send.
fn consent(app: &App, visitor: &Visitor, integration: &Integration) -> Markup {
    html! {
        (card(&word("page.consent.ask"), html! {
            p { (word("page.consent.what")) }
            form method="post" action={ "/integrations/" (integration.id) "/consent" } {
                (csrf(visitor)) (once(app))
                div.field {
                    label for="login_hint" { (word("page.consent.hint")) }
                    input #login_hint type="email" name="/login_hint" autocomplete="off" spellcheck="false";
                }
                button { (word("page.consent.begin")) }
            }
        }))
    }
}

fn users(integration: &Integration, uses: &Uses) -> Markup {
    let accounts: Vec<_> = uses.accounts_of(integration.id).collect();
    let mailboxes: Vec<_> = uses.mailboxes_of(integration.id).collect();
    html! {
        (card(&word("page.connect.column.used_by"), html! {
            @if accounts.is_empty() && mailboxes.is_empty() { (empty(&word("page.connect.used_by.none_yet"), None)) }
            @if !accounts.is_empty() {
                h3 { (word("page.accounts")) }
                ul.plain { @for grant in accounts {
                    li { a href={ "/accounts/" (grant.id) } { bdi { (grant.account.as_deref().unwrap_or("–")) } } " " (grant_state(grant.status)) }
                } }
            }
            @if !mailboxes.is_empty() {
                h3 { (word("page.mailboxes")) }
                ul.plain { @for mailbox in mailboxes { li { a href={ "/mailboxes/" (mailbox.id) } { bdi { (mailbox.name) } } } } }
            }
        }))
    }
}

/// What was done to it, newest first.
fn history(entries: &[AuditEntry]) -> Markup {
    let columns =
        ["when", "who", "what", "changes"].map(|column| word_for("page.connect.history_column", column));
    let row = |entry: &AuditEntry| {
        vec![
            when(entry.at),
            html! { bdi { (entry.actor.name) } },
            html! { (word_for("page.connect.history", &entry.action)) },
            html! { @for change in &entry.changes { code { (change.field) } " " } },
        ]
    };
    table(&word("page.connect.history"), &columns, entries.iter().map(row).collect())
}
