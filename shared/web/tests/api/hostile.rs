//! An installation that everybody has written to as badly as they can.

use bytes::Bytes;
use intake::{
    Timestamp,
    ports::{Change, IssueTouch, Write},
    types::{
        Version,
        audit::{Actor, AuditEntry, FieldChange},
        ids::{AttachmentId, AuditId, CommentId, MailboxId, MessageId},
        issue::{Attachment, BlobKey, Body, Comment, Issue, IssueStatus, Person, Source, Text},
        message::{Message, MessageState, Reason, ServerId, TraceStep},
        project::IssueKey,
    },
};
use serde_json::{Value, json};

use crate::{mailboxes::password, site::Site};

/// Characters that become as many bytes as they can in a string of a string, and in HTML.
const WORST: &str = "\"\\\n<&\u{1}é";

fn worst(bytes: usize) -> String {
    WORST.repeat(bytes / WORST.len())
}

/// It, and what it holds.
pub(crate) struct Hostile {
    pub(crate) site: Site,
    pub(crate) mailbox: MailboxId,
    /// Each text by the name of its blob, or by `issue`, `comment` and the kind.
    pub(crate) comments: Vec<(CommentId, Body)>,
    pub(crate) issue: Body,
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

pub(crate) fn message_id(mailbox: MailboxId, uid: u32) -> MessageId {
    MessageId::derive(mailbox, 1, &ServerId::Imap { uid }, at(uid.into()))
}

impl Hostile {
    /// An installation that everybody has written to as badly as they can.
    pub(crate) async fn new() -> Self {
        let site = Site::new().await;
        site.project("SUP").await;
        let mut boxes = Vec::new();
        for n in 0..3 {
            let made = site.post("/mailboxes", password(&format!("Mailbox {n}"))).await.str("/id");
            let handler = |m: usize| {
                json!({"name": format!("H{m}"), "when": {"subject": format!("{m}{}", "\"\\".repeat(90))},
                    "then": [{"set": {"labels": ["\"\\\"\\\"\\"]}}]})
            };
            let handlers: Vec<Value> = (0..50).map(handler).collect();
            site.call(axum::http::Method::PUT, &format!("/mailboxes/{made}/handlers"))
                .json(&json!(handlers))
                .await
                .is(200);
            boxes.push(made);
        }
        let mut hostile =
            Self { mailbox: boxes[0].parse().unwrap(), site, comments: Vec::new(), issue: Body::default() };
        hostile.issues().await;
        hostile.comments().await;
        hostile.files().await;
        hostile.messages().await;
        hostile.audit().await;
        hostile
    }

    async fn commit(&self, changes: Vec<Change>) {
        for change in changes {
            self.site.app.store.commit(&[change]).await.unwrap();
        }
    }

    async fn blob(&self, of: MessageId, part: &str, text: String) -> Text {
        let key = BlobKey::text(of, part);
        self.site.app.blobs.put(&key, Bytes::from(text)).await.unwrap();
        Text::Blob(key)
    }

    fn key() -> IssueKey {
        "SUP-1".parse().unwrap()
    }

    async fn issues(&mut self) {
        let first = message_id(self.mailbox, 1);
        self.issue = Body {
            text: self.blob(first, "text", worst(10_000_000)).await,
            html: Some(
                self.blob(first, "html", "<a href='https://e.org' title='\"\\\"'>x ".repeat(300_000)).await,
            ),
            quoted: self.blob(first, "quoted", worst(2_000_000)).await,
        };
        let huge = worst(10_000);
        for number in 1..=24 {
            let body = if number == 1 { self.issue.clone() } else { inline() };
            let issue = Issue {
                key: IssueKey::new("SUP".parse::<intake::types::project::ProjectKey>().unwrap(), number),
                version: Version::FIRST,
                issue_type: "issue".to_owned(),
                summary: "\"".repeat(250),
                status: IssueStatus::Open,
                reporter: Person { name: huge.clone(), address: "\"".repeat(10_000) },
                body,
                source: Some(Source {
                    mailbox_id: self.mailbox,
                    message_id: message_id(self.mailbox, u32::try_from(number).unwrap()),
                    internet_message_id: Some("\\".repeat(20_000)),
                    likely: None,
                }),
                watchers: vec!["\"".repeat(300); 50],
                assignee: None,
                labels: vec!["\"".repeat(50); 50],
                priority: None,
                comment_count: 0,
                attachment_count: 0,
                created_at: at(i64::try_from(number).unwrap()),
                updated_at: at(0),
                written: Default::default(),
            };
            self.commit(vec![Change::Issue(Box::new(Write::Create(issue)))]).await;
        }
    }

    async fn comments(&mut self) {
        for n in 100..160 {
            let message = message_id(self.mailbox, n);
            let body = match n % 6 {
                0 => Body {
                    text: Text::default(),
                    html: Some(
                        self.blob(message, "html", format!("<p>{}</p><img src=cid:1>", worst(2_000_000)))
                            .await,
                    ),
                    quoted: self.blob(message, "quoted", worst(100_000)).await,
                },
                1 => Body { text: Text::Inline("short".to_owned()), ..Body::default() },
                _ => inline(),
            };
            let comment = Comment {
                id: CommentId::of(message),
                issue_key: Self::key(),
                author: Person { name: worst(20_000), address: String::new() },
                body: body.clone(),
                source: None,
                created_at: at(n.into()),
            };
            self.comments.push((comment.id, body));
            let touch = IssueTouch { key: Self::key(), comments: 1, attachments: 0, at: comment.created_at };
            self.commit(vec![Change::Comment(Box::new(comment)), Change::TouchIssue(touch)]).await;
        }
    }

    async fn files(&self) {
        for n in 0..120u32 {
            let message = message_id(self.mailbox, 100 + n % 60);
            let file = Attachment {
                id: AttachmentId::of(message, n),
                issue_key: Self::key(),
                comment_id: Some(CommentId::of(message)),
                filename: "\"".repeat(200),
                content_type: worst(2_000),
                size: 5_000_000,
                sha256: "ab".repeat(32),
                inline: n % 2 == 0,
                content_id: Some(worst(2_000)),
                blob: BlobKey::file(message, n),
            };
            self.site.app.blobs.put(&file.blob, Bytes::from_static(b"x")).await.unwrap();
            self.commit(vec![Change::Attachment(file)]).await;
        }
    }

    async fn messages(&self) {
        for uid in 1..=24 {
            let record = Message {
                id: message_id(self.mailbox, uid),
                mailbox_id: self.mailbox,
                epoch: 1,
                server_id: ServerId::Imap { uid },
                state: MessageState::Held,
                reason: Reason::Flood,
                internet_message_id: Some(worst(20_000)),
                subject: "\"".repeat(250),
                from: Some(worst(20_000)),
                size: 20_000_000,
                issue_key: None,
                comment_id: None,
                attempts: 1,
                failed_readings: 0,
                download: None,
                after_import: None,
                written: Default::default(),
                received_at: at(uid.into()),
                arrived: true,
                held_for: None,
                trace: (0..100).map(|_| TraceStep::new("handler", worst(700))).collect(),
            };
            self.site.app.blobs.put(&BlobKey::raw(record.id), Bytes::from_static(b"raw")).await.unwrap();
            self.commit(vec![Change::Message { message: Box::new(record), expected: None }]).await;
        }
    }

    async fn audit(&self) {
        for n in 0..24 {
            let now = self.site.app.now();
            let entry = AuditEntry {
                id: AuditId::from_parts(now, n),
                at: now,
                actor: Actor::system(),
                action: "mailbox.changed".to_owned(),
                subject: self.mailbox.to_string(),
                changes: vec![FieldChange {
                    field: "handlers".to_owned(),
                    before: worst(60_000),
                    after: worst(60_000),
                }],
            };
            self.commit(vec![Change::Audit(entry)]).await;
        }
    }
}

/// Texts that lie in their item.
fn inline() -> Body {
    let text = Text::Inline(worst(30_000));
    Body { html: Some(Text::Inline("<a href=http://e.org>".repeat(3_000))), quoted: text.clone(), text }
}
