//! What goes wrong with mail servers.

use std::time::Duration;

/// What went wrong with a mail server, as far as callers act on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailFault {
    /// The name does not resolve.
    NotResolved,
    /// It resolves only to addresses that may not be connected to.
    AddressRefused,
    /// No TCP connection.
    Unreachable,
    /// The certificate is not valid for this host, or not trusted.
    Certificate,
    /// The certificate is from an authority that this machine does not trust, such as an organisation's own.
    Untrusted,
    /// What answers does not begin with TLS.
    NotTls,
    /// TLS failed otherwise, or STARTTLS is not offered.
    Tls,
    /// The server speaks TLS only in a form that is not safe any more (RFC 8996).
    TlsOutdated,
    /// Whatever answers is not the protocol expected, or broke it.
    Protocol,
    /// The server understood the command and refuses it, in words that name no other fault. The session goes on.
    Refused,
    /// The sign-in was refused. For a bearer token: refresh once, then a person.
    AuthenticationRefused {
        /// The server's JSON challenge (RFC 7628 section 3.2.2), where it sent one; at most 1 KiB.
        challenge: Option<String>,
    },
    /// The sign-in was refused for a reason that no other token or password mends: access switched off, a person wanted.
    SignInBlocked,
    /// The server shuts out the address that we come from, whoever signs in: no other token mends it, and asking more
    /// often makes it longer.
    AddressBlocked,
    /// No sign-in method in common.
    NoMechanism,
    /// Signed in, but the mailbox cannot be opened by this account.
    NotPermitted,
    /// The folder does not exist.
    NoFolder,
    /// The server asks to be left alone.
    Throttled {
        /// For how long, where it says so.
        after: Option<Duration>,
    },
    /// The server has a temporary problem, or the connection was lost.
    Temporary,
    /// Took longer than its limit.
    TimedOut,
    /// It accepts the connection and does not greet: it may wait for TLS, or for a question.
    Silent,
    /// A mail or answer is larger than its limit.
    TooLarge,
    /// The folder holds more mails than can be told apart within the limits.
    TooMany,
    /// The server does not offer what this needs.
    NotOffered,
}

/// A fault with the server's own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{context}")]
pub struct MailError {
    /// What callers act on.
    pub fault: MailFault,
    /// What was being done, such as `sign in to imap.example.com:993`. Holds no secret and no mail text.
    pub context: String,
    /// The server's status text, printable, at most 300 characters; never shown without escaping.
    pub server_text: Option<String>,
}
