//! A large mail on its way into its blob.

use bytes::Bytes;
use futures::TryStreamExt;
use mail::{
    Mail,
    splitter::{Limits, Splitter},
};

use crate::{
    App,
    decide::ParserPanicked,
    error::{Kind, Result},
    ports::BlobWriter,
    types::{ids::MessageId, issue::BlobKey},
};

use super::leaves::Leaves;

/// The bytes of a mail on their way into its blob, and through the splitter where they are to be understood at once.
pub(in crate::flows) struct Copy<'a> {
    raw: Box<dyn BlobWriter>,
    parts: Option<Parts<'a>>,
    bytes: u64,
}

struct Parts<'a> {
    leaves: Leaves<'a>,
    /// None: it panicked; the raw bytes are kept all the same.
    splitter: Option<Splitter>,
}

impl<'a> Copy<'a> {
    /// Begins with so many bytes as came before, as far as they are there.
    pub(in crate::flows) async fn begin(
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
    pub(in crate::flows) async fn take(&mut self, bytes: Bytes) -> Result<()> {
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
    pub(in crate::flows) async fn finish(
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
    pub(in crate::flows) async fn keep(self) -> Result<u64> {
        self.raw.finish().await?;
        Ok(self.bytes)
    }

    /// How many bytes came so far.
    pub(in crate::flows) fn bytes(&self) -> u64 {
        self.bytes
    }
}
