//! The HTML of a mail as it came, for administrators, also where it became nothing.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use intake::{
    App, Error,
    flows::messages::{self, Look},
    types::ids::MessageId,
};
use mail::{
    Mail,
    html::{Clean, Room, sanitise_within},
};

use super::{
    document::{Framed, parameter},
    picture::Picture,
    signed,
};
use crate::{
    error::ApiResult,
    pages::frame::{
        page::error_page,
        visitor::{Administrator, Visitor},
    },
    wire::{self, MAX_TEXT},
};

/// As much of HTML as is made ready.
const MAX_HTML: usize = 1024 * 1024;
/// The purpose of marks that say that a look at a mail was noted.
const PURPOSE: &str = "mail_look";

/// The address of a mail's frame, on a page that noted the look of this visitor.
pub(crate) fn noted(app: &App, visitor: &Visitor, id: MessageId) -> String {
    let end = signed::end(app);
    let mark = signed::mark(app, PURPOSE, &who(visitor, id), end);
    format!("/messages/{id}/html?end={end}&noted={mark}")
}

fn who(visitor: &Visitor, id: MessageId) -> String {
    format!("{id}\0{}", visitor.csrf_token)
}

fn is_noted(app: &App, visitor: &Visitor, id: MessageId, query: &str) -> bool {
    let end = parameter(query, "end").and_then(|end| end.parse().ok());
    let mark = parameter(query, "noted");
    end.zip(mark).is_some_and(|(end, mark)| signed::holds(app, PURPOSE, &who(visitor, id), end, &mark))
}

/// The HTML of a mail.
pub(super) async fn frame(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let framed = framed(&app, &visitor, &id, &query.unwrap_or_default()).await;
    framed.map_or_else(error_page, |framed| framed.answer(&app))
}

async fn framed(app: &App, visitor: &Visitor, id: &str, query: &str) -> ApiResult<Framed> {
    let id: MessageId = id.parse().map_err(|_| Error::not_found("message"))?;
    let look = match is_noted(app, visitor, id, query) {
        true => messages::look_on(app, id, None).await?,
        false => messages::look(app, &visitor.actor, id).await?,
    };
    let Some(Look { mail: Some(mail), .. }) = look else { return Err(Error::not_found("text").into()) };
    let html = mail.body_html.as_deref().ok_or_else(|| Error::not_found("text"))?;
    let kept = &html[..html.floor_char_boundary(MAX_HTML)];
    let clean = sanitised(app, id, &mail, kept);
    let html = Clean { cut: clean.cut || kept.len() < html.len(), ..clean };
    Ok(Framed { html, canvas: mail::html::canvas(kept), remote: Framed::wants_remote(query) })
}

fn sanitised(app: &App, id: MessageId, mail: &Mail, html: &str) -> Clean {
    let address = |content_id: &str| {
        let found = (0u32..).zip(&mail.attachments);
        let mut found = found.filter(|(_, file)| file.content_id.as_deref() == Some(content_id));
        found.next().map(|(n, _)| Picture::File(id, n).address(app))
    };
    sanitise_within(html, Room { most: MAX_TEXT, cost: wire::of_text }, &address)
}
