//! By which keys the issue of a mail is found.

use std::collections::BTreeSet;

use mail::Mail;

use crate::{
    ports::{Lookup, ThreadKey},
    types::project::ProjectKey,
};

use super::rules::{Rules, Understood};

/// The newest references that are looked at.
const MAX_REFERENCES: usize = 20;
/// The unknown parents that an issue waits for.
pub(super) const MAX_AWAITED: usize = 5;

/// The key of a Message-ID in a project.
pub(super) fn thread_key(project: &ProjectKey, internet_message_id: &str) -> ThreadKey {
    ThreadKey { project: project.clone(), internet_message_id: internet_message_id.to_owned() }
}

/// The keys that the decisions about these mails need, for one batch read.
pub(super) fn keys_for<'a>(rules: &Rules, mails: impl Iterator<Item = &'a Understood>) -> Lookup {
    let (mut threads, mut awaited, mut seen) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for mail in mails {
        let own = mail.mail.message_id.as_ref();
        seen.insert(mail.mark());
        seen.extend(mail.token.iter().map(|issue| mail.mark_of(issue.project())));
        for project in std::iter::once(&mail.project).chain(&rules.projects) {
            seen.insert(mail.mark_of(project));
            let parents = parents(&mail.mail);
            let ids = parents.iter().chain(own).chain(&mail.conversation);
            threads.extend(ids.map(|id| thread_key(project, id)));
            awaited.extend(own.map(|id| thread_key(project, id)));
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
        if Some(id) != mail.message_id.as_ref() && !parents.contains(id) {
            parents.push(id.clone());
        }
        if parents.len() == MAX_REFERENCES {
            break;
        }
    }
    parents
}
