//! To which issue a mail belongs, by what is known.

use crate::{
    Sentence,
    types::{handler::SenderVerdict, message::TraceStep},
};

use super::{
    knowledge::{Knowledge, Lead},
    outcome::{IssueRef, about},
    rules::Understood,
    threads::parents,
};

impl Knowledge<'_> {
    /// The issue that it belongs to: by reply token, by its references, by who waits for it, by Outlook's conversation,
    /// and by the key in its subject if its sender takes part.
    pub(crate) fn find_thread(&self, mail: &Understood, trace: &mut Vec<TraceStep>) -> Option<IssueRef> {
        if let Some(key) = mail.token.as_ref().filter(|key| self.parties.contains_key(key)) {
            let why = Sentence::new("trace.thread.token").with("issue", key);
            trace.push(TraceStep::told("thread", why));
            return Some(IssueRef::Existing(key.clone()));
        }
        for parent in parents(&mail.mail) {
            let Some(Lead { issue, .. }) = self.find(&self.threads, mail, &parent) else { continue };
            if self.is_reused(mail, &parent) {
                let why = Sentence::new("trace.thread.reused").with("parent", parent);
                trace.push(TraceStep::told("defect", why));
                continue;
            }
            let why = about("trace.thread.answers", issue).with("parent", parent);
            trace.push(TraceStep::told("thread", why));
            return Some(issue.clone());
        }
        mail.mail
            .message_ids()
            .find_map(|own| self.by_own_id(mail, own, trace))
            .or_else(|| self.by_conversation(mail, trace))
            .or_else(|| self.by_subject(mail, trace))
    }

    /// A list's form of a mail that came, or the mail for which an answer waits. A web form or scanner that writes the
    /// same Message-ID each time joins nobody.
    fn by_own_id(&self, mail: &Understood, own: &str, trace: &mut Vec<TraceStep>) -> Option<IssueRef> {
        if let Some(Lead { issue, likeness }) = self.find(&self.threads, mail, own) {
            let is_form = likeness.is_some() && *likeness == mail.likeness;
            let why = match is_form {
                true => about("trace.thread.form", issue),
                false => about("trace.thread.same_id", issue),
            };
            trace.push(TraceStep::told("defect", why.with("id", own)));
            return is_form.then(|| issue.clone());
        }
        let issue = self.find(&self.awaited, mail, own)?.clone();
        trace.push(TraceStep::told("thread", about("trace.thread.awaited", &issue)));
        Some(issue)
    }

    fn by_conversation(&self, mail: &Understood, trace: &mut Vec<TraceStep>) -> Option<IssueRef> {
        let known = mail.ancestors().iter().filter(|place| !self.is_reused(mail, place));
        let Lead { issue, .. } = known.filter_map(|place| self.find(&self.threads, mail, place)).next()?;
        trace.push(TraceStep::told("thread", about("trace.thread.conversation", issue)));
        Some(issue.clone())
    }

    fn by_subject(&self, mail: &Understood, trace: &mut Vec<TraceStep>) -> Option<IssueRef> {
        let from = mail.mail.from.as_ref().map(|from| from.address.to_lowercase()).unwrap_or_default();
        for key in &mail.named {
            let Some(parties) = self.parties.get(key) else { continue };
            let mut say = |why| trace.push(TraceStep::told("thread", Sentence::new(why).with("issue", key)));
            if mail.verdict == SenderVerdict::Fail {
                say("trace.subject.forged");
            } else if mail.mail.rewritten_from.is_some() && mail.verdict != SenderVerdict::Pass {
                say("trace.subject.list");
            } else if parties.contains(&from) {
                say("trace.subject.party");
                return Some(IssueRef::Existing(key.clone()));
            } else {
                say("trace.subject.stranger");
            }
        }
        None
    }
}
