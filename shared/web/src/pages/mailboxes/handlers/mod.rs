//! Handlers: edited in order, tried out on mails, and compared with the present ones before they are saved.
//!
//! Each press of a button posts the whole list and shows it again, changed: it works without script.

mod draft;
mod fields;
mod row;
mod told;

use std::time::Duration;

use axum::extract::{RawQuery, State};
use intake::{
    App, Error, Kind,
    flows::{
        mailboxes::{self, MailboxInput, Shown},
        messages::{self, Sample},
        projects,
    },
    json::{self, Unread},
    lists,
    ports::MessageFilter,
    types::{PageRequest, given::Given, handler::Handler, ids::MailboxId, message::Message},
};
use maud::{Markup, html};
use serde_json::json;

use super::{
    super::frame::{
        console::{console, csrf},
        fields::{Choice, Filled},
        form::{AdministratorForm, Form},
        page::{PageResult, again},
        parts::{card, done, on_to, refused},
        visitor::{Administrator, Visitor},
        words::{moment, shown, word, word_for},
    },
    common::{Of, back, path_of, seen},
};
use draft::Draft;
use fields::Around;

/// Mails to try the handlers on.
const SAMPLES: u32 = 15;
/// The longest that a comparison takes.
const TIME: Duration = Duration::from_secs(20);
/// How many of the last mails may be compared.
const LAST: [u32; 3] = [50, 200, 500];
/// Of these as many as that, where nobody chose.
const USUALLY: u32 = 200;

/// What the page shows beside the list.
#[derive(Default)]
struct Beside {
    /// Above everything.
    above: Markup,
    /// What a dry run found.
    found: Markup,
    /// The fields of the dry run and the choice of how many are compared.
    filled: Filled,
    /// A list of handlers as JSON, as it was sent.
    text: Option<String>,
}

/// The handlers of a mailbox.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Of(id): Of,
    RawQuery(query): RawQuery,
) -> PageResult {
    let beside = Beside { above: done(&query.unwrap_or_default()), ..Beside::default() };
    answer(&app, &visitor, id, (None, None), beside).await
}

/// Any button of the page.
pub(super) async fn submit(
    State(app): State<App>,
    Of(id): Of,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let what = form.text("do").unwrap_or("compare");
    let body = form.body();
    let mut draft = Draft::read(&body);
    if draft.press(what) {
        return show(&app, &form, id, draft, Beside { filled: Filled::with(body), ..Beside::default() })
            .await;
    }
    match what {
        "try" => tried(&app, &form, id, draft).await,
        "json" | "save" | "edit" => with_text(&app, &form, id, what).await,
        _ => match draft.handlers() {
            Ok(handlers) => compare(&app, &form, id, handlers, draft).await,
            Err(error) => wrong(&app, &form, id, draft, error).await,
        },
    }
}

/// The list came as JSON.
async fn with_text(app: &App, form: &Form, id: MailboxId, what: &str) -> PageResult {
    let text = form.text("json").unwrap_or("[]");
    let handlers = json::strictly::<Vec<Handler>>(text).map_err(|unread| match unread {
        Unread::Unwanted(error) => error,
        Unread::Malformed(error) => {
            let place = intake::Sentence::new("handlers_malformed")
                .with("line", error.line())
                .with("column", error.column());
            Error::told(Kind::Invalid, place)
        }
    });
    let handlers = match handlers {
        Ok(handlers) => handlers,
        Err(error) => {
            let above = refused(&error, &Filled::again(form, &error), &[]);
            let beside = Beside { above, text: Some(text.to_owned()), ..Beside::default() };
            return Ok(again(answer(app, &form.visitor, id, (None, Some(form)), beside).await?, error));
        }
    };
    let draft = Draft::of(&handlers);
    match what {
        "json" => compare(app, form, id, handlers, draft).await,
        "edit" => show(app, form, id, draft, Beside::default()).await,
        _ => save(app, form, id, handlers, draft).await,
    }
}

async fn save(app: &App, form: &Form, id: MailboxId, handlers: Vec<Handler>, draft: Draft) -> PageResult {
    let input = MailboxInput { handlers: Given::Value(handlers), ..MailboxInput::default() };
    match mailboxes::patch(app, &form.visitor.actor, id, &form.expect(), input).await {
        Ok(_) => Ok(on_to(&path_of(id, "handlers"), "saved")),
        Err(error) => wrong(app, form, id, draft, error).await,
    }
}

/// Before anything is saved: what the new list would change.
async fn compare(app: &App, form: &Form, id: MailboxId, handlers: Vec<Handler>, draft: Draft) -> PageResult {
    let last = form.text("/last").and_then(|last| last.parse().ok()).unwrap_or(USUALLY);
    let found = async {
        let of = mailboxes::get(app, id).await?;
        Ok::<_, Error>((messages::compare(app, id, handlers, last, TIME).await?, of))
    };
    let (found, of) = match found.await {
        Ok(found) => found,
        Err(error) => return wrong(app, form, id, draft, error).await,
    };
    let path = path_of(id, "handlers");
    let content = html! {
        (back(&of))
        (told::compared(&found))
        form method="post" action=(path) {
            (csrf(&form.visitor))
            input type="hidden" name="version" value=(seen(Some(form), &of).0);
            input type="hidden" name="json" value=(draft.list().to_string());
            div.actions {
                button name="do" value="save" { (word("page.handlers.save")) }
                button.second name="do" value="edit" { (word("page.handlers.edit_on")) }
                a.button.second href=(path) { (word("page.handlers.discard")) }
            }
        }
    };
    Ok(console(&form.visitor, &word("page.handlers.compared"), content))
}

/// What a mail would become, beside the list.
async fn tried(app: &App, form: &Form, id: MailboxId, draft: Draft) -> PageResult {
    let pasted = form.text("/mail:text").map(|mail| mail.replace("\r\n", "\n"));
    let sample = match (pasted, form.text("/sample")) {
        (Some(mail), _) => Ok(Sample::Raw(mail.into_bytes())),
        (None, Some(message)) => {
            message.parse().map(Sample::Message).map_err(|_| Error::field("/sample", "field.message_id"))
        }
        (None, None) => Err(Error::field("/mail", "field.required")),
    };
    let found = async { messages::rehearse(app, id, sample?, Some(draft.handlers()?)).await };
    match found.await {
        Ok(found) => {
            let beside = Beside {
                found: told::rehearsed(&found),
                filled: Filled::with(form.body()),
                ..Beside::default()
            };
            show(app, form, id, draft, beside).await
        }
        Err(error) => wrong(app, form, id, draft, error).await,
    }
}

/// The same list again, changed or with what was found.
async fn show(app: &App, form: &Form, id: MailboxId, draft: Draft, beside: Beside) -> PageResult {
    answer(app, &form.visitor, id, (Some(draft), Some(form)), beside).await
}

/// The same list again, with what is wrong at its fields.
async fn wrong(app: &App, form: &Form, id: MailboxId, mut draft: Draft, error: Error) -> PageResult {
    draft.open_wrong(&error);
    let error = draft.at_fields(error);
    let filled = Filled::again(form, &error);
    let beside =
        Beside { above: refused(&error, &filled, &["/h", "/mail", "/sample"]), filled, ..Beside::default() };
    let page = show(app, form, id, draft, beside).await;
    Ok(again(page?, error))
}

async fn answer(
    app: &App,
    visitor: &Visitor,
    id: MailboxId,
    (draft, form): (Option<Draft>, Option<&Form>),
    beside: Beside,
) -> PageResult {
    let of = mailboxes::get(app, id).await?;
    let filter = MessageFilter { mailbox_id: id, state: None };
    let samples = messages::list(app, &filter, None, &PageRequest::first(SAMPLES)).await?.items;
    let projects = lists::all(|page| async move { projects::list(app, &page).await }).await?;
    let draft = draft.unwrap_or_else(|| Draft::of(&of.mailbox.handlers));
    let project = |project: &intake::types::project::Project| {
        Choice::new(project.key.to_string(), format!("{} ({})", project.name, project.key))
    };
    let projects: Vec<Choice> = projects.iter().map(project).collect();
    let path = path_of(id, "handlers");
    let around = Around { path: &path, projects: &projects };
    let version = html! { input type="hidden" name="version" value=(seen(form, &of).0); };
    let content = html! {
        (back(&of))
        (beside.above)
        p { (word("page.handlers.about")) }
        form method="post" action=(path) {
            (csrf(visitor)) (version)
            button.hidden name="do" value="compare" tabindex="-1" aria-hidden="true" { (word("page.handlers.compare")) }
            div.beside {
                div { (edited(&draft, &beside.filled, &around, &of)) }
                div { (trying(&beside, &samples, &around)) }
            }
        }
        (as_json(visitor, &version, &path, &draft, beside.text.as_deref()))
    };
    Ok(console(visitor, &word("page.handlers"), content))
}

/// The list, and the way on.
fn edited(draft: &Draft, filled: &Filled, around: &Around<'_>, of: &Shown) -> Markup {
    let filled = filled.with_values(draft.fields());
    let last = LAST.map(|n| Choice::new(n.to_string(), n.to_string()));
    let chosen = Filled::with(json!({ "last": USUALLY }));
    html! {
        @if draft.0.is_empty() { div.empty { p { (word("page.handlers.none")) " " (of.mailbox.project) } } }
        (fields::list(draft, &filled, around))
        (card(&word("page.handlers.on"), html! {
            p { (word("page.handlers.on.hint")) }
            (chosen.choice("/last", "handler_last", &last))
            button name="do" value="compare" { (word("page.handlers.compare")) }
        }))
    }
}

/// A dry run beside the list.
fn trying(beside: &Beside, samples: &[Message], around: &Around<'_>) -> Markup {
    let name = |message: &Message| {
        let subject = shown(message.subject.trim());
        let subject = if subject.is_empty() { word("page.mailbox.no_subject") } else { subject.to_owned() };
        Choice::new(message.id.to_string(), format!("{} · {}", moment(message.received_at), subject))
    };
    let mails: Vec<Choice> = std::iter::once(Choice::new("", word_for("page.handlers", "no_sample")))
        .chain(samples.iter().map(name))
        .collect();
    html! {
        section.card.trying id="try" {
            h2 { (word("page.handlers.try")) }
            p.hint { (word("page.handlers.try.hint")) }
            @if !samples.is_empty() { (beside.filled.choice("/sample", "handler_sample", &mails)) }
            (beside.filled.area("/mail:text", "handler_mail", 6))
            button.second name="do" value="try" formaction={ (around.path) "#try" } { (word("page.handlers.try.now")) }
            div.found { (beside.found) }
        }
    }
}

/// The list as JSON, in a form of its own.
fn as_json(visitor: &Visitor, version: &Markup, path: &str, draft: &Draft, text: Option<&str>) -> Markup {
    let present = draft.text();
    html! {
        details.card open[text.is_some()] {
            summary { (word("page.handlers.json")) }
            form method="post" action=(path) {
                (csrf(visitor)) (version)
                div.field.wide {
                    label for="json" { (word("page.handlers.json.label")) }
                    textarea #json name="json" rows="18" spellcheck="false" { (text.unwrap_or(&present)) }
                }
                div.actions {
                    button name="do" value="json" { (word("page.handlers.compare")) }
                    button.second name="do" value="edit" { (word("page.handlers.json.take")) }
                }
            }
        }
    }
}
