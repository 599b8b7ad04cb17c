//! From decisions to the changes of one transaction.

use std::collections::BTreeMap;

use bytes::Bytes;
use mail::{AttachmentContent, Mail};

use crate::{
    Sentence, Timestamp,
    catalogue::TOLD,
    error::{Error, Result},
    limits::{MAX_ATTACHMENTS, MAX_EVIDENCE, MAX_SUBJECT_CHARS},
    ports::{Change, IssueTouch, ThreadKey, Write},
    types::{
        Version,
        handler::Settings,
        ids::{AttachmentId, CommentId, MailboxId, MessageId},
        issue::{Attachment, BlobKey, Body, Comment, Issue, IssueStatus, Likely, Source, Text},
        message::{Message, MessageState, Reason, TraceStep},
        project::IssueKey,
        report::PollReport,
        tally,
    },
};

use super::{
    decision::Decided,
    errand,
    handlers::{left_out, likely, priority_of},
    outcome::{Decision, IssueRef, Outcome, with_key},
    people::{watchers, writer},
    prepared::{Content, Prepared},
    rules::Understood,
    text::{cut, shown},
    threads::thread_key,
};

/// The value of `priority` that takes what the header says.
const FROM_HEADERS: &str = "from_headers";

/// Builds the changes of a batch.
pub(crate) struct Builder<'a> {
    /// Of the issues that the batch makes.
    keys: &'a [IssueKey],
    uid_validity: u64,
    pub(crate) changes: Vec<Change>,
    /// Those that are too long for a record.
    pub(crate) texts: Vec<(BlobKey, Bytes)>,
    pub(crate) report: PollReport,
    /// Of the hour in which it is decided.
    at: Timestamp,
    tallies: BTreeMap<MailboxId, tally::Step>,
    /// Mails without a record: the one of the first copy stands for them.
    pub(crate) copies: Vec<MessageId>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(keys: &'a [IssueKey], uid_validity: u64, at: Timestamp) -> Self {
        let (changes, texts, copies) = (Vec::new(), Vec::new(), Vec::new());
        let (report, tallies) = (PollReport::default(), BTreeMap::new());
        Self { keys, uid_validity, changes, texts, report, at, tallies, copies }
    }

    /// What was counted, as changes.
    pub(crate) fn count(&mut self) {
        let tallies = std::mem::take(&mut self.tallies).into_values();
        self.changes.extend(tallies.map(|step| Change::Tally(Box::new(step))));
    }

    /// Adds what one mail becomes.
    pub(crate) fn add(&mut self, prepared: &Prepared, decided: Option<Decided>) -> Result<()> {
        let mut message = prepared.message.clone();
        if let (Content::Mail(mail), Some(decided)) = (&prepared.content, decided) {
            // Where something is to be done to it on its server, its record tells how that ends.
            if decided.known_again && prepared.expected.is_none() && message.after_import.is_none() {
                self.copies.push(message.id);
                return Ok(());
            }
            let Decided { decision, issue, threads, known_again: _ } = decided;
            let key = issue.map(|issue| self.key_of(issue)).transpose()?;
            message.trace.extend(mail.trace.iter().cloned());
            let found = key.as_ref().filter(|_| matches!(decision.outcome, Outcome::Comment(_)));
            message.trace.extend(decision.trace.iter().map(|step| with_key(step, found)));
            message.trace.extend(defects(&mail.mail));
            self.apply(&mut message, mail, &decision, key.as_ref(), threads);
            // A copy that is skipped as duplicate leaves the marker of the first one alone, and one that is held may
            // come again. What a mailbox leaves out may become something from another mailbox of its project.
            let final_one = !matches!(decision.outcome, Outcome::Skip(Reason::Duplicate) | Outcome::Hold(_));
            if final_one {
                let (by, of_project) = (message.id, key.as_ref().map(|key| mail.marks_of(key.project())));
                let marks = std::iter::once(mail.mark()).chain(of_project.into_iter().flatten());
                self.changes.extend(marks.map(|marker| Change::Seen { marker, by }));
            }
        }
        self.changes.extend(errand::note(&mut message, &prepared.listed, self.uid_validity));
        self.report.count(message.state, message.reason);
        if message.is_final() && matches!(prepared.expected, None | Some(MessageState::Stored)) {
            let step = || tally::Step::new(message.mailbox_id, self.at);
            self.tallies.entry(message.mailbox_id).or_insert_with(step).count(&message);
        }
        self.changes.push(message_change(prepared, message));
        Ok(())
    }

    fn key_of(&self, issue: IssueRef) -> Result<IssueKey> {
        match issue {
            IssueRef::Existing(key) => Ok(key),
            IssueRef::New(n) => self
                .keys
                .get(n)
                .cloned()
                .ok_or_else(|| Error::internal("an issue of the batch has no number")),
        }
    }

    fn apply(
        &mut self,
        message: &mut Message,
        mail: &Understood,
        decision: &Decision,
        key: Option<&IssueKey>,
        threads: Vec<ThreadKey>,
    ) {
        let (state, reason) = match &decision.outcome {
            Outcome::Create => (MessageState::Applied, Reason::Created),
            Outcome::Comment(_) => (MessageState::Applied, Reason::Commented),
            Outcome::Skip(reason) => (MessageState::Skipped, *reason),
            Outcome::Hold(reason) => (MessageState::Held, *reason),
        };
        message.state = state;
        message.reason = reason;
        message.issue_key = key.cloned();
        let Some(key) = key else { return };
        let comment = (reason == Reason::Commented).then(|| CommentId::of(message.id));
        message.comment_id = comment;
        let made = self.made_of(message, mail, key, comment);
        let files = made.files.len() as u64;
        self.changes.extend(made.files.into_iter().map(Change::Attachment));
        match comment {
            Some(id) => self.comment(message, mail, key, id, (made.body, files)),
            None => self.issue(message, mail, key, (made.body, files), &decision.marks),
        }
        self.changes.extend(threads.into_iter().map(|thread| Change::Thread {
            key: thread,
            issue: key.clone(),
            likeness: mail.likeness.clone(),
        }));
        let awaits = decision.awaits.iter().map(|id| thread_key(key.project(), id));
        self.changes.extend(awaits.map(|parent| Change::Awaited { key: parent, issue: key.clone() }));
    }

    fn issue(
        &mut self,
        message: &Message,
        mail: &Understood,
        key: &IssueKey,
        (body, files): (Body, u64),
        marks: &[&str],
    ) {
        let set = &mail.route.set;
        let subject = mail.mail.subject.trim();
        let summary = if subject.is_empty() { "(no subject)" } else { subject };
        let words = set.labels.iter().flatten().map(|label| label.trim()).chain(marks.iter().copied());
        let mut labels: Vec<String> = Vec::new();
        for word in words {
            if !labels.iter().any(|label| label == word) {
                labels.push(word.to_owned());
            }
        }
        self.changes.push(Change::Issue(Box::new(Write::Create(Issue {
            key: key.clone(),
            version: Version::FIRST,
            issue_type: set.issue_type.clone().unwrap_or_else(|| "issue".to_owned()),
            summary: cut(summary, MAX_SUBJECT_CHARS),
            status: IssueStatus::Open,
            reporter: writer(mail),
            body,
            source: Some(source(message, mail)),
            watchers: watchers(mail),
            assignee: set.assignee.clone(),
            labels,
            priority: priority(&mail.mail, set),
            comment_count: 0,
            attachment_count: files,
            created_at: message.received_at,
            updated_at: message.received_at,
            written: Default::default(),
        }))));
    }

    fn comment(
        &mut self,
        message: &Message,
        mail: &Understood,
        key: &IssueKey,
        id: CommentId,
        (body, files): (Body, u64),
    ) {
        self.changes.push(Change::Comment(Box::new(Comment {
            id,
            issue_key: key.clone(),
            author: writer(mail),
            body,
            source: Some(source(message, mail)),
            created_at: message.received_at,
        })));
        self.changes.push(Change::TouchIssue(IssueTouch {
            key: key.clone(),
            comments: 1,
            attachments: i64::try_from(files).unwrap_or(i64::MAX),
            at: message.received_at,
        }));
    }

    /// The text and files of a mail, by its handlers.
    pub(crate) fn made_of(
        &mut self,
        message: &mut Message,
        mail: &Understood,
        key: &IssueKey,
        comment: Option<CommentId>,
    ) -> Made {
        let set = &mail.route.set;
        let strip = set.strip_quotes.unwrap_or(comment.is_some());
        let whole = if strip { &mail.mail.reply_only } else { &mail.mail.body_text };
        let (text, rest) = split(whole, set.split_at.as_deref().unwrap_or_default());
        let mut quoted = if strip { mail.mail.quoted_text.clone() } else { String::new() };
        if !rest.is_empty() {
            quoted =
                [rest, &quoted].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
            message.trace.push(TraceStep::told("handler", "trace.handler.cut"));
        }
        let html = mail.mail.body_html.as_deref();
        let body = Body {
            text: self.text(message, "text", text),
            html: html.map(|html| self.text(message, "html", html)),
            quoted: self.text(message, "quoted", &quoted),
        };
        Made { body, files: files(message, mail, key, comment) }
    }

    fn text(&mut self, message: &Message, part: &str, text: &str) -> Text {
        if Text::is_short(text) {
            return Text::Inline(text.to_owned());
        }
        let key = BlobKey::text(message.id, part);
        self.texts.push((key.clone(), Bytes::copy_from_slice(text.as_bytes())));
        Text::Blob(key)
    }
}

/// A step for each defect, which is told by its stable name.
pub(crate) fn defects(mail: &Mail) -> impl Iterator<Item = TraceStep> {
    let told = |name| TraceStep::told("defect", Sentence::new("trace.defect").with(TOLD, name));
    mail.defects.iter().map(move |defect| told(defect.as_str()))
}

/// What a mail is made into.
pub(crate) struct Made {
    pub(crate) body: Body,
    pub(crate) files: Vec<Attachment>,
}

/// The text before the first line that holds a marker, and the rest. A mail is never reduced to nothing.
fn split<'t>(text: &'t str, markers: &[String]) -> (&'t str, &'t str) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if markers.iter().any(|marker| line.contains(marker.trim())) {
            let (new, rest) = text.split_at(at);
            return if new.trim().is_empty() { (text, "") } else { (new.trim_end(), rest.trim_end()) };
        }
        at += line.len();
    }
    (text, "")
}

fn files(
    message: &mut Message,
    mail: &Understood,
    key: &IssueKey,
    comment: Option<CommentId>,
) -> Vec<Attachment> {
    let all = &mail.mail.attachments;
    if all.len() > MAX_ATTACHMENTS {
        let more = Sentence::new("trace.attachment.many");
        let more = more.with("max", MAX_ATTACHMENTS).with("all", all.len());
        message.trace.push(TraceStep::told("limit", more));
    }
    let rules = mail.route.set.attachments.as_ref();
    let mut files = Vec::new();
    for (n, file) in (0u32..).zip(all.iter().take(MAX_ATTACHMENTS)) {
        if let Some(why) = rules.and_then(|rules| left_out(rules, file)) {
            message.trace.push(TraceStep::told("attachment", why.with("file", n + 1)));
            continue;
        }
        let blob = match &file.content {
            AttachmentContent::Bytes(_) => BlobKey::file(message.id, n),
            AttachmentContent::Extracted { n } => BlobKey::leaf(message.id, *n),
        };
        files.push(Attachment {
            id: AttachmentId::of(message.id, n),
            issue_key: key.clone(),
            comment_id: comment,
            filename: file.filename.clone().unwrap_or_default(),
            content_type: shown(&file.content_type),
            size: file.size,
            sha256: file.sha256.clone(),
            inline: file.inline,
            content_id: file.content_id.as_deref().map(shown),
            blob,
        });
    }
    files
}

pub(crate) fn message_change(prepared: &Prepared, message: Message) -> Change {
    Change::Message { message: Box::new(message), expected: prepared.expected }
}

fn source(message: &Message, mail: &Understood) -> Source {
    let likely = likely(&mail.mail).map(|(kind, verdict)| Likely {
        kind,
        evidence: verdict.evidence.iter().take(MAX_EVIDENCE).map(|sign| shown(sign)).collect(),
    });
    Source {
        likely,
        mailbox_id: message.mailbox_id,
        message_id: message.id,
        internet_message_id: message.internet_message_id.clone(),
    }
}

fn priority(mail: &Mail, set: &Settings) -> Option<String> {
    match set.priority.as_deref() {
        Some(FROM_HEADERS) => priority_of(mail).map(str::to_owned),
        word => word.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_text_is_split_at_the_first_marker_and_never_emptied() {
        let markers = ["-- reply above --".to_owned()];
        assert_eq!(split("New.\n> -- reply above --\nold\n", &markers), ("New.", "> -- reply above --\nold"));
        assert_eq!(split("-- reply above --\nold", &markers), ("-- reply above --\nold", ""));
        assert_eq!(split("New.", &markers), ("New.", ""));
    }
}
