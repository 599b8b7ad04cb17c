//! What the pages of mailboxes have in common: which mailbox is meant, and how its settings are said.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use intake::{
    Error, Timestamp,
    flows::mailboxes::Shown,
    types::{
        Version,
        errand::MailAction,
        ids::MailboxId,
        mailbox::{MailAuth, Start},
    },
};
use maud::{Markup, html};
use url::form_urlencoded;

use super::super::frame::{
    form::Form,
    page::Trouble,
    words::{around, shown, when, with, word, word_for},
};
use crate::language;

/// The mailbox in the path. What has not even its form is not there.
pub(super) struct Of(pub(super) MailboxId);

impl<S: Send + Sync> FromRequestParts<S> for Of {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Trouble> {
        let nowhere = || Error::not_found("mailbox");
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| nowhere())?;
        text.parse().map(Self).map_err(|_| nowhere().into())
    }
}

/// A parameter of a query; None where it is empty.
pub(super) fn param(query: &str, name: &str) -> Option<String> {
    let found = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
}

/// The page of a mailbox, and what lies below it.
pub(super) fn path_of(id: MailboxId, below: &str) -> String {
    match below {
        "" => format!("/mailboxes/{id}"),
        below => format!("/mailboxes/{id}/{below}"),
    }
}

/// The way from a page below a mailbox to its page.
pub(super) fn back(of: &Shown) -> Markup {
    let name = html! { bdi { (of.mailbox.name) } };
    html! { p { a href=(path_of(of.mailbox.id, "")) { (around("page.mailbox.back", "name", name)) } } }
}

/// Whose mailbox is opened, as far as that is known.
pub(super) fn account(of: &Shown) -> Markup {
    match &of.username {
        Some(name) => html! { bdi.address { (shown(name)) } },
        None => html! { span.faint { (word("page.mailbox.nobody")) } },
    }
}

/// How it signs in, in a few words.
pub(super) fn signs_in(of: &Shown) -> String {
    match &of.mailbox.auth {
        MailAuth::Password { .. } => word("page.mailbox.by_password"),
        MailAuth::OAuth2 { grant_id: None, .. } => word("page.mailbox.by_nobody"),
        MailAuth::OAuth2 { .. } => word("page.mailbox.by_account"),
    }
}

/// What the first poll imports.
pub(super) fn start(of: &Shown) -> Markup {
    match of.mailbox.start {
        Start::Since { since } => html! { (around("page.mailbox.since", "time", when(since))) },
        start => html! { (word_for("page.mailbox_start", start.mode().as_str())) },
    }
}

/// What is done to a mail on the server once it was imported.
pub(super) fn after_import(of: &Shown) -> String {
    match &of.mailbox.after_import {
        None => word_for("page.mailbox_after", "none"),
        Some(MailAction::Move { folder }) => with("page.mailbox.moved_to", "folder", shown(folder)),
        Some(action) => word_for("page.mailbox_after", action.as_str()),
    }
}

/// The beginning of a day, `2026-11-30`, where the reader is.
pub(super) fn day_begins(text: &str) -> Option<Timestamp> {
    let day: jiff::civil::Date = text.parse().ok()?;
    Some(day.to_zoned_datetime(language::zone()).ok()?.timestamp())
}

/// The end of such a day.
pub(super) fn day_ends(text: &str) -> Option<Timestamp> {
    let day: jiff::civil::Date = text.parse().ok()?;
    Some(day.tomorrow().ok()?.to_zoned_datetime(language::zone()).ok()?.timestamp())
}

/// The day of a time, where the reader is.
pub(super) fn day_of(at: Timestamp) -> String {
    at.to_zoned_datetime(language::zone()).date().to_string()
}

/// The version that a form was made from: one that was sent shows again what its sender saw.
pub(super) fn seen(form: Option<&Form>, of: &Shown) -> Version {
    let sent = form.and_then(|form| form.text("version")?.parse().ok());
    sent.map_or(of.mailbox.version, Version)
}

/// How many there are, for sentences that count.
pub(super) fn len(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
