//! What the mails of a folder would become together under some rules: a first import into an empty installation, in
//! memory. For authors of handlers, who compare two lists over the same mails.

use std::sync::Arc;

use futures::StreamExt;
use mail::{
    Options, parse_reduced,
    splitter::{Limits, Splitter},
    thread::ReplyKey,
};
use serde::Serialize;

use crate::{
    decide::{
        Builder, Content, Decided, IssueRef, Knowledge, Origin, Prepared, Rates, Rules, TrialRules,
        decide_one, handlers::PASSED_OVER,
    },
    error::{Error, Result},
    flows::reading::parse,
    ports::{Change, Listed, LookupHits, Write},
    types::{
        ids::MailboxId,
        issue::{Body, Person, Text},
        message::{Message, MessageState, Reason, ServerId, TraceStep},
        project::IssueKey,
    },
};

use super::from_files::{FiledBytes, FiledMail, file_unreadable, listed};

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

/// What a mail would become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// `create`, `comment`, `skip` or `hold`.
    pub decision: &'static str,
    /// Why, as a stable word.
    pub reason: Reason,
    /// Where the issue is made that it becomes, or that it comments on.
    pub project: Option<String>,
    /// Which mail of the folder made the issue on which it comments; the first is 1.
    pub comment_on: Option<u64>,
    /// As whose words it counts.
    pub reporter: Option<Person>,
    /// What a new issue has.
    pub issue: Option<Looks>,
    /// The text.
    pub text: Option<String>,
    /// What is shown folded.
    pub quoted_text: Option<String>,
    /// The names of its files.
    pub files: Vec<String>,
    /// How that was decided. Not compared.
    #[serde(skip)]
    pub trace: Vec<TraceStep>,
}

/// How a new issue looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the words are those of an issue")]
pub struct Looks {
    #[serde(rename = "type")]
    pub issue_type: String,
    pub labels: Vec<String>,
    pub priority: Option<String>,
    pub assignee: Option<String>,
    pub watchers: Vec<String>,
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
        fate(&prepared, builder)
    }
}

/// What would be written.
fn fate(prepared: &Prepared, builder: Builder<'_>) -> Result<Fate> {
    let Builder { changes, texts, .. } = builder;
    let read = |text: &Text| match text {
        Text::Inline(text) => text.clone(),
        Text::Blob(key) => {
            let found = texts.iter().find(|(there, _)| there == key);
            found.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
        }
    };
    let message = changes.iter().find_map(|change| match change {
        Change::Message { message, .. } => Some(&**message),
        _ => None,
    });
    let message: &Message = message.ok_or_else(|| Error::internal("a mail without a record"))?;
    let mut fate = Fate {
        decision: decision(message),
        reason: message.reason,
        project: message.issue_key.as_ref().map(|key| key.project().to_string()),
        comment_on: message.issue_key.as_ref().filter(|_| message.comment_id.is_some()).map(IssueKey::number),
        reporter: None,
        issue: None,
        text: None,
        quoted_text: None,
        files: Vec::new(),
        trace: message.trace.clone(),
    };
    if let Content::Mail(mail) = &prepared.content {
        let passed_over = mail.route.trace.iter().filter(|step| step.step == PASSED_OVER);
        fate.trace.extend(passed_over.cloned());
    }
    let mut says = |person: &Person, body: &Body| {
        fate.reporter = Some(person.clone());
        (fate.text, fate.quoted_text) = (Some(read(&body.text)), Some(read(&body.quoted)));
    };
    for change in &changes {
        match change {
            Change::Issue(write) => {
                let Write::Create(issue) = &**write else { continue };
                says(&issue.reporter, &issue.body);
                fate.issue = Some(Looks {
                    issue_type: issue.issue_type.clone(),
                    labels: issue.labels.clone(),
                    priority: issue.priority.clone(),
                    assignee: issue.assignee.clone(),
                    watchers: issue.watchers.clone(),
                });
            }
            Change::Comment(comment) => says(&comment.author, &comment.body),
            Change::Attachment(file) => fate.files.push(file.filename.clone()),
            _ => {}
        }
    }
    Ok(fate)
}

fn decision(message: &Message) -> &'static str {
    match (message.state, message.comment_id) {
        (MessageState::Applied, None) => "create",
        (MessageState::Applied, Some(_)) => "comment",
        (MessageState::Skipped, _) => "skip",
        (MessageState::Held, _) => "hold",
        _ => "fail",
    }
}

#[cfg(test)]
#[path = "trial_tests.rs"]
mod tests;
