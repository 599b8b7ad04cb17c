//! How a session begins, and how it begins once more where the server ended it at something that is not needed.

use std::future::Future;

use intake::ports::MailError;

/// What is done, and what is left out, up to the opened folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Approach {
    Usual,
    /// Not by the best way to sign in: the session ended at that.
    OtherWay,
    /// IMAP: we say who we are (RFC 2971) only once no folder is opened without that. Some sessions end at it, or lose what
    /// is sent along with it.
    Unintroduced,
    /// IMAP: we say who we are, also where that is not offered: the session ended because we did not.
    Introduced,
    /// POP3: the server is not asked what it can do (RFC 2449): the session ended at that.
    Unasked,
}

/// Why no folder is open.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: MailError,
    /// What may lead further.
    pub(crate) again: Option<Approach>,
}

impl From<MailError> for Failed {
    fn from(error: MailError) -> Self {
        Self { error, again: None }
    }
}

/// Begins in the usual way, and where that may have been what ended the session, once in another.
pub(crate) async fn begin<T, F>(open: impl Fn(Approach) -> F) -> Result<T, MailError>
where
    F: Future<Output = Result<T, Failed>>,
{
    // On the heap: what a session needs while it begins is much for the stack of whoever polls.
    let Failed { error, again } = match Box::pin(open(Approach::Usual)).await {
        Ok(opened) => return Ok(opened),
        Err(failed) => failed,
    };
    let Some(approach) = again else { return Err(error) };
    Box::pin(open(approach)).await.map_err(|second| match (&error.server_text, &second.error.server_text) {
        (None, Some(_)) => second.error,
        // What the server said at first is what a person has to know.
        _ => error,
    })
}
