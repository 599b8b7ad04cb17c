//! From bytes of one mail to something that can be decided on: raw bytes into a blob first, then the parse.

use std::sync::Arc;

use bytes::Bytes;
use mail::{AttachmentContent, Mail};

use crate::{
    App,
    error::Result,
    ports::Listed,
    types::{
        errand::{AfterImport, MailAction},
        ids::{MailboxId, MessageId},
        issue::{BlobKey, Text},
        mailbox::Mailbox,
        message::{Message, MessageState, Reason, TraceStep},
    },
};

use super::{
    build::{MAX_ATTACHMENTS, watchers},
    parse::{self, ParserPanicked},
    places::Room,
    rules::{Rules, Understood},
};

/// The longest subject kept in records, in characters.
pub(in crate::flows) const MAX_SUBJECT_CHARS: usize = 250;

/// Whose mail it is.
#[derive(Debug, Clone)]
pub(in crate::flows) struct Origin {
    pub(in crate::flows) mailbox: MailboxId,
    pub(in crate::flows) epoch: u32,
    /// What the mailbox says of its mails.
    pub(in crate::flows) rules: Arc<Rules>,
    /// What is done to its mails on the server.
    pub(in crate::flows) after_import: Option<MailAction>,
}

/// One mail, ready for its decision.
#[derive(Debug)]
pub(in crate::flows) struct Prepared {
    pub(in crate::flows) listed: Listed,
    pub(in crate::flows) message: Message,
    /// What its record must be before: None where there must be none.
    pub(in crate::flows) expected: Option<MessageState>,
    pub(in crate::flows) content: Content,
    /// The room that it takes of all polls' memory, until it is decided on.
    pub(in crate::flows) room: Room,
}

/// What there is to decide on.
#[derive(Debug)]
pub(in crate::flows) enum Content {
    /// A mail that was read and understood.
    Mail(Box<Understood>),
    /// Nothing: the record's state is final already.
    Final,
}

impl Origin {
    pub(in crate::flows) fn of(mailbox: &Mailbox, epoch: u32, rules: Arc<Rules>) -> Self {
        Self { mailbox: mailbox.id, epoch, rules, after_import: mailbox.after_import.clone() }
    }

    /// The record of a mail of a listing, before anything is known of it.
    pub(in crate::flows) fn record(&self, listed: &Listed) -> Message {
        Message {
            id: MessageId::derive(self.mailbox, self.epoch, &listed.server_id, listed.received()),
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
            download: None,
            received_at: listed.received(),
            arrived: false,
            trace: Vec::new(),
            after_import: None,
        }
    }

    /// A record that is final without a decision.
    pub(in crate::flows) fn finished(
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
        Prepared { listed, message, expected: None, content: Content::Final, room: Room::default() }
    }

    /// A mail that was parsed, or on which the parser gave up.
    pub(in crate::flows) fn parsed(
        &self,
        listed: Listed,
        size: u64,
        parsed: Result<Mail, ParserPanicked>,
    ) -> Prepared {
        let mut message = self.record(&listed);
        message.size = size;
        let Ok(mail) = parsed else {
            message.state = MessageState::Failed;
            message.reason = Reason::Unprocessable;
            message
                .trace
                .push(TraceStep::new("parse", "The parser gave up on this mail; its raw bytes are kept."));
            return Prepared {
                listed,
                message,
                expected: None,
                content: Content::Final,
                room: Room::default(),
            };
        };
        message.internet_message_id = mail.message_id.as_deref().map(shown);
        message.subject = cut(&mail.subject, MAX_SUBJECT_CHARS);
        message.from = mail.from.as_ref().map(|from| shown(&from.address));
        message.after_import = self.after_import.clone().map(AfterImport::pending);
        let understood = self.rules.understand(mail, size, self.mailbox);
        Prepared {
            listed,
            message,
            expected: None,
            content: Content::Mail(Box::new(understood)),
            room: Room::default(),
        }
    }
}

impl Prepared {
    /// How many actions its part of the transaction takes at most: its record, its two marks, what it becomes, the issue
    /// that is touched, its thread keys, the keys that it awaits, its files, its errand.
    pub(in crate::flows) fn actions(&self) -> usize {
        match &self.content {
            Content::Mail(understood) => {
                let mail = &understood.mail;
                let files = mail.attachments.len().min(MAX_ATTACHMENTS);
                // Of these the Message-ID is among the six; an original one has a mark, too.
                let ids = understood.ids().len().saturating_sub(1);
                let originals = usize::from(!mail.original_message_ids.is_empty());
                let errand = usize::from(self.message.after_import.is_some());
                6 + super::threads::most_awaited(mail) + files + ids + originals + errand
            }
            Content::Final => 2,
        }
    }

    /// Stores the files that it holds, and lets go of their bytes. Whether the mail becomes anything is not known yet:
    /// files without a record go when the record of their mail goes.
    pub(in crate::flows) async fn stage_files(&mut self, app: &App) -> Result<()> {
        let Content::Mail(understood) = &mut self.content else { return Ok(()) };
        for (n, file) in (0u32..).zip(understood.mail.attachments.iter_mut().take(MAX_ATTACHMENTS)) {
            if let AttachmentContent::Bytes(bytes) = &mut file.content {
                let bytes = Bytes::from(std::mem::take(bytes));
                app.blobs.stage(&BlobKey::file(self.message.id, n), bytes).await?;
            }
        }
        Ok(())
    }

    /// About how many bytes its part of the transaction takes.
    pub(in crate::flows) fn weight(&self) -> usize {
        let inline = |text: &str| Text::stored_len(text).min(Text::MAX_INLINE);
        match &self.content {
            Content::Mail(understood) => {
                let mail = &understood.mail;
                let html = mail.body_html.as_deref().map_or(0, inline);
                let name = |text: &str| Text::stored_len(&shown(text));
                // In the record, and as the reporter or author.
                let writer = understood.route.reporter(mail, understood.to.as_deref());
                let from = mail.from.as_ref().map_or(0, |from| name(&from.address))
                    + writer.map_or(0, |writer| {
                        name(writer.name.as_deref().unwrap_or_default()) + name(&writer.address)
                    });
                // In the record, and in the source of what it becomes.
                let id = 2 * mail.message_id.as_deref().map_or(0, name);
                let subject = 2 * Text::stored_len(&cut(&mail.subject, MAX_SUBJECT_CHARS));
                let watchers: usize = watchers(understood).iter().map(|w| Text::stored_len(w)).sum();
                let file = |file: &mail::Attachment| {
                    let id = file.content_id.as_deref().map_or(0, name);
                    let filename = file.filename.as_deref().map_or(0, Text::stored_len);
                    700 + filename + name(&file.content_type) + id
                };
                let files: usize = mail.attachments.iter().take(MAX_ATTACHMENTS).map(file).sum();
                let names = from + id + subject + watchers + files;
                4096 + names + inline(&mail.body_text) + html + inline(&mail.quoted_text)
            }
            Content::Final => 1024,
        }
    }
}

/// Stores the raw bytes and parses them, side by side, and stores the files; a flush makes them durable before the
/// records.
pub(in crate::flows) async fn prepare(
    app: App,
    origin: Origin,
    listed: Listed,
    raw: Bytes,
) -> Result<Prepared> {
    let size = raw.len() as u64;
    let key = BlobKey::raw(origin.record(&listed).id);
    let (stored, parsed) =
        tokio::join!(app.blobs.stage(&key, raw.clone()), parse::parse(raw, app.parse.clone()));
    stored?;
    let mut prepared = origin.parsed(listed, size, parsed);
    prepared.stage_files(&app).await?;
    Ok(prepared)
}

/// A name, an address or an id as people see it: what a header field holds may be as long as its sender likes, and an item
/// has an end, in bytes. The raw mail holds all, and what a mail is known by is never cut.
pub(super) fn shown(text: &str) -> String {
    const MAX_BYTES: usize = 1000;
    text[..text.floor_char_boundary(MAX_BYTES)].to_owned()
}

/// At most this many characters.
pub(in crate::flows) fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}
