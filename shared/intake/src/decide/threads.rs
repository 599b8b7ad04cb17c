//! By which keys the issue of a mail is found.

use std::borrow::Cow;

use mail::{
    Mail,
    thread::{self, comparable},
};

use crate::{
    limits::{MAX_ANCESTORS, MAX_AWAITED, MAX_REFERENCES},
    ports::ThreadKey,
    types::project::ProjectKey,
};

/// The parts of a conversation's key.
const CONVERSATION: &str = "thread-index:";
/// Before an id that several mails have: a key of its own, which no mail has.
const REUSED: &str = "reused:";

/// The key of a Message-ID in a project.
pub(crate) fn thread_key(project: &ProjectKey, internet_message_id: &str) -> ThreadKey {
    ThreadKey { project: project.clone(), internet_message_id: comparable(internet_message_id).into_owned() }
}

/// The key of the note that several mails have this Message-ID, so that an answer to it may be to any of them.
pub(crate) fn reused_key(project: &ProjectKey, internet_message_id: &str) -> ThreadKey {
    thread_key(project, &format!("{REUSED}{internet_message_id}"))
}

/// Under which keys a Message-ID may be known: also as it is written, which is how former versions kept it.
pub(crate) fn keys_of(project: &ProjectKey, id: &str) -> impl Iterator<Item = ThreadKey> + use<> {
    let as_written = matches!(comparable(id), Cow::Owned(_))
        .then(|| ThreadKey { project: project.clone(), internet_message_id: id.to_owned() });
    std::iter::once(thread_key(project, id)).chain(as_written)
}

/// How many Message-IDs a mail can await.
pub(crate) fn most_awaited(mail: &Mail) -> usize {
    parents(mail).len().min(MAX_AWAITED)
}

/// What this mail answers, nearest first: In-Reply-To, the newest References, and for a bounce the mail that came back.
pub(crate) fn parents(mail: &Mail) -> Vec<String> {
    let candidates =
        mail.in_reply_to.iter().chain(mail.references.iter().rev()).chain(&mail.kind.returned_message_id);
    let mut parents: Vec<String> = Vec::new();
    for id in candidates {
        let is = |other: &str| comparable(other) == comparable(id);
        if !mail.message_ids().any(is) && !parents.iter().any(|parent| is(parent)) {
            parents.push(id.clone());
        }
        if parents.len() == MAX_REFERENCES {
            break;
        }
    }
    parents
}

/// A mail's place in Outlook's conversation with its subject, in the form of Message-IDs that no mail has.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// Its own.
    pub(crate) own: String,
    /// Of the mails that it answers, nearest first. A mail that answers none joins none: programs that copy one index
    /// into all of their mails write no answers.
    pub(crate) ancestors: Vec<String>,
}

/// None where no program of Microsoft's counts.
pub(crate) fn conversation(mail: &Mail) -> Option<Conversation> {
    let (index, subject) = thread::ThreadIndex::of(mail)?;
    let name = |index: &thread::ThreadIndex| format!("{CONVERSATION}{} {subject}", index.text());
    let first = index.ancestors().next_back();
    let mut ancestors: Vec<String> =
        index.ancestors().take(MAX_ANCESTORS).chain(first).map(|index| name(&index)).collect();
    ancestors.dedup();
    Some(Conversation { own: name(&index), ancestors })
}
