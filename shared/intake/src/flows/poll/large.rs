//! Large mails: read in pieces, and split while they stream by, so that memory stays small.

use bytes::Bytes;
use mail::{
    Mail,
    splitter::{Event, Limits, Splitter},
};

use crate::{
    App,
    error::Result,
    ports::{BlobWriter, Listed, MailSession},
    types::{
        ids::MessageId,
        issue::BlobKey,
        message::{MessageState, Reason, TraceStep},
    },
};

use super::{
    import::Import,
    parse::{self, ParserPanicked},
    prepare::{Content, Prepared},
};

/// Asked for at once, bytes.
pub(super) const PIECE: u32 = 1024 * 1024;
/// Larger mails are held: only their header is kept.
pub(super) const MAX_MAIL: u64 = 150 * 1024 * 1024;

impl Import<'_> {
    /// Reads a mail of any size. None: the server answered without bytes.
    pub(super) async fn read_large(
        &mut self,
        session: &mut dyn MailSession,
        listed: Listed,
    ) -> Result<Option<Prepared>> {
        if listed.size > MAX_MAIL {
            return self.hold(session, listed).await;
        }
        let message = self.origin.record(&listed).id;
        let mut raw = self.app.blobs.writer(&BlobKey::raw(message)).await?;
        let mut leaves = Leaves::of(self.app, message);
        let mut splitter = Some(Splitter::new(Limits::default()));
        let mut offset = 0u64;
        let mut piece = self.piece(session, &listed, offset).await?;
        loop {
            let Some(bytes) = piece else { return Ok(None) };
            offset += bytes.len() as u64;
            if offset > MAX_MAIL {
                return self.hold(session, listed).await;
            }
            let last = bytes.len() < PIECE as usize;
            // The server sends the next piece while this one is stored and split. No command is left halfway: each of
            // the three comes to its end.
            let ahead = async { if last { Ok(None) } else { self.piece(session, &listed, offset).await } };
            let stored = raw.write(bytes.clone());
            let (next, stored, split) = tokio::join!(ahead, stored, leaves.split(splitter, bytes));
            stored?;
            splitter = split?;
            piece = next?;
            if last {
                break;
            }
        }
        if offset == 0 {
            return Ok(None);
        }
        let parsed = async {
            match splitter {
                Some(splitter) => leaves.parse(splitter, self.app.parse.clone()).await,
                None => Ok(Err(ParserPanicked)),
            }
        };
        let (stored, parsed) = tokio::join!(raw.finish(), parsed);
        stored?;
        let parsed = parsed?;
        Ok(Some(self.origin.parsed(listed, offset, parsed)))
    }

    /// A piece of a mail. A long download must not lose the lease.
    pub(super) async fn piece(
        &mut self,
        session: &mut dyn MailSession,
        listed: &Listed,
        offset: u64,
    ) -> Result<Option<Bytes>> {
        self.keep_lease().await?;
        let piece = session.fetch_piece(&listed.server_id, offset, PIECE).await;
        piece.map_err(|error| self.unread.broke_at(Some(listed.clone()), error))
    }

    /// A mail that is too large: only its header is kept, and a person decides.
    async fn hold(&mut self, session: &mut dyn MailSession, listed: Listed) -> Result<Option<Prepared>> {
        let header = session.fetch_header(&listed.server_id).await;
        let header = header.map_err(|error| self.unread.broke_at(Some(listed.clone()), error))?;
        let Some(header) = header else { return Ok(None) };
        self.app.blobs.put(&BlobKey::raw(self.origin.record(&listed).id), header.clone()).await?;
        let size = listed.size;
        let mail = parse::parse(header, self.app.parse.clone()).await;
        let mut prepared = self.origin.parsed(listed, size, mail);
        prepared.message.state = MessageState::Held;
        prepared.message.reason = Reason::TooLarge;
        prepared
            .message
            .trace
            .push(TraceStep::new("limit", "The mail has more than 150 MiB; only its header is kept."));
        prepared.content = Content::Final;
        Ok(Some(prepared))
    }
}

/// Writes leaves as they stream by. Leaves do not mix: one is open at a time.
pub(super) struct Leaves<'a> {
    app: &'a App,
    message: MessageId,
    open: Option<Box<dyn BlobWriter>>,
}

impl<'a> Leaves<'a> {
    pub(super) fn of(app: &'a App, message: MessageId) -> Self {
        Self { app, message, open: None }
    }

    /// Shows the splitter the next bytes, and writes what it lets out. None: it panicked, here or before; the raw bytes
    /// are kept all the same.
    pub(super) async fn split(
        &mut self,
        splitter: Option<Splitter>,
        piece: Bytes,
    ) -> Result<Option<Splitter>> {
        let Some(mut splitter) = splitter else { return Ok(None) };
        let split = parse::on_thread(move || {
            let mut events = Vec::new();
            splitter.push(&piece, &mut |event| events.push(event));
            (splitter, events)
        });
        let Ok((splitter, events)) = split.await else { return Ok(None) };
        self.write(events).await?;
        Ok(Some(splitter))
    }

    /// Ends the splitting and parses what is left.
    pub(super) async fn parse(
        &mut self,
        splitter: Splitter,
        options: mail::Options,
    ) -> Result<std::result::Result<Mail, ParserPanicked>> {
        let parsed = parse::on_thread(move || {
            let mut events = Vec::new();
            let reduced = splitter.finish(&mut |event| events.push(event));
            (mail::parse_reduced(reduced, &options), events)
        });
        match parsed.await {
            Ok((mail, events)) => {
                self.write(events).await?;
                Ok(Ok(mail))
            }
            Err(panicked) => Ok(Err(panicked)),
        }
    }

    async fn write(&mut self, events: Vec<Event>) -> Result<()> {
        for event in events {
            match event {
                Event::LeafStart { n, .. } => {
                    self.open = Some(self.app.blobs.writer(&BlobKey::leaf(self.message, n)).await?)
                }
                Event::LeafData { data, .. } => {
                    if let Some(writer) = &mut self.open {
                        writer.write(Bytes::from(data)).await?;
                    }
                }
                Event::LeafEnd { .. } => {
                    if let Some(writer) = self.open.take() {
                        writer.finish().await?;
                    }
                }
            }
        }
        Ok(())
    }
}
