//! What is known when a mail is decided on.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Timestamp,
    ports::{Change, Lookup, LookupHits, ThreadKey},
    types::{
        ids::MessageId,
        message::{Reason, SeenMarker},
        project::{IssueKey, ProjectKey},
    },
};

use super::{
    outcome::{Decision, IssueRef, Outcome},
    rates::{Arrival, Rates},
    rules::{Rules, Understood},
    threads::{keys_of, parents, reused_key, thread_key},
};

/// Where a Message-ID leads.
#[derive(Debug, Clone)]
pub(crate) struct Lead {
    pub(crate) issue: IssueRef,
    /// What the mail looks like that has it, as far as that is known.
    pub(crate) likeness: Option<String>,
}

/// What is known: what the store says, and what earlier mails of the batch became.
pub(crate) struct Knowledge<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) threads: BTreeMap<ThreadKey, Lead>,
    pub(crate) awaited: BTreeMap<ThreadKey, IssueRef>,
    seen: BTreeMap<SeenMarker, MessageId>,
    /// Who takes part in issues that mails claim to belong to, in lower case. Those that are not there are missing.
    pub(crate) parties: BTreeMap<IssueKey, BTreeSet<String>>,
    /// The projects of the issues that this batch makes.
    pub(crate) created: Vec<ProjectKey>,
    pub(crate) rates: &'a mut Rates,
}

impl<'a> Knowledge<'a> {
    /// What the store says comes after what is being written: where both know a key, the store's stays.
    pub(crate) fn new(
        rules: &'a Rules,
        in_flight: &[Change],
        hits: LookupHits,
        rates: &'a mut Rates,
    ) -> Self {
        let mut knowledge = Self {
            rules,
            threads: BTreeMap::new(),
            awaited: BTreeMap::new(),
            seen: BTreeMap::new(),
            parties: BTreeMap::new(),
            created: Vec::new(),
            rates,
        };
        let existing = |issue: &IssueKey| IssueRef::Existing(issue.clone());
        for change in in_flight {
            match change {
                Change::Thread { key, issue, likeness } => {
                    let known = Lead { issue: existing(issue), likeness: likeness.clone() };
                    knowledge.threads.insert(key.clone(), known);
                }
                Change::Awaited { key, issue } => {
                    knowledge.awaited.entry(key.clone()).or_insert_with(|| existing(issue));
                }
                Change::Seen { marker, by } => drop(knowledge.seen.insert(marker.clone(), *by)),
                _ => {}
            }
        }
        knowledge.threads.extend(hits.threads.into_iter().map(|(key, there)| {
            (key, Lead { issue: IssueRef::Existing(there.issue), likeness: there.likeness })
        }));
        knowledge.awaited.extend(hits.awaited.iter().map(|(key, issue)| (key.clone(), existing(issue))));
        knowledge.seen.extend(hits.seen);
        knowledge
    }

    /// Forgets an issue, as if no mail had made it.
    pub(crate) fn forget(&mut self, issue: &IssueKey) {
        let is_other = |there: &IssueRef| !matches!(there, IssueRef::Existing(key) if key == issue);
        self.threads.retain(|_, there| is_other(&there.issue));
        self.awaited.retain(|_, there| is_other(there));
        self.parties.remove(issue);
    }

    /// Notes what a mail became, so that later mails of the batch see it, and gives the keys by which later mails find
    /// its issue: those that led nowhere so far. Of one that leads to another issue it is noted that it says nothing.
    pub(crate) fn learn(
        &mut self,
        (message, received_at): (MessageId, Timestamp),
        mail: &Understood,
        decision: &Decision,
        issue: Option<&IssueRef>,
    ) -> Vec<ThreadKey> {
        if mail.rated && decision.outcome != Outcome::Skip(Reason::Duplicate) {
            let comment = matches!(decision.outcome, Outcome::Comment(_));
            let commented = issue.filter(|_| comment).cloned();
            self.rates.note(Arrival { commented, ..Arrival::of(received_at, &mail.mail) });
        }
        if !matches!(decision.outcome, Outcome::Hold(_)) {
            self.seen.entry(mail.mark()).or_insert(message);
        }
        let Some(issue) = issue else { return Vec::new() };
        let project = &self.project_of(issue).clone();
        for mark in mail.marks_of(project) {
            self.seen.entry(mark).or_insert(message);
        }
        for parent in &decision.awaits {
            self.awaited.entry(thread_key(project, parent)).or_insert_with(|| issue.clone());
        }
        let known = Lead { issue: issue.clone(), likeness: mail.likeness.clone() };
        let mut keys: Vec<ThreadKey> = Vec::new();
        for id in mail.ids() {
            let key = match keys_of(project, &id).find_map(|key| self.threads.get(&key)) {
                None => thread_key(project, &id),
                Some(there) if there.issue == known.issue => continue,
                Some(_) => reused_key(project, &id),
            };
            if !self.threads.contains_key(&key) {
                self.threads.insert(key.clone(), known.clone());
                keys.push(key);
            }
        }
        keys
    }

    /// Whether its mailbox knows it from before it was numbered anew.
    pub(crate) fn is_known_again(&self, message: MessageId, mail: &Understood) -> bool {
        let first = self.first_of(message, &mail.mark());
        first.is_some_and(|first| mail.before.as_ref().is_some_and(|before| before.is_of(*first)))
    }

    pub(crate) fn first_of(&self, message: MessageId, mark: &SeenMarker) -> Option<&MessageId> {
        self.seen.get(mark).filter(|by| **by != message)
    }

    /// In which project an issue is.
    pub(crate) fn project_of<'i>(&'i self, issue: &'i IssueRef) -> &'i ProjectKey {
        match issue {
            IssueRef::Existing(key) => key.project(),
            IssueRef::New(n) => &self.created[*n],
        }
    }

    /// The mail's own project first, then the others of the mailbox.
    pub(crate) fn find<'m, T>(
        &self,
        map: &'m BTreeMap<ThreadKey, T>,
        mail: &Understood,
        id: &str,
    ) -> Option<&'m T> {
        self.projects(mail).find_map(|project| keys_of(project, id).find_map(|key| map.get(&key)))
    }

    /// Whether several mails have this Message-ID.
    pub(crate) fn is_reused(&self, mail: &Understood, id: &str) -> bool {
        self.projects(mail).any(|project| self.threads.contains_key(&reused_key(project, id)))
    }

    fn projects<'p>(&'p self, mail: &'p Understood) -> impl Iterator<Item = &'p ProjectKey> {
        std::iter::once(&mail.project).chain(&self.rules.projects)
    }
}

/// The keys that the decisions about these mails need, for one batch read.
pub(crate) fn keys_for<'a>(rules: &Rules, mails: impl Iterator<Item = &'a Understood>) -> Lookup {
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
