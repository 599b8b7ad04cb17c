//! Handlers: the ordered list of a mailbox that says what a mail becomes. Its shape is the API's, and the one of the
//! configuration as a file.

mod check;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

pub use check::{check, projects};

use super::{project::ProjectKey, words::words};

/// One handler: where the condition holds, the actions apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Handler {
    /// What people call it: it stands in the trace of each decision. 1 to 100 characters, unique in its list.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// When it applies; without one, always: `{"all": […]}`, `{"any": […]}`, `{"not": …}`,
    /// `{"to": "support+*@example.org"}`, `{"sub_address": "billing"}`, `{"from": "@example.com"}`,
    /// `{"subject": "invoice"}`, `{"header": {"name": "X-Spam", "value": "yes*"}}`, `{"kind": "ordinary"}` (or
    /// `auto_reply`, `bounce`, `report`, `feedback_report`, `read_receipt`, `calendar_answer`, `aggregate_report`, `list`,
    /// `bulk`), `{"likely": "auto_reply"}` (or another kind of automatic mail, where only words, a subject or a file
    /// suggest it), `{"list": "news.*"}`, `{"size": {"above": 1000000}}`, `{"sender_verdict": "pass"}` (or `fail`, `none`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// What it does, in order: at most one of `{"create_or_comment": {}}`, `{"create": {}}`, `{"comment": {}}`,
    /// `{"as_forwarded": {}}` (of the first sender of a forward; who forwarded it follows the issue), `{"ignore": {}}` and
    /// `{"hold": {}}`, and `{"set": {project, type, priority, labels, reporter, default_reporter, assignee,
    /// watchers_from_cc, strip_quotes, split_at, bulk, attachments}}`. `reporter`: `from`, `reply_to` or
    /// `first_forwarded_sender`.
    pub then: Vec<Action>,
    /// Whether no later handler is looked at once this one applied.
    #[serde(default)]
    pub stop: bool,
}

/// When a handler applies. Texts are compared without regard to case; `*` stands for any characters, `?` for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HandlerCondition, no_recursion)]
pub enum Condition {
    /// Each of these holds.
    All(Vec<Condition>),
    /// One of these holds.
    Any(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
    /// An address of To, Cc or of the delivery. A pattern without `*` that begins with `@` means the domain.
    To(Pattern),
    /// The part after the `+` of such an address.
    SubAddress(Pattern),
    /// The sender's address; where a list put its own address into From, that one too.
    From(Pattern),
    /// The subject. Without `*`, the pattern may stand anywhere in it.
    Subject(Pattern),
    /// A header field.
    Header(HeaderCondition),
    /// What kind of mail it is for certain.
    Kind(KindWord),
    /// What kind of mail it is by its words, a subject or a file alone, as a person's mail may be, too.
    Likely(KindWord),
    /// The List-Id of a mailing list.
    List(Pattern),
    /// The size of the whole mail.
    Size(SizeCondition),
    /// What the receiving server says of the sender.
    SenderVerdict(SenderVerdict),
}

/// A header field that matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeaderCondition {
    /// The field's name.
    #[schema(min_length = 1)]
    pub name: String,
    /// What its value says. Without `*`, the pattern may stand anywhere in it; absent: the field is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Pattern>,
}

/// A range of sizes, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SizeCondition {
    /// More than so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<u64>,
    /// Less than so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<u64>,
}

words! {
    /// A kind of mail.
    pub enum KindWord {
        /// Written by a person, as far as is certain: none of the others, mailing lists apart.
        Ordinary = "ordinary",
        /// An answer that no person wrote.
        AutoReply = "auto_reply",
        /// A failed or delayed delivery.
        Bounce = "bounce",
        /// Any multipart/report.
        Report = "report",
        /// An abuse report.
        FeedbackReport = "feedback_report",
        /// A receipt that a mail was read.
        ReadReceipt = "read_receipt",
        /// An answer to an invitation.
        CalendarAnswer = "calendar_answer",
        /// A DMARC or TLS summary.
        AggregateReport = "aggregate_report",
        /// Sent through a mailing list.
        List = "list",
        /// Sent to many at once: a list, a newsletter, or `Precedence: bulk`.
        Bulk = "bulk",
    }
}

impl KindWord {
    /// Whether it is a matter of doubt.
    pub fn may_be_likely(self) -> bool {
        !matches!(self, Self::Ordinary | Self::List | Self::Bulk)
    }

    /// The label of an issue whose mail seems to be of this kind.
    pub fn likely_label(self) -> &'static str {
        match self {
            Self::AutoReply => "likely-auto-reply",
            Self::Bounce => "likely-bounce",
            Self::Report => "likely-report",
            Self::FeedbackReport => "likely-feedback-report",
            Self::ReadReceipt => "likely-read-receipt",
            Self::CalendarAnswer => "likely-calendar-answer",
            Self::AggregateReport => "likely-aggregate-report",
            Self::Ordinary | Self::List | Self::Bulk => "likely",
        }
    }
}

words! {
    /// What is known of whether the sender is who the From field says (RFC 8601).
    pub enum SenderVerdict {
        /// The receiving server found it true.
        Pass = "pass",
        /// The receiving server found it false.
        Fail = "fail",
        /// Nothing that can be trusted says either.
        None = "none",
    }
}

/// What a handler does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HandlerAction)]
pub enum Action {
    /// A comment where the mail belongs to an issue, else an issue.
    CreateOrComment(Nothing),
    /// Always an issue of its own: the thread that is found is refused.
    Create(Nothing),
    /// A comment where the mail belongs to an issue, else nothing.
    Comment(Nothing),
    /// As what the first sender of a forward wrote, a comment where the mail belongs to an issue, else an issue, which the
    /// one who forwarded it follows. Anyone can write a forward: together with a condition on the sender.
    AsForwarded(Nothing),
    /// Nothing. The record says by which handler.
    Ignore(Nothing),
    /// A person decides.
    Hold(Nothing),
    /// Says how the issue or comment looks. What a later handler sets replaces it.
    Set(Box<Settings>),
}

/// An action without further words: `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// How an issue or comment looks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = HandlerSettings)]
pub struct Settings {
    /// Where a new issue is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^[A-Z][A-Z0-9_]{0,9}$")]
    pub project: Option<ProjectKey>,
    /// The type of a new issue.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 50)]
    pub issue_type: Option<String>,
    /// The priority of a new issue, as a word; `from_headers` takes `highest` to `lowest` from X-Priority, Importance
    /// and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 50)]
    pub priority: Option<String>,
    /// Labels of a new issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 50)]
    pub labels: Option<Vec<String>>,
    /// Who counts as the writer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reporter: Option<Reporter>,
    /// Who counts as the writer where the mail names nobody: an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 254)]
    pub default_reporter: Option<String>,
    /// Who works on a new issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 254)]
    pub assignee: Option<String>,
    /// Whether the addresses of Cc follow a new issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watchers_from_cc: Option<bool>,
    /// Whether quoted text is taken away: by default from comments, and not from issues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strip_quotes: Option<bool>,
    /// Lines that end what is new: the text from the first line that holds one of these is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 50)]
    pub split_at: Option<Vec<String>>,
    /// What becomes of mail that is sent to many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk: Option<Treatment>,
    /// Which files become attachments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments: Option<AttachmentRules>,
}

words! {
    /// Who counts as the writer of a mail. Where the mail does not name the one who is chosen, it is who sent it.
    pub enum Reporter {
        /// The author (RFC 5322, section 3.6.2).
        From = "from",
        /// The first of Reply-To, as of web forms that send under an address of their own.
        ReplyTo = "reply_to",
        /// Who wrote the mail that was forwarded.
        FirstForwardedSender = "first_forwarded_sender",
    }
}

words! {
    /// What is done about a mail that is not quite trusted.
    pub enum Treatment {
        /// Like any other mail.
        Accept = "accept",
        /// The issue gets a label, or the comment's record a note.
        Mark = "mark",
        /// A person decides.
        Hold = "hold",
        /// Nothing; the record says why.
        Ignore = "ignore",
    }
}

/// Which files become attachments. The raw mail holds them all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttachmentRules {
    /// Larger files are left out, bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Files of these types or names are left out: `application/x-msdownload`, `image/*`, `*.exe`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leave_out: Vec<Pattern>,
    /// Files with these contents are left out, such as the logo of everybody's signature: SHA-256, in hexadecimal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<String>,
}

/// A text with wildcards, 1 to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(String);

/// The text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pattern must have 1 to 200 characters")]
pub struct InvalidPattern;

impl PartialSchema for Pattern {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(200)).into()
    }
}

impl ToSchema for Pattern {
    fn name() -> Cow<'static, str> {
        "Pattern".into()
    }
}

impl TryFrom<String> for Pattern {
    type Error = InvalidPattern;

    fn try_from(text: String) -> Result<Self, InvalidPattern> {
        if text.is_empty() || text.chars().count() > 200 { Err(InvalidPattern) } else { Ok(Self(text)) }
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0
    }
}

impl Pattern {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole text is so.
    pub fn is(&self, text: &str) -> bool {
        wildmatch::WildMatch::new_case_insensitive(&self.0).matches(text)
    }

    /// Whether it is somewhere in the text; with wildcards, whether the whole text is so.
    pub fn is_in(&self, text: &str) -> bool {
        if self.0.contains(['*', '?']) {
            return self.is(text);
        }
        text.to_lowercase().contains(&self.0.to_lowercase())
    }

    /// Whether an address is so; a pattern that begins with `@` means the domain.
    pub fn is_address(&self, address: &str) -> bool {
        match address.rfind('@') {
            Some(at) if self.0.starts_with('@') => self.is(&address[at..]),
            _ => self.is(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_without_regard_to_case() {
        let pattern = |text: &str| Pattern::try_from(text.to_owned()).unwrap();
        assert!(pattern("support@*").is_address("Support@Example.org"));
        assert!(pattern("@example.org").is_address("a@EXAMPLE.org"));
        assert!(!pattern("@example.org").is_address("a@sub.example.org"));
        assert!(pattern("@*.example.org").is_address("a@sub.example.org"));
        assert!(pattern("invoice").is_in("Your INVOICE 7"));
        assert!(!pattern("invoice*").is_in("Your invoice"));
        assert!(pattern("ж*").is_in("Жук"));
        assert!(Pattern::try_from(String::new()).is_err());
    }
}
