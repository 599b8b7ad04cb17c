//! Names of folders, as people give them.

/// The folder that each mailbox has (RFC 3501 section 5.1).
pub(super) const INBOX: &str = "INBOX";

/// A folder's name, in Unicode.
pub(super) fn folder_name(text: String) -> Result<String, &'static str> {
    if text.len() > 500 || text.is_empty() || text.chars().any(char::is_control) {
        return Err("field.folder");
    }
    // RFC 3501 section 5.1: this name alone has no case.
    Ok(if text.eq_ignore_ascii_case(INBOX) { INBOX.to_owned() } else { text })
}
