//! What the mails of a folder would become together under some rules: a first import into an empty installation, in
//! memory. For authors of handlers, who compare two lists over the same mails.

use std::sync::Arc;

use futures::StreamExt;
use mail::{
    Options, parse_reduced,
    splitter::{Limits, Splitter},
    thread::ReplyKey,
};

use crate::{
    decide::{Builder, Decided, IssueRef, Knowledge, Origin, Rates, Rules, TrialRules, decide_one},
    error::{Error, Result},
    flows::reading::parse,
    ports::{Listed, LookupHits},
    types::{ids::MailboxId, message::ServerId, project::IssueKey},
};

use super::{
    fate::{Fate, fate},
    from_files::{FiledBytes, FiledMail, file_unreadable, listed},
};

/// Some mails under some rules.
pub struct Trial {
    rules: Arc<Rules>,
    rates: Rates,
}

/// A mail that was read and understood once for all trials.
#[derive(Debug)]
pub struct TrialMail {
    listed: Listed,
    mail: mail::Mail,
}

impl TrialMail {
    /// Reads a mail from a file. Its files are looked at and not kept.
    pub async fn of(filed: FiledMail) -> Result<Self> {
        let (listed, raw) = listed(filed);
        let gave_up = |_| Error::internal("the parser gave up on this mail");
        let mut mail = match raw {
            FiledBytes::Whole(raw) => parse::parse(raw, Options::default()).await.map_err(gave_up)?,
            FiledBytes::Pieces(mut pieces) => {
                let mut splitter = Splitter::new(Limits::default());
                while let Some(piece) = pieces.again.next().await {
                    let piece = piece.map_err(file_unreadable)?;
                    splitter.push(&piece, &mut |_| ());
                }
                let reduced = splitter.finish(&mut |_| ());
                let parse = move || parse_reduced(reduced, &Options::default());
                parse::on_thread(parse).await.map_err(gave_up)?
            }
        };
        for file in &mut mail.attachments {
            file.content = mail::AttachmentContent::Bytes(Vec::new());
        }
        Ok(Self { listed, mail })
    }

    /// Its Message-ID and its subject.
    pub fn names(&self) -> (Option<&str>, &str) {
        (self.mail.message_id.as_deref(), &self.mail.subject)
    }
}

impl Trial {
    /// Begins with no mails. Reply tokens of an installation are not known here.
    pub fn new(rules: TrialRules) -> Self {
        Self { rules: Rules::of_trial(rules, ReplyKey::new(&[0; 32])), rates: Rates::default() }
    }

    /// What becomes of mails, in their order: asked for each mail after the ones before it.
    pub fn run(&mut self) -> Running<'_> {
        let Self { rules, rates } = self;
        let knowledge = Knowledge::new(rules, &[], LookupHits::default(), rates);
        Running { rules, knowledge, keys: Vec::new(), mails: 0 }
    }
}

/// A trial under way.
pub struct Running<'t> {
    rules: &'t Arc<Rules>,
    knowledge: Knowledge<'t>,
    /// Of the issues that were made: the number of each is that of its mail.
    keys: Vec<IssueKey>,
    mails: u64,
}

impl Running<'_> {
    /// What the next mail becomes.
    pub fn next(&mut self, sample: &TrialMail) -> Result<Fate> {
        self.mails += 1;
        let origin = Origin {
            mailbox: MailboxId::of_imports(&self.rules.project),
            epoch: 1,
            rules: self.rules.clone(),
            after_import: None,
        };
        // Each by itself: the same bytes twice are a copy, and not the same file again.
        let server_id = ServerId::File { sha256: format!("{:064x}", self.mails) };
        let listed = Listed { server_id, ..sample.listed.clone() };
        let prepared = origin.parsed(listed, sample.listed.size, Ok(sample.mail.clone()));
        let decided = decide_one(&mut self.knowledge, &prepared);
        if let Some(Decided { issue: Some(IssueRef::New(n)), .. }) = &decided
            && *n == self.keys.len()
        {
            self.keys.push(IssueKey::new(self.knowledge.created[*n].clone(), self.mails));
        }
        let mut builder = Builder::new(&self.keys, 0, prepared.message.received_at);
        builder.add(&prepared, decided)?;
        let mut fate = fate(&prepared, builder)?;
        // Issues of a trial are numbered by its mails.
        fate.comment_on = fate.issue_key.take().map(|key| key.number());
        Ok(fate)
    }
}

#[cfg(test)]
#[path = "trial_tests.rs"]
mod tests;
