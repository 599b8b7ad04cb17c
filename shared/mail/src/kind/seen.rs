//! What is known of a mail when its kind is told.

use crate::Address;

/// What is looked at.
pub(crate) struct Seen<'a> {
    pub(crate) headers: &'a [(String, String)],
    pub(crate) from: Option<&'a Address>,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a str,
    pub(crate) return_path: Option<&'a str>,
    /// The `report-type` of each multipart/report, in lower case.
    pub(crate) reports: Vec<String>,
    /// The whole mail is a multipart/report, the first of those.
    pub(crate) is_report: bool,
    pub(crate) leaves: Vec<Leaf<'a>>,
}

/// A part that holds no others.
pub(crate) struct Leaf<'a> {
    /// `type/subtype` in lower case.
    pub(crate) media: &'a str,
    /// The start of its bytes, transfer-decoded.
    pub(crate) head: &'a [u8],
    /// Decoded; empty without one.
    pub(crate) filename: String,
    /// The `method` of a calendar, in lower case; empty without one.
    pub(crate) method: String,
    /// Sent as a file, not as a form of the mail itself.
    pub(crate) is_file: bool,
}

impl Seen<'_> {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Whether a person could have written any of it: a text that is not blank. One that is sent as a file counts, too:
    /// some programs send all texts so.
    pub(super) fn has_own_text(&self) -> bool {
        let is_text = |leaf: &&Leaf<'_>| matches!(leaf.media, "text/plain" | "text/html");
        // What stands there of an invitation was told by us.
        let told = self.leaves.iter().any(|leaf| matches!(leaf.media, "text/calendar" | "application/ics"));
        self.leaves.iter().filter(is_text).any(|leaf| !is_blank(leaf))
            || !told && !self.text.trim().is_empty()
    }

    /// A field's value in lower case, trimmed; empty without one.
    pub(super) fn lower(&self, name: &str) -> String {
        self.header(name).unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// Whether a text shows nothing. What stands in the tags of a page does not count, and neither do blanks by name.
fn is_blank(leaf: &Leaf<'_>) -> bool {
    let shows = |text: &str| text.chars().any(|c| !c.is_whitespace() && !c.is_control() && c != '\u{feff}');
    let text = String::from_utf8_lossy(leaf.head);
    if leaf.media == "text/plain" { !shows(&text) } else { !shows(&crate::html::render(&text).text) }
}
