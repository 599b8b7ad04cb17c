//! One mail that is ready for its decision, and how much of a transaction it takes.

use std::sync::Arc;

use mail::Mail;

use crate::{
    Sentence,
    limits::{BATCH_ACTIONS, BATCH_BYTES, BATCH_MAILS, BATCH_RAW, MAX_ATTACHMENTS, MAX_SUBJECT_CHARS},
    ports::Listed,
    types::{
        errand::{AfterImport, MailAction},
        ids::{MailboxId, MessageId},
        issue::Text,
        mailbox::Mailbox,
        message::{Message, MessageState, Reason, TraceStep},
    },
};

use super::{
    people::watchers,
    rules::{Rules, Understood},
    text::{cut, shown},
    threads::most_awaited,
};

/// The parser panicked, or the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the parser gave up on this mail")]
pub(crate) struct ParserPanicked;

/// Whose mail it is.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) mailbox: MailboxId,
    pub(crate) epoch: u32,
    /// What the mailbox says of its mails.
    pub(crate) rules: Arc<Rules>,
    /// What is done to its mails on the server.
    pub(crate) after_import: Option<MailAction>,
}

/// One mail, ready for its decision.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) listed: Listed,
    pub(crate) message: Message,
    /// What its record must be before: None where there must be none.
    pub(crate) expected: Option<MessageState>,
    pub(crate) content: Content,
}

/// What there is to decide on.
#[derive(Debug)]
pub(crate) enum Content {
    /// A mail that was read and understood.
    Mail(Box<Understood>),
    /// Nothing: the record's state is final already.
    Final,
}

impl Origin {
    pub(crate) fn of(mailbox: &Mailbox, epoch: u32, rules: Arc<Rules>) -> Self {
        Self { mailbox: mailbox.id, epoch, rules, after_import: mailbox.after_import.clone() }
    }

    /// The record of a mail of a listing, before anything is known of it.
    pub(crate) fn record(&self, listed: &Listed) -> Message {
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
            held_for: None,
            trace: Vec::new(),
            after_import: None,
            written: Default::default(),
        }
    }

    /// A record that is final without a decision.
    pub(crate) fn finished(
        &self,
        listed: Listed,
        state: MessageState,
        reason: Reason,
        why: impl Into<Sentence>,
    ) -> Prepared {
        let record = self.record(&listed);
        Prepared::ended(listed, record, (state, reason), TraceStep::told("read", why))
    }

    /// A mail that was parsed, or on which the parser gave up.
    pub(crate) fn parsed(&self, listed: Listed, size: u64, parsed: Result<Mail, ParserPanicked>) -> Prepared {
        let mut message = self.record(&listed);
        message.size = size;
        let Ok(mail) = parsed else {
            let step = TraceStep::told("parse", "trace.parse.gave_up");
            return Prepared::ended(listed, message, (MessageState::Failed, Reason::Unprocessable), step);
        };
        message.internet_message_id = mail.message_id.as_deref().map(shown);
        message.subject = cut(&mail.subject, MAX_SUBJECT_CHARS);
        message.from = mail.from.as_ref().map(|from| shown(&from.address));
        message.after_import = self.after_import.clone().map(AfterImport::pending);
        let understood = self.rules.understand(mail, size, self.mailbox);
        Prepared { listed, message, expected: None, content: Content::Mail(Box::new(understood)) }
    }
}

impl Prepared {
    /// A mail that becomes nothing, as its record says from now on.
    pub(crate) fn ended(
        listed: Listed,
        message: Message,
        (state, reason): (MessageState, Reason),
        step: TraceStep,
    ) -> Self {
        let mut message = Message { state, reason, ..message };
        message.trace.push(step);
        Self { listed, message, expected: None, content: Content::Final }
    }

    /// How many actions its part of the transaction takes at most: its record, its two marks, what it becomes, the issue
    /// that is touched, its thread keys, the keys that it awaits, its files, its errand.
    fn actions(&self) -> usize {
        match &self.content {
            Content::Mail(understood) => {
                let mail = &understood.mail;
                let files = mail.attachments.len().min(MAX_ATTACHMENTS);
                // Of these the Message-ID is among the six; an original one has a mark, too.
                let ids = understood.ids().len().saturating_sub(1);
                let originals = usize::from(!mail.original_message_ids.is_empty());
                let errand = usize::from(self.message.after_import.is_some());
                6 + most_awaited(mail) + files + ids + originals + errand
            }
            Content::Final => 2,
        }
    }

    /// About how many bytes its part of the transaction takes.
    fn weight(&self) -> usize {
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

/// How much of a transaction the mails of a batch take.
#[derive(Debug, Default)]
pub(crate) struct Load {
    mails: usize,
    actions: usize,
    bytes: usize,
    /// The size of all of them as they came.
    raw: u64,
}

impl Load {
    /// Of one mail alone.
    pub(crate) fn of(mail: &Prepared) -> Self {
        Self { mails: 1, actions: mail.actions(), bytes: mail.weight(), raw: mail.message.size }
    }

    /// Adds a mail, if it is not too much. One alone never is.
    #[must_use]
    pub(crate) fn take(&mut self, next: &Prepared) -> bool {
        let next = Self::of(next);
        let both = Self {
            mails: self.mails + next.mails,
            actions: self.actions + next.actions,
            bytes: self.bytes + next.bytes,
            raw: self.raw.saturating_add(next.raw),
        };
        let fits = both.mails <= BATCH_MAILS
            && both.actions <= BATCH_ACTIONS
            && both.bytes <= BATCH_BYTES
            && both.raw <= BATCH_RAW;
        let taken = fits || self.mails == 0;
        if taken {
            *self = both;
        }
        taken
    }
}
