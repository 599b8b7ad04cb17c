//! Mails from files: a person imports what an older system kept. Each becomes what a polled mail becomes, exactly once,
//! however often the same folder is imported.

use std::{fmt, io};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use futures::{StreamExt, future::try_join_all, stream::BoxStream};

use crate::{
    App, Sentence, Timestamp,
    decide::{Load, Origin, Prepared, Rates, Rules},
    error::{Error, Kind, Result},
    flows::{
        change::{Deed, Diff},
        reading::{self, Copy},
        record::{Numbers, Writer},
    },
    limits::BATCH_MAILS,
    lists,
    ports::{Change, Listed, MessageFilter},
    types::{
        PageRequest,
        audit::Actor,
        ids::{MailboxId, MessageId},
        message::ServerId,
        project::ProjectKey,
        report::PollReport,
    },
};

/// A mail from a file.
#[derive(Debug)]
pub struct FiledMail {
    /// Its bytes.
    pub raw: FiledBytes,
    /// When it was received, for mails that do not say: the file's own time, so that it is the same each time.
    pub filed_at: Timestamp,
}

/// The bytes of a mail from a file.
pub enum FiledBytes {
    /// All of them: for mails of ordinary size.
    Whole(Bytes),
    /// For large ones, which are never in memory as a whole.
    Pieces(FiledPieces),
}

/// A mail that is read twice: once to see which one it is, and once more where it is new.
pub struct FiledPieces {
    /// What the first reading saw.
    pub seen: FiledSight,
    /// The second reading, which begins when it is asked for.
    pub again: BoxStream<'static, io::Result<Bytes>>,
}

impl fmt::Debug for FiledBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(raw) => write!(f, "Whole({} bytes)", raw.len()),
            Self::Pieces(pieces) => write!(f, "Pieces({} bytes)", pieces.seen.size),
        }
    }
}

/// By what a mail from a file is known again: its digest, and its length in bytes. Its beginning tells when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledSight {
    size: u64,
    sha256: String,
    begin: Bytes,
}

/// Looks at a mail that goes by in pieces.
pub struct FiledLook {
    size: u64,
    digest: Context,
    begin: Vec<u8>,
}

impl Default for FiledLook {
    fn default() -> Self {
        Self { size: 0, digest: Context::new(&SHA256), begin: Vec::new() }
    }
}

impl fmt::Debug for FiledLook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FiledLook({} bytes)", self.size)
    }
}

impl FiledLook {
    /// Mails up to this size, bytes, are kept whole; of others so much is kept, which holds every header.
    pub const KEPT: usize = 512 * 1024;

    /// The next bytes.
    pub fn see(&mut self, piece: &[u8]) {
        self.size += piece.len() as u64;
        self.digest.update(piece);
        let room = Self::KEPT.saturating_sub(self.begin.len()).min(piece.len());
        self.begin.extend_from_slice(&piece[..room]);
    }

    /// How many bytes went by.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The end: the whole mail, where it is not large.
    pub fn finish(self) -> (FiledSight, Option<Bytes>) {
        let begin = Bytes::from(self.begin);
        let whole = (self.size == begin.len() as u64).then(|| begin.clone());
        let sha256 = hex::encode(self.digest.finish());
        (FiledSight { size: self.size, sha256, begin }, whole)
    }
}

/// An import into one project.
pub struct FileImport<'a> {
    app: &'a App,
    origin: Origin,
    numbers: Numbers,
}

impl<'a> FileImport<'a> {
    /// Refused where there is no such project.
    pub async fn into(app: &'a App, project: &ProjectKey) -> Result<Self> {
        if app.store.project(project).await?.is_none() {
            return Err(Error::field("/project", "field.missing.project"));
        }
        let origin = origin(app, project);
        Ok(Self { app, origin, numbers: Numbers::default() })
    }

    /// Notes who begins to import, and from where.
    pub async fn begin(&self, actor: &Actor, from: &str) -> Result<()> {
        let told = Diff::default().field("from", "", from);
        Deed::new(self.app, actor, "project.mails_imported", &self.origin.rules.project)
            .tells(told)
            .change(Change::ImportInto(self.origin.rules.project.clone()))
            .commit()
            .await?;
        Ok(())
    }

    /// Imports mails in their order. Those that were imported before are left as they are, and not counted.
    /// `to_come`: how many mails follow, as far as that is known.
    pub async fn add(&mut self, mails: Vec<FiledMail>, to_come: u64) -> Result<PollReport> {
        let listed: Vec<(Listed, FiledBytes)> = mails.into_iter().map(listed).collect();
        let ids: Vec<MessageId> = listed.iter().map(|(listed, _)| self.origin.record(listed).id).collect();
        let known = self.app.store.known(&ids).await?;
        let mut new: Vec<(Listed, FiledBytes)> = Vec::new();
        for ((listed, raw), id) in listed.into_iter().zip(ids) {
            let is_known = known.iter().any(|record| record.id == id && record.is_final());
            if !is_known && new.iter().all(|(other, _)| other.server_id != listed.server_id) {
                new.push((listed, raw));
            }
        }
        let mut report = PollReport::default();
        let mut left = new.len() as u64;
        let (mut batch, mut load): (Vec<Prepared>, Load) = Default::default();
        while !new.is_empty() {
            // A large mail by itself: side by side they would take as much memory as there are.
            let small = new.iter().take_while(|(_, raw)| matches!(raw, FiledBytes::Whole(_))).count();
            let some: Vec<_> = new.drain(..small.clamp(1, BATCH_MAILS).min(new.len())).collect();
            for prepared in
                try_join_all(some.into_iter().map(|(listed, raw)| self.prepare(listed, raw))).await?
            {
                if !load.take(&prepared) {
                    left -= batch.len() as u64;
                    report += self.write(std::mem::take(&mut batch), to_come + left).await?;
                    load = Load::of(&prepared);
                }
                batch.push(prepared);
            }
        }
        if !batch.is_empty() {
            report += self.write(batch, to_come).await?;
        }
        Ok(report)
    }

    async fn prepare(&self, listed: Listed, raw: FiledBytes) -> Result<Prepared> {
        match raw {
            FiledBytes::Whole(raw) => {
                reading::prepare(self.app.clone(), self.origin.clone(), listed, raw).await
            }
            FiledBytes::Pieces(pieces) => self.prepare_large(listed, pieces).await,
        }
    }

    /// Stores and splits a mail while it goes by.
    async fn prepare_large(&self, listed: Listed, pieces: FiledPieces) -> Result<Prepared> {
        let FiledPieces { seen, mut again } = pieces;
        let message = self.origin.record(&listed).id;
        let mut copy = Copy::begin(self.app, message, 0, true).await?;
        let mut look = FiledLook::default();
        while let Some(piece) = again.next().await {
            let piece = piece.map_err(file_unreadable)?;
            look.see(&piece);
            copy.take(piece).await?;
        }
        if look.finish().0 != seen {
            return Err(Error::told(Kind::Retry { after: None }, "file_changed"));
        }
        let (size, parsed) = copy.finish(self.app.parse.clone()).await?;
        Ok(self.origin.parsed(listed, size, parsed))
    }

    async fn write(&mut self, batch: Vec<Prepared>, to_come: u64) -> Result<PollReport> {
        self.app.blobs.flush().await?;
        self.numbers.to_come = to_come;
        let mut writer = Writer {
            app: self.app,
            rules: &self.origin.rules,
            numbers: &mut self.numbers,
            // Limits of rate do not apply to what lay in a file: nothing is kept over the batches of a long import.
            rates: &mut Rates::default(),
            uid_validity: 0,
        };
        writer.write(batch, None).await
    }
}

pub(super) fn listed(mail: FiledMail) -> (Listed, FiledBytes) {
    let sight = match &mail.raw {
        FiledBytes::Pieces(pieces) => pieces.seen.clone(),
        FiledBytes::Whole(raw) => {
            let mut look = FiledLook::default();
            look.see(raw);
            look.finish().0
        }
    };
    let listed = Listed {
        size: sight.size,
        received_at: Some(mail::received_at(&sight.begin).unwrap_or(mail.filed_at)),
        server_id: ServerId::File { sha256: sight.sha256 },
    };
    (listed, mail.raw)
}

/// In the place of a mailbox: the imports of one project.
fn origin(app: &App, project: &ProjectKey) -> Origin {
    Origin {
        mailbox: MailboxId::of_imports(project),
        epoch: 1,
        rules: Rules::of_import(app.mac.reply_key(), project),
        after_import: None,
    }
}

pub(super) fn file_unreadable(error: io::Error) -> Error {
    Error::told(Kind::Retry { after: None }, Sentence::new("file_unreadable").with("io_error", error))
}

/// Whether mails were imported into a project from files, as far as their records tell.
pub(crate) async fn imported_into(app: &App, project: &ProjectKey) -> Result<bool> {
    let filter = MessageFilter { mailbox_id: MailboxId::of_imports(project), state: None };
    Ok(!app.store.messages(&filter, &PageRequest::first(1)).await?.items.is_empty())
}

/// The imports that this stands for.
pub(super) async fn origin_of(app: &App, id: MailboxId) -> Result<Origin> {
    let projects = lists::all(|page| async move { app.store.projects(&page).await }).await?;
    let project = projects.iter().find(|project| MailboxId::of_imports(&project.key) == id);
    project.map(|project| origin(app, &project.key)).ok_or_else(|| Error::not_found("mailbox"))
}
