//! The last step: the first import, down to the first issue.

use std::time::Duration;

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use intake::{
    App, Error,
    flows::{
        audit, issues,
        mailboxes::{self, Shown},
        poll,
        survey::{self, Preview},
    },
    ports::IssueFilter,
    types::{PageRequest, issue::Issue},
};
use maud::{Markup, html};

use super::{
    consent::mailbox_of,
    shell::{button, shown},
    trip::{Step, Trip},
};
use crate::pages::{
    frame::{
        fields::Filled,
        form::{AdministratorForm, Form},
        page::{PageResult, again},
        parts::{Tone, card, live, notice, problem, refused},
        visitor::{Administrator, Visitor},
        words::{ago, around, counted, shown as cut, size, when, word},
    },
    overview::mailbox_state,
};

/// The longest that a preview or a poll of the guide takes; what is left follows by itself.
const TIME: Duration = Duration::from_secs(20);
/// The newest issues that are shown.
const ISSUES: u32 = 5;

struct Found {
    mailbox: Shown,
    issues: Vec<Issue>,
}

async fn read(app: &App, trip: &Trip) -> Result<Found, Error> {
    let id = mailbox_of(trip)?;
    let issues = issues::list(app, &IssueFilter::Mailbox(id), &PageRequest::first(ISSUES)).await?.items;
    Ok(Found { mailbox: mailboxes::get(app, id).await?, issues })
}

/// How far the import is, and the issues that it made.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    trip: Trip,
) -> PageResult {
    let trip = trip.at(Step::Import)?;
    let found = read(&app, &trip).await?;
    Ok(importing(&app, &visitor, &trip, &found, html! {}))
}

fn importing(app: &App, visitor: &Visitor, trip: &Trip, found: &Found, above: Markup) -> Response {
    let content = html! {
        (above)
        (live("import", 5, progress(app, found)))
        div.actions {
            (button(visitor, trip, Step::Import, "poll", &word("page.guide.import.now"), true))
            (button(visitor, trip, Step::Import, "preview", &word("page.guide.import.preview"), false))
            a href={ "/mailboxes/" (found.mailbox.mailbox.id) } { (word("page.guide.import.mailbox")) }
        }
    };
    shown(visitor, trip, Step::Import, content)
}

fn progress(app: &App, found: &Found) -> Markup {
    let Found { mailbox, issues } = found;
    html! {
        (card(&word("page.guide.import.state"), html! {
            p {
                (mailbox_state(mailbox.status)) " "
                @match mailbox.run.last_success_at {
                    Some(at) => (around("page.guide.import.read", "time", ago(at, app.now()))),
                    None => (word("page.guide.import.unread")),
                }
            }
            @if let Some(error) = &mailbox.run.last_error { (problem(Tone::Bad, error)) }
        }))
        (card(&word("page.guide.import.issues"), html! {
            @if issues.is_empty() {
                p { (word("page.guide.import.none")) }
                @if let Some(name) = &mailbox.username {
                    p { (around("page.guide.import.send", "address", html! { bdi { strong { (name) } } })) }
                }
            } @else {
                (notice(Tone::Good, html! { p { (word("page.guide.import.done")) } }))
                ul.plain { @for issue in issues {
                    li { a href={ "/issues/" (issue.key) } { (issue.key) } " " span dir="auto" { (cut(&issue.summary)) } }
                } }
                p { a.button href={ "/projects/" (mailbox.mailbox.project) } { (word("page.guide.import.all")) } }
            }
        }))
    }
}

/// Imports now, or counts what an import would bring.
pub(super) async fn import(State(app): State<App>, AdministratorForm(sent): AdministratorForm) -> PageResult {
    let trip = Trip::of_form(&sent);
    let done = match sent.text("do") {
        Some("preview") => counted_mails(&app, &trip).await.map(Some),
        _ => polled(&app, &trip, &sent).await.map(|()| None),
    };
    let above = match done {
        Ok(None) => return Ok(Redirect::to(&trip.to(Step::Import)).into_response()),
        Ok(Some(preview)) => Ok(told(&preview)),
        Err(error) => Err(error),
    };
    let found = read(&app, &trip).await?;
    match above {
        Ok(above) => Ok(importing(&app, &sent.visitor, &trip, &found, above)),
        Err(error) => {
            let above = refused(&error, &Filled::default(), &[]);
            Ok(again(importing(&app, &sent.visitor, &trip, &found, above), error))
        }
    }
}

async fn counted_mails(app: &App, trip: &Trip) -> Result<Preview, Error> {
    survey::preview(app, mailbox_of(trip)?, None, TIME).await
}

async fn polled(app: &App, trip: &Trip, sent: &Form) -> Result<(), Error> {
    let id = mailbox_of(trip)?;
    mailboxes::get(app, id).await?;
    audit::asked(app, &sent.visitor.actor, "mailbox.poll_requested", id).await?;
    poll::poll_now(app, id, TIME).await?;
    Ok(())
}

fn told(preview: &Preview) -> Markup {
    notice(
        Tone::Calm,
        html! {
            p { (counted("page.guide.preview", preview.count)) " " span.faint { (size(preview.bytes)) } }
            p.faint { (counted("page.guide.preview.folder", preview.folder_count)) }
            @if let Some(oldest) = preview.oldest_received_at { p.faint { (around("page.guide.preview.oldest", "time", when(oldest))) } }
            @if !preview.complete { p { (word("page.guide.preview.incomplete")) } }
        },
    )
}
