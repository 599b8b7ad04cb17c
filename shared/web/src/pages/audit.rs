//! The audit trail: who did what, when and from where, with filters.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use intake::{
    App, Error, Result, Timestamp,
    flows::audit,
    types::{
        PageRequest,
        audit::{AuditEntry, AuditFilter, FieldChange},
    },
};
use maud::{Markup, html};
use url::form_urlencoded;

use super::frame::{
    console::console,
    days,
    page::PageResult,
    parts::{card, cursor, empty, pager, table},
    visitor::{Administrator, Visitor},
    words::{counted, shown, when, word, word_for, word_or},
};
use crate::answer::{Sink, fill};

/// Entries of one page.
const ON_A_PAGE: u32 = 50;
/// The most bytes of entries on one page.
const MAX_ROWS: usize = 64_000;
/// The most changes of an entry that stand open.
const OPEN_CHANGES: usize = 4;
/// The most changes of an entry that a page shows.
const MAX_CHANGES: usize = 40;
/// The most bytes of a value that a page shows.
const MAX_VALUE: usize = 120;
/// The first words of all actions: what they are done to.
const KINDS: [&str; 15] = [
    "mailbox",
    "integration",
    "grant",
    "authorization",
    "client_secret",
    "redirect_url",
    "message",
    "messages",
    "issue",
    "comment",
    "project",
    "token",
    "session",
    "sign_in",
    "master_key",
];

/// What a query asks for, as it was written.
#[derive(Default)]
struct Asked {
    subject: String,
    actor: String,
    action: String,
    since: String,
    until: String,
}

impl Asked {
    fn read(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "subject" => &mut asked.subject,
                "actor" => &mut asked.actor,
                "action" => &mut asked.action,
                "since" => &mut asked.since,
                "until" => &mut asked.until,
                _ => continue,
            };
            value.trim().clone_into(place);
        }
        asked
    }

    fn pairs(&self) -> [(&'static str, &str); 5] {
        [
            ("subject", &self.subject),
            ("actor", &self.actor),
            ("action", &self.action),
            ("since", &self.since),
            ("until", &self.until),
        ]
    }

    /// Days are those of the reader, the last one included.
    fn filter(&self) -> Result<AuditFilter> {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let day = |name: &str, day: &str, of: fn(&str) -> Option<Timestamp>| match day {
            "" => Ok(None),
            day => of(day).map(Some).ok_or_else(|| Error::field(name, "field.day")),
        };
        Ok(AuditFilter {
            subject: text(&self.subject),
            actor: text(&self.actor),
            action: text(&self.action),
            since: day("/since", &self.since, days::start)?,
            until: day("/until", &self.until, days::end)?,
        })
    }
}

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> PageResult {
    Ok(list(&app, &visitor, &query.unwrap_or_default()).await?)
}

async fn list(app: &App, visitor: &Visitor, query: &str) -> Result<Response> {
    let asked = Asked::read(query);
    let filter = asked.filter()?;
    let cursor = cursor(query);
    let is_first = cursor.is_none();
    let wanted = PageRequest { limit: ON_A_PAGE, cursor };
    let (Rows { all, .. }, next): (Rows, _) =
        fill!(wanted, page => audit::list(app, &filter, &page).await, entry => row(&entry));
    let columns = ["time", "who", "did", "subject", "changes"].map(|name| word_for("page.trail", name));
    let content = html! {
        (card(&word("page.audit.filter"), filters(&asked)))
        @if !all.is_empty() { (card(&word("page.audit.entries"), table(&word("page.audit"), &columns, all))) }
        @else if next.is_some() { (empty(&word("page.audit.further"), None)) }
        @else { (empty(&word("page.audit.nothing"), Some(("/audit", &word("page.audit.all"))))) }
        (pager("/audit", &asked.pairs(), is_first, next.as_deref()))
    };
    Ok(console(visitor, &word("page.audit"), content))
}

/// The entries of a page, as many as it has room for.
#[derive(Default)]
struct Rows {
    all: Vec<Vec<Markup>>,
    bytes: usize,
}

impl Sink<Vec<Markup>> for Rows {
    fn add(&mut self, row: Vec<Markup>) -> Result<bool> {
        let bytes: usize = row.iter().map(|cell| cell.0.len()).sum();
        if !self.all.is_empty() && self.bytes + bytes > MAX_ROWS {
            return Ok(false);
        }
        self.bytes += bytes;
        self.all.push(row);
        Ok(true)
    }
}

fn filters(asked: &Asked) -> Markup {
    let kinds = KINDS.iter().map(|kind| (*kind, word_for("page.acts", kind)));
    let is_kind = asked.action.is_empty() || KINDS.contains(&&*asked.action);
    let field = |name: &'static str, kind: &str, value: &str| {
        html! {
            div.field {
                label for=(name) { (word_for("page.audit_filter", name)) }
                input id=(name) name=(name) type=(kind) value=(value) autocomplete="off" spellcheck="false";
            }
        }
    };
    html! {
        form method="get" action="/audit" {
            div.filters {
                (field("subject", "text", &asked.subject))
                (field("actor", "text", &asked.actor))
                div.field {
                    label for="action" { (word_for("page.audit_filter", "action")) }
                    select id="action" name="action" {
                        option value="" { (word("page.audit_filter.any")) }
                        @if !is_kind { option value=(asked.action) selected { (did(&asked.action)) } }
                        @for (kind, label) in kinds {
                            option value=(kind) selected[kind == asked.action] { (label) }
                        }
                    }
                }
                (field("since", "date", &asked.since))
                (field("until", "date", &asked.until))
            }
            div.actions {
                button { (word("page.audit_filter.apply")) }
                a.button.second href="/audit" { (word("page.audit.all")) }
            }
        }
    }
}

/// `mailbox.created`, in words.
fn did(action: &str) -> String {
    word_for("page.did", action)
}

/// The trail with one more filter alone.
fn only(name: &str, value: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    format!("/audit?{query}")
}

fn row(entry: &AuditEntry) -> Vec<Markup> {
    let (actor, from) = (&entry.actor, &entry.actor.from);
    let token = actor.token_id.map(|id| id.to_string());
    let known = token.as_deref().or(actor.person.as_deref()).unwrap_or(&actor.name);
    let way = word_or("page.via", from.via.as_str());
    vec![
        when(entry.at),
        html! {
            a href=(only("actor", known)) { bdi { (shown(&actor.name)) } }
            div.faint {
                (way.unwrap_or_default())
                @if let Some(address) = from.address { " " bdi { (address) } }
            }
        },
        html! { a href=(only("action", &entry.action)) { (did(&entry.action)) } },
        html! {
            @if !entry.subject.is_empty() {
                a href=(only("subject", &entry.subject)) { code { (shown(&entry.subject)) } }
                @if let Some(place) = place_of(&entry.action, &entry.subject) { " " a href=(place) { (word("page.look")) } }
            }
        },
        changes(&entry.changes),
    ]
}

/// The page of what something was done to.
fn place_of(action: &str, subject: &str) -> Option<String> {
    let (kind, _) = action.split_once('.')?;
    if action.ends_with(".deleted") {
        return None;
    }
    match (subject.split_once('_').map(|(prefix, _)| prefix), kind) {
        (Some("mbx"), _) => Some(format!("/mailboxes/{subject}")),
        (Some("int"), _) => Some(format!("/integrations/{subject}")),
        (Some("grt"), _) => Some("/accounts".to_owned()),
        (Some("msg"), _) => Some(format!("/messages/{subject}")),
        (None, "issue" | "comment") => Some(format!("/issues/{subject}")),
        (None, "project") => Some(format!("/projects/{subject}")),
        _ => None,
    }
}

/// Field by field, old and new. Many are folded.
fn changes(changes: &[FieldChange]) -> Markup {
    let count = u64::try_from(changes.len()).unwrap_or(u64::MAX);
    html! {
        @if changes.len() <= OPEN_CHANGES { (list_of(changes)) }
        @else {
            details {
                summary { (counted("page.audit.changes", count)) }
                (list_of(&changes[..changes.len().min(MAX_CHANGES)]))
                @if changes.len() > MAX_CHANGES { p.faint { (word("page.audit.more_changes")) } }
            }
        }
    }
}

fn list_of(changes: &[FieldChange]) -> Markup {
    html! { @if !changes.is_empty() { ul.changes { @for change in changes { li { (changed(change)) } } } } }
}

/// `Name: old → new`; what was nothing before, or is nothing now, is left out.
pub(super) fn changed(change: &FieldChange) -> Markup {
    let cut = |text: &str| {
        let end = text.floor_char_boundary(MAX_VALUE);
        format!("{}{}", &text[..end], if end < text.len() { "…" } else { "" })
    };
    let FieldChange { field, before, after } = change;
    html! {
        span.faint { (word_or("page.field", field).unwrap_or_else(|| shown(field).to_owned())) ":" } " "
        @if !before.is_empty() { del dir="auto" { (cut(before)) } }
        @if !before.is_empty() && !after.is_empty() { " → " }
        @if !after.is_empty() { ins dir="auto" { (cut(after)) } }
    }
}
