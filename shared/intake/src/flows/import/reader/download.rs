//! The download of a large mail. Where the time is over or the connection breaks off, what came stays in the mail's raw
//! blob, its record says how much that is, and the next poll goes on behind it.

use bytes::Bytes;

use crate::{
    Sentence,
    decide::Prepared,
    error::Result,
    flows::reading::Copy,
    limits::{LONG, MAX_MAIL, MAX_STALLS, PIECE},
    ports::{Listed, MailError, MailFault, MailSession},
    types::message::{Download, Message, MessageState, Reason},
};

use super::{Books, Reader, unread::Reading};

/// What a download came to.
pub(super) enum Downloaded<'a> {
    /// All of it.
    Whole(Box<Copy<'a>>),
    /// It has more than the limit.
    TooLarge,
    /// No more of it comes now.
    Over(Reading),
}

impl Reader {
    /// Reads a mail to its end, or as far as the time allows. `first` is its first piece, where that was read already.
    pub(super) async fn download<'c>(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
        listed: &Listed,
        mut copy: Copy<'c>,
        first: Option<Bytes>,
    ) -> Result<Downloaded<'c>> {
        let began = books.app.now().as_second();
        // RETR begins each time with the first byte.
        let mut at = if books.ledger.roll().is_none() { copy.bytes() } else { 0 };
        let mut piece = match first {
            Some(first) => Ok(Some(first)),
            None => read_piece(books, session, listed, at).await?,
        };
        loop {
            let bytes = match piece {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return Ok(Downloaded::Over(Reading::Nothing)),
                Err(error) => {
                    return self.put_off(books, listed, copy, began, Some(error)).await.map(Downloaded::Over);
                }
            };
            let known = usize::try_from(copy.bytes().saturating_sub(at)).unwrap_or(usize::MAX);
            let new = bytes.slice(known.min(bytes.len())..);
            at += bytes.len() as u64;
            if at > MAX_MAIL {
                return Ok(Downloaded::TooLarge);
            }
            let last = bytes.len() < PIECE as usize;
            if !last && books.out_of_time() {
                copy.take(new).await?;
                return self.put_off(books, listed, copy, began, None).await.map(Downloaded::Over);
            }
            // The server sends the next piece while this one is stored and split. No command is left halfway: each comes
            // to its end.
            let ahead =
                async { if last { Ok(Ok(None)) } else { read_piece(books, session, listed, at).await } };
            let (next, taken) = tokio::join!(ahead, copy.take(new));
            taken?;
            if last {
                // It was longer before, or has no byte at all.
                let odd = at == 0 || at < copy.bytes();
                let whole = || Downloaded::Whole(Box::new(copy));
                return Ok(if odd { Downloaded::Over(Reading::Nothing) } else { whole() });
            }
            piece = next?;
        }
    }

    /// Keeps what came. Where more came than before, an error is none of this mail's.
    async fn put_off(
        &mut self,
        books: &mut Books<'_>,
        listed: &Listed,
        copy: Copy<'_>,
        began: i64,
        error: Option<MailError>,
    ) -> Result<Reading> {
        let over = books.out_of_time();
        let error = error.filter(|error| !(over && error.fault == MailFault::TimedOut));
        let before = self.unread.download_of(&listed.server_id);
        let bytes = copy.bytes();
        let progressed = bytes > before.bytes;
        if progressed {
            // Whoever lost the lease leaves the blob to the one that has it.
            books.keep_lease().await?;
            copy.keep().await?;
        }
        let stalled = !progressed && over && books.app.now().as_second() - began >= LONG;
        let download = match progressed {
            true => Download { bytes, stalls: 0 },
            false => Download { stalls: before.stalls + u32::from(stalled), ..before },
        };
        if download.stalls >= MAX_STALLS {
            let given_up = given_up(books, listed.clone(), download).await?;
            return Ok(Reading::Done(Box::new(given_up)));
        }
        if download != before {
            self.note_download(books, listed, download).await?;
        }
        self.progressed |= progressed;
        match error {
            None => Ok(Reading::Later),
            Some(error) => {
                self.unread.note_given(progressed);
                Err(self.unread.broke_at((!progressed).then(|| listed.clone()), error))
            }
        }
    }

    /// In its record, from which the next poll knows where to go on. One that is failed already is only looked at again.
    async fn note_download(
        &mut self,
        books: &mut Books<'_>,
        listed: &Listed,
        download: Download,
    ) -> Result<()> {
        books.keep_lease().await?;
        let new = books.origin.record(listed);
        let before = books.app.store.message(new.id).await?;
        let expected = before.as_ref().map(|record| record.state);
        let mut message = before.unwrap_or(Message { attempts: 0, ..new });
        if message.is_final() {
            return Ok(());
        }
        message.reason = Reason::UnreadableOnServer;
        message.download = Some(download);
        self.unread.note_download(listed, download);
        self.unread.note_fresh(listed);
        books.note(message, expected).await
    }
}

/// A piece of a mail; the inner error is the server's. A long download must not lose the lease.
pub(super) async fn read_piece(
    books: &mut Books<'_>,
    session: &mut dyn MailSession,
    listed: &Listed,
    offset: u64,
) -> Result<std::result::Result<Option<Bytes>, MailError>> {
    books.keep_lease().await?;
    Ok(session.fetch_piece(&listed.server_id, offset, PIECE).await)
}

async fn given_up(books: &Books<'_>, listed: Listed, download: Download) -> Result<Prepared> {
    let why = Sentence::new("trace.read.too_slow")
        .with("bytes", download.bytes)
        .with("size", listed.size)
        .with("polls", download.stalls);
    let ended = books.origin.finished(listed, MessageState::Failed, Reason::UnreadableOnServer, why);
    let expected = books.app.store.message(ended.message.id).await?.map(|record| record.state);
    Ok(Prepared { expected, ..ended })
}
