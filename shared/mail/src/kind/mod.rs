//! What kind of mail it is: answers of machines, bounces, reports, lists.

mod auto;
mod bounce;
mod report;

use serde::Serialize;

use crate::{Address, structure::Field};

/// What kind of mail it is, and by what that was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Kind {
    /// An answer that no person wrote, such as an absence notice. A bounce is none.
    pub is_auto_reply: bool,
    /// A report of a failed or delayed delivery, by RFC 3464 or a vendor's own form.
    pub is_bounce: bool,
    /// Any multipart/report.
    pub is_report: bool,
    /// Sent through a mailing list.
    pub is_list_mail: bool,
    /// An abuse report (RFC 5965).
    pub is_feedback_report: bool,
    /// Addresses that a bounce says were not reached, each once.
    pub bounced_recipients: Vec<String>,
    /// Enhanced status codes (RFC 3463) of a bounce, each once.
    pub bounce_statuses: Vec<String>,
    /// Message-ID of the mail that a bounce or report is about, without angle brackets.
    pub returned_message_id: Option<String>,
    /// What was seen, as `header: value` or a sentence.
    pub evidence: Vec<String>,
}

/// What is looked at.
pub(crate) struct Seen<'a> {
    pub(crate) headers: &'a [(String, String)],
    pub(crate) from: Option<&'a Address>,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a str,
    pub(crate) return_path: Option<&'a str>,
    /// Content type of the whole mail with its `report-type`.
    pub(crate) media: &'a str,
    pub(crate) report_type: &'a str,
    /// Content types and starts of all leaves.
    pub(crate) leaves: Vec<(&'a str, &'a [u8])>,
}

impl Seen<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Decides the kind.
pub(crate) fn kind(seen: &Seen<'_>) -> Kind {
    let mut kind = Kind::default();
    report::look(seen, &mut kind);
    bounce::look(seen, &mut kind);
    auto::look(seen, &mut kind);
    kind
}

/// The first id in a field of an attached header block.
fn message_id(fields: &[Field]) -> Option<String> {
    let field = fields.iter().find(|field| field.name == "message-id")?;
    crate::decode::ids::id(&crate::decode::words::unfold(&field.raw))
}
