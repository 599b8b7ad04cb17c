//! The download of a large mail. Where the time is over or the connection breaks off, what came stays in the mail's raw
//! blob, its record says how much that is, and the next poll goes on behind it.

use bytes::Bytes;
use futures::TryStreamExt;
use mail::{
    Mail,
    splitter::{Limits, Splitter},
};

use crate::{
    App,
    error::{Kind, Result},
    ports::{BlobWriter, Change, Listed, MailError, MailFault, MailSession, StoreError},
    types::{
        ids::MessageId,
        issue::BlobKey,
        message::{Download, MessageState, Reason, TraceStep},
    },
};

use super::{
    import::{Import, Order},
    large::{Leaves, MAX_MAIL, PIECE},
    parse::ParserPanicked,
    places::Room,
    prepare::{Content, Prepared},
};

/// A mail of which so many long polls in a row brought nothing more is failed.
const MAX_STALLS: u32 = 3;
/// A shorter reading says nothing about the mail, seconds.
pub(super) const LONG: i64 = 60;

/// The bytes of a mail on their way into its blob, and through the splitter where they are to be understood at once.
pub(super) struct Copy<'a> {
    raw: Box<dyn BlobWriter>,
    parts: Option<Parts<'a>>,
    bytes: u64,
}

struct Parts<'a> {
    leaves: Leaves<'a>,
    /// None: it panicked; the raw bytes are kept all the same.
    splitter: Option<Splitter>,
}

/// What a download came to.
pub(super) enum Downloaded<'a> {
    /// All of it.
    Whole(Box<Copy<'a>>),
    /// The server answered without bytes.
    Nothing,
    /// It has more than the limit.
    TooLarge,
    /// The next poll goes on.
    Later,
    /// No poll brings more of it.
    GivenUp(Box<Prepared>),
}

impl<'a> Copy<'a> {
    /// Begins with so many bytes as came before, as far as they are there.
    pub(super) async fn begin(
        app: &'a App,
        message: MessageId,
        came: u64,
        understood: bool,
    ) -> Result<Copy<'a>> {
        let key = BlobKey::raw(message);
        let parts =
            || Parts { leaves: Leaves::of(app, message), splitter: Some(Splitter::new(Limits::default())) };
        let raw = app.blobs.writer(&key).await?;
        let mut copy = Self { raw, parts: understood.then(parts), bytes: 0 };
        if came > 0 {
            match app.blobs.read(&key).await {
                Ok(mut blob) => {
                    while let Some(bytes) = blob.stream.try_next().await? {
                        let left = usize::try_from(came - copy.bytes).unwrap_or(usize::MAX);
                        copy.take(bytes.slice(..bytes.len().min(left))).await?;
                    }
                }
                Err(error) if error.kind == Kind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(copy)
    }

    /// The next bytes.
    pub(super) async fn take(&mut self, bytes: Bytes) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.bytes += bytes.len() as u64;
        let Self { raw, parts, .. } = self;
        let stored = raw.write(bytes.clone());
        let split = async {
            if let Some(parts) = parts {
                parts.splitter = parts.leaves.split(parts.splitter.take(), bytes).await?;
            }
            Ok(())
        };
        let (stored, split) = tokio::join!(stored, split);
        stored.and(split)
    }

    /// The blob is whole. Its size, and the mail where it was to be understood.
    pub(super) async fn finish(
        self,
        options: mail::Options,
    ) -> Result<(u64, std::result::Result<Mail, ParserPanicked>)> {
        let parsed = async {
            match self.parts {
                Some(Parts { mut leaves, splitter: Some(splitter) }) => leaves.parse(splitter, options).await,
                _ => Ok(Err(ParserPanicked)),
            }
        };
        let (stored, parsed) = tokio::join!(self.raw.finish(), parsed);
        stored?;
        Ok((self.bytes, parsed?))
    }

    /// The blob is there, with so many bytes; what they say is not looked at.
    pub(super) async fn keep(self) -> Result<u64> {
        self.raw.finish().await?;
        Ok(self.bytes)
    }
}

impl Import<'_> {
    /// Reads a mail to its end, or as far as the time allows. `first` is its first piece, where that was read already.
    pub(super) async fn download<'c>(
        &mut self,
        session: &mut dyn MailSession,
        listed: &Listed,
        mut copy: Copy<'c>,
        first: Option<Bytes>,
    ) -> Result<Downloaded<'c>> {
        let began = self.app.now().as_second();
        // RETR begins each time with the first byte.
        let mut at = if let Order::Uids = self.order { copy.bytes } else { 0 };
        let mut piece = match first {
            Some(first) => Ok(Some(first)),
            None => self.piece(session, listed, at).await?,
        };
        loop {
            let bytes = match piece {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return Ok(Downloaded::Nothing),
                Err(error) => return self.put_off(listed, copy, began, Some(error)).await,
            };
            let known = usize::try_from(copy.bytes.saturating_sub(at)).unwrap_or(usize::MAX);
            let new = bytes.slice(known.min(bytes.len())..);
            at += bytes.len() as u64;
            if at > MAX_MAIL {
                return Ok(Downloaded::TooLarge);
            }
            let last = bytes.len() < PIECE as usize;
            if !last && self.out_of_time() {
                copy.take(new).await?;
                return self.put_off(listed, copy, began, None).await;
            }
            // The server sends the next piece while this one is stored and split. No command is left halfway: each comes
            // to its end.
            let ahead = async { if last { Ok(Ok(None)) } else { self.piece(session, listed, at).await } };
            let (next, taken) = tokio::join!(ahead, copy.take(new));
            taken?;
            if last {
                // It was longer before, or has no byte at all.
                let odd = at == 0 || at < copy.bytes;
                return Ok(if odd { Downloaded::Nothing } else { Downloaded::Whole(Box::new(copy)) });
            }
            piece = next?;
        }
    }

    /// A piece of a mail; the inner error is the server's. A long download must not lose the lease.
    pub(super) async fn piece(
        &mut self,
        session: &mut dyn MailSession,
        listed: &Listed,
        offset: u64,
    ) -> Result<std::result::Result<Option<Bytes>, MailError>> {
        self.keep_lease().await?;
        Ok(session.fetch_piece(&listed.server_id, offset, PIECE).await)
    }

    /// Keeps what came. Where more came than before, an error is none of this mail's.
    async fn put_off<'c>(
        &mut self,
        listed: &Listed,
        copy: Copy<'c>,
        began: i64,
        error: Option<MailError>,
    ) -> Result<Downloaded<'c>> {
        let over = self.out_of_time();
        let error = error.filter(|error| !(over && error.fault == MailFault::TimedOut));
        let before = self.unread.download_of(&listed.server_id);
        let bytes = copy.bytes;
        let progressed = bytes > before.bytes;
        if progressed {
            // Whoever lost the lease leaves the blob to the one that has it.
            self.keep_lease().await?;
            copy.keep().await?;
        }
        let stalled = !progressed && over && self.app.now().as_second() - began >= LONG;
        let download = match progressed {
            true => Download { bytes, stalls: 0 },
            false => Download { stalls: before.stalls + u32::from(stalled), ..before },
        };
        if download.stalls >= MAX_STALLS {
            let given_up = self.download_given_up(listed.clone(), download).await?;
            return Ok(Downloaded::GivenUp(Box::new(given_up)));
        }
        if download != before {
            self.note_download(listed, download).await?;
        }
        self.progressed |= progressed;
        match error {
            None => Ok(Downloaded::Later),
            Some(error) => {
                self.unread.came |= progressed;
                Err(self.unread.broke_at((!progressed).then(|| listed.clone()), error))
            }
        }
    }

    /// In its record, from which the next poll knows where to go on. One that is failed already is only looked at again.
    async fn note_download(&mut self, listed: &Listed, download: Download) -> Result<()> {
        self.keep_lease().await?;
        let new = self.origin.record(listed);
        let before = self.app.store.message(new.id).await?;
        let expected = before.as_ref().map(|record| record.state);
        let mut message = before.unwrap_or(crate::types::message::Message { attempts: 0, ..new });
        if message.is_final() {
            return Ok(());
        }
        message.reason = Reason::UnreadableOnServer;
        message.download = Some(download);
        self.unread.note_download(listed, download);
        self.unread.note_fresh(listed);
        let note = Change::Message { message: Box::new(message), expected };
        self.app
            .store
            .commit(&[note, Change::Cursor(self.cursor_move()?)])
            .await
            .map_err(StoreError::unanswerable)
    }

    async fn download_given_up(&mut self, listed: Listed, download: Download) -> Result<Prepared> {
        let mut message = self.origin.record(&listed);
        let before = self.app.store.message(message.id).await?;
        message.state = MessageState::Failed;
        message.reason = Reason::UnreadableOnServer;
        let why = format!(
            "The download of this mail takes too long: the server gave {} of {} bytes, and in {} polls no more.",
            download.bytes, listed.size, download.stalls
        );
        message.trace.push(TraceStep::new("read", why));
        let expected = before.map(|record| record.state);
        Ok(Prepared { listed, message, expected, content: Content::Final, room: Room::default() })
    }
}
