//! One mail: what became of it and why, and what is in it.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use intake::{
    App, Error,
    flows::{comments, messages},
    types::{
        ids::{AttachmentId, MessageId},
        issue::BlobKey,
        message::{Message, MessageState},
    },
};
use maud::{Markup, html};

use super::{parts, told::subject};
use crate::{
    api::files::download,
    error::ApiResult,
    pages::{
        frame::{
            console::console,
            form::AdministratorForm,
            page::{PageResult, again},
            parts::{Tone, act, done, notice, on_to},
            visitor::{Administrator, Visitor},
            words::{with, word},
        },
        html::message::noted,
    },
};

/// The mail that a path names.
pub(super) fn named(id: &str) -> Result<MessageId, Error> {
    id.parse().map_err(|_| Error::not_found("message"))
}

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> PageResult {
    Ok(shown(&app, &visitor, &id, done(&query.unwrap_or_default())).await?)
}

/// The page under something that is to be said first.
async fn shown(app: &App, visitor: &Visitor, id: &str, first: Markup) -> Result<Response, Error> {
    let message = messages::get(app, named(id)?).await?;
    let place = place(app, &message).await?;
    let look = messages::look(app, &visitor.actor, message.id).await?;
    let content = html! {
        (first)
        (parts::verdict(&message))
        (actions(visitor, &message))
        (parts::record(&message, &place, app.now()))
        (parts::trace(&message))
        @match &look {
            Some(look) => (parts::content(&message, look, &noted(app, visitor, message.id))),
            None => (notice(Tone::Calm, html! { p { (word("page.mail.no_bytes")) } })),
        }
    };
    Ok(console(visitor, &subject(&message), content))
}

/// The name of where it came to; empty where that is gone.
async fn place(app: &App, message: &Message) -> Result<String, Error> {
    let mailbox = app.store.mailbox(message.mailbox_id).await?;
    Ok(mailbox.map(|mailbox| mailbox.name.to_string()).unwrap_or_default())
}

fn actions(visitor: &Visitor, message: &Message) -> Markup {
    let path = format!("/messages/{}", message.id);
    html! {
        div.actions.above {
            @if message.state == MessageState::Held {
                (act(visitor, &format!("{path}/release"), &word("page.mail.release"), "", html! {}))
                (act(visitor, &format!("{path}/dismiss"), &word("page.mail.dismiss"), "second", html! {}))
            }
            a.button.second href={ (path) "/redrive" } { (word("page.mail.redrive")) }
            @if message.state == MessageState::Held { a href="/held" { (word("page.held.back")) } }
            @else { a href="/messages" { (word("page.mail.back")) } }
        }
    }
}

/// Lets a held mail through.
pub(super) async fn release(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let released = messages::release(&app, &form.visitor.actor, named(&id)?).await;
    after(&app, &form.visitor, &id, released, "released").await
}

/// Leaves a held mail out.
pub(super) async fn dismiss(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let dismissed = messages::dismiss(&app, &form.visitor.actor, named(&id)?).await;
    after(&app, &form.visitor, &id, dismissed, "dismissed").await
}

/// The page of the mail that something was done to, or that of before with why it was not.
async fn after(
    app: &App,
    visitor: &Visitor,
    id: &str,
    outcome: Result<Message, Error>,
    done: &'static str,
) -> PageResult {
    match outcome {
        Ok(message) => Ok(on_to(&format!("/messages/{}", message.id), done)),
        Err(error) => match shown(app, visitor, id, parts::refusal(&error)).await {
            Ok(page) => Ok(again(page, error)),
            // Why it was not done says more than why its page is not there.
            Err(_) => Err(error.into()),
        },
    }
}

/// A file of a mail, also of one that became nothing: a download.
pub(super) async fn file(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path((id, n)): Path<(String, String)>,
) -> PageResult {
    Ok(downloaded(&app, &visitor, &id, &n).await?)
}

async fn downloaded(app: &App, visitor: &Visitor, id: &str, n: &str) -> ApiResult<Response> {
    let nowhere = || Error::not_found("attachment");
    let (id, n) = (named(id)?, n.parse::<u32>().map_err(|_| nowhere())?);
    let kind = "application/octet-stream";
    let look = messages::look(app, &visitor.actor, id).await?;
    if let Ok(kept) = comments::attachment(app, AttachmentId::of(id, n)).await {
        return download(app, &kept.blob, kept.size, &kept.filename, kind).await;
    }
    let mail = look.and_then(|look| look.mail).ok_or_else(nowhere)?;
    let file = usize::try_from(n).ok().and_then(|n| mail.attachments.get(n)).ok_or_else(nowhere)?;
    let name = file.filename.clone().unwrap_or_else(|| with("page.mail.file", "number", n + 1));
    download(app, &BlobKey::file(id, n), file.size, &name, kind).await
}
