//! Mails that wait until a person lets them through: the queue, and what is done with several of them.

use std::time::Duration;

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect},
};
use intake::{
    App, Error, Kind,
    flows::messages,
    types::{
        audit::Actor,
        ids::MessageId,
        message::{Message, MessageState, Reason},
    },
};
use maud::{Markup, html};
use url::form_urlencoded;

use super::{
    filters::Asked,
    list::{Listed, ON_A_PAGE},
    told::{Places, reason, sender, sentence, subject},
};
use crate::pages::frame::{
    console::{console, csrf},
    form::AdministratorForm,
    page::PageResult,
    parts::{Tone, card, empty, notice, pager, table},
    visitor::{Administrator, Visitor},
    words::{counted, shown, when, word, word_for},
};

/// The longest that many mails are worked on; what is left is told.
const TIME: Duration = Duration::from_secs(20);
/// The steps of a trace that say why a mail is held.
const HOLDING: [&str; 5] = ["hold", "flood", "loop", "handler", "sender"];
/// What may be done with several mails.
const DEEDS: [&str; 3] = ["release", "redrive", "dismiss"];
/// What became of them, as the address of the next page says it.
const COUNTS: [&str; 5] = ["through", "still", "refused", "left", "dismissed"];

/// The queue.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> PageResult {
    let content = content(&app, &query.unwrap_or_default()).await?;
    Ok(console(&visitor, &word("page.held"), content))
}

async fn content(app: &App, query: &str) -> Result<Markup, Error> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let kept = pairs.filter(|(name, _)| matches!(&**name, "mailbox_id" | "cursor"));
    let asked = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("state", "held")
        .finish();
    let (asked, all) = (Asked::read(&asked), pairs.clone().any(|(name, _)| name == "all"));
    let places = Places::read(app).await?;
    let listed = Listed::read(app, &asked, &places).await?;
    let mailbox = asked.mailbox().map(|id| id.to_string()).unwrap_or_default();
    Ok(html! {
        (outcome(query))
        p.faint { (word("page.held.what")) }
        @if places.all().len() > 1 { (choice(&places, &mailbox)) }
        @if listed.found.messages.is_empty() { (empty(&word("page.held.nothing"), Some(("/messages", &word("page.held.all_mails"))))) }
        @else { (listed.together()) (queue(&listed.found.messages, &places, &everything(&asked, &mailbox), all)) }
        (pager("/held", &[("mailbox_id", &mailbox)], asked.cursor.is_none(), listed.found.next.as_deref()))
    })
}

fn choice(places: &Places, chosen: &str) -> Markup {
    html! {
        form.filters method="get" action="/held" {
            div.field {
                label for="mailbox_id" { (word_for("page.mails.filter", "mailbox_id")) }
                select #mailbox_id name="mailbox_id" {
                    option value="" { (word("page.mails.any")) }
                    @for (id, name) in places.all() {
                        @let id = id.to_string();
                        option value=(id) selected[id == chosen] { (name) }
                    }
                }
            }
            div.actions { button.second { (word("page.mails.search")) } }
        }
    }
}

/// The address of the same part of the queue with all its mails chosen.
fn everything(asked: &Asked, mailbox: &str) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.append_pair("all", "yes").append_pair("mailbox_id", mailbox);
    if let Some(cursor) = &asked.cursor {
        pairs.append_pair("cursor", cursor);
    }
    format!("/held?{}", pairs.finish())
}

/// `everything`: where all of them are chosen.
fn queue(mails: &[Message], places: &Places, everything: &str, all: bool) -> Markup {
    let names = places.names();
    let columns = ["choose", "received", "sender", "subject", "mailbox", "why"];
    let columns = columns.map(|column| word_for("page.mails.column", column));
    let row = |message: &Message| {
        let told = subject(message);
        vec![
            html! { input type="checkbox" name="id" value=(message.id) checked[all] aria-label=(told); },
            when(message.received_at),
            html! { bdi { (sender(message)) } },
            html! { span data-entry { a dir="auto" href={ "/messages/" (message.id) } { (told) } } },
            html! { bdi { (shown(names.get(&message.mailbox_id).copied().unwrap_or_default())) } },
            html! { div { strong { (reason(message.reason)) } @if let Some(why) = why(message) { br; span.faint { (why) } } } },
        ]
    };
    let rows = mails.iter().take(ON_A_PAGE).map(row).collect();
    html! {
        form.card method="get" action="/held/confirm" {
            p { a href=(everything) { (word("page.held.choose_all")) } }
            (table(&word("page.held"), &columns, rows))
            div.actions {
                @for deed in DEEDS {
                    button name="what" value=(deed) class=(if deed == DEEDS[0] { "" } else { "second" }) {
                        (word_for("page.held.deed", deed))
                    }
                }
            }
        }
    }
}

/// Why it is held, in the sentence of its trace.
fn why(message: &Message) -> Option<Markup> {
    let holds = message.trace.iter().rev().find(|step| HOLDING.contains(&step.step.as_str()));
    holds.map(sentence)
}

/// What became of those that were worked on.
fn outcome(query: &str) -> Markup {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let count = |wanted: &str| {
        let given = pairs.iter().find(|(name, _)| name == wanted);
        given.and_then(|(_, value)| value.parse::<u64>().ok()).filter(|count| *count > 0)
    };
    let [through, still, refused, left, dismissed] = COUNTS.map(count);
    let tone = if still.or(refused).or(left).is_some() { Tone::Warn } else { Tone::Good };
    html! {
        @if through.or(dismissed).or(still).or(refused).or(left).is_some() {
            (notice(tone, html! {
                @if let Some(n) = through { p { (counted("page.held.through", n)) } }
                @if let Some(n) = dismissed { p { (counted("page.held.dismissed", n)) } }
                @if let Some(n) = still { p { (counted("page.held.still", n)) } }
                @if let Some(n) = refused { p { (counted("page.held.refused", n)) } }
                @if let Some(n) = left { p { (counted("page.held.left", n)) } }
            }))
        }
    }
}

/// Says how many mails will be worked on and what will happen, before it is done.
pub(super) async fn confirm(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> PageResult {
    let query = query.unwrap_or_default();
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let what = pairs.iter().find(|(name, _)| name == "what").map(|(_, value)| &**value);
    let deed = deed(what);
    let ids = chosen(pairs.iter().filter(|(name, _)| name == "id").map(|(_, value)| &**value));
    let mails = held_of(&app, ids).await?;
    Ok(console(&visitor, &word_for("page.held.deed", deed), question(&visitor, deed, &mails)))
}

/// The one that is wanted; the first where none is.
fn deed(what: Option<&str>) -> &'static str {
    DEEDS.into_iter().find(|deed| what == Some(deed)).unwrap_or(DEEDS[0])
}

fn chosen<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<MessageId> {
    let mut ids: Vec<MessageId> = texts.filter_map(|text| text.parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(ON_A_PAGE);
    ids
}

/// Those of them that are still held.
async fn held_of(app: &App, ids: Vec<MessageId>) -> Result<Vec<Message>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mails = app.store.known(&ids).await?;
    Ok(mails.into_iter().filter(|message| message.state == MessageState::Held).collect())
}

fn question(visitor: &Visitor, deed: &'static str, mails: &[Message]) -> Markup {
    if mails.is_empty() {
        return empty(&word("page.held.none_chosen"), Some(("/held", &word("page.held.back"))));
    }
    let n = mails.len() as u64;
    html! {
        (card(&counted("page.held.chosen", n), html! {
            p { (word_for("page.held.will", deed)) }
            ul { @for message in mails {
                li { bdi { (subject(message)) } " " span.faint { bdi { (sender(message)) } " · " (reason(message.reason)) } }
            } }
        }))
        form.actions method="post" action="/held/carry-out" {
            (csrf(visitor))
            input type="hidden" name="what" value=(deed);
            @for message in mails { input type="hidden" name="id" value=(message.id); }
            button { (word_for("page.held.deed", deed)) }
            a.button.second href="/held" { (word("page.mails.cancel")) }
        }
    }
}

/// Does it.
pub(super) async fn carry_out(
    State(app): State<App>,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let deed = deed(form.text("what"));
    let counts = each(&app, &form.visitor.actor, chosen(form.all("id")), deed).await?;
    let pairs = COUNTS.into_iter().zip(counts.map(|count| count.to_string()));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Ok(Redirect::to(&format!("/held?{query}")).into_response())
}

/// Works on each, as far as there is time; how many of them came to which of [`COUNTS`].
async fn each(app: &App, actor: &Actor, ids: Vec<MessageId>, deed: &str) -> Result<[u64; 5], Error> {
    let end = app.after(TIME);
    let [mut through, mut still, mut refused, mut left, mut dismissed] = [0; 5];
    for id in ids {
        if app.is_over(end) {
            left += 1;
            continue;
        }
        let done = match deed {
            "dismiss" => messages::dismiss(app, actor, id).await,
            "redrive" => messages::redrive(app, actor, id, None).await,
            _ => messages::release(app, actor, id).await,
        };
        match done {
            Ok(message) if message.state == MessageState::Held => still += 1,
            Ok(message) if message.reason == Reason::Dismissed => dismissed += 1,
            Ok(_) => through += 1,
            Err(error) if matches!(error.kind, Kind::Conflict | Kind::NotFound) => refused += 1,
            Err(error) => return Err(error),
        }
    }
    Ok([through, still, refused, left, dismissed])
}
