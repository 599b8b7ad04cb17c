//! What one mail becomes. Pure: the same mail and the same knowledge give the same decision.

use crate::{
    Sentence, Timestamp,
    catalogue::TOLD,
    limits::MAX_AWAITED,
    ports::ThreadKey,
    types::{
        handler::{SenderVerdict, Treatment},
        ids::MessageId,
        message::{Reason, SeenMarker, TraceStep},
        policy::SenderPolicy,
        project::ProjectKey,
    },
};

use super::{
    handlers::{Wish, automatic, is_bulk, likely, strictest},
    knowledge::Knowledge,
    outcome::{Decision, IssueRef, Outcome, about},
    prepared::{Content, Prepared},
    rates::Arrival,
    rules::Understood,
    threads::parents,
};

/// The label of an issue whose sender may be forged.
const UNVERIFIED: &str = "unverified-sender";
/// The label of an issue whose mail was sent to many.
const BULK: &str = "bulk";

impl Knowledge<'_> {
    /// Decides.
    pub(crate) fn decide(&self, message: MessageId, received_at: Timestamp, mail: &Understood) -> Decision {
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
                trace.push(TraceStep::told("flood", why));
                Outcome::Hold(Reason::Flood)
            }
            None => outcome,
        }
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
        let why = Sentence::new("trace.duplicate").with("first", first);
        trace.push(TraceStep::told("duplicate", why));
        true
    }

    /// What keeps a mail from becoming anything, wherever it belongs.
    fn refused(
        &self,
        mail: &Understood,
        trace: &mut Vec<TraceStep>,
        marks: &mut Vec<&'static str>,
    ) -> Option<Outcome> {
        let by = |key| Sentence::new(key).with("handler", mail.route.by.as_deref().unwrap_or_default());
        if mail.route.wish == Wish::Ignore {
            trace.push(TraceStep::told("handler", by("trace.handler.ignores")));
            return Some(Outcome::Skip(Reason::ByHandler));
        }
        if mail.released {
            trace.push(TraceStep::told("hold", "trace.released"));
            return None;
        }
        if let Some(why) = &mail.own {
            trace.push(TraceStep::told("loop", why.clone()));
            return Some(Outcome::Hold(Reason::Loop));
        }
        if mail.route.wish == Wish::Hold {
            trace.push(TraceStep::told("handler", by("trace.handler.holds")));
            return Some(Outcome::Hold(Reason::ByHandler));
        }
        let sender = of_sender(&self.rules.sender, mail.verdict);
        let bulk = mail.route.set.bulk.filter(|_| is_bulk(&mail.mail)).unwrap_or(Treatment::Accept);
        for (treatment, step, label) in [(sender, "sender", UNVERIFIED), (bulk, "bulk", BULK)] {
            if treatment == Treatment::Mark {
                trace.push(TraceStep::told(step, "trace.treatment.marked"));
                marks.push(label);
            }
        }
        let strictest = strictest([sender, bulk]);
        let (step, reason) =
            if sender == strictest { ("sender", Reason::UnverifiedSender) } else { ("bulk", Reason::Bulk) };
        match strictest {
            Treatment::Accept | Treatment::Mark => None,
            Treatment::Hold => {
                trace.push(TraceStep::told(step, "trace.treatment.held"));
                Some(Outcome::Hold(reason))
            }
            Treatment::Ignore => {
                trace.push(TraceStep::told(step, "trace.treatment.ignored"));
                Some(Outcome::Skip(reason))
            }
        }
    }

    fn wished(&self, mail: &Understood, thread: Option<IssueRef>, trace: &mut Vec<TraceStep>) -> Outcome {
        for (kind, verdict) in mail.mail.kind.verdicts() {
            let key = if verdict.is_likely() { "trace.kind.likely" } else { "trace.kind.certain" };
            let told = |sign: &String| Sentence::new(key).with("kind", kind).with(TOLD, sign);
            trace.extend(verdict.evidence.iter().map(|sign| TraceStep::told("kind", told(sign))));
        }
        match (mail.route.wish, thread) {
            (Wish::Create, Some(issue)) => {
                trace.push(TraceStep::told("handler", about("trace.handler.creates", &issue)));
                Outcome::Create
            }
            (Wish::Create, None) => Outcome::Create,
            (_, Some(issue)) => Outcome::Comment(issue),
            (Wish::Comment, None) => {
                trace.push(TraceStep::told("handler", "trace.handler.comments_only"));
                Outcome::Skip(Reason::ByHandler)
            }
            (Wish::CreateOrComment | Wish::AsForwarded, None) => Outcome::Create,
            (_, None) => match automatic(&mail.mail).filter(|_| !mail.released) {
                Some(reason) => {
                    trace.push(TraceStep::told("kind", "trace.automatic"));
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

/// What was decided on one mail, and the thread keys that are new.
pub(crate) struct Decided {
    pub(crate) decision: Decision,
    pub(crate) issue: Option<IssueRef>,
    pub(crate) threads: Vec<ThreadKey>,
    /// It is known under another number.
    pub(crate) known_again: bool,
}

pub(crate) fn decide_one(knowledge: &mut Knowledge<'_>, prepared: &Prepared) -> Option<Decided> {
    let Content::Mail(mail) = &prepared.content else { return None };
    let (id, at) = (prepared.message.id, prepared.message.received_at);
    let decision = knowledge.decide(id, at, mail);
    let known_again = knowledge.is_known_again(id, mail);
    let issue = match &decision.outcome {
        Outcome::Create => {
            knowledge.created.push(mail.project.clone());
            Some(IssueRef::New(knowledge.created.len() - 1))
        }
        Outcome::Comment(issue) => Some(issue.clone()),
        Outcome::Skip(_) | Outcome::Hold(_) => None,
    };
    let threads = knowledge.learn((id, at), mail, &decision, issue.as_ref());
    Some(Decided { decision, issue, threads, known_again })
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
