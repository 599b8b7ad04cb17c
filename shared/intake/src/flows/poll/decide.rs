//! What one mail becomes. Pure: the same mail and the same knowledge give the same decision.

use std::collections::BTreeMap;

use mail::Mail;

use crate::{
    ports::{Lookup, LookupHits, ThreadKey},
    types::{
        ids::MessageId,
        message::{Reason, SeenMarker, TraceStep},
        project::{IssueKey, ProjectKey},
    },
};

/// The newest references that are looked at.
const MAX_REFERENCES: usize = 20;
/// The unknown parents that an issue waits for.
const MAX_AWAITED: usize = 5;

/// An issue that exists, or one that this batch makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum IssueRef {
    Existing(IssueKey),
    /// The n-th issue created by this batch.
    New(usize),
}

/// What a mail becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Create,
    Comment(IssueRef),
    Skip(Reason),
}

/// A decision with the reasons for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) outcome: Outcome,
    pub(super) trace: Vec<TraceStep>,
    /// Parents that are not known yet: an issue made from them will take this one's place in the thread.
    pub(super) awaits: Vec<String>,
}

/// What is known of threads and duplicates: what the store says, and what earlier mails of the batch became.
pub(super) struct Knowledge {
    project: ProjectKey,
    threads: BTreeMap<String, IssueRef>,
    awaited: BTreeMap<String, IssueRef>,
    seen: BTreeMap<SeenMarker, MessageId>,
}

impl Knowledge {
    pub(super) fn new(project: ProjectKey, hits: LookupHits) -> Self {
        let existing =
            |(key, issue): (ThreadKey, IssueKey)| (key.internet_message_id, IssueRef::Existing(issue));
        Self {
            project,
            threads: hits.threads.into_iter().map(existing).collect(),
            awaited: hits.awaited.into_iter().map(existing).collect(),
            seen: hits.seen.into_iter().collect(),
        }
    }

    /// Notes what a mail became, so that later mails of the batch see it.
    pub(super) fn learn(
        &mut self,
        mail: &Mail,
        message: MessageId,
        markers: &[SeenMarker],
        decision: &Decision,
        issue: Option<&IssueRef>,
    ) {
        for marker in markers {
            self.seen.entry(marker.clone()).or_insert(message);
        }
        let Some(issue) = issue else { return };
        if let Some(own) = &mail.message_id {
            self.threads.entry(own.clone()).or_insert_with(|| issue.clone());
        }
        for parent in &decision.awaits {
            self.awaited.entry(parent.clone()).or_insert_with(|| issue.clone());
        }
    }

    pub(super) fn thread_key(&self, internet_message_id: &str) -> ThreadKey {
        ThreadKey { project: self.project.clone(), internet_message_id: internet_message_id.to_owned() }
    }

    /// Decides. `markers` are this mail's duplicate markers, `message` its own id.
    pub(super) fn decide(&self, mail: &Mail, message: MessageId, markers: &[SeenMarker]) -> Decision {
        let mut trace = Vec::new();
        if let Some(first) = markers.iter().filter_map(|m| self.seen.get(m)).find(|by| **by != message) {
            trace
                .push(TraceStep::new("duplicate", format!("The same mail was already received as {first}.")));
            return Decision { outcome: Outcome::Skip(Reason::Duplicate), trace, awaits: Vec::new() };
        }
        let parents = parents(mail);
        let thread = self.find_thread(mail, &parents, &mut trace);
        let outcome = self.outcome(mail, thread, &mut trace);
        let awaits = match outcome {
            Outcome::Skip(_) => Vec::new(),
            _ => parents.into_iter().filter(|id| !self.threads.contains_key(id)).take(MAX_AWAITED).collect(),
        };
        Decision { outcome, trace, awaits }
    }

    fn find_thread(&self, mail: &Mail, parents: &[String], trace: &mut Vec<TraceStep>) -> Option<IssueRef> {
        for parent in parents {
            if let Some(issue) = self.threads.get(parent) {
                trace.push(TraceStep::new(
                    "thread",
                    format!("It answers <{parent}>, which belongs to {}.", name(issue)),
                ));
                return Some(issue.clone());
            }
        }
        let own = mail.message_id.as_ref()?;
        if let Some(issue) = self.threads.get(own) {
            // A mail program or list that reuses Message-IDs: another mail of the same thread, never dropped.
            trace.push(TraceStep::new(
                "defect",
                format!("Another mail with the Message-ID <{own}> belongs to {}.", name(issue)),
            ));
            return Some(issue.clone());
        }
        let issue = self.awaited.get(own)?;
        trace.push(TraceStep::new(
            "thread",
            format!("An earlier answer to this mail became {}.", name(issue)),
        ));
        Some(issue.clone())
    }

    fn outcome(&self, mail: &Mail, thread: Option<IssueRef>, trace: &mut Vec<TraceStep>) -> Outcome {
        for evidence in &mail.kind.evidence {
            trace.push(TraceStep::new("kind", evidence.clone()));
        }
        match (thread, automatic(mail)) {
            (Some(issue), _) => Outcome::Comment(issue),
            (None, Some(reason)) => {
                trace
                    .push(TraceStep::new("kind", "Automatic mail that belongs to no thread makes no issue."));
                Outcome::Skip(reason)
            }
            (None, None) => Outcome::Create,
        }
    }
}

/// The keys that the decisions about these mails need, for one batch read.
pub(super) fn keys_for<'a>(
    project: &ProjectKey,
    mails: impl Iterator<Item = (&'a Mail, &'a [SeenMarker])>,
) -> Lookup {
    let key = |id: &String| ThreadKey { project: project.clone(), internet_message_id: id.clone() };
    let mut lookup = Lookup::default();
    for (mail, markers) in mails {
        lookup.seen.extend_from_slice(markers);
        lookup.threads.extend(parents(mail).iter().chain(&mail.message_id).map(key));
        lookup.awaited.extend(mail.message_id.iter().map(key));
    }
    lookup.threads.sort();
    lookup.threads.dedup();
    lookup.awaited.sort();
    lookup.awaited.dedup();
    lookup.seen.sort();
    lookup.seen.dedup();
    lookup
}

/// How many Message-IDs a mail can await.
pub(super) fn most_awaited(mail: &Mail) -> usize {
    parents(mail).len().min(MAX_AWAITED)
}

/// What this mail answers, nearest first: In-Reply-To, the newest References, and for a bounce the mail that came back.
fn parents(mail: &Mail) -> Vec<String> {
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

fn automatic(mail: &Mail) -> Option<Reason> {
    let kind = &mail.kind;
    if kind.is_bounce {
        Some(Reason::Bounce)
    } else if kind.is_report || kind.is_feedback_report {
        Some(Reason::Report)
    } else if kind.is_auto_reply {
        Some(Reason::AutoReply)
    } else {
        None
    }
}

fn name(issue: &IssueRef) -> String {
    match issue {
        IssueRef::Existing(key) => key.to_string(),
        IssueRef::New(_) => "an issue made in the same poll".to_owned(),
    }
}
