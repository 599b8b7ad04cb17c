//! What a mail says.

use jiff::Timestamp;
use serde::Serialize;

use crate::{Defect, Kind};

/// A mail, understood.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Mail {
    /// Decoded, one line; empty without one.
    pub subject: String,
    /// The author: the first address of From, else Sender; where a list or forwarder put its own address into From, the
    /// one whom it names beside it.
    pub from: Option<Address>,
    /// What From says, where a list or forwarder put its own address there. Anyone can write such a mail: what the
    /// receiving server says of its sender is then said of this address, and not of the author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewritten_from: Option<Address>,
    /// To, in header order, groups opened.
    pub to: Vec<Address>,
    /// Cc, in header order.
    pub cc: Vec<Address>,
    /// Reply-To, in header order.
    pub reply_to: Vec<Address>,
    /// Date, as the sender claims.
    pub date: Option<Timestamp>,
    /// Message-ID without angle brackets.
    pub message_id: Option<String>,
    /// Message-IDs under which it was sent before a server on the way gave it another one, without angle brackets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub original_message_ids: Vec<String>,
    /// In-Reply-To, without angle brackets.
    pub in_reply_to: Vec<String>,
    /// References, oldest first, without angle brackets, the newest 200.
    pub references: Vec<String>,
    /// The readable text of the whole mail: LF, no trailing blanks, at most 2 MiB of each text part.
    pub body_text: String,
    /// HTML as sent, decoded, **not** sanitised: show it only through [`crate::html::sanitise`]. Pictures that stood in it
    /// as `data:` URLs are files that it names by `cid:`.
    pub body_html: Option<String>,
    /// What the sender newly wrote: without quotes, attribution and signature. Empty only if `body_text` is.
    pub reply_only: String,
    /// All that was cut from `body_text` to get `reply_only`, in its order: quotes, signature and the lines of devices.
    pub quoted_text: String,
    /// Of a forward, who wrote what it holds, in the order of the text: what its header blocks say, then attached mails.
    /// Without an address where a block has only a name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forwarded_senders: Vec<Address>,
    /// What kind of mail it is, with evidence.
    pub kind: Kind,
    /// Every leaf that is not the shown text or HTML, in order, and then the pictures of `data:` URLs.
    pub attachments: Vec<Attachment>,
    /// What was repaired, guessed or left out; sorted, each once.
    pub defects: Vec<Defect>,
    /// Return-Path: `Some("")` for `<>`, the sender of bounces.
    pub return_path: Option<String>,
    /// All header fields in order, names in lower case, values decoded and unfolded.
    pub headers: Vec<(String, String)>,
    /// The fields of [`crate::auth::READS`] as they stand: unfolded, not decoded, top to bottom.
    #[serde(skip)]
    pub trace: Vec<(String, String)>,
}

impl Mail {
    /// The decoded values of a header field, top to bottom; `name` in any case.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The Message-IDs by which others may name this mail: its own, and those that it had before.
    pub fn message_ids(&self) -> impl Iterator<Item = &str> {
        self.message_id.iter().chain(&self.original_message_ids).map(String::as_str)
    }
}

/// A mail address with the name before it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Address {
    /// The display name, decoded; none if absent or empty.
    pub name: Option<String>,
    /// `local@domain` as written, without brackets; in broken mails possibly without a domain; empty if From has a name alone.
    pub address: String,
}

/// A file of a mail.
#[derive(Debug, Clone, Serialize)]
pub struct Attachment {
    /// Decoded and cleaned: no path, no control or direction characters, at most 200 bytes. A mail without one has its
    /// subject, a calendar `invite.ics`.
    pub filename: Option<String>,
    /// `type/subtype` in lower case, without parameters.
    pub content_type: String,
    /// Bytes after transfer decoding.
    pub size: u64,
    /// SHA-256 of the transfer-decoded bytes, hex.
    pub sha256: String,
    /// Shown within the text: a picture that the HTML names, or a part that says so.
    pub inline: bool,
    /// Content-ID without angle brackets.
    pub content_id: Option<String>,
    /// Where its bytes are.
    #[serde(skip)]
    pub content: AttachmentContent,
}

/// The bytes of a file, or where they went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachmentContent {
    /// Transfer-decoded, charset untouched.
    Bytes(Vec<u8>),
    /// A splitter streamed them out as this leaf.
    Extracted {
        /// The number in the splitter's events.
        n: u32,
    },
}
