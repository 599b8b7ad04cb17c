//! Large mails: read in pieces, and split while they stream by, so that memory stays small.

use bytes::Bytes;
use mail::splitter::{Event, Limits, Splitter};

use crate::{
    App,
    error::Result,
    ports::{BlobWriter, Listed, MailSession},
    types::{
        ids::MessageId,
        issue::BlobKey,
        message::{Message, MessageState, Reason, TraceStep},
    },
};

use super::{
    parse,
    prepare::{Content, Origin, Prepared},
};

/// Asked for at once, bytes.
const PIECE: u32 = 1024 * 1024;
/// Larger mails are held: only their header is kept.
const MAX_MAIL: u64 = 150 * 1024 * 1024;

/// Reads a mail of any size. None: the server answered without bytes.
pub(super) async fn read(
    app: &App,
    origin: &Origin,
    session: &mut dyn MailSession,
    listed: Listed,
) -> Result<Option<Prepared>> {
    if listed.size > MAX_MAIL {
        return hold(app, origin, session, listed).await;
    }
    let message = origin.record(&listed).id;
    let mut raw = app.blobs.writer(&BlobKey::raw(message)).await?;
    let mut leaves = Leaves { app, message, open: None };
    let mut splitter = Splitter::new(Limits::default());
    let mut offset = 0u64;
    loop {
        let piece = session
            .fetch_piece(&listed.server_id, offset, PIECE)
            .await
            .map_err(|e| crate::explain::mail(&e))?;
        let Some(piece) = piece else { return Ok(None) };
        offset += piece.len() as u64;
        if offset > MAX_MAIL {
            return hold(app, origin, session, listed).await;
        }
        let last = piece.len() < PIECE as usize;
        raw.write(piece.clone()).await?;
        let Ok((next, events)) = split(splitter, piece).await else {
            raw.finish().await?;
            return Ok(Some(origin.parsed(listed, offset, Err(parse::ParserPanicked))));
        };
        splitter = next;
        leaves.write(events).await?;
        if last {
            break;
        }
    }
    if offset == 0 {
        return Ok(None);
    }
    raw.finish().await?;
    let options = app.parse.clone();
    let parsed = parse::on_thread(move || {
        let mut events = Vec::new();
        let reduced = splitter.finish(&mut |event| events.push(event));
        (mail::parse_reduced(reduced, &options), events)
    });
    let parsed = match parsed.await {
        Ok((mail, events)) => {
            leaves.write(events).await?;
            Ok(mail)
        }
        Err(panicked) => Err(panicked),
    };
    Ok(Some(origin.parsed(listed, offset, parsed)))
}

/// Stores the raw bytes and does not look at them.
pub(super) async fn keep(
    app: &App,
    record: &Message,
    session: &mut dyn MailSession,
    listed: &Listed,
) -> Result<()> {
    let mut raw = app.blobs.writer(&BlobKey::raw(record.id)).await?;
    let mut offset = 0u64;
    while offset <= MAX_MAIL {
        let piece = session.fetch_piece(&listed.server_id, offset, PIECE).await;
        let Some(piece) = piece.map_err(|error| crate::explain::mail(&error))? else { break };
        offset += piece.len() as u64;
        let last = piece.len() < PIECE as usize;
        raw.write(piece).await?;
        if last {
            break;
        }
    }
    raw.finish().await
}

async fn split(
    mut splitter: Splitter,
    piece: Bytes,
) -> std::result::Result<(Splitter, Vec<Event>), parse::ParserPanicked> {
    parse::on_thread(move || {
        let mut events = Vec::new();
        splitter.push(&piece, &mut |event| events.push(event));
        (splitter, events)
    })
    .await
}

/// A mail that is too large: only its header is kept, and a person decides.
async fn hold(
    app: &App,
    origin: &Origin,
    session: &mut dyn MailSession,
    listed: Listed,
) -> Result<Option<Prepared>> {
    let header = session.fetch_header(&listed.server_id).await.map_err(|e| crate::explain::mail(&e))?;
    let Some(header) = header else { return Ok(None) };
    app.blobs.put(&BlobKey::raw(origin.record(&listed).id), header.clone()).await?;
    let size = listed.size;
    let mail = parse::parse(header, app.parse.clone()).await;
    let mut prepared = origin.parsed(listed, size, mail);
    prepared.message.state = MessageState::Held;
    prepared.message.reason = Reason::TooLarge;
    prepared
        .message
        .trace
        .push(TraceStep::new("limit", "The mail has more than 150 MiB; only its header is kept."));
    prepared.content = Content::Final;
    Ok(Some(prepared))
}

/// Writes leaves as they stream by. Leaves do not mix: one is open at a time.
struct Leaves<'a> {
    app: &'a App,
    message: MessageId,
    open: Option<Box<dyn BlobWriter>>,
}

impl Leaves<'_> {
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
