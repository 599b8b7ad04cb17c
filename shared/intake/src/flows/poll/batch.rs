//! One batch: decide on each mail with what is known, then write everything in one conditional transaction.

use bytes::Bytes;
use futures::future::try_join_all;
use mail::{AttachmentContent, Mail};

use crate::{
    App,
    error::{Error, Kind, Result},
    ports::{Change, CursorMove, IssueTouch, Lease, Rejection, StoreError, Why, Write},
    types::{
        Version,
        ids::{AttachmentId, CommentId},
        issue::{Attachment, BlobKey, Body, Comment, Issue, IssueStatus, Person, Source, Text},
        message::{Message, MessageState, Reason, TraceStep},
        project::{IssueKey, ProjectKey},
    },
};

use super::{
    decide::{self, Decision, IssueRef, Knowledge, Outcome},
    errands,
    numbers::Numbers,
    prepare::{Content, MAX_SUBJECT_CHARS, Prepared, cut},
    report::PollReport,
};

/// The most files of one mail that become attachments; the raw mail holds them all.
pub(super) const MAX_ATTACHMENTS: usize = 50;
/// How often a batch is decided again because the store knew more.
const MAX_DECISIONS: u32 = 4;
/// Blobs written side by side.
const PARALLEL_BLOBS: usize = 8;

/// Writes a batch whose blobs are durable, and says what became of its mails.
///
/// `cursor` moves in the same transaction. When the store refuses because it knows more than the decisions did, they are
/// made again; a batch that stays refused is written mail by mail, and a single mail that stays refused fails alone.
pub(super) async fn write(
    app: &App,
    project: &ProjectKey,
    lease: &Lease,
    numbers: &mut Numbers,
    mut batch: Vec<Prepared>,
    cursor: CursorMove,
) -> Result<PollReport> {
    for _ in 0..MAX_DECISIONS {
        let plan = plan(app, project, numbers, &batch, cursor.cursor.uid_validity).await?;
        if !plan.texts.is_empty() {
            keep(app, &plan.texts).await?;
        }
        let mut changes = plan.changes;
        let cursor_at = changes.len();
        changes.push(Change::Cursor(cursor.clone()));
        match app.store.commit(&changes).await {
            Ok(()) => return Ok(plan.report),
            Err(StoreError::Fault(error)) => return Err(error),
            Err(StoreError::Rejected(rejections)) => {
                if Rejection::of(&rejections, cursor_at) == Some(&Why::FenceLost) {
                    return Err(lease_lost(lease));
                }
                drop_known(app, &mut batch).await?;
            }
        }
    }
    let [only] = batch.as_mut_slice() else {
        return Box::pin(one_by_one(app, project, lease, numbers, batch, cursor)).await;
    };
    fail(only);
    let changes = vec![message_change(only, only.message.clone()), Change::Cursor(cursor)];
    app.store.commit(&changes).await.map_err(StoreError::unanswerable)?;
    Ok(PollReport { fetched: 1, failed: 1, ..PollReport::default() })
}

async fn one_by_one(
    app: &App,
    project: &ProjectKey,
    lease: &Lease,
    numbers: &mut Numbers,
    batch: Vec<Prepared>,
    cursor: CursorMove,
) -> Result<PollReport> {
    let mut report = PollReport::default();
    let mut rest = batch.into_iter().peekable();
    while let Some(prepared) = rest.next() {
        // Until the last mail is written, the cursor stays before the first that is not.
        let mut step = cursor.clone();
        if let Some(next) = rest.peek().and_then(|p| p.listed.server_id.uid()) {
            step.cursor.next_uid = step.cursor.next_uid.min(next);
        }
        report += write(app, project, lease, numbers, vec![prepared], step).await?;
    }
    Ok(report)
}

fn fail(prepared: &mut Prepared) {
    prepared.message.state = MessageState::Failed;
    prepared.message.reason = Reason::Unprocessable;
    prepared.message.after_import = None;
    prepared
        .message
        .trace
        .push(TraceStep::new("write", "The store refused what this mail would become, several times."));
    prepared.content = Content::Final;
}

/// Takes out mails that have a final record already, and notes the state of the others.
async fn drop_known(app: &App, batch: &mut Vec<Prepared>) -> Result<()> {
    let ids: Vec<_> = batch.iter().map(|p| p.message.id).collect();
    let known = app.store.known(&ids).await?;
    batch.retain_mut(|prepared| match known.iter().find(|m| m.id == prepared.message.id) {
        Some(record) if record.is_final() => false,
        Some(record) => {
            prepared.expected = Some(record.state);
            true
        }
        None => true,
    });
    Ok(())
}

/// The changes of a batch, and the texts that must be there before them.
struct Plan {
    changes: Vec<Change>,
    texts: Vec<(BlobKey, Bytes)>,
    report: PollReport,
}

async fn plan(
    app: &App,
    project: &ProjectKey,
    numbers: &mut Numbers,
    batch: &[Prepared],
    uid_validity: u32,
) -> Result<Plan> {
    let mails = batch.iter().filter_map(|p| match &p.content {
        Content::Mail(mail, markers) => Some((&**mail, markers.as_slice())),
        Content::Final => None,
    });
    let hits = app.store.lookup(&decide::keys_for(project, mails)).await?;
    let mut knowledge = Knowledge::new(project.clone(), hits);
    let mut created = 0;
    let mut decisions = Vec::with_capacity(batch.len());
    for prepared in batch {
        decisions.push(decide_one(&mut knowledge, prepared, &mut created));
    }
    let keys = numbers.keys(app, project, created as u64).await?;
    let mut builder = Builder {
        knowledge: &knowledge,
        keys: &keys,
        uid_validity,
        changes: Vec::new(),
        texts: Vec::new(),
        report: PollReport::default(),
    };
    for (prepared, decision) in batch.iter().zip(decisions) {
        builder.add(prepared, decision)?;
    }
    let Builder { changes, texts, report, .. } = builder;
    Ok(Plan { changes, texts, report })
}

fn decide_one(
    knowledge: &mut Knowledge,
    prepared: &Prepared,
    created: &mut usize,
) -> Option<(Decision, Option<IssueRef>)> {
    let Content::Mail(mail, markers) = &prepared.content else { return None };
    let decision = knowledge.decide(mail, prepared.message.id, markers);
    let issue = match &decision.outcome {
        Outcome::Create => {
            *created += 1;
            Some(IssueRef::New(*created - 1))
        }
        Outcome::Comment(issue) => Some(issue.clone()),
        Outcome::Skip(_) => None,
    };
    knowledge.learn(mail, prepared.message.id, markers, &decision, issue.as_ref());
    Some((decision, issue))
}

struct Builder<'a> {
    knowledge: &'a Knowledge,
    keys: &'a [IssueKey],
    uid_validity: u32,
    changes: Vec<Change>,
    /// Those that are too long for a record.
    texts: Vec<(BlobKey, Bytes)>,
    report: PollReport,
}

impl Builder<'_> {
    fn add(&mut self, prepared: &Prepared, decision: Option<(Decision, Option<IssueRef>)>) -> Result<()> {
        let mut message = prepared.message.clone();
        if let (Content::Mail(mail, markers), Some((decision, issue))) = (&prepared.content, decision) {
            message.trace.extend(decision.trace.iter().cloned());
            message.trace.extend(mail.defects.iter().map(|defect| TraceStep::new("defect", defect.as_str())));
            let key = issue.map(|issue| self.key_of(issue)).transpose()?;
            self.apply(&mut message, mail, &decision, key.as_ref());
            // A copy that is skipped as duplicate leaves the marker of the first one alone.
            if decision.outcome != Outcome::Skip(Reason::Duplicate) {
                let by = message.id;
                self.changes.extend(markers.iter().cloned().map(|marker| Change::Seen { marker, by }));
            }
        }
        self.changes.extend(errands::note(&mut message, &prepared.listed, self.uid_validity));
        self.report.count(message.state, message.reason);
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

    fn apply(&mut self, message: &mut Message, mail: &Mail, decision: &Decision, key: Option<&IssueKey>) {
        let (state, reason) = match &decision.outcome {
            Outcome::Create => (MessageState::Applied, Reason::Created),
            Outcome::Comment(_) => (MessageState::Applied, Reason::Commented),
            Outcome::Skip(reason) => (MessageState::Skipped, *reason),
        };
        message.state = state;
        message.reason = reason;
        message.issue_key = key.cloned();
        let Some(key) = key else { return };
        let comment = (reason == Reason::Commented).then(|| CommentId::of(message.id));
        message.comment_id = comment;
        let files = self.files(message, mail, key, comment);
        match comment {
            Some(id) => self.comment(message, mail, key, id, files),
            None => self.issue(message, mail, key, files),
        }
        if let Some(own) = &mail.message_id {
            // A reused Message-ID has its key already, and it names this very issue.
            self.changes.push(Change::Thread { key: self.knowledge.thread_key(own), issue: key.clone() });
        }
        let awaits = decision.awaits.iter().map(|id| self.knowledge.thread_key(id));
        self.changes.extend(awaits.map(|parent| Change::Awaited { key: parent, issue: key.clone() }));
    }

    fn issue(&mut self, message: &Message, mail: &Mail, key: &IssueKey, files: u64) {
        let subject = mail.subject.trim();
        let summary = if subject.is_empty() { "(no subject)" } else { subject };
        let body = self.body(message, mail, &mail.body_text, "");
        self.changes.push(Change::Issue(Box::new(Write::Create(Issue {
            key: key.clone(),
            version: Version::FIRST,
            issue_type: "issue".to_owned(),
            summary: cut(summary, MAX_SUBJECT_CHARS),
            status: IssueStatus::Open,
            reporter: sender(mail),
            body,
            source: Some(source(message)),
            watchers: Vec::new(),
            assignee: None,
            labels: Vec::new(),
            priority: None,
            comment_count: 0,
            attachment_count: files,
            created_at: message.received_at,
            updated_at: message.received_at,
        }))));
    }

    fn comment(&mut self, message: &Message, mail: &Mail, key: &IssueKey, id: CommentId, files: u64) {
        let body = self.body(message, mail, &mail.reply_only, &mail.quoted_text);
        self.changes.push(Change::Comment(Box::new(Comment {
            id,
            issue_key: key.clone(),
            author: sender(mail),
            body,
            source: Some(source(message)),
            created_at: message.received_at,
        })));
        self.changes.push(Change::TouchIssue(IssueTouch {
            key: key.clone(),
            comments: 1,
            attachments: files,
            at: message.received_at,
        }));
    }

    fn body(&mut self, message: &Message, mail: &Mail, text: &str, quoted: &str) -> Body {
        Body {
            text: self.text(message, "text", text),
            html: mail.body_html.as_deref().map(|html| self.text(message, "html", html)),
            quoted: self.text(message, "quoted", quoted),
        }
    }

    fn text(&mut self, message: &Message, part: &str, text: &str) -> Text {
        if text.len() <= Text::MAX_INLINE {
            return Text::Inline(text.to_owned());
        }
        let key = BlobKey::text(message.id, part);
        self.texts.push((key.clone(), Bytes::copy_from_slice(text.as_bytes())));
        Text::Blob(key)
    }

    fn files(
        &mut self,
        message: &mut Message,
        mail: &Mail,
        key: &IssueKey,
        comment: Option<CommentId>,
    ) -> u64 {
        if mail.attachments.len() > MAX_ATTACHMENTS {
            let more = format!(
                "Only the first {MAX_ATTACHMENTS} of {} files are listed; the raw mail holds all.",
                mail.attachments.len()
            );
            message.trace.push(TraceStep::new("limit", more));
        }
        let mut count = 0;
        for (n, file) in (0u32..).zip(mail.attachments.iter().take(MAX_ATTACHMENTS)) {
            let blob = match &file.content {
                AttachmentContent::Bytes(_) => BlobKey::file(message.id, n),
                AttachmentContent::Extracted { n } => BlobKey::leaf(message.id, *n),
            };
            self.changes.push(Change::Attachment(Attachment {
                id: AttachmentId::of(message.id, n),
                issue_key: key.clone(),
                comment_id: comment,
                filename: file.filename.clone().unwrap_or_default(),
                content_type: file.content_type.clone(),
                size: file.size,
                sha256: file.sha256.clone(),
                inline: file.inline,
                content_id: file.content_id.clone(),
                blob,
            }));
            count += 1;
        }
        count
    }
}

fn message_change(prepared: &Prepared, message: Message) -> Change {
    Change::Message { message: Box::new(message), expected: prepared.expected }
}

fn source(message: &Message) -> Source {
    Source {
        mailbox_id: message.mailbox_id,
        message_id: message.id,
        internet_message_id: message.internet_message_id.clone(),
    }
}

fn sender(mail: &Mail) -> Person {
    match &mail.from {
        Some(from) => Person { name: from.name.clone().unwrap_or_default(), address: from.address.clone() },
        None => Person { name: String::new(), address: String::new() },
    }
}

/// Blobs come before the records that name them: makes these durable.
async fn keep(app: &App, blobs: &[(BlobKey, Bytes)]) -> Result<()> {
    for some in blobs.chunks(PARALLEL_BLOBS) {
        let mut puts = Vec::with_capacity(some.len());
        for (key, bytes) in some {
            puts.push(app.blobs.stage(key, bytes.clone()));
        }
        try_join_all(puts).await?;
    }
    app.blobs.flush().await
}

/// The lease went to another run: stop, it goes on from where we were.
pub(super) fn lease_lost(lease: &Lease) -> Error {
    Error::new(Kind::LeaseLost, "lease_lost", format!("Another poll took over from fence {}.", lease.fence))
}
