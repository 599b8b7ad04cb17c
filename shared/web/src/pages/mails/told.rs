//! How pages tell of a mail: its state and why, who sent it, and where it came to.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use intake::{
    App, Error,
    flows::{mailboxes, projects},
    lists,
    ports::MessageFilter,
    types::{
        PageRequest,
        ids::{MailboxId, MessageId},
        message::{Message, MessageState, Reason, TraceStep},
    },
};
use maud::{Markup, html};

use super::super::frame::{
    parts::{Tone, badge},
    words::{shown, with, word, word_for},
};
use crate::language;

/// The most mailboxes that are named, and the most projects of which imported files are looked for.
const MAX_PLACES: usize = 200;
const MAX_PROJECTS: usize = 20;

/// Where mails came to: mailboxes, and projects into which a person imported files.
pub(super) struct Places(Vec<(MailboxId, String)>);

impl Places {
    pub(super) async fn read(app: &App) -> Result<Self, Error> {
        use futures::StreamExt;
        let mailboxes = lists::entries(200, |page| async move { mailboxes::list(app, &page).await });
        let mailboxes: Vec<_> = mailboxes.take(MAX_PLACES).try_collect().await?;
        let named = |shown: mailboxes::Shown| (shown.mailbox.id, shown.mailbox.name.to_string());
        let mut places: Vec<_> = mailboxes.into_iter().map(named).collect();
        for project in projects::list(app, &PageRequest::first(MAX_PROJECTS as u32)).await?.items {
            let mailbox_id = MailboxId::of_imports(&project.key);
            let filter = MessageFilter { mailbox_id, state: None };
            if !app.store.messages(&filter, &PageRequest::first(1)).await?.items.is_empty() {
                places.push((mailbox_id, with("page.mails.imported", "project", &project.key)));
            }
        }
        Ok(Self(places))
    }

    pub(super) fn ids(&self) -> Vec<MailboxId> {
        self.0.iter().map(|(id, _)| *id).collect()
    }

    pub(super) fn all(&self) -> &[(MailboxId, String)] {
        &self.0
    }

    pub(super) fn names(&self) -> BTreeMap<MailboxId, &str> {
        self.0.iter().map(|(id, name)| (*id, name.as_str())).collect()
    }
}

/// The state of a mail, in a word and a colour.
pub(super) fn state(state: MessageState) -> Markup {
    let tone = match state {
        MessageState::Applied => Tone::Good,
        MessageState::Held => Tone::Warn,
        MessageState::Failed => Tone::Bad,
        MessageState::Stored | MessageState::Skipped => Tone::Calm,
    };
    badge(tone, &word_for("page.message_state", state.as_str()))
}

/// Why, in some words.
pub(super) fn reason(reason: Reason) -> String {
    word_for("page.reason", reason.as_str())
}

/// The subject, or that there is none.
pub(super) fn subject(message: &Message) -> String {
    match shown(message.subject.trim()) {
        "" => word("page.mails.no_subject"),
        subject => subject.to_owned(),
    }
}

/// The sender's address, or that there is none.
pub(super) fn sender(message: &Message) -> String {
    match message.from.as_deref().map(shown).unwrap_or_default() {
        "" => word("page.unknown_sender"),
        sender => sender.to_owned(),
    }
}

/// The issue that it became or belongs to; a comment's place in it.
pub(super) fn issue(message: &Message) -> Markup {
    html! {
        @if let Some(key) = &message.issue_key { a.issue-key href={ "/issues/" (key) } { (key) } }
        @else { span.faint { (word("page.none")) } }
    }
}

/// The sentence of a step in the reader's language, with links to the mails that it names.
pub(super) fn sentence(step: &TraceStep) -> Markup {
    let told = step.clone().in_language(language::present()).detail;
    let mut rest = told.as_str();
    let mut pieces = Vec::new();
    while let Some((before, id, after)) = next_id(rest) {
        pieces.push(html! { (before) a href={ "/messages/" (id) } { (id) } });
        rest = after;
    }
    html! { bdi { @for piece in &pieces { (piece) } (rest) } }
}

/// The mail of which this one is another copy.
pub(super) fn first_one(message: &Message) -> Option<MessageId> {
    let step = message.trace.iter().rev().find(|step| step.step == Reason::Duplicate.as_str())?;
    next_id(&step.detail).map(|(_, id, _)| id)
}

/// The first identifier of a mail in a text, with what stands before and behind it.
fn next_id(text: &str) -> Option<(&str, MessageId, &str)> {
    let begin = format!("{}_", MessageId::PREFIX);
    text.match_indices(&begin).find_map(|(at, _)| {
        let length = text[at + begin.len()..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        let end = at + begin.len() + length;
        Some((&text[..at], text[at..end].parse().ok()?, &text[end..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_leads_to_the_mails_that_it_names() {
        let id = "msg_01M000000000000000000000ZZ";
        let told = |detail: &str| sentence(&TraceStep::new("duplicate", detail)).into_string();
        let link = format!("<a href=\"/messages/{id}\">{id}</a>");
        assert_eq!(told(&format!("As {id}.")), format!("<bdi>As {link}.</bdi>"));
        assert_eq!(told(&format!("{id}, <b> {id}")), format!("<bdi>{link}, &lt;b&gt; {link}</bdi>"));
        assert_eq!(told("msg_1 msg_"), "<bdi>msg_1 msg_</bdi>");
    }
}
