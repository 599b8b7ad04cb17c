//! Large mails: read in pieces, and split while they stream by, so that memory stays small.

use bytes::Bytes;
use mail::{
    Mail,
    splitter::{Event, Splitter},
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
    download::{Copy, Downloaded},
    import::Import,
    parse::{self, ParserPanicked},
    prepare::{Content, Prepared},
};

/// Asked for at once, bytes.
pub(super) const PIECE: u32 = 1024 * 1024;
/// Larger mails are held: only their header is kept.
pub(super) const MAX_MAIL: u64 = 150 * 1024 * 1024;

/// What the reading of a mail came to.
pub(super) enum Reading {
    /// Something to write.
    Done(Box<Prepared>),
    /// The server answered without bytes.
    Nothing,
    /// The next poll goes on.
    Later,
}

impl Import<'_> {
    /// Reads a mail of any size, and understands it while it streams by.
    pub(super) async fn read_large(
        &mut self,
        session: &mut dyn MailSession,
        listed: Listed,
    ) -> Result<Reading> {
        if listed.is_above(MAX_MAIL) {
            return self.hold(session, listed).await;
        }
        let message = self.origin.record(&listed).id;
        let came = self.unread.download_of(&listed.server_id).bytes;
        let copy = Copy::begin(self.app, message, came, true).await?;
        match self.download(session, &listed, copy, None).await? {
            Downloaded::Whole(copy) => {
                let (size, parsed) = copy.finish(self.app.parse.clone()).await?;
                let prepared = self.origin.parsed(listed, size, parsed);
                Ok(self.unread.after_download(prepared))
            }
            Downloaded::Nothing => Ok(Reading::Nothing),
            Downloaded::TooLarge => self.hold(session, listed).await,
            Downloaded::Later => Ok(Reading::Later),
            Downloaded::GivenUp(prepared) => Ok(Reading::Done(prepared)),
        }
    }

    /// A mail that is too large: only its header is kept, and a person decides.
    pub(super) async fn hold(&mut self, session: &mut dyn MailSession, listed: Listed) -> Result<Reading> {
        let header = session.fetch_header(&listed.server_id).await;
        let header = header.map_err(|error| self.unread.broke_at(Some(listed.clone()), error))?;
        let Some(header) = header else { return Ok(Reading::Nothing) };
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
        Ok(self.unread.after_download(prepared))
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
