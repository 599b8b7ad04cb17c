//! What failed, in the words of the port: a refusal, an end of the connection, an answer that cannot be.

use intake::ports::{MailError, MailFault};

use super::tolerant::{Told, TooLarge};
use crate::error::{explained, mail_error, refusal, said};

/// An error of async-imap in our words. Its parse errors carry mail text, which is not passed on.
pub(super) fn command_error(
    error: &async_imap::error::Error,
    told: &Told,
    context: &str,
    signing_in: bool,
) -> MailError {
    use async_imap::error::Error;
    match error {
        Error::No(_) | Error::Bad(_) => refused(told, context, signing_in),
        Error::Io(error) => heard(io_error(error, context), told),
        Error::ConnectionLost => {
            heard(mail_error(MailFault::Temporary, format!("{context}: the connection was lost")), told)
        }
        Error::Validate(_) => {
            mail_error(MailFault::Protocol, format!("{context}: a name or password cannot be sent"))
        }
        _ => mail_error(MailFault::Protocol, format!("{context}: the server's answer was not understood")),
    }
}

/// A tagged NO or BAD, with all that the server said.
pub(super) fn refused(told: &Told, context: &str, signing_in: bool) -> MailError {
    let words = told.words().unwrap_or_default();
    said(refusal(&words, signing_in), context, &words)
}

/// An error that the server may have explained before: by BYE, an untagged NO or BAD, or nonsense.
pub(super) fn heard(error: MailError, told: &Told) -> MailError {
    if let Some(absurd) = &told.absurd {
        return mail_error(MailFault::Protocol, format!("{}: {absurd}", error.context));
    }
    match &told.aside {
        Some(words) => explained(error, words),
        None => error,
    }
}

pub(super) fn io_error(error: &std::io::Error, context: &str) -> MailError {
    if error.get_ref().is_some_and(|inner| inner.is::<TooLarge>()) {
        return mail_error(
            MailFault::TooLarge,
            format!("{context}: the server announced more than is allowed"),
        );
    }
    match error.kind() {
        // What async-imap says when it cannot parse: its text holds the answer itself.
        std::io::ErrorKind::Other | std::io::ErrorKind::InvalidData => {
            mail_error(MailFault::Protocol, format!("{context}: the server's answer was not understood"))
        }
        std::io::ErrorKind::TimedOut => mail_error(MailFault::TimedOut, context),
        kind => mail_error(MailFault::Temporary, format!("{context}: {kind}")),
    }
}
