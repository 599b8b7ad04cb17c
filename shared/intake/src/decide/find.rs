//! To which issue a mail belongs, by what is known.

use crate::types::{handler::SenderVerdict, message::TraceStep};

use super::{
    knowledge::{Knowledge, Lead},
    outcome::{IssueRef, name},
    rules::Understood,
    threads::parents,
};

impl Knowledge<'_> {
    /// The issue that it belongs to: by reply token, by its references, by who waits for it, by Outlook's conversation,
    /// and by the key in its subject if its sender takes part.
    pub(crate) fn find_thread(&self, mail: &Understood, trace: &mut Vec<TraceStep>) -> Option<IssueRef> {
        if let Some(key) = mail.token.as_ref().filter(|key| self.parties.contains_key(key)) {
            trace.push(TraceStep::new("thread", format!("It carries the reply token of {key}.")));
            return Some(IssueRef::Existing(key.clone()));
        }
        for parent in parents(&mail.mail) {
            let Some(Lead { issue, .. }) = self.find(&self.threads, mail, &parent) else { continue };
            if self.is_reused(mail, &parent) {
                let why = format!("It answers <{parent}>, but several mails have that Message-ID.");
                trace.push(TraceStep::new("defect", why));
                continue;
            }
            let why = format!("It answers <{parent}>, which belongs to {}.", name(issue));
            trace.push(TraceStep::new("thread", why));
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
            let other = if is_form { "form of this mail" } else { "mail" };
            let why = format!("Another {other} with the Message-ID <{own}> belongs to {}.", name(issue));
            trace.push(TraceStep::new("defect", why));
            return is_form.then(|| issue.clone());
        }
        let issue = self.find(&self.awaited, mail, own)?.clone();
        let why = format!("An earlier answer to this mail became {}.", name(&issue));
        trace.push(TraceStep::new("thread", why));
        Some(issue)
    }

    fn by_conversation(&self, mail: &Understood, trace: &mut Vec<TraceStep>) -> Option<IssueRef> {
        let known = mail.ancestors().iter().filter(|place| !self.is_reused(mail, place));
        let Lead { issue, .. } = known.filter_map(|place| self.find(&self.threads, mail, place)).next()?;
        let why = format!("Its Outlook conversation (Thread-Index) belongs to {}.", name(issue));
        trace.push(TraceStep::new("thread", why));
        Some(issue.clone())
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
            if mail.mail.rewritten_from.is_some() && mail.verdict != SenderVerdict::Pass {
                let why = format!("Its subject names {key}, but who wrote it is only what a list says.");
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
}
