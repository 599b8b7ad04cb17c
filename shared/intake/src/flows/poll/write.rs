//! Writing what was read: the transaction of a batch under the lease, with the cursor in it.

use std::time::Duration;

use crate::{
    error::Result,
    ports::{Change, CursorMove, Rejection, StoreError},
    types::{ahead::is_ahead, mailbox::Cursor},
};

use super::{
    batch::{self, Plan, Writer},
    import::{Import, Order},
    prepare::{Content, Prepared},
    rates::Rates,
    report::PollReport,
    roll::Standing,
};

/// How long a lease holds without being renewed.
pub(super) const LEASE: Duration = Duration::from_secs(90);
/// A lease with less time left is renewed.
const RENEW_BELOW: Duration = Duration::from_secs(60);

impl Import<'_> {
    /// Writes one mail, its files first.
    pub(super) async fn write(&mut self, mut prepared: Prepared) -> Result<()> {
        prepared.stage_files(self.app).await?;
        self.app.blobs.flush().await?;
        self.write_durable(vec![prepared]).await
    }

    /// Writes mails whose blobs are durable.
    pub(super) async fn write_durable(&mut self, mut batch: Vec<Prepared>) -> Result<()> {
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
            self.settled(&prepared.listed.server_id, Standing::of(&prepared.message));
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
        self.moved(step.cursor);
        Ok(())
    }

    /// The cursor stands here now.
    pub(super) fn moved(&mut self, cursor: Cursor) {
        self.cursor = cursor;
        self.ledger.moved(cursor.next_uid);
    }

    /// `uncounted`: before the first mail to which limits apply, nothing is counted; it reads what came before it.
    fn writer<'w>(&'w mut self, uncounted: &'w mut Rates) -> Writer<'w> {
        Writer {
            app: self.app,
            rules: &self.origin.rules,
            numbers: &mut self.numbers,
            rates: self.rates.as_mut().unwrap_or(uncounted),
            uid_validity: self.cursor.uid_validity,
        }
    }

    /// Limits of rate are for mail that arrives, not for what was there before: neither a first import nor a span of
    /// older mails is a flood.
    async fn count_arrivals(&mut self, batch: &mut [Prepared]) -> Result<()> {
        let mut first = None;
        for prepared in batch {
            let arrived = self.is_new(&prepared.listed.server_id);
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
            self.rates = Some(Rates::before(self.app, self.origin.mailbox, limits, first).await?);
        }
        Ok(())
    }

    /// Where the cursor goes with what is settled.
    pub(super) fn cursor_move(&self) -> Result<CursorMove> {
        let next_uid = match self.order {
            Order::Uids => self.ledger.advance(self.cursor.next_uid)?,
            Order::Roll(_) => self.cursor.next_uid,
        };
        Ok(CursorMove {
            mailbox_id: self.origin.mailbox,
            fence: self.lease.fence,
            epoch: self.origin.epoch,
            cursor: Cursor { next_uid, counted: self.shown.below(next_uid), ..self.cursor },
            oldest_unprocessed_at: self.ledger.oldest(),
        })
    }

    /// Moves the cursor alone, where it moves. `complete`: all is listed. Then also at a server that does not tell
    /// UIDNEXT, later mails came after the first contact.
    pub(super) async fn move_cursor(&mut self, complete: bool) -> Result<()> {
        let mut step = self.cursor_move()?;
        let bounds = complete && step.cursor.import_below == u32::MAX;
        if bounds {
            step.cursor.import_below = self.ledger.reached();
        }
        if bounds || step.cursor.next_uid > self.cursor.next_uid || self.cursor.next_uid == 1 {
            self.app.store.commit(&[Change::Cursor(step.clone())]).await.map_err(StoreError::unanswerable)?;
            self.moved(step.cursor);
        }
        Ok(())
    }

    /// Renews the lease where it ends soon.
    pub(super) async fn keep_lease(&mut self) -> Result<()> {
        if is_ahead(self.lease.expires_at, self.app.after(RENEW_BELOW), LEASE) {
            return Ok(());
        }
        let until = self.app.after(LEASE);
        if !self.app.store.renew_lease(&self.lease, until).await? {
            return Err(batch::lease_lost(&self.lease));
        }
        self.lease.expires_at = until;
        Ok(())
    }
}
