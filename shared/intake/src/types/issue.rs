//! Issues, comments and attachments: what mails become.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Timestamp,
    types::{
        Version,
        handler::KindWord,
        ids::{AttachmentId, CommentId, MailboxId, MessageId},
        project::{IssueKey, ProjectKey},
        time::Written,
        words::words,
    },
};

/// A person as a mail names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// The display name; empty where the mail gives none.
    pub name: String,
    /// The address; empty where there is none.
    pub address: String,
}

/// How the names of files begin.
const FILES: &str = "files/";

/// The name of a blob: `raw/<message id>`, `files/<message id>/<n>`, `text/<message id>/<part>`,
/// `rolls/<mailbox id>/<fence>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlobKey(String);

impl BlobKey {
    /// The raw mail.
    pub fn raw(message: MessageId) -> Self {
        Self(format!("raw/{message}"))
    }

    /// A name that is stored.
    pub fn from_stored(name: String) -> Self {
        Self(name)
    }

    /// The `n`-th file of a mail.
    pub fn file(message: MessageId, n: u32) -> Self {
        Self(format!("{}{n}", Self::files(message)))
    }

    /// The `n`-th leaf of a large mail, written while it streamed by.
    pub fn leaf(message: MessageId, n: u32) -> Self {
        Self(format!("{}leaf-{n}", Self::files(message)))
    }

    /// How the names of all files of a mail begin.
    pub fn files(message: MessageId) -> String {
        format!("{FILES}{message}/")
    }

    /// Whether it is a file of a mail.
    pub fn is_file(&self) -> bool {
        self.0.starts_with(FILES)
    }

    /// A text of a mail that is too large for its item: `text`, `html` or `quoted`.
    pub fn text(message: MessageId, part: &str) -> Self {
        Self(format!("{}{part}", Self::texts(message)))
    }

    /// How the names of all texts of a mail begin.
    pub fn texts(message: MessageId) -> String {
        format!("text/{message}/")
    }

    /// The roll of a POP3 maildrop that a run under this fence wrote.
    pub fn roll(mailbox: MailboxId, fence: u64) -> Self {
        Self(format!("{}{fence:020}", Self::rolls(mailbox)))
    }

    /// How the names of all rolls of a maildrop begin.
    pub fn rolls(mailbox: MailboxId) -> String {
        format!("rolls/{mailbox}/")
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text in its item, or in a blob when it is large.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    /// At most [`Text::MAX_INLINE`] bytes as it is stored.
    Inline(String),
    /// Larger: UTF-8 bytes in a blob.
    Blob(BlobKey),
}

impl Text {
    /// The most bytes that a text may take in the item itself. DynamoDB items end at 400 KB, and a batch at 4 MB.
    pub const MAX_INLINE: usize = 64 * 1024;

    /// Whether a text may lie in its item.
    pub fn is_short(text: &str) -> bool {
        Self::stored_len(text) <= Self::MAX_INLINE
    }

    /// How many bytes a text takes in its item: there it is JSON, which writes a quotation mark as two bytes and a control
    /// character as six (RFC 8259 section 7). Whoever sends a mail may choose what it is full of.
    pub fn stored_len(text: &str) -> usize {
        let written = |byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
            0x00..0x20 => 6,
            _ => 1,
        };
        text.bytes().map(written).sum()
    }

    /// True for the empty text.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Inline(text) if text.is_empty())
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::Inline(String::new())
    }
}

/// What a mail says. HTML is kept decoded and sanitised when it is shown, so that a sanitiser fix reaches old mail.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Body {
    /// What its sender newly wrote.
    pub text: Text,
    /// The whole HTML, where the mail has one. Not safe to show.
    pub html: Option<Text>,
    /// What was cut off: quotes, the signature and the lines of devices.
    pub quoted: Text,
}

/// The mail behind an issue or comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// The mailbox it came to.
    #[schema(value_type = String)]
    pub mailbox_id: MailboxId,
    /// Our record of it.
    #[schema(value_type = String)]
    pub message_id: MessageId,
    /// Its own Message-ID, without angle brackets.
    #[schema(required)]
    pub internet_message_id: Option<String>,
    /// That a machine may have written it; None: nothing suggests that, or it was made before this was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likely: Option<Likely>,
}

/// What a mail seems to be by words, a subject or a file alone, which people write and send too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Likely {
    /// The kind.
    pub kind: KindWord,
    /// By what that was seen.
    pub evidence: Vec<String>,
}

words! {
    /// Where an issue stands.
    pub enum IssueStatus {
        /// Somebody has to do something.
        Open = "open",
        /// Somebody is at it.
        InProgress = "in_progress",
        /// Done.
        Closed = "closed",
    }
}

/// An issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// `SUP-42`.
    pub key: IssueKey,
    /// Rises with each change by a person; the ETag. Comments do not change it.
    pub version: Version,
    /// `issue` unless a handler or person says otherwise. At most 50 characters.
    pub issue_type: String,
    /// One line, at most 250 characters.
    pub summary: String,
    /// Where it stands.
    pub status: IssueStatus,
    /// Who wrote the mail.
    pub reporter: Person,
    /// What it says.
    pub body: Body,
    /// The mail it came from; None for one made by hand.
    pub source: Option<Source>,
    /// Addresses that follow it.
    pub watchers: Vec<String>,
    /// Who works on it: an address or name.
    pub assignee: Option<String>,
    /// Labels.
    pub labels: Vec<String>,
    /// Priority, as a word.
    pub priority: Option<String>,
    /// How many comments.
    pub comment_count: u64,
    /// How many attachments, those of its comments included.
    pub attachment_count: u64,
    /// When it was created here.
    pub created_at: Timestamp,
    /// When it or its comments last changed: by hand, or when the mail that changed it was received.
    pub updated_at: Timestamp,
    /// When it was last written here.
    #[serde(skip)]
    pub written: Written,
}

impl Issue {
    /// When it was last changed here: a mail that comes late changes it later than `updated_at` says.
    pub fn changed_at(&self) -> Timestamp {
        self.written.0.unwrap_or(self.updated_at)
    }

    /// The project it is in.
    pub fn project(&self) -> &ProjectKey {
        self.key.project()
    }
}

/// A comment on an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Our identifier; derived from the message where it came by mail.
    pub id: CommentId,
    /// On which issue.
    pub issue_key: IssueKey,
    /// Who wrote it.
    pub author: Person,
    /// What it says.
    pub body: Body,
    /// The mail it came from.
    pub source: Option<Source>,
    /// When it was created here.
    pub created_at: Timestamp,
}

/// A file of an issue or of one of its comments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Our identifier; derived from the message and the number.
    pub id: AttachmentId,
    /// On which issue.
    pub issue_key: IssueKey,
    /// Of which comment; None where it belongs to the issue itself.
    pub comment_id: Option<CommentId>,
    /// Its name; never a path.
    pub filename: String,
    /// As the mail says; never trusted when it is served.
    pub content_type: String,
    /// Decoded size in bytes.
    pub size: u64,
    /// SHA-256 of the decoded bytes, in hexadecimal.
    pub sha256: String,
    /// True for pictures that the HTML shows.
    pub inline: bool,
    /// Content-ID without angle brackets.
    pub content_id: Option<String>,
    /// Where the bytes are.
    pub blob: BlobKey,
}
