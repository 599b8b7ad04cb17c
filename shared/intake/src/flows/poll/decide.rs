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
    rates::{Arrival, Rates},
    rules::{Rules, Understood},
    threads::{MAX_AWAITED, parents, thread_key},
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
    rules: &'a Rules,
    threads: BTreeMap<ThreadKey, IssueRef>,
    awaited: BTreeMap<ThreadKey, IssueRef>,
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
                Change::Thread { key, issue } => drop(knowledge.threads.insert(key.clone(), existing(issue))),
                Change::Awaited { key, issue } => {
                    knowledge.awaited.entry(key.clone()).or_insert_with(|| existing(issue));
                }
                Change::Seen { marker, by } => drop(knowledge.seen.insert(marker.clone(), *by)),
                _ => {}
            }
        }
        knowledge.threads.extend(hits.threads.iter().map(|(key, issue)| (key.clone(), existing(issue))));
        knowledge.awaited.extend(hits.awaited.iter().map(|(key, issue)| (key.clone(), existing(issue))));
        knowledge.seen.extend(hits.seen);
        knowledge
    }

    /// Forgets an issue, as if no mail had made it.
    pub(super) fn forget(&mut self, issue: &IssueKey) {
        let is_other = |there: &IssueRef| !matches!(there, IssueRef::Existing(key) if key == issue);
        self.threads.retain(|_, there| is_other(there));
        self.awaited.retain(|_, there| is_other(there));
        self.parties.remove(issue);
    }

    /// Notes what a mail became, so that later mails of the batch see it, and gives the keys by which later mails find
    /// its issue: those that led nowhere so far.
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
        self.seen.entry(mail.mark_of(project)).or_insert(message);
        for parent in &decision.awaits {
            self.awaited.entry(thread_key(project, parent)).or_insert_with(|| issue.clone());
        }
        let ids = mail.mail.message_id.iter().chain(&mail.conversation);
        let mut keys: Vec<ThreadKey> = ids.map(|id| thread_key(project, id)).collect();
        keys.retain(|key| !self.threads.contains_key(key));
        self.threads.extend(keys.iter().map(|key| (key.clone(), issue.clone())));
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
        if self.is_copy(message, mail.mark(), trace)
            || self.is_copy(message, mail.mark_of(&mail.project), trace)
        {
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
            && self.is_copy(message, mail.mark_of(self.project_of(issue)), trace)
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

    /// The issue that it belongs to: by reply token, by its references, by who waits for it, by Outlook's conversation,
    /// and by the key in its subject if its sender takes part.
    fn find_thread(&self, mail: &Understood, trace: &mut Vec<TraceStep>) -> Option<IssueRef> {
        if let Some(key) = mail.token.as_ref().filter(|key| self.parties.contains_key(key)) {
            trace.push(TraceStep::new("thread", format!("It carries the reply token of {key}.")));
            return Some(IssueRef::Existing(key.clone()));
        }
        for parent in parents(&mail.mail) {
            if let Some(issue) = self.find(&self.threads, mail, &parent) {
                let why = format!("It answers <{parent}>, which belongs to {}.", name(&issue));
                trace.push(TraceStep::new("thread", why));
                return Some(issue);
            }
        }
        if let Some(own) = &mail.mail.message_id {
            if let Some(issue) = self.find(&self.threads, mail, own) {
                // A mail program or list that reuses Message-IDs: another mail of the same thread, never dropped.
                let why = format!("Another mail with the Message-ID <{own}> belongs to {}.", name(&issue));
                trace.push(TraceStep::new("defect", why));
                return Some(issue);
            }
            if let Some(issue) = self.find(&self.awaited, mail, own) {
                let why = format!("An earlier answer to this mail became {}.", name(&issue));
                trace.push(TraceStep::new("thread", why));
                return Some(issue);
            }
        }
        if let Some(issue) = mail.conversation.as_ref().and_then(|key| self.find(&self.threads, mail, key)) {
            let why = format!("Its Outlook conversation (Thread-Index) belongs to {}.", name(&issue));
            trace.push(TraceStep::new("thread", why));
            return Some(issue);
        }
        self.by_subject(mail, trace)
    }

    fn by_subject(&self, mail: &Understood, trace: &mut Vec<TraceStep>) -> Option<IssueRef> {
        let from = mail.mail.from.as_ref().map(|from| from.address.to_lowercase()).unwrap_or_default();
        for key in &mail.named {
            let Some(parties) = self.parties.get(key) else { continue };
            if mail.verdict == SenderVerdict::Fail {
                let why = format!("Its subject names {key}, but its sender is not who it says.");
                trace.push(TraceStep::new("thread", why));
                continue;
            }
            if parties.contains(&from) {
                let why = format!("Its subject names {key}, in which its sender takes part.");
                trace.push(TraceStep::new("thread", why));
                return Some(IssueRef::Existing(key.clone()));
            }
            let why = format!("Its subject names {key}, but its sender does not take part in it.");
            trace.push(TraceStep::new("thread", why));
        }
        None
    }

    /// The mail's own project first, then the others of the mailbox.
    fn find(&self, map: &BTreeMap<ThreadKey, IssueRef>, mail: &Understood, id: &str) -> Option<IssueRef> {
        let projects = std::iter::once(&mail.project).chain(&self.rules.projects);
        projects.into_iter().find_map(|project| map.get(&thread_key(project, id)).cloned())
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
            (Wish::CreateOrComment, None) => Outcome::Create,
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

fn name(issue: &IssueRef) -> String {
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
