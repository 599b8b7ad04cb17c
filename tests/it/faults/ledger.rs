//! Everything that an import left behind, in a form that is the same after every import that did its work.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use aws_lc_rs::digest;
use bytes::Bytes;
use intake::{
    App,
    ports::{IssueFilter, MessageFilter},
    types::{
        PageRequest,
        ids::{AttachmentId, CommentId, MailboxId, MessageId},
        issue::{Attachment, BlobKey, Body, Comment, Issue, Text},
        message::{Message, MessageState, Reason, ServerId},
        project::{IssueKey, ProjectKey},
    },
};
use tests::{Inside, inside::PROJECT};

/// More than there are of anything.
const ALL: u32 = 200;

/// Messages by epoch and UID, issues by the mail that made them: their numbers may have gaps.
#[derive(Debug, PartialEq)]
pub(super) struct Ledger {
    pub(super) messages: BTreeMap<(u32, u32), MessageEntry>,
    pub(super) issues: BTreeMap<MessageId, IssueEntry>,
    blobs: BTreeSet<String>,
}

#[derive(Debug, PartialEq)]
pub(super) struct MessageEntry {
    pub(super) id: MessageId,
    pub(super) state: MessageState,
    pub(super) reason: Reason,
    size: u64,
    subject: String,
    from: Option<String>,
    internet_message_id: Option<String>,
    issue: Option<MessageId>,
    comment: Option<CommentId>,
}

#[derive(Debug, PartialEq)]
pub(super) struct IssueEntry {
    pub(super) summary: String,
    body: Body,
    times: (intake::Timestamp, intake::Timestamp),
    pub(super) comments: BTreeMap<CommentId, Body>,
    /// By whose they are, with name, size and SHA-256.
    pub(super) attachments: BTreeMap<AttachmentId, (Option<CommentId>, String, u64, String)>,
}

impl Ledger {
    /// Reads everything, and looks at once whether it fits together.
    pub(super) async fn of(inside: &Inside, mailbox: MailboxId) -> Self {
        let app = &inside.app;
        let root = blobs_of(inside);
        let project = ProjectKey::new(PROJECT).unwrap();
        let mut keys: BTreeMap<IssueKey, MessageId> = BTreeMap::new();
        let mut issues = BTreeMap::new();
        let listed =
            app.store.issues(&IssueFilter::Project(project, None), &PageRequest::first(ALL)).await.unwrap();
        assert!(listed.next.is_none(), "there are more issues than mails");
        for row in listed.items {
            let issue = app.store.issue(&row.key).await.unwrap().unwrap();
            let source = issue.source.as_ref().unwrap().message_id;
            assert_eq!(keys.insert(issue.key.clone(), source), None);
            let entry = issue_entry(app, &root, issue).await;
            assert!(issues.insert(source, entry).is_none(), "one mail made two issues");
        }
        // A roll is named by the run that wrote it, and runs differ.
        let mut blobs = names_below(&root, &root);
        blobs.retain(|name| !name.starts_with("rolls/"));
        Self { messages: messages(app, mailbox, &keys).await, issues, blobs }
    }

    /// The same without the time of its last change, which a person may ask for at any time.
    pub(super) fn untimed(mut self) -> Self {
        self.issues.values_mut().for_each(|issue| issue.times.1 = issue.times.0);
        self
    }

    /// What became of the mail with this UID, in the first epoch.
    pub(super) fn fate(&self, uid: u32) -> (MessageState, Reason) {
        let message = &self.messages[&(1, uid)];
        (message.state, message.reason)
    }

    /// How many messages are in a state for a reason.
    pub(super) fn count(&self, state: MessageState, reason: Reason) -> usize {
        self.messages.values().filter(|m| (m.state, m.reason) == (state, reason)).count()
    }

    /// Every raw mail that could be read is there, byte for byte.
    pub(super) fn check_raw(&self, inside: &Inside, mails: &[Bytes]) {
        let was_read = |message: &MessageEntry| {
            !matches!(message.reason, Reason::Gone | Reason::UnreadableOnServer | Reason::Renumbered)
        };
        for ((_, uid), message) in self.messages.iter().filter(|(_, message)| was_read(message)) {
            let raw = read(&blobs_of(inside), &BlobKey::raw(message.id));
            assert!(raw == mails[*uid as usize - 1], "the raw bytes of mail {uid} differ");
        }
    }
}

async fn messages(
    app: &App,
    mailbox: MailboxId,
    keys: &BTreeMap<IssueKey, MessageId>,
) -> BTreeMap<(u32, u32), MessageEntry> {
    let filter = MessageFilter { mailbox_id: mailbox, state: None };
    let listed = app.store.messages(&filter, &PageRequest::first(ALL)).await.unwrap();
    assert!(listed.next.is_none(), "there are more records than mails");
    let mut messages = BTreeMap::new();
    // The list comes from an index; what counts is the records themselves.
    let ids: Vec<_> = listed.items.iter().map(|row| row.id).collect();
    let records = app.store.known(&ids).await.unwrap();
    assert_eq!(records.len(), ids.len(), "the index lists mails that have no record");
    for message in records {
        let place = (message.epoch, uid_of(&message.server_id));
        let entry = message_entry(message, keys);
        assert!(messages.insert(place, entry).is_none(), "mail {place:?} has two records");
    }
    messages
}

/// The UID; that of the playground's mail with this unique-id, by POP3.
fn uid_of(id: &ServerId) -> u32 {
    let hash = |validity: u32, uid: u32| intake::app::sha256_hex(&format!("{validity}-{uid}"));
    let is_it = |uid: &u32| {
        [1_700_000_000, 1_700_000_001]
            .iter()
            .any(|validity| *id == ServerId::Pop3 { hash: hash(*validity, *uid) })
    };
    id.uid().or_else(|| (1..=ALL).find(is_it)).expect("a mail of the playground")
}

fn message_entry(message: Message, keys: &BTreeMap<IssueKey, MessageId>) -> MessageEntry {
    MessageEntry {
        id: message.id,
        state: message.state,
        reason: message.reason,
        size: message.size,
        subject: message.subject,
        from: message.from,
        internet_message_id: message.internet_message_id,
        issue: message.issue_key.map(|key| keys[&key]),
        comment: message.comment_id,
    }
}

async fn issue_entry(app: &App, blobs: &Path, issue: Issue) -> IssueEntry {
    let page = PageRequest::first(ALL);
    let comments = app.store.comments(&issue.key, &page).await.unwrap().items;
    let attachments = app.store.attachments(&issue.key, &page).await.unwrap().items;
    assert_eq!(issue.comment_count, comments.len() as u64, "{}", issue.key);
    assert_eq!(issue.attachment_count, attachments.len() as u64, "{}", issue.key);
    check_body(blobs, &issue.body);
    for comment in &comments {
        check_body(blobs, &comment.body);
    }
    for file in &attachments {
        check_file(blobs, file);
    }
    IssueEntry {
        summary: issue.summary,
        body: issue.body,
        times: (issue.created_at, issue.updated_at),
        comments: comments.into_iter().map(|Comment { id, body, .. }| (id, body)).collect(),
        attachments: attachments
            .into_iter()
            .map(|file| (file.id, (file.comment_id, file.filename, file.size, file.sha256)))
            .collect(),
    }
}

fn check_body(blobs: &Path, body: &Body) {
    for text in [Some(&body.text), body.html.as_ref(), Some(&body.quoted)].into_iter().flatten() {
        if let Text::Blob(key) = text {
            assert!(read(blobs, key).len() > Text::MAX_INLINE);
        }
    }
}

fn check_file(blobs: &Path, file: &Attachment) {
    let bytes = read(blobs, &file.blob);
    assert_eq!(file.size, bytes.len() as u64, "{}", file.filename);
    let hash = digest::digest(&digest::SHA256, &bytes);
    let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(file.sha256, hash, "{}", file.filename);
}

fn blobs_of(inside: &Inside) -> PathBuf {
    inside.folder.path().join("blobs")
}

/// From the folder itself: through the port, each of the many files would cost several threads' time.
fn read(blobs: &Path, key: &BlobKey) -> Vec<u8> {
    std::fs::read(blobs.join(key.as_str())).unwrap()
}

fn names_below(folder: &Path, root: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names.extend(names_below(&path, root));
        } else {
            names.insert(path.strip_prefix(root).unwrap().display().to_string());
        }
    }
    names
}
