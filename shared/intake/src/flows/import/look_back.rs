//! Looking back: mails below the cursor that have no record, imported over the ordinary road.

use crate::{
    Timestamp,
    decide::StartRule,
    error::Result,
    flows::reading::Walk,
    limits::LISTING,
    ports::{FolderSession, MailError},
    types::message::ServerId,
};

use super::run::Import;

/// A span of time, by the server's dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From this time on.
    pub since: Timestamp,
    /// Up to and without this time.
    pub before: Option<Timestamp>,
}

/// Which mails are looked at beside those that are new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::flows) enum Look {
    /// No others.
    New,
    /// The newest: some servers show lower UIDs late.
    Newest,
    /// Those of a span, whatever the mailbox's start says.
    Span(Span),
    /// All that the mailbox's start asks for.
    Missing,
    /// One that was left out unread, whatever the mailbox's start says; under the numbers of this epoch.
    Mail { uid: u32, epoch: u32 },
}

impl Span {
    pub(in crate::flows) fn holds(self, at: Timestamp) -> bool {
        at >= self.since && self.before.is_none_or(|before| at < before)
    }
}

impl Import<'_> {
    /// Imports what has no record. Ends with `more` where the time is over: the next call goes on, because what is there
    /// is left out.
    pub(in crate::flows) async fn look_back(
        &mut self,
        session: &mut dyn FolderSession,
        span: Option<Span>,
    ) -> Result<()> {
        if span.is_some() {
            // The span takes the place of the start.
            self.rule = StartRule::From(Timestamp::MIN);
        }
        let (since, before) = (span.map(|span| span.since), span.and_then(|span| span.before));
        let mut found = session.find(since, before).await.map_err(|e| crate::explain::mail(&e))?;
        if span.is_none() {
            found.extend(by_place(session).await.map_err(|e| crate::explain::mail(&e))?);
            found.sort_unstable();
            found.dedup();
        }
        self.look_at(session, found, span).await
    }

    /// Imports one mail, where its number still means the same.
    pub(in crate::flows) async fn look_at_one(
        &mut self,
        session: &mut dyn FolderSession,
        uid: u32,
        epoch: u32,
    ) -> Result<()> {
        if self.books.origin.epoch != epoch {
            return Ok(());
        }
        self.rule = StartRule::From(Timestamp::MIN);
        self.look_at(session, vec![ServerId::Imap { uid }], None).await
    }

    /// The same of these mails.
    pub(in crate::flows) async fn look_at(
        &mut self,
        session: &mut dyn FolderSession,
        found: Vec<ServerId>,
        span: Option<Span>,
    ) -> Result<()> {
        // What came meanwhile is the next poll's.
        let below = Some(self.books.ledger.cursor().next_uid);
        let ids: Vec<ServerId> = found.into_iter().filter(|id| id.uid() < below).collect();
        for some in ids.chunks(LISTING) {
            if self.books.out_of_time() {
                self.books.report.more = true;
                return Ok(());
            }
            self.books.keep_lease().await?;
            let listed = session.describe(some).await.map_err(|e| crate::explain::mail(&e))?;
            let mut listed = self.date_by_header(session, listed).await?;
            listed.retain(|mail| span.is_none_or(|span| span.holds(mail.received())));
            self.work(session, listed).await?;
            if self.books.report.more {
                return Ok(());
            }
        }
        self.reader.finish(&mut self.books, session).await?;
        self.reader.read_what_came_back(&mut self.books, session).await
    }
}

/// All mails of the folder, by the other way in which a server shows them.
async fn by_place(session: &mut dyn FolderSession) -> std::result::Result<Vec<ServerId>, MailError> {
    let (mut walk, mut found) = (Walk::begin(session, None).await?, Vec::new());
    while let Some(window) = walk.step(session).await? {
        found.extend(window.mails.into_iter().map(|mail| mail.server_id));
    }
    Ok(found)
}
