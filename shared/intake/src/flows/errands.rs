//! What is done to imported mails on their server: noted with the import, carried out here, under the mailbox's lease.
//!
//! A mail is touched only when its record says that it was imported, the folder is still numbered as it was, and what
//! lies under its number is still the same mail. Each batch is noted as begun before it is carried out, so that a mail
//! that is gone afterwards is known to be gone because of us. What goes wrong here never makes a poll a failed one.

use std::collections::BTreeMap;

use crate::{
    App, Timestamp,
    decide::is_imported,
    error::Result,
    failed,
    limits::{BACK_OFF, ERRANDS_AT_ONCE, LEASE, MAX_ERRAND_TRIES},
    ports::{
        Change, FolderSession, FolderStatus, Identified, Lease, Listed, MailError, MailFault, MailSession,
        RunChange, ToChange,
    },
    types::{
        ahead::LONGEST_PAUSE,
        errand::{AfterImport, Errand, ErrandStatus, ErrandTrouble, MailAction},
        ids::MessageId,
        mailbox::Mailbox,
        message::{Message, ServerId},
    },
};

use super::{reading::parse, record::lease_lost};

/// Carries out what is due, until the deadline. An error means that the lease was lost or the store cannot be asked.
pub(in crate::flows) async fn run(
    app: &App,
    mailbox: &Mailbox,
    (session, status): (&mut dyn MailSession, FolderStatus),
    lease: &Lease,
    deadline: Timestamp,
) -> Result<()> {
    let Some(run) = app.store.run(mailbox.id).await? else { return Ok(()) };
    // Mails that got other numbers are still looked for, and their errands follow them.
    let is_sought = run.epoch > 1 && run.cursor.is_some_and(|cursor| cursor.next_uid < cursor.import_below);
    if is_sought || !run.errands.are_due(app.now()) {
        return Ok(());
    }
    let failures = run.errands.trouble.map_or(0, |trouble| trouble.failures);
    let errands = Running { app, mailbox, epoch: run.epoch, status, lease };
    loop {
        if app.is_over(deadline) {
            return Ok(());
        }
        if !app.store.renew_lease(lease, app.after(LEASE)).await? {
            return Err(lease_lost(lease));
        }
        let due = app.store.errands(mailbox.id, ERRANDS_AT_ONCE).await?;
        if due.is_empty() {
            let none = RunChange {
                errands_pending: Some(false),
                errands_trouble: Some(None),
                ..errands.change_of_run()
            };
            return errands.commit(vec![Change::Run(none)]).await;
        }
        match errands.carry_out(session, due).await? {
            Ok(()) => {}
            Err(error) => return errands.put_off(failures.saturating_add(1), &error).await,
        }
    }
}

/// The errands of one poll.
struct Running<'a> {
    app: &'a App,
    mailbox: &'a Mailbox,
    epoch: u32,
    status: FolderStatus,
    lease: &'a Lease,
}

/// How an errand ends; a sentence where it is given up.
type End = std::result::Result<(), String>;
/// How a batch went with the server.
type Carried = std::result::Result<(), MailError>;
/// The mails' records.
type Records = BTreeMap<MessageId, Message>;

impl Running<'_> {
    /// One batch. The inner error is the server's.
    async fn carry_out(&self, session: &mut dyn MailSession, due: Vec<Errand>) -> Result<Carried> {
        let records = self.records(&due).await?;
        let (open, over) = self.sift(due, &records);
        self.end(over, &records).await?;
        let ids: Vec<ServerId> = open.iter().map(|errand| errand.server_id.clone()).collect();
        if ids.is_empty() {
            return Ok(Ok(()));
        }
        let session = match session.half().folder() {
            Ok(folder) => folder,
            Err(error) => return Ok(Err(error)),
        };
        let found = match session.identify(&ids).await {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let (ready, over) = compare(open, &found, &self.message_ids(&found).await);
        self.end(over, &records).await?;
        self.change(session, ready, &records).await
    }

    /// Those that may be carried out, and those that may not.
    fn sift(&self, due: Vec<Errand>, records: &Records) -> (Vec<Errand>, Vec<(Errand, End)>) {
        let (mut open, mut over) = (Vec::new(), Vec::new());
        for errand in due {
            match self.refusal(&errand, records.get(&errand.message_id)) {
                Some(why) => over.push((errand, Err(why.to_owned()))),
                None => open.push(errand),
            }
        }
        (open, over)
    }

    /// Does it to mails that are known to be the right ones.
    async fn change(
        &self,
        session: &mut dyn FolderSession,
        ready: Vec<Errand>,
        records: &Records,
    ) -> Result<Carried> {
        let Some(action) = ready.first().and_then(|_| self.mailbox.after_import.clone()) else {
            return Ok(Ok(()));
        };
        let (mails, begun) = self.begin(ready, &action).await?;
        match session.change(&mails, &action).await {
            Ok(()) => {
                self.end(begun.into_iter().map(|errand| (errand, Ok(()))).collect(), records).await?;
                Ok(Ok(()))
            }
            Err(error) if error.fault == MailFault::Refused => {
                self.change_each(session, begun, &action, records).await
            }
            Err(error) => Ok(Err(error)),
        }
    }

    /// One refusal must not stop the others: each alone shows which mail is meant.
    async fn change_each(
        &self,
        session: &mut dyn FolderSession,
        errands: Vec<Errand>,
        action: &MailAction,
        records: &Records,
    ) -> Result<Carried> {
        let mut refused = None;
        for errand in errands {
            let mail = ToChange { server_id: errand.server_id.clone(), again: true };
            match session.change(&[mail], action).await {
                Ok(()) => self.end(vec![(errand, Ok(()))], records).await?,
                Err(error) if error.fault == MailFault::Refused && errand.tries >= MAX_ERRAND_TRIES => {
                    let said = error.server_text.clone().unwrap_or_default();
                    self.end(vec![(errand, Err(format!("The server refuses it: {said}")))], records).await?;
                }
                Err(error) if error.fault == MailFault::Refused => refused = Some(error),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(refused.map_or(Ok(()), Err))
    }

    /// Notes that they are begun.
    async fn begin(&self, ready: Vec<Errand>, action: &MailAction) -> Result<(Vec<ToChange>, Vec<Errand>)> {
        let mails = ready
            .iter()
            .map(|errand| ToChange { server_id: errand.server_id.clone(), again: errand.tries > 0 })
            .collect();
        let begun: Vec<Errand> = ready
            .into_iter()
            .map(|errand| Errand { tries: errand.tries.saturating_add(1), action: action.clone(), ..errand })
            .collect();
        self.commit(begun.iter().map(|errand| Change::Errand(Box::new(errand.clone()))).collect()).await?;
        Ok((mails, begun))
    }

    /// Takes errands back, and tells in the mails' records how they ended.
    async fn end(&self, over: Vec<(Errand, End)>, records: &Records) -> Result<()> {
        if over.is_empty() {
            return Ok(());
        }
        let outcome = |errand: &Errand, end: End| {
            let (status, detail) = match end {
                Ok(()) => (ErrandStatus::Done, String::new()),
                Err(why) => (ErrandStatus::GivenUp, why),
            };
            let known = records.contains_key(&errand.message_id);
            known.then(|| AfterImport { action: errand.action.clone(), status, detail })
        };
        let change = |(errand, end): (Errand, End)| {
            let outcome = outcome(&errand, end);
            Change::ErrandOver { errand: Box::new(errand), outcome }
        };
        self.commit(over.into_iter().map(change).collect()).await
    }

    /// They wait, and people are told why.
    async fn put_off(&self, failures: u32, error: &MailError) -> Result<()> {
        let explained = crate::explain::mail(error);
        let pause = match explained.kind {
            crate::Kind::Retry { after: Some(after) } => after,
            _ => BACK_OFF.after(failures.saturating_sub(1)),
        };
        let pause = pause.min(LONGEST_PAUSE);
        failed!(warn, explained, mailbox = %self.mailbox.id, name = crate::log::name(&self.mailbox.name), failures, "What follows an import waits.");
        let trouble =
            ErrandTrouble { failures, not_before: self.app.after(pause), problem: explained.problem() };
        let change = RunChange { errands_trouble: Some(Some(trouble)), ..self.change_of_run() };
        self.commit(vec![Change::Run(change)]).await
    }

    fn change_of_run(&self) -> RunChange {
        RunChange { fence: Some(self.lease.fence), ..RunChange::of(self.mailbox.id) }
    }

    /// Under the lease, as everything here.
    async fn commit(&self, mut changes: Vec<Change>) -> Result<()> {
        if !changes.iter().any(|change| matches!(change, Change::Run(_))) {
            changes.push(Change::Run(self.change_of_run()));
        }
        self.app.write(&changes).await
    }

    async fn records(&self, due: &[Errand]) -> Result<Records> {
        let ids: Vec<MessageId> = due.iter().map(|errand| errand.message_id).collect();
        let known = self.app.store.known(&ids).await?;
        Ok(known.into_iter().map(|message| (message.id, message)).collect())
    }

    /// Why an errand may not be carried out, whatever the server says.
    fn refusal(&self, errand: &Errand, record: Option<&Message>) -> Option<&'static str> {
        if !record.is_some_and(is_imported) {
            return Some("The mail is not imported any more.");
        }
        if errand.epoch != self.epoch || errand.uid_validity != self.status.uid_validity {
            return Some(
                "The server numbered its mails anew, or it is another folder: the mail cannot be told for sure.",
            );
        }
        let chosen = self.mailbox.after_import.as_ref();
        if !chosen.is_some_and(|action| action.is_like(&errand.action)) {
            return Some("Another action was chosen for this mailbox before it was done.");
        }
        None
    }

    /// The Message-IDs, read by the code that read them at the import.
    async fn message_ids(&self, found: &[Identified]) -> Vec<Option<String>> {
        let headers: Vec<_> = found.iter().map(|found| found.header.clone()).collect();
        let (count, options) = (headers.len(), self.app.parse.clone());
        let read = move || {
            let id = |header: &bytes::Bytes| mail::parse_with(header, &options).message_id;
            headers.iter().map(id).collect::<Vec<_>>()
        };
        // One that cannot be read is no Message-ID: then it is not the same mail.
        parse::on_thread(read).await.unwrap_or_else(|_| vec![None; count])
    }
}

/// Whether it became something, or nothing on purpose.
/// Those whose mails are still the same, and those whose mails are not. `message_ids` are those of `found`.
fn compare(
    open: Vec<Errand>,
    found: &[Identified],
    message_ids: &[Option<String>],
) -> (Vec<Errand>, Vec<(Errand, End)>) {
    let there: BTreeMap<_, _> = found
        .iter()
        .zip(message_ids)
        .map(|(found, message_id)| (&found.listed.server_id, (&found.listed, message_id)))
        .collect();
    let (mut ready, mut over) = (Vec::new(), Vec::new());
    for errand in open {
        match there.get(&errand.server_id) {
            None => {
                let end = gone(&errand);
                over.push((errand, end));
            }
            Some((listed, message_id)) if is_same(&errand, listed, message_id) => ready.push(errand),
            Some(_) => {
                over.push((errand, Err("Another mail lies in its place on the server now.".to_owned())))
            }
        }
    }
    (ready, over)
}

/// By its Message-ID; a mail without one by size and time.
fn is_same(errand: &Errand, listed: &Listed, message_id: &Option<String>) -> bool {
    match &errand.internet_message_id {
        Some(id) => message_id.as_ref() == Some(id),
        None => {
            // A server that tells no date told none before.
            let same_time = listed.received_at.is_none_or(|at| at == errand.received_at);
            message_id.is_none() && errand.size == listed.size && same_time
        }
    }
}

/// Gone because of us, where it was begun: the answer was lost.
fn gone(errand: &Errand) -> End {
    let by_us = errand.tries > 0 && !matches!(errand.action, MailAction::MarkSeen);
    if by_us { Ok(()) } else { Err("The mail is not there any more.".to_owned()) }
}
