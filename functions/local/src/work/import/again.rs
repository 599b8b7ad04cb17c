//! Reading a large mail again, in pieces that follow each other through a short queue: never more than a few are in memory.

use std::io::Result;

use bytes::Bytes;
use futures::{StreamExt, stream, stream::BoxStream};
use tokio::sync::mpsc::{self, Sender};

/// A piece, bytes.
const PIECE: usize = 256 * 1024;
/// Pieces that wait.
const WAITING: usize = 2;

/// The pieces that a reading gives. It begins when the first one is asked for, on a thread that may block, and ends early
/// where nobody asks any more.
pub(super) fn again(
    read: impl FnOnce(&mut dyn FnMut(&[u8])) -> Result<()> + Send + 'static,
) -> BoxStream<'static, Result<Bytes>> {
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let mut begin = Some((read, sender));
    let pieces = stream::poll_fn(move |context| {
        if let Some((read, sender)) = begin.take() {
            tokio::task::spawn_blocking(move || send(read, &sender));
        }
        receiver.poll_recv(context)
    });
    pieces.boxed()
}

fn send(read: impl FnOnce(&mut dyn FnMut(&[u8])) -> Result<()>, to: &Sender<Result<Bytes>>) {
    let mut piece = Vec::with_capacity(PIECE);
    let mut give = |bytes: &[u8]| {
        piece.extend_from_slice(bytes);
        if piece.len() >= PIECE {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE));
            // Nobody asks any more: what follows is read to its end and dropped.
            let _ = to.blocking_send(Ok(full.into()));
        }
    };
    let last = match read(&mut give) {
        Ok(()) if piece.is_empty() => return,
        Ok(()) => Ok(piece.into()),
        Err(error) => Err(error),
    };
    let _ = to.blocking_send(last);
}
