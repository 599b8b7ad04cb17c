//! The files of a large mail, written while it streams by.

use bytes::Bytes;
use mail::{
    Mail,
    splitter::{Event, Splitter},
};

use crate::{
    App,
    decide::ParserPanicked,
    error::Result,
    ports::BlobWriter,
    types::{ids::MessageId, issue::BlobKey},
};

use super::parse;

/// Writes leaves as they stream by. Leaves do not mix: one is open at a time.
pub(in crate::flows) struct Leaves<'a> {
    app: &'a App,
    message: MessageId,
    open: Option<Box<dyn BlobWriter>>,
}

impl<'a> Leaves<'a> {
    pub(in crate::flows) fn of(app: &'a App, message: MessageId) -> Self {
        Self { app, message, open: None }
    }

    /// Shows the splitter the next bytes, and writes what it lets out. None: it panicked, here or before; the raw bytes
    /// are kept all the same.
    pub(in crate::flows) async fn split(
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
    pub(in crate::flows) async fn parse(
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
