//! One mailbox: how it is, what it brought, and what can be asked of it.

use axum::extract::{RawQuery, State};
use intake::{
    App, Error,
    flows::{
        audit,
        mailboxes::{self, Counts, Shown},
    },
    types::{
        PageRequest,
        audit::{AuditEntry, AuditFilter},
        ids::MailboxId,
        integration::Provider,
        mailbox::{MailboxStatus, Protocol},
    },
};
use maud::{Markup, html};
use serde_json::json;

use super::{
    super::frame::{
        console::{console, csrf},
        fields::{Choice, Filled, Line},
        page::{PageResult, again},
        parts::{Tone, act, card, done, live, notice, once, refused, table, version},
        visitor::{Administrator, Visitor},
        words::{shown, when, word, word_for},
    },
    common::{Of, path_of},
    sign_in::{BY, Ways},
    state::{errands, look, progress, recent, settings, state},
};

/// The mails whose state is counted.
const COUNTED: u64 = 200;
/// The newest mails that are shown.
const SHOWN: usize = 8;
/// The newest entries of the audit trail that are shown.
const HISTORY: u32 = 12;

/// What stands above a mailbox: what was found or done, and a form below it as it was sent.
#[derive(Default)]
pub(super) struct Above {
    /// What was found or done.
    pub(super) told: Markup,
    /// The forms that ask for a count, as they were sent.
    pub(super) asked: Filled,
}

impl From<Markup> for Above {
    fn from(told: Markup) -> Self {
        Self { told, asked: Filled::default() }
    }
}

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Of(id): Of,
    RawQuery(query): RawQuery,
) -> PageResult {
    answer(&app, &visitor, id, done(&query.unwrap_or_default()).into()).await
}

/// The same with something above it.
pub(super) async fn answer(app: &App, visitor: &Visitor, id: MailboxId, above: Above) -> PageResult {
    let looked = Looked::at(app, id).await?;
    Ok(console(visitor, looked.of.mailbox.name.as_str(), content(app, visitor, &looked, above)))
}

/// The same with why something was not done, under the status of that.
pub(super) async fn answer_refused(
    app: &App,
    visitor: &Visitor,
    id: MailboxId,
    error: Error,
    asked: Filled,
) -> PageResult {
    let told = refused(&error, &asked, &["/since", "/until", "/mode", "/day", BY]);
    let page = answer(app, visitor, id, Above { told, asked }).await;
    Ok(again(page?, error))
}

/// Everything that the page tells.
struct Looked {
    of: Shown,
    counts: Counts,
    waiting: u64,
    history: Vec<AuditEntry>,
    /// A password where the provider wants OAuth 2.0, and what there is instead.
    outdated: Option<(Provider, Ways)>,
}

impl Looked {
    async fn at(app: &App, id: MailboxId) -> Result<Self, Error> {
        let of = mailboxes::get(app, id).await?;
        let filter = AuditFilter { subject: Some(id.to_string()), ..AuditFilter::default() };
        let outdated = match mailboxes::outdated_password(&of.mailbox) {
            Some(provider) => Some((provider, Ways::read(app).await?.of(provider))),
            None => None,
        };
        Ok(Self {
            counts: mailboxes::counts(app, id, COUNTED, SHOWN).await?,
            waiting: mailboxes::waiting_errands(app, id).await?,
            history: audit::list(app, &filter, &PageRequest::first(HISTORY)).await?.items,
            outdated,
            of,
        })
    }
}

fn content(app: &App, visitor: &Visitor, looked: &Looked, above: Above) -> Markup {
    let Looked { of, counts, waiting, history, outdated } = looked;
    let now = app.now();
    html! {
        (above.told)
        @if of.status == MailboxStatus::NeedsConsent { (consent(app, visitor, of)) }
        @if let Some((provider, ways)) = outdated { (change_over(visitor, of, *provider, ways)) }
        (live("mailbox", 15, html! {
            (state(visitor, of, now))
            div.columns { (settings(of)) (progress(of, counts)) }
            div.columns { (look(of.run.watch.as_ref(), now)) (errands(of, *waiting, now)) }
            (recent(of, counts))
        }))
        @if !of.mailbox.deleting && of.mailbox.server.protocol == Protocol::Imap { (ask(visitor, of, &above.asked)) }
        (trail(of, history))
        @if !of.mailbox.deleting { (away(of)) }
    }
}

/// It waits until somebody signs in: here, or whoever gets the link.
fn consent(app: &App, visitor: &Visitor, of: &Shown) -> Markup {
    notice(
        Tone::Warn,
        html! {
            p { (word("page.mailbox.consent")) }
            (act(visitor, &path_of(of.mailbox.id, "consent"), &word("page.mailbox.consent.begin"), "", once(app)))
        },
    )
}

/// A password where OAuth 2.0 is wanted: changing over in place.
fn change_over(visitor: &Visitor, of: &Shown, provider: Provider, ways: &Ways) -> Markup {
    let choices = ways.choices();
    notice(
        Tone::Warn,
        html! {
            p { strong { (word_for("page.mailbox_password", provider.as_str())) } }
            p { (word("page.mailbox.password.history")) }
            @if choices.is_empty() {
                p { a.button href="/setup" { (word("page.mailbox.password.setup")) } }
            } @else {
                form.line method="post" action=(path_of(of.mailbox.id, "change-over")) {
                    (csrf(visitor)) (version(of.mailbox.version))
                    (Filled::default().choice(BY, "mailbox_way", &choices))
                    button { (word("page.mailbox.password.change")) }
                }
            }
        },
    )
}

/// What can be asked of the server before and after an import.
fn ask(visitor: &Visitor, of: &Shown, asked: &Filled) -> Markup {
    let id = of.mailbox.id;
    let modes = ["own", "new_only", "all", "since"]
        .map(|mode| Choice::new(mode, word_for("page.mailbox_preview", mode)));
    let mode = if asked.text("/mode").is_empty() { json!("own") } else { json!(asked.text("/mode")) };
    let preview = match asked.text("/do").as_str() {
        "preview" => asked,
        _ => &Filled::with(json!({ "mode": mode })),
    };
    let backfill = if asked.text("/do") == "preview" { &Filled::default() } else { asked };
    html! {
        (card(&word("page.mailbox.ask"), html! {
            div.form-columns {
                form method="post" action=(path_of(id, "preview")) {
                    h3 { (word("page.mailbox.preview")) }
                    p.hint { (word("page.mailbox.preview.hint")) }
                    (csrf(visitor))
                    input type="hidden" name="/do" value="preview";
                    (preview.choice("/mode", "mailbox_start", &modes))
                    (preview.line("/day", "mailbox_since", Line::Day))
                    button.second { (word("page.mailbox.preview.ask")) }
                }
                form method="post" action=(path_of(id, "backfill")) {
                    h3 { (word("page.mailbox.backfill")) }
                    p.hint { (word("page.mailbox.backfill.hint")) }
                    (csrf(visitor))
                    (backfill.line("/since", "mailbox_from_day", Line::Day))
                    (backfill.line("/until", "mailbox_to_day", Line::Day))
                    button.second { (word("page.mailbox.backfill.ask")) }
                }
                form method="post" action=(path_of(id, "reconcile")) {
                    h3 { (word("page.mailbox.reconcile")) }
                    p.hint { (word("page.mailbox.reconcile.hint")) }
                    (csrf(visitor))
                    button.second { (word("page.mailbox.reconcile.ask")) }
                }
            }
        }))
    }
}

/// What people did to it.
fn trail(of: &Shown, history: &[AuditEntry]) -> Markup {
    let columns =
        ["mailbox_when", "mailbox_who", "mailbox_deed"].map(|column| word_for("page.column", column));
    let row = |entry: &AuditEntry| {
        let deed = entry.action.strip_prefix("mailbox.").unwrap_or(&entry.action);
        vec![
            when(entry.at),
            html! { bdi { (shown(&entry.actor.name)) } },
            html! { div { (word_for("page.mailbox_deed", deed)) (changes(entry)) } },
        ]
    };
    card(
        &word("page.mailbox.history"),
        html! {
            (table(&word("page.mailbox.history"), &columns, history.iter().map(row).collect()))
            p { a href={ "/audit?subject=" (of.mailbox.id) } { (word("page.mailbox.history.all")) } }
        },
    )
}

fn changes(entry: &AuditEntry) -> Markup {
    html! {
        @if !entry.changes.is_empty() {
            ul.changes.faint { @for change in &entry.changes { li {
                (word_for("page.mailbox_part", &change.field)) ": "
                @if !change.before.is_empty() { del { (shown(&change.before)) } " → " }
                ins { (shown(&change.after)) }
            } } }
        }
    }
}

fn away(of: &Shown) -> Markup {
    card(
        &word("page.mailbox.delete"),
        html! {
            p { (word("page.mailbox.delete.short")) }
            p { a.button.danger href=(path_of(of.mailbox.id, "delete")) { (word("page.mailbox.delete.look")) } }
        },
    )
}
