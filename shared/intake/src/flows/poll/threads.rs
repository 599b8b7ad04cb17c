//! By which keys the issue of a mail is found.

use std::{borrow::Cow, collections::BTreeSet};

use mail::{
    Mail,
    thread::{self, comparable},
};

use crate::{
    ports::{Lookup, ThreadKey},
    types::project::ProjectKey,
};

use super::rules::{Rules, Understood};

/// The newest references that are looked at.
const MAX_REFERENCES: usize = 20;
/// The unknown parents that an issue waits for.
pub(super) const MAX_AWAITED: usize = 5;
/// The nearest answers of Outlook's conversation that are looked at, beside the mail that began it.
const MAX_ANCESTORS: usize = 10;
/// The parts of a conversation's key.
const CONVERSATION: &str = "thread-index:";
/// Before an id that several mails have: a key of its own, which no mail has.
const REUSED: &str = "reused:";

/// The key of a Message-ID in a project.
pub(super) fn thread_key(project: &ProjectKey, internet_message_id: &str) -> ThreadKey {
    ThreadKey { project: project.clone(), internet_message_id: comparable(internet_message_id).into_owned() }
}

/// The key of the note that several mails have this Message-ID, so that an answer to it may be to any of them.
pub(super) fn reused_key(project: &ProjectKey, internet_message_id: &str) -> ThreadKey {
    thread_key(project, &format!("{REUSED}{internet_message_id}"))
}

/// Under which keys a Message-ID may be known: also as it is written, which is how former versions kept it.
pub(super) fn keys_of(project: &ProjectKey, id: &str) -> impl Iterator<Item = ThreadKey> + use<> {
    let as_written = matches!(comparable(id), Cow::Owned(_))
        .then(|| ThreadKey { project: project.clone(), internet_message_id: id.to_owned() });
    std::iter::once(thread_key(project, id)).chain(as_written)
}

/// The keys that the decisions about these mails need, for one batch read.
pub(super) fn keys_for<'a>(rules: &Rules, mails: impl Iterator<Item = &'a Understood>) -> Lookup {
    let (mut threads, mut awaited, mut seen) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for mail in mails {
        seen.insert(mail.mark());
        seen.extend(mail.token.iter().flat_map(|issue| mail.marks_of(issue.project())));
        let (own, parents) = (mail.ids(), parents(&mail.mail));
        let ids = || own.iter().chain(&parents).chain(mail.ancestors());
        for project in std::iter::once(&mail.project).chain(&rules.projects) {
            seen.extend(mail.marks_of(project));
            threads.extend(ids().flat_map(|id| keys_of(project, id)));
            threads.extend(ids().map(|id| reused_key(project, id)));
            awaited.extend(mail.mail.message_ids().flat_map(|id| keys_of(project, id)));
        }
    }
    Lookup {
        threads: threads.into_iter().collect(),
        awaited: awaited.into_iter().collect(),
        seen: seen.into_iter().collect(),
    }
}

/// How many Message-IDs a mail can await.
pub(super) fn most_awaited(mail: &Mail) -> usize {
    parents(mail).len().min(MAX_AWAITED)
}

/// What this mail answers, nearest first: In-Reply-To, the newest References, and for a bounce the mail that came back.
pub(super) fn parents(mail: &Mail) -> Vec<String> {
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
pub(super) struct Conversation {
    /// Its own.
    pub(super) own: String,
    /// Of the mails that it answers, nearest first. A mail that answers none joins none: programs that copy one index
    /// into all of their mails write no answers.
    pub(super) ancestors: Vec<String>,
}

/// None where no program of Microsoft's counts.
pub(super) fn conversation(mail: &Mail) -> Option<Conversation> {
    let (index, subject) = thread::ThreadIndex::of(mail)?;
    let name = |index: &thread::ThreadIndex| format!("{CONVERSATION}{} {subject}", index.text());
    let first = index.ancestors().next_back();
    let mut ancestors: Vec<String> =
        index.ancestors().take(MAX_ANCESTORS).chain(first).map(|index| name(&index)).collect();
    ancestors.dedup();
    Some(Conversation { own: name(&index), ancestors })
}
