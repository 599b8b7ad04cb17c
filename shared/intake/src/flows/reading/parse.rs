//! Parsing on a thread that may block: a mail that panics the parser becomes a failed message, not a dead process.

use bytes::Bytes;

use mail::{Mail, Options};

use crate::decide::ParserPanicked;

/// Parses a whole mail.
pub(in crate::flows) async fn parse(raw: Bytes, options: Options) -> Result<Mail, ParserPanicked> {
    on_thread(move || mail::parse_with(&raw, &options)).await
}

/// Runs a parse where it may take its time, on a stack of [`crate::app::STACK`], and waits for it.
pub(in crate::flows) async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ParserPanicked> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ParserPanicked)
}
