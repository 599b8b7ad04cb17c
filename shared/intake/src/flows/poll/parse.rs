//! Parsing on a thread that may block: a mail that panics the parser becomes a failed message, not a dead process.

use bytes::Bytes;

use mail::{Mail, Options};

/// The parser panicked, or the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the parser gave up on this mail")]
pub(super) struct ParserPanicked;

/// Parses a whole mail.
pub(super) async fn parse(raw: Bytes, options: Options) -> Result<Mail, ParserPanicked> {
    on_thread(move || mail::parse_with(&raw, &options)).await
}

/// Runs a parse where it may take its time, on a stack of [`crate::app::STACK`], and waits for it.
pub(super) async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ParserPanicked> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ParserPanicked)
}
