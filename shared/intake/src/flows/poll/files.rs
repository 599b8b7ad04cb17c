//! Mails from files: a person imports what an older system kept. Each becomes what a polled mail becomes, exactly once,
//! however often the same folder is imported.

use aws_lc_rs::digest;
use bytes::Bytes;
use futures::future::try_join_all;

use crate::{
    App, Timestamp,
    error::{Error, Result},
    flows::change::{Deed, Diff},
    ports::Listed,
    types::{
        PageRequest,
        audit::Actor,
        ids::{MailboxId, MessageId},
        message::ServerId,
        project::ProjectKey,
        secret::hex,
    },
};

use super::{
    batch::Writer,
    import::{BATCH_MAILS, is_full},
    numbers::Numbers,
    prepare::{self, Origin, Prepared},
    rates::Rates,
    report::PollReport,
    rules::Rules,
};

/// A mail from a file.
#[derive(Debug)]
pub struct FiledMail {
    /// Its bytes.
    pub raw: Bytes,
    /// When it was received, for mails that do not say: the file's own time, so that it is the same each time.
    pub filed_at: Timestamp,
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
            return Err(Error::field("/project", "there is no such project"));
        }
        let origin = origin(app, project);
        Ok(Self { app, origin, numbers: Numbers::default() })
    }

    /// Notes who begins to import, and from where.
    pub async fn begin(&self, actor: &Actor, from: &str) -> Result<()> {
        let told = Diff::default().field("from", "", from);
        Deed::new(self.app, actor, "project.mails_imported", &self.origin.rules.project)
            .tells(told)
            .commit()
            .await?;
        Ok(())
    }

    /// Imports mails in their order. Those that were imported before are left as they are, and not counted.
    /// `to_come`: how many mails follow, as far as that is known.
    pub async fn add(&mut self, mails: Vec<FiledMail>, to_come: u64) -> Result<PollReport> {
        let listed: Vec<(Listed, Bytes)> = mails.into_iter().map(listed).collect();
        let ids: Vec<MessageId> = listed.iter().map(|(listed, _)| self.origin.record(listed).id).collect();
        let known = self.app.store.known(&ids).await?;
        let mut new: Vec<(Listed, Bytes)> = Vec::new();
        for ((listed, raw), id) in listed.into_iter().zip(ids) {
            let is_known = known.iter().any(|record| record.id == id && record.is_final());
            if !is_known && new.iter().all(|(other, _)| other.server_id != listed.server_id) {
                new.push((listed, raw));
            }
        }
        let mut report = PollReport::default();
        let mut left = new.len() as u64;
        let mut batch: Vec<Prepared> = Vec::new();
        while !new.is_empty() {
            let some: Vec<_> = new.drain(..new.len().min(BATCH_MAILS)).collect();
            let prepare =
                |(listed, raw)| prepare::prepare(self.app.clone(), self.origin.clone(), listed, raw);
            for prepared in try_join_all(some.into_iter().map(prepare)).await? {
                if is_full(&batch, &prepared) {
                    left -= batch.len() as u64;
                    report += self.write(std::mem::take(&mut batch), to_come + left).await?;
                }
                batch.push(prepared);
            }
        }
        if !batch.is_empty() {
            report += self.write(batch, to_come).await?;
        }
        Ok(report)
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

fn listed(mail: FiledMail) -> (Listed, Bytes) {
    let sha256 = hex(digest::digest(&digest::SHA256, &mail.raw).as_ref());
    let listed = Listed {
        server_id: ServerId::File { sha256 },
        size: mail.raw.len() as u64,
        received_at: mail::received_at(&mail.raw).unwrap_or(mail.filed_at),
    };
    (listed, mail.raw)
}

/// In the place of a mailbox: the imports of one project.
fn origin(app: &App, project: &ProjectKey) -> Origin {
    Origin {
        mailbox: MailboxId::of_imports(project),
        epoch: 1,
        rules: Rules::of_import(app, project),
        after_import: None,
    }
}

/// The imports that this stands for.
pub(super) async fn origin_of(app: &App, id: MailboxId) -> Result<Origin> {
    let mut page = PageRequest::first(200);
    loop {
        let projects = app.store.projects(&page).await?;
        if let Some(project) = projects.items.iter().find(|project| MailboxId::of_imports(&project.key) == id)
        {
            return Ok(origin(app, &project.key));
        }
        match projects.next {
            Some(next) => page.cursor = Some(next),
            None => return Err(Error::not_found("mailbox")),
        }
    }
}
