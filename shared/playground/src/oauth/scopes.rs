//! What an application can ask for.

/// The scope that opens the mailbox over IMAP.
pub const MAIL_SCOPE: &str = "mail";
/// Every scope the provider knows.
pub(crate) const SCOPES: [&str; 5] = ["openid", "email", "profile", "offline_access", MAIL_SCOPE];
