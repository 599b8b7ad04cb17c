//! The description of the API, to be read by people: all calls, and a page for each kind of thing. Rendered here, without
//! script and without anything of another origin. The page's own words are in the reader's language, descriptions in English.

mod call;
mod document;
mod forms;
mod prose;

use std::collections::BTreeSet;

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use intake::{App, Error};
use maud::{Markup, html};

use self::{
    document::{Call, tags},
    prose::prose,
};
use super::frame::{
    console::console,
    page::PageResult,
    parts::{card, copied, table},
    visitor::{Reader, Visitor},
    words::{with, word, word_for},
};
use crate::Web;

/// The pages.
pub(super) fn routes() -> Router<Web> {
    Router::new().route("/api", get(index)).route("/api/{tag}", get(one))
}

/// All calls.
async fn index(State(app): State<App>, Reader(visitor): Reader) -> Response {
    let content = html! {
        (card(&word("page.api.begin"), begin(&app)))
        @for (tag, about) in tags() {
            section.card {
                h2 { a href={ "/api/" (tag) } { code { (tag) } } }
                p.hint { (prose(about)) }
                (listed(tag))
            }
        }
    };
    console(&visitor, &word("page.api"), content)
}

fn begin(app: &App) -> Markup {
    let first = Call::of("projects").into_iter().find(|call| call.method == "get");
    html! {
        p { (word("page.api.token")) " " a href="/settings/tokens" { (word("page.settings.tokens")) } }
        @if let Some(call) = &first { (copied(&word("page.api.command"), &call.command(&app.settings.base_url))) }
        p.hint { (prose(document::introduction())) }
        p { a href="/api/v1/openapi.json" { (word("page.api.document")) } }
    }
}

fn listed(tag: &str) -> Markup {
    let rows = Call::of(tag).into_iter().map(|call| {
        let way = html! { a href={ "/api/" (tag) "#" (call.id) } { code { (call.name()) } } };
        vec![way, prose(call.summary)]
    });
    let columns = ["call", "about"].map(|column| word_for("page.api_column", column));
    table(tag, &columns, rows.collect())
}

/// The calls of one kind.
async fn one(State(app): State<App>, Reader(visitor): Reader, Path(tag): Path<String>) -> PageResult {
    let calls = Call::of(&tag);
    if calls.is_empty() {
        return Err(Error::not_found("object").into());
    }
    Ok(shown(&app, &visitor, &tag, &calls))
}

fn shown(app: &App, visitor: &Visitor, tag: &str, calls: &[Call]) -> Response {
    let mut told = BTreeSet::new();
    let shown: Vec<_> =
        calls.iter().map(|call| call::shown(call, &app.settings.base_url, &mut told)).collect();
    let content = html! {
        nav.tabs aria-label=(word("page.api")) {
            ul {
                li { a href="/api" { (word("page.api.all")) } }
                @for (other, _) in tags() {
                    li { a href={ "/api/" (other) } aria-current=[(other == tag).then_some("page")] { code { (other) } } }
                }
            }
        }
        @for shown in shown { (shown) }
    };
    console(visitor, &with("page.api.of", "name", tag), content)
}
