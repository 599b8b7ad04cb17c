//! What a mail would become: everything but the writing.

use aws_lc_rs::digest;
use bytes::Bytes;

use crate::{
    App, Sentence,
    decide::{Content, Decision, IssueRef, Origin, Outcome, Rates, Rules, Understood},
    error::{Error, FieldErrors, Result},
    flows::{
        mailboxes,
        reading::parse,
        record::{Numbers, Writer},
    },
    ports::Listed,
    types::{
        handler::{self, Handler},
        ids::{MailboxId, MessageId},
        issue::BlobKey,
        message::{Reason, ServerId, TraceStep},
        project::{IssueKey, ProjectKey},
    },
};

use super::{get, redrive};

/// Larger mails are not rehearsed, bytes.
pub const MAX_MAIL: u64 = 8 * 1024 * 1024;

/// The mail of a rehearsal.
#[derive(Debug)]
pub enum Sample {
    /// Its bytes.
    Raw(Vec<u8>),
    /// One that came.
    Message(MessageId),
}

/// What a mail would become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// `create`, `comment`, `skip` or `hold`.
    pub decision: &'static str,
    /// Why it would be skipped or held, as a stable word.
    pub reason: Option<Reason>,
    /// Where an issue would be made.
    pub project: Option<ProjectKey>,
    /// The issue that would get the comment.
    pub issue_key: Option<IssueKey>,
    /// Each step, also of handlers that do not apply.
    pub trace: Vec<TraceStep>,
}

/// Decides on a mail with a mailbox's rules, or with these handlers instead. Nothing is written.
pub async fn rehearse(
    app: &App,
    mailbox: MailboxId,
    sample: Sample,
    handlers: Option<Vec<Handler>>,
) -> Result<Rehearsal> {
    let shown = mailboxes::get(app, mailbox).await?;
    let mut rules = Rules::of(app.mac.reply_key(), &shown.mailbox, shown.username.as_deref());
    if let Some(handlers) = handlers {
        check(app, &handlers).await?;
        rules = rules.with_handlers(handlers);
    }
    let Sampled { listed, raw, epoch, made } = sampled(app, mailbox, sample).await?;
    let origin = Origin::of(&shown.mailbox, epoch.unwrap_or(shown.run.epoch), rules);
    let size = raw.len() as u64;
    let parsed = parse::parse(Bytes::from(raw), app.parse.clone()).await;
    let prepared = origin.parsed(listed, size, parsed);
    let Content::Mail(mail) = &prepared.content else {
        return Err(Error::internal("the parser gave up on this mail"));
    };
    let mut writer = Writer {
        app,
        rules: &origin.rules,
        numbers: &mut Numbers::default(),
        rates: &mut Rates::default(),
        uid_validity: 0,
    };
    let decision =
        writer.rehearse(prepared.message.id, prepared.message.received_at, mail, made.as_ref()).await?;
    Ok(told(mail, decision))
}

/// Handlers that a mailbox could have.
pub(super) async fn check(app: &App, handlers: &[Handler]) -> Result<()> {
    let mut errors = FieldErrors::default();
    handler::check(handlers, "/handlers", &mut errors);
    mailboxes::check_handlers(app, handlers, &mut errors).await?;
    errors.finish()
}

/// A mail to rehearse with.
struct Sampled {
    listed: Listed,
    raw: Vec<u8>,
    /// In which its record was made: with another one it would not be the same mail.
    epoch: Option<u32>,
    /// The issue that it made: it does not belong to that.
    made: Option<IssueKey>,
}

async fn sampled(app: &App, mailbox: MailboxId, sample: Sample) -> Result<Sampled> {
    match sample {
        Sample::Raw(raw) => {
            let sha256 = hex::encode(digest::digest(&digest::SHA256, &raw));
            let listed = Listed {
                server_id: ServerId::File { sha256 },
                size: raw.len() as u64,
                received_at: Some(mail::received_at(&raw).unwrap_or_else(|| app.now())),
            };
            Ok(Sampled { listed, raw, epoch: None, made: None })
        }
        Sample::Message(id) => {
            let message = get(app, id).await?;
            if message.mailbox_id != mailbox {
                return Err(Error::field("/message_id", "field.other_mailbox"));
            }
            redrive::check_raw(&message)?;
            if message.size > MAX_MAIL {
                let what = Sentence::new("field.too_large_to_rehearse").with("max", MAX_MAIL);
                return Err(Error::field("/message_id", what));
            }
            let raw = app.blobs.read(&BlobKey::raw(id)).await?.bytes(MAX_MAIL).await?;
            let listed = Listed::from(&message);
            let made = message.issue_key.filter(|_| message.reason == Reason::Created);
            Ok(Sampled { listed, raw, epoch: Some(message.epoch), made })
        }
    }
}

fn told(mail: &Understood, decision: Decision) -> Rehearsal {
    let (word, reason, issue_key, project) = match decision.outcome {
        Outcome::Create => ("create", None, None, Some(mail.project.clone())),
        Outcome::Comment(IssueRef::Existing(key)) => {
            let project = key.project().clone();
            ("comment", None, Some(key), Some(project))
        }
        Outcome::Comment(IssueRef::New(_)) => ("comment", None, None, None),
        Outcome::Skip(reason) => ("skip", Some(reason), None, None),
        Outcome::Hold(reason) => ("hold", Some(reason), None, None),
    };
    let before = mail.trace.iter().filter(|step| step.step != "handler");
    let trace = before.chain(&mail.route.trace).chain(&decision.trace).cloned();
    Rehearsal { decision: word, reason, project, issue_key, trace: trace.collect() }
}
