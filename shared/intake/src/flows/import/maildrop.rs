//! Importing from POP3: new is what the roll does not know, in whatever order the server lists it.

use crate::{
    App,
    error::Result,
    failed,
    flows::reading::dates::read_dates,
    limits::{DATED_AT_ONCE, ROLL_WRITES},
    ports::{FolderStatus, Lease, Listed, MailSession, MaildropSession, Undated},
    types::{
        issue::BlobKey,
        mailbox::{Fingerprint, MaildropCursor, Run},
        message::ServerId,
        renumbering::RenumberingSign,
    },
};

use super::{epoch::renumbered, ledger::Roll, run::Import};

/// The run and the roll to begin with. A roll that was lost, and a maildrop that was filled anew, begin a new epoch, in
/// which known mails are recognised by what they say.
pub(in crate::flows) async fn begin(
    app: &App,
    run: Run,
    lease: &Lease,
    (session, status): (&mut dyn MaildropSession, FolderStatus),
) -> Result<(Run, Roll)> {
    let mails = session.mails().await.map_err(|error| crate::explain::mail(&error))?;
    let run = match run.cursor.and_then(|cursor| cursor.maildrop) {
        None => run,
        Some(maildrop) => match Roll::load(app, run.mailbox_id, maildrop.roll).await? {
            Some(roll) if !roll.is_replaced_by(&mails) => return Ok((run, roll)),
            _ => renumbered(app, run, lease, status, RenumberingSign::Told).await?,
        },
    };
    // Of earlier epochs, and of runs that came to nothing.
    app.blobs.delete_prefix(&BlobKey::rolls(run.mailbox_id)).await?;
    Ok((run, Roll::of_first_contact(&mails)))
}

impl Import<'_> {
    /// Imports what is not settled, until everything is there or the time is over.
    pub(in crate::flows) async fn run_maildrop(
        &mut self,
        session: &mut dyn MaildropSession,
        listing: Option<Fingerprint>,
    ) -> Result<()> {
        self.begin_listing();
        let mails = session.mails().await.map_err(|error| crate::explain::mail(&error))?;
        let unsettled = self.books.ledger.roll_mut().map(|roll| roll.see(&mails)).unwrap_or_default();
        self.books.ledger.list_unsettled(unsettled.iter().map(|mail| &mail.server_id));
        drop(mails);
        self.settle_vanished(0).await?;
        if self.books.ledger.cursor().maildrop.is_none() {
            // Which mails were there before must stand before the first of them is settled.
            self.write_roll(None).await?;
        }
        let parts_a_write = unsettled.len() / (DATED_AT_ONCE * ROLL_WRITES) + 1;
        let mut parts = unsettled.chunks(DATED_AT_ONCE).enumerate().peekable();
        while let Some((part, some)) = parts.next() {
            let listed = self.dated(session, some).await?;
            self.work(session, listed).await?;
            let late = self.books.app.is_over(self.books.deadline) && parts.peek().is_some();
            self.books.report.more |= late;
            if self.books.report.more {
                return self.write_roll(None).await;
            }
            if parts.peek().is_some() && part % parts_a_write == 0 {
                self.write_roll(None).await?;
            }
        }
        self.reader.finish(&mut self.books, session).await?;
        self.write_roll(listing.filter(|_| !self.books.any_waits())).await?;
        self.reader.wait_for_none(&self.books)
    }

    /// Looks again at mails that the server did not give.
    pub(in crate::flows) async fn rescan_maildrop(&mut self, session: &mut dyn MailSession) -> Result<()> {
        let Some(roll) = self.books.ledger.roll() else { return Ok(()) };
        let unread: Vec<Listed> = roll.unread().iter().filter_map(|mail| roll.dated(mail)).collect();
        if unread.is_empty() {
            return Ok(());
        }
        self.work(session, unread).await?;
        self.reader.look_again(&mut self.books, session).await?;
        let listing = self.books.ledger.cursor().maildrop.and_then(|maildrop| maildrop.listing);
        self.write_roll(listing).await
    }

    /// Learns from their headers when mails were received. A mail whose header cannot be read counts as received when
    /// the mailbox was created here: it is wanted, so that its reading shows what is wrong with it.
    async fn dated(&mut self, session: &mut dyn MailSession, mails: &[Undated]) -> Result<Vec<Listed>> {
        let guess = self.created_at;
        let Some(roll) = self.books.ledger.roll_mut() else { return Ok(Vec::new()) };
        let undated: Vec<ServerId> = mails
            .iter()
            .map(|mail| mail.server_id.clone())
            .filter(|id| roll.received_at(id).is_none())
            .collect();
        let read = read_dates(session, &undated, |id, at| roll.date(&id, at.unwrap_or(guess)));
        if let Err(error) = read.await {
            let first = undated.iter().find(|id| roll.received_at(id).is_none());
            if let Some(first) = first
                && roll.broke_at_header(first)
            {
                roll.date(first, guess);
                self.write_roll(None).await?;
            }
            return Err(self.reader.broke_off(error));
        }
        Ok(mails.iter().filter_map(|mail| roll.dated(mail)).collect())
    }

    /// Writes the roll under this run's fence, where it or the listing that is settled has changed, and only then lets
    /// the cursor name it.
    async fn write_roll(&mut self, listing: Option<Fingerprint>) -> Result<()> {
        let before = self.books.ledger.cursor().maildrop;
        let (mailbox, fence) = (self.books.origin.mailbox, self.books.lease.fence);
        let Some(roll) = self.books.ledger.roll_mut() else { return Ok(()) };
        if !roll.has_changed() && before.is_some_and(|before| before.listing == listing) {
            return Ok(());
        }
        let (bytes, unread) = (roll.encode(), roll.count_unread());
        self.books.keep_lease().await?;
        self.books.app.blobs.put(&BlobKey::roll(mailbox, fence), bytes).await?;
        self.books.ledger.note_roll(MaildropCursor { roll: fence, listing, unread });
        self.books.commit(Vec::new()).await?;
        if let Some(roll) = self.books.ledger.roll_mut() {
            roll.written();
        }
        let Some(before) = before.filter(|before| before.roll != fence) else { return Ok(()) };
        let old = BlobKey::roll(mailbox, before.roll);
        if let Err(error) = self.books.app.blobs.delete_prefix(old.as_str()).await {
            // Nothing names it any more: it costs its room, and no mail.
            failed!(warn, error, mailbox = %mailbox, "An old roll was not deleted.");
        }
        Ok(())
    }
}
