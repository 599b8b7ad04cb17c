//! The list of mailboxes: how each is, at a glance.

use axum::extract::{RawQuery, State};
use intake::{
    App, Timestamp,
    flows::mailboxes::{self, Shown},
    types::{Page, PageRequest},
};
use maud::{Markup, html};

use super::{
    super::{
        frame::{
            console::console,
            page::PageResult,
            parts::{act, as_of, done, empty, live, pager, table},
            visitor::{Administrator, Visitor},
            words::{ago, shown, word, word_for},
        },
        overview::mailbox_state,
    },
    common::{account, param, path_of},
};
use crate::language;

/// Mailboxes of one page.
const ON_A_PAGE: u32 = 50;

/// All mailboxes, newest first.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> PageResult {
    let query = query.unwrap_or_default();
    let cursor = param(&query, "cursor");
    let is_first = cursor.is_none();
    let page = mailboxes::list(&app, &PageRequest { limit: ON_A_PAGE, cursor }).await?;
    let content = html! {
        (done(&query))
        @if page.items.is_empty() && is_first {
            (empty(&word("page.mailbox.none"), Some(("/setup", &word("page.setup.begin")))))
            div.actions { a.button.second href="/mailboxes/new" { (word("page.mailbox.new")) } }
        } @else {
            div.actions.above {
                a.button href="/setup" { (word("page.setup.begin")) }
                a.button.second href="/mailboxes/new" { (word("page.mailbox.new")) }
            }
            (live("mailboxes", 15, listed(&visitor, &page, app.now())))
            (pager("/mailboxes", &[], is_first, page.next.as_deref()))
        }
    };
    Ok(console(&visitor, &word("page.mailboxes"), content))
}

fn listed(visitor: &Visitor, page: &Page<Shown>, now: Timestamp) -> Markup {
    let columns = ["name", "state", "last_success", "account", "project", "mailbox_acts"]
        .map(|column| word_for("page.column", column));
    let row = |of: &Shown| {
        let mailbox = &of.mailbox;
        vec![
            html! { a href=(path_of(mailbox.id, "")) { bdi { (mailbox.name) } } },
            state(of),
            html! { @match of.run.last_success_at { Some(at) => (ago(at, now)), None => (word("page.never")) } },
            account(of),
            html! { a href={ "/projects/" (mailbox.project) } { (mailbox.project) } },
            acts(visitor, of),
        ]
    };
    html! {
        (as_of(now))
        section.card { (table(&word("page.mailboxes"), &columns, page.items.iter().map(row).collect())) }
    }
}

/// In a word and a colour; with why, where it is not well.
fn state(of: &Shown) -> Markup {
    html! {
        div {
            (mailbox_state(of.status))
            @if let Some(error) = &of.run.last_error {
                p.why.faint { (shown(&error.say(language::present()).message)) }
            }
        }
    }
}

fn acts(visitor: &Visitor, of: &Shown) -> Markup {
    let id = of.mailbox.id;
    html! {
        div.acts {
            @if !of.mailbox.deleting {
                (act(visitor, &path_of(id, "test"), &word("page.mailbox.test"), "small", html! {}))
                (act(visitor, &path_of(id, "poll"), &word("page.mailbox.poll"), "small", html! {}))
            }
        }
    }
}
