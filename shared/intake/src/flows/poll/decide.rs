//! What one mail becomes. Pure: the same mail and the same knowledge give the same decision.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Timestamp,
    flows::handlers::{Wish, automatic, is_bulk, likely, strictest},
    ports::{Change, LookupHits, ThreadKey},
    types::{
        handler::{SenderVerdict, Treatment},
        ids::MessageId,
        message::{Reason, SeenMarker, TraceStep},
        policy::SenderPolicy,
        project::{IssueKey, ProjectKey},
    },
};

use super::{
    find::Known,
    rates::{Arrival, Rates},
    rules::{Rules, Understood},
    threads::{MAX_AWAITED, keys_of, parents, reused_key, thread_key},
};

/// The label of an issue whose sender may be forged.
const UNVERIFIED: &str = "unverified-sender";
/// The label of an issue whose mail was sent to many.
const BULK: &str = "bulk";

/// An issue that exists, or one that this batch makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::flows) enum IssueRef {
    Existing(IssueKey),
    /// The n-th issue created by this batch.
    New(usize),
}

/// What a mail becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::flows) enum Outcome {
    Create,
    Comment(IssueRef),
    Skip(Reason),
    Hold(Reason),
}

/// A decision with the reasons for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::flows) struct Decision {
    pub(in crate::flows) outcome: Outcome,
    pub(in crate::flows) trace: Vec<TraceStep>,
    /// Parents that are not known yet: an issue made from them will take this one's place in the thread.
    pub(in crate::flows) awaits: Vec<String>,
    /// Labels that say what is doubtful about it.
    pub(in crate::flows) marks: Vec<&'static str>,
}

/// What is known: what the store says, and what earlier mails of the batch became.
pub(super) struct Knowledge<'a> {
    pub(super) rules: &'a Rules,
    pub(super) threads: BTreeMap<ThreadKey, Known>,
    pub(super) awaited: BTreeMap<ThreadKey, IssueRef>,
    seen: BTreeMap<SeenMarker, MessageId>,
    /// Who takes part in issues that mails claim to belong to, in lower case. Those that are not there are missing.
    pub(super) parties: BTreeMap<IssueKey, BTreeSet<String>>,
    /// The projects of the issues that this batch makes.
    pub(super) created: Vec<ProjectKey>,
    pub(super) rates: &'a mut Rates,
}

impl<'a> Knowledge<'a> {
    /// What the store says comes after what is being written: where both know a key, the store's stays.
    pub(super) fn new(
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
                    let known = Known { issue: existing(issue), likeness: likeness.clone() };
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
            (key, Known { issue: IssueRef::Existing(there.issue), likeness: there.likeness })
        }));
        knowledge.awaited.extend(hits.awaited.iter().map(|(key, issue)| (key.clone(), existing(issue))));
        knowledge.seen.extend(hits.seen);
        knowledge
    }

    /// Forgets an issue, as if no mail had made it.
    pub(super) fn forget(&mut self, issue: &IssueKey) {
        let is_other = |there: &IssueRef| !matches!(there, IssueRef::Existing(key) if key == issue);
        self.threads.retain(|_, there| is_other(&there.issue));
        self.awaited.retain(|_, there| is_other(there));
        self.parties.remove(issue);
    }

    /// Notes what a mail became, so that later mails of the batch see it, and gives the keys by which later mails find
    /// its issue: those that led nowhere so far. Of one that leads to another issue it is noted that it says nothing.
    pub(super) fn learn(
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
        let known = Known { issue: issue.clone(), likeness: mail.likeness.clone() };
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

    /// Decides.
    pub(super) fn decide(&self, message: MessageId, received_at: Timestamp, mail: &Understood) -> Decision {
        let mut trace = Vec::new();
        let mut marks = Vec::new();
        let outcome = self.outcome(message, received_at, mail, &mut trace, &mut marks);
        let awaits = match outcome {
            Outcome::Skip(_) | Outcome::Hold(_) => Vec::new(),
            _ => self.awaits(mail),
        };
        Decision { outcome, trace, awaits, marks }
    }

    fn outcome(
        &self,
        message: MessageId,
        received_at: Timestamp,
        mail: &Understood,
        trace: &mut Vec<TraceStep>,
        marks: &mut Vec<&'static str>,
    ) -> Outcome {
        if self.is_copy(message, mail.mark(), trace) || self.is_copy_in(&mail.project, message, mail, trace) {
            return Outcome::Skip(Reason::Duplicate);
        }
        if let Some(refused) = self.refused(mail, trace, marks) {
            return refused;
        }
        let thread = self.find_thread(mail, trace);
        let outcome = self.wished(mail, thread, trace);
        marks.extend(likely(&mail.mail).map(|(kind, _)| kind.likely_label()));
        let issue = match &outcome {
            Outcome::Create => None,
            Outcome::Comment(issue) => Some(issue.clone()),
            Outcome::Skip(_) | Outcome::Hold(_) => return outcome,
        };
        // Its thread may lie in another project, where it came from another mailbox.
        if let Some(issue) = &issue
            && self.is_copy_in(self.project_of(issue), message, mail, trace)
        {
            return Outcome::Skip(Reason::Duplicate);
        }
        if !mail.rated || mail.released {
            return outcome;
        }
        let arrival = Arrival { commented: issue, ..Arrival::of(received_at, &mail.mail) };
        match self.rates.flood(&arrival) {
            Some(why) => {
                trace.push(TraceStep::new("flood", why));
                Outcome::Hold(Reason::Flood)
            }
            None => outcome,
        }
    }

    /// Whether its mailbox knows it from before it was numbered anew.
    pub(super) fn is_known_again(&self, message: MessageId, mail: &Understood) -> bool {
        let first = self.first_of(message, &mail.mark());
        first.is_some_and(|first| mail.before.as_ref().is_some_and(|before| before.is_of(*first)))
    }

    fn first_of(&self, message: MessageId, mark: &SeenMarker) -> Option<&MessageId> {
        self.seen.get(mark).filter(|by| **by != message)
    }

    fn is_copy_in(
        &self,
        project: &ProjectKey,
        message: MessageId,
        mail: &Understood,
        trace: &mut Vec<TraceStep>,
    ) -> bool {
        mail.marks_of(project).into_iter().any(|mark| self.is_copy(message, mark, trace))
    }

    fn is_copy(&self, message: MessageId, mark: SeenMarker, trace: &mut Vec<TraceStep>) -> bool {
        let Some(first) = self.first_of(message, &mark) else { return false };
        trace.push(TraceStep::new("duplicate", format!("The same mail was already received as {first}.")));
        true
    }

    /// In which project an issue is.
    pub(super) fn project_of<'i>(&'i self, issue: &'i IssueRef) -> &'i ProjectKey {
        match issue {
            IssueRef::Existing(key) => key.project(),
            IssueRef::New(n) => &self.created[*n],
        }
    }

    /// What keeps a mail from becoming anything, wherever it belongs.
    fn refused(
        &self,
        mail: &Understood,
        trace: &mut Vec<TraceStep>,
        marks: &mut Vec<&'static str>,
    ) -> Option<Outcome> {
        let by = mail.route.by.as_deref().unwrap_or_default();
        if mail.route.wish == Wish::Ignore {
            trace.push(TraceStep::new("handler", format!("\"{by}\" ignores it.")));
            return Some(Outcome::Skip(Reason::ByHandler));
        }
        if mail.released {
            trace.push(TraceStep::new("hold", "A person released it."));
            return None;
        }
        if let Some(why) = &mail.own {
            trace.push(TraceStep::new("loop", why.clone()));
            return Some(Outcome::Hold(Reason::Loop));
        }
        if mail.route.wish == Wish::Hold {
            trace.push(TraceStep::new("handler", format!("\"{by}\" holds it.")));
            return Some(Outcome::Hold(Reason::ByHandler));
        }
        let sender = of_sender(&self.rules.sender, mail.verdict);
        let bulk = mail.route.set.bulk.filter(|_| is_bulk(&mail.mail)).unwrap_or(Treatment::Accept);
        let told = |step: &str, what: &str| TraceStep::new(step, format!("Such mail is {what} here."));
        for (treatment, step, label) in [(sender, "sender", UNVERIFIED), (bulk, "bulk", BULK)] {
            if treatment == Treatment::Mark {
                trace.push(told(step, "marked"));
                marks.push(label);
            }
        }
        let strictest = strictest([sender, bulk]);
        let (step, reason) =
            if sender == strictest { ("sender", Reason::UnverifiedSender) } else { ("bulk", Reason::Bulk) };
        match strictest {
            Treatment::Accept | Treatment::Mark => None,
            Treatment::Hold => {
                trace.push(told(step, "held"));
                Some(Outcome::Hold(reason))
            }
            Treatment::Ignore => {
                trace.push(told(step, "ignored"));
                Some(Outcome::Skip(reason))
            }
        }
    }

    fn wished(&self, mail: &Understood, thread: Option<IssueRef>, trace: &mut Vec<TraceStep>) -> Outcome {
        for (kind, verdict) in mail.mail.kind.verdicts() {
            let sure = if verdict.is_likely() { "likely" } else { "certain" };
            let told = |sign: &String| TraceStep::new("kind", format!("{kind}, {sure}: {sign}"));
            trace.extend(verdict.evidence.iter().map(told));
        }
        match (mail.route.wish, thread) {
            (Wish::Create, Some(issue)) => {
                let why = format!("A handler makes an issue of its own, not a comment on {}.", name(&issue));
                trace.push(TraceStep::new("handler", why));
                Outcome::Create
            }
            (Wish::Create, None) => Outcome::Create,
            (_, Some(issue)) => Outcome::Comment(issue),
            (Wish::Comment, None) => {
                trace.push(TraceStep::new(
                    "handler",
                    "It belongs to no issue, and a handler makes comments only.",
                ));
                Outcome::Skip(Reason::ByHandler)
            }
            (Wish::CreateOrComment | Wish::AsForwarded, None) => Outcome::Create,
            (_, None) => match automatic(&mail.mail).filter(|_| !mail.released) {
                Some(reason) => {
                    trace.push(TraceStep::new(
                        "kind",
                        "Automatic mail that belongs to no thread makes no issue.",
                    ));
                    Outcome::Skip(reason)
                }
                None => Outcome::Create,
            },
        }
    }

    fn awaits(&self, mail: &Understood) -> Vec<String> {
        let unknown =
            parents(&mail.mail).into_iter().filter(|id| self.find(&self.threads, mail, id).is_none());
        unknown.take(MAX_AWAITED).collect()
    }
}

fn of_sender(policy: &SenderPolicy, verdict: SenderVerdict) -> Treatment {
    match verdict {
        SenderVerdict::Pass => Treatment::Accept,
        SenderVerdict::Fail => policy.on_fail,
        SenderVerdict::None => policy.on_none,
    }
}

/// What a trace calls an issue whose number is not known yet: [`with_key`] puts it in.
const NUMBERLESS: &str = "an issue made in the same poll";

pub(super) fn name(issue: &IssueRef) -> String {
    match issue {
        IssueRef::Existing(key) => key.to_string(),
        IssueRef::New(_) => NUMBERLESS.to_owned(),
    }
}

/// A step of a decision to comment on this issue. Where a batch ends is a matter of time, and no trace depends on it.
pub(super) fn with_key(step: &TraceStep, key: Option<&IssueKey>) -> TraceStep {
    match key {
        Some(key) => TraceStep::new(&step.step, step.detail.replace(NUMBERLESS, &key.to_string())),
        None => step.clone(),
    }
}
