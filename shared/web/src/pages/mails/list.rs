//! Every mail that was seen, newest first.

use std::collections::BTreeMap;

use axum::extract::{RawQuery, State};
use intake::{
    App, Error,
    flows::messages::{self, Found, MAX_SEARCHED},
    types::{ids::MailboxId, message::Message},
};
use maud::{Markup, html};

use super::{
    filters::Asked,
    told::{Places, issue, reason, sender, state, subject},
};
use crate::pages::frame::{
    console::console,
    page::PageResult,
    parts::{empty, pager, table},
    visitor::Administrator,
    words::{counted, shown, when, with, word, word_for},
};

/// The most mailboxes whose newest mails are shown together.
pub(super) const TOGETHER: usize = 10;
/// The most mails of a page that shows several mailboxes.
pub(super) const ON_A_PAGE: usize = 50;

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> PageResult {
    let content = content(&app, &Asked::read(&query.unwrap_or_default())).await?;
    Ok(console(&visitor, &word("page.messages"), content))
}

async fn content(app: &App, asked: &Asked) -> Result<Markup, Error> {
    let places = Places::read(app).await?;
    let listed = Listed::read(app, asked, &places).await?;
    Ok(html! {
        (asked.form(&places))
        p.faint { (with("page.mails.how", "count", MAX_SEARCHED)) }
        (listed.told(asked, &places))
        (pager("/messages", &asked.query(), asked.cursor.is_none(), listed.found.next.as_deref()))
    })
}

/// The mails of a page, and how they were looked for.
pub(super) struct Listed {
    pub(super) found: Found,
    /// The newest of several mailboxes: there is no going on from them.
    pub(super) together: bool,
    /// There are more mailboxes than are shown together.
    pub(super) many: bool,
}

impl Listed {
    /// Mails of the mailbox that was chosen, else the newest of all.
    pub(super) async fn read(app: &App, asked: &Asked, places: &Places) -> Result<Self, Error> {
        let search = asked.search();
        let all = places.ids();
        if let Some(mailbox) = asked.mailbox().or_else(|| all.first().copied().filter(|_| all.len() == 1)) {
            let found = messages::search(app, mailbox, &search, asked.cursor.clone()).await?;
            return Ok(Self { found, together: false, many: false });
        }
        let some = &all[..all.len().min(TOGETHER)];
        let found = messages::search_newest(app, some, &search, ON_A_PAGE).await?;
        Ok(Self { found, together: !some.is_empty(), many: some.len() < all.len() })
    }

    fn told(&self, asked: &Asked, places: &Places) -> Markup {
        let nothing = match (places.all().is_empty(), asked.is_anything(), self.found.next.is_some()) {
            (true, ..) => empty(&word("page.no_mailbox"), Some(("/setup", &word("page.setup.begin")))),
            (_, _, true) => empty(&word("page.mails.none_so_far"), None),
            (_, true, _) => {
                empty(&word("page.mails.none_found"), Some(("/messages", &word("page.mails.everything"))))
            }
            _ => empty(&word("page.mails.none_yet"), None),
        };
        html! {
            (self.together())
            @if self.found.messages.is_empty() { (nothing) }
            @else { div.card { (rows(&self.found.messages, &places.names())) } }
            @if asked.search().compares() { p.faint { (counted("page.mails.looked_at", self.found.looked_at as u64)) } }
        }
    }

    /// That these are not all, where several mailboxes are shown.
    pub(super) fn together(&self) -> Markup {
        html! {
            @if self.many { p.faint { (with("page.mails.many", "count", TOGETHER)) } }
            @else if self.together { p.faint { (with("page.mails.together", "count", ON_A_PAGE)) } }
        }
    }
}

fn rows(mails: &[Message], names: &BTreeMap<MailboxId, &str>) -> Markup {
    let columns = ["received", "sender", "subject", "mailbox", "state", "issue"];
    let columns = columns.map(|column| word_for("page.mails.column", column));
    let row = |message: &Message| {
        vec![
            when(message.received_at),
            html! { bdi.address { (sender(message)) } },
            html! { span data-entry { a dir="auto" href={ "/messages/" (message.id) } { (subject(message)) } } },
            html! { bdi { (shown(names.get(&message.mailbox_id).copied().unwrap_or_default())) } },
            html! { div { (state(message.state)) " " span.faint { (reason(message.reason)) } } },
            issue(message),
        ]
    };
    table(&word("page.messages"), &columns, mails.iter().map(row).collect())
}
