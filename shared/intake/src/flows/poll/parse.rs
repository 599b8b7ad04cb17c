//! Parsing on a thread of its own: a mail that panics the parser becomes a failed message, not a dead process.

use bytes::Bytes;
use tokio::sync::oneshot;

use mail::{Mail, Options};

/// Enough for any nesting that the parser's own depth limit lets through.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// The parser panicked, or no thread could be made for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the parser gave up on this mail")]
pub(super) struct ParserPanicked;

/// Parses a whole mail.
pub(super) async fn parse(raw: Bytes, options: Options) -> Result<Mail, ParserPanicked> {
    on_thread(move || mail::parse_with(&raw, &options)).await
}

/// Runs a parse on a thread with a stated stack and waits for it.
pub(super) async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ParserPanicked> {
    let (done, result) = oneshot::channel();
    let run = move || {
        if let Ok(value) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)) {
            // The poll may have been cancelled meanwhile: nobody waits, nothing is lost.
            let _ = done.send(value);
        }
    };
    std::thread::Builder::new()
        .name("parse".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(run)
        .map_err(|_| ParserPanicked)?;
    result.await.map_err(|_| ParserPanicked)
}
