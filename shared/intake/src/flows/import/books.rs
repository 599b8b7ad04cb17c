//! Writing what was read: the transaction of a batch under the lease, with the cursor in it.

use std::sync::Arc;

use crate::{
    App, Timestamp,
    decide::{Content, Known, Origin, Prepared, Rates},
    error::Result,
    flows::{
        reading::stage_files,
        record::{Numbers, Plan, Writer, lease_lost, rates_before},
    },
    limits::{BATCH_ACTIONS, LEASE, RENEW_BELOW},
    ports::{Change, CursorMove, Lease, Listed, Rejection},
    types::{
        ahead::is_ahead,
        mailbox::Cursor,
        message::{Message, MessageState, Reason, ServerId},
        report::PollReport,
    },
};

use super::ledger::{Ledger, Standing};

/// What is written of one mailbox, under its lease: what its ledger says is settled, and how far the cursor goes.
pub(super) struct Books<'a> {
    pub(super) app: &'a App,
    pub(super) origin: Origin,
    pub(super) lease: Lease,
    pub(super) deadline: Timestamp,
    /// What is listed and what is settled: how far the cursor goes.
    pub(super) ledger: Ledger,
    /// What records say, read where mails were numbered anew.
    pub(super) known: Option<Arc<Known>>,
    numbers: Numbers,
    /// Read where the first mail comes to which limits apply.
    pub(super) rates: Option<Rates>,
    pub(super) report: PollReport,
}

impl<'a> Books<'a> {
    pub(super) fn new(
        app: &'a App,
        origin: Origin,
        lease: Lease,
        ledger: Ledger,
        deadline: Timestamp,
    ) -> Self {
        let (numbers, report) = (Numbers::default(), PollReport::default());
        Self { app, origin, lease, deadline, ledger, known: None, numbers, rates: None, report }
    }
}

impl Books<'_> {
    /// Whether this mail was listed and is not settled.
    pub(super) fn waits(&self, listed: &Listed) -> bool {
        self.ledger.waits(&listed.server_id)
    }

    /// Whether any was.
    pub(super) fn any_waits(&self) -> bool {
        self.ledger.waiting() > 0
    }

    pub(super) fn out_of_time(&mut self) -> bool {
        let over = self.app.is_over(self.deadline);
        self.report.more |= over && self.any_waits();
        over
    }

    /// Whether this mail may be known under another number.
    pub(super) fn is_renumbered(&self, id: &ServerId) -> bool {
        self.ledger.is_strange() || (self.origin.epoch > 1 && !self.ledger.is_new(id))
    }

    pub(super) fn vanished(&self, listed: Listed) -> Prepared {
        self.origin.finished(listed, MessageState::Skipped, Reason::Gone, "trace.read.gone")
    }

    /// Writes one mail, its files first.
    pub(super) async fn write(&mut self, mut prepared: Prepared) -> Result<()> {
        stage_files(self.app, &mut prepared).await?;
        self.app.blobs.flush().await?;
        self.write_durable(vec![prepared]).await
    }

    /// Writes mails whose blobs are durable.
    async fn write_durable(&mut self, mut batch: Vec<Prepared>) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        self.count_arrivals(&mut batch).await?;
        let step = self.step(&batch).await?;
        self.numbers.to_come = self.ledger.waiting() as u64;
        let lease = self.lease.clone();
        let report = self.writer(&mut Rates::default()).write(batch, Some((&lease, step))).await?;
        self.wrote(report)
    }

    /// Writes records of mails that become nothing, however many.
    pub(super) async fn write_finished(&mut self, mut records: Vec<Prepared>) -> Result<()> {
        while !records.is_empty() {
            let rest = records.split_off(records.len().min(BATCH_ACTIONS / 2));
            self.write_durable(std::mem::replace(&mut records, rest)).await?;
        }
        Ok(())
    }

    /// Decides what mails become, while the changes `in_flight` are being written.
    pub(super) async fn plan(&mut self, batch: &mut [Prepared], in_flight: &[Change]) -> Result<Plan> {
        self.count_arrivals(batch).await?;
        self.numbers.to_come = self.ledger.waiting().saturating_sub(batch.len()) as u64;
        self.writer(&mut Rates::default()).plan(batch, in_flight).await
    }

    /// Where the cursor goes with these mails. The lease has to hold meanwhile.
    pub(super) async fn step(&mut self, batch: &[Prepared]) -> Result<CursorMove> {
        self.keep_lease().await?;
        for prepared in batch {
            self.ledger.settle(&prepared.listed.server_id, Standing::of(&prepared.message));
        }
        self.cursor_move()
    }

    /// Writes mails that the store refused as they were decided on.
    pub(super) async fn write_again(
        &mut self,
        batch: Vec<Prepared>,
        refused: (Plan, Vec<Rejection>),
        step: CursorMove,
    ) -> Result<()> {
        let lease = self.lease.clone();
        let mut uncounted = Rates::default();
        let report = self.writer(&mut uncounted).write_again(batch, refused, Some((&lease, step))).await?;
        self.wrote(report)
    }

    /// A batch is in the store.
    pub(super) fn wrote(&mut self, report: PollReport) -> Result<()> {
        self.report += report;
        let step = self.cursor_move()?;
        self.ledger.moved(step.cursor);
        Ok(())
    }

    /// `uncounted`: before the first mail to which limits apply, nothing is counted; it reads what came before it.
    fn writer<'w>(&'w mut self, uncounted: &'w mut Rates) -> Writer<'w> {
        Writer {
            app: self.app,
            rules: &self.origin.rules,
            numbers: &mut self.numbers,
            rates: self.rates.as_mut().unwrap_or(uncounted),
            uid_validity: self.ledger.cursor().uid_validity,
        }
    }

    /// Limits of rate are for mail that arrives, not for what was there before: neither a first import nor a span of
    /// older mails is a flood.
    async fn count_arrivals(&mut self, batch: &mut [Prepared]) -> Result<()> {
        let mut first = None;
        for prepared in batch {
            let arrived = self.ledger.is_new(&prepared.listed.server_id);
            prepared.message.arrived = arrived;
            let before = self.known.clone().filter(|_| self.is_renumbered(&prepared.listed.server_id));
            if let Content::Mail(mail) = &mut prepared.content {
                mail.rated = arrived;
                mail.before = before;
                first = first.or(arrived.then_some(prepared.message.received_at));
            }
        }
        if let (Some(first), None) = (first, &self.rates) {
            let limits = self.origin.rules.limits;
            self.rates = Some(rates_before(self.app, self.origin.mailbox, limits, first).await?);
        }
        Ok(())
    }

    /// Where the cursor goes with what is settled.
    fn cursor_move(&self) -> Result<CursorMove> {
        Ok(self.move_to(self.ledger.next()?))
    }

    fn move_to(&self, cursor: Cursor) -> CursorMove {
        CursorMove {
            mailbox_id: self.origin.mailbox,
            fence: self.lease.fence,
            epoch: self.origin.epoch,
            cursor,
            oldest_unprocessed_at: self.ledger.oldest(),
        }
    }

    /// Writes changes under the lease, with the cursor as far as it goes: the next session begins its listing there.
    pub(super) async fn commit(&mut self, mut changes: Vec<Change>) -> Result<()> {
        let step = self.cursor_move()?;
        let cursor = step.cursor;
        changes.push(Change::Cursor(step));
        self.app.write(&changes).await?;
        self.ledger.moved(cursor);
        Ok(())
    }

    /// Notes how it stands with a mail that is not decided on.
    pub(super) async fn note(&mut self, message: Message, expected: Option<MessageState>) -> Result<()> {
        self.commit(vec![Change::Message { message: Box::new(message), expected }]).await
    }

    /// Moves the cursor alone, where it moves. `complete`: all is listed.
    pub(super) async fn move_cursor(&mut self, complete: bool) -> Result<()> {
        let next = if complete { self.ledger.next_of_all()? } else { self.ledger.next()? };
        let now = self.ledger.cursor();
        let bounds = next.import_below != now.import_below;
        if bounds || next.next_uid > now.next_uid || now.next_uid == 1 {
            let step = Change::Cursor(self.move_to(next));
            self.app.write(&[step]).await?;
            self.ledger.moved(next);
        }
        Ok(())
    }

    /// Renews the lease where it ends soon.
    pub(in crate::flows) async fn keep_lease(&mut self) -> Result<()> {
        if is_ahead(self.lease.expires_at, self.app.after(RENEW_BELOW), LEASE) {
            return Ok(());
        }
        let until = self.app.after(LEASE);
        if !self.app.store.renew_lease(&self.lease, until).await? {
            return Err(lease_lost(&self.lease));
        }
        self.lease.expires_at = until;
        Ok(())
    }
}
