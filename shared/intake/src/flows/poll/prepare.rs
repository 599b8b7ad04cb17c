//! From bytes of one mail to something that can be decided on: raw bytes into a blob first, then the parse.

use bytes::Bytes;
use mail::{AttachmentContent, Mail, identity::Identity};

use crate::{
    App,
    error::Result,
    ports::Listed,
    types::{
        errand::{AfterImport, MailAction},
        ids::{MailboxId, MessageId},
        issue::BlobKey,
        mailbox::Mailbox,
        message::{Message, MessageState, Reason, SeenMarker, SeenScope, TraceStep},
        project::ProjectKey,
    },
};

use super::{
    batch::MAX_ATTACHMENTS,
    parse::{self, ParserPanicked},
};

/// The longest subject kept in records, in characters.
pub(super) const MAX_SUBJECT_CHARS: usize = 250;

/// Whose mail it is.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) mailbox: MailboxId,
    pub(super) epoch: u32,
    pub(super) project: ProjectKey,
    /// What is done to its mails on the server.
    pub(super) after_import: Option<MailAction>,
}

/// One mail, ready for its decision.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) listed: Listed,
    pub(super) message: Message,
    /// What its record must be before: None where there must be none.
    pub(super) expected: Option<MessageState>,
    pub(super) content: Content,
}

/// What there is to decide on.
#[derive(Debug)]
pub(super) enum Content {
    /// A mail that was read and understood.
    Mail(Box<Mail>, Vec<SeenMarker>),
    /// Nothing: the record's state is final already.
    Final,
}

impl Origin {
    pub(super) fn of(mailbox: &Mailbox, epoch: u32) -> Self {
        Self {
            mailbox: mailbox.id,
            epoch,
            project: mailbox.project.clone(),
            after_import: mailbox.after_import.clone(),
        }
    }

    /// The record of a mail of a listing, before anything is known of it.
    pub(super) fn record(&self, listed: &Listed) -> Message {
        Message {
            id: MessageId::derive(self.mailbox, self.epoch, &listed.server_id, listed.received_at),
            mailbox_id: self.mailbox,
            epoch: self.epoch,
            server_id: listed.server_id.clone(),
            state: MessageState::Stored,
            reason: Reason::Pending,
            internet_message_id: None,
            subject: String::new(),
            from: None,
            size: listed.size,
            issue_key: None,
            comment_id: None,
            attempts: 1,
            failed_readings: 0,
            received_at: listed.received_at,
            trace: Vec::new(),
            after_import: None,
        }
    }

    /// The marks by which this mail is known again in its mailbox and in its project.
    fn markers(&self, identity: &Identity) -> Vec<SeenMarker> {
        let marker = |scope| SeenMarker { scope, identity: identity.marker() };
        vec![marker(SeenScope::Mailbox(self.mailbox)), marker(SeenScope::Project(self.project.clone()))]
    }

    /// A record that is final without a decision.
    pub(super) fn finished(
        &self,
        listed: Listed,
        state: MessageState,
        reason: Reason,
        why: &str,
    ) -> Prepared {
        let mut message = self.record(&listed);
        message.state = state;
        message.reason = reason;
        message.trace.push(TraceStep::new("read", why));
        Prepared { listed, message, expected: None, content: Content::Final }
    }

    /// A mail that was parsed, or on which the parser gave up.
    pub(super) fn parsed(&self, listed: Listed, size: u64, parsed: Result<Mail, ParserPanicked>) -> Prepared {
        let mut message = self.record(&listed);
        message.size = size;
        let Ok(mail) = parsed else {
            message.state = MessageState::Failed;
            message.reason = Reason::Unprocessable;
            message
                .trace
                .push(TraceStep::new("parse", "The parser gave up on this mail; its raw bytes are kept."));
            return Prepared { listed, message, expected: None, content: Content::Final };
        };
        message.internet_message_id = mail.message_id.clone();
        message.subject = cut(&mail.subject, MAX_SUBJECT_CHARS);
        message.from = mail.from.as_ref().map(|from| from.address.clone());
        message.after_import = self.after_import.clone().map(AfterImport::pending);
        let markers = self.markers(&mail::identity::identity(&mail));
        Prepared { listed, message, expected: None, content: Content::Mail(Box::new(mail), markers) }
    }
}

impl Prepared {
    /// How many actions its part of the transaction takes at most: its record, its marks, what it becomes, the issue
    /// that is touched, its thread key, the keys that it awaits, its files, its errand.
    pub(super) fn actions(&self) -> usize {
        match &self.content {
            Content::Mail(mail, markers) => {
                let files = mail.attachments.len().min(MAX_ATTACHMENTS);
                let errand = usize::from(self.message.after_import.is_some());
                4 + markers.len() + super::decide::most_awaited(mail) + files + errand
            }
            Content::Final => 2,
        }
    }

    /// Stores the files that it holds, and lets go of their bytes. Whether the mail becomes anything is not known yet:
    /// files without a record go when the record of their mail goes.
    pub(super) async fn stage_files(&mut self, app: &App) -> Result<()> {
        let Content::Mail(mail, _) = &mut self.content else { return Ok(()) };
        for (n, file) in (0u32..).zip(mail.attachments.iter_mut().take(MAX_ATTACHMENTS)) {
            if let AttachmentContent::Bytes(bytes) = &mut file.content {
                let bytes = Bytes::from(std::mem::take(bytes));
                app.blobs.stage(&BlobKey::file(self.message.id, n), bytes).await?;
            }
        }
        Ok(())
    }

    /// About how many bytes its part of the transaction takes.
    pub(super) fn weight(&self) -> usize {
        let inline = |text: &str| text.len().min(crate::types::issue::Text::MAX_INLINE);
        match &self.content {
            Content::Mail(mail, _) => {
                let html = mail.body_html.as_deref().map_or(0, inline);
                4096 + inline(&mail.body_text)
                    + html
                    + inline(&mail.quoted_text)
                    + mail.attachments.len() * 700
            }
            Content::Final => 1024,
        }
    }
}

/// Stores the raw bytes and parses them, side by side, and stores the files; a flush makes them durable before the
/// records.
pub(super) async fn prepare(app: App, origin: Origin, listed: Listed, raw: Bytes) -> Result<Prepared> {
    let size = raw.len() as u64;
    let key = BlobKey::raw(origin.record(&listed).id);
    let (stored, parsed) =
        tokio::join!(app.blobs.stage(&key, raw.clone()), parse::parse(raw, app.parse.clone()));
    stored?;
    let mut prepared = origin.parsed(listed, size, parsed);
    prepared.stage_files(&app).await?;
    Ok(prepared)
}

/// At most this many characters.
pub(super) fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}
