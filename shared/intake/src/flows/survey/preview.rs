//! What a first import would bring, before it starts. Reads sizes and dates, and changes nothing.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    App, Timestamp,
    decide::StartRule,
    error::Result,
    flows::{import::Span, mailboxes::StartInput, poll::load_imap, reading::dates, sign_in::open},
    ports::{FolderSession, Listed, OpenedFolder},
    types::{ids::MailboxId, mailbox::Mailbox},
};

/// Mails asked for in one command.
const AT_ONCE: usize = 1000;

/// What a first import would bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preview {
    /// How many mails.
    pub count: u64,
    /// Their size as the server announces it, bytes.
    pub bytes: u64,
    /// When the server received the oldest of them.
    pub oldest_received_at: Option<Timestamp>,
    /// And the newest.
    pub newest_received_at: Option<Timestamp>,
    /// How many mails the folder holds.
    pub folder_count: u64,
    /// False: the time was over before all were counted.
    pub complete: bool,
}

impl Preview {
    fn count(&mut self, mail: &Listed) {
        let at = mail.received();
        self.count += 1;
        self.bytes = self.bytes.saturating_add(mail.size);
        self.oldest_received_at = Some(self.oldest_received_at.map_or(at, |oldest| oldest.min(at)));
        self.newest_received_at = Some(self.newest_received_at.map_or(at, |newest| newest.max(at)));
    }
}

/// Counts what the mailbox's start, or another one, would import; for at most this long. Also for a mailbox that is
/// paused or was never polled. What was imported already counts too.
pub async fn preview(app: &App, id: MailboxId, start: Option<StartInput>, time: Duration) -> Result<Preview> {
    let (mailbox, _) = load_imap(app, id).await?;
    let start = start.map(StartInput::checked).transpose()?.unwrap_or(mailbox.start);
    let rule = StartRule::first(&Mailbox { start, ..mailbox.clone() });
    looked(app, &mailbox, Span { since: rule.since(), before: None }, time).await
}

/// Counts the mails of a span of time in the same way: what a backfill would look at.
pub async fn preview_span(app: &App, id: MailboxId, span: Span, time: Duration) -> Result<Preview> {
    let (mailbox, _) = load_imap(app, id).await?;
    looked(app, &mailbox, span, time).await
}

async fn looked(app: &App, mailbox: &Mailbox, span: Span, time: Duration) -> Result<Preview> {
    let deadline = app.after(time);
    let OpenedFolder { mut session, status } = open(app, mailbox, deadline).await?;
    let mut preview = Preview { folder_count: status.exists.into(), ..Preview::default() };
    let left = deadline.duration_since(app.now()).try_into().unwrap_or_default();
    let folder = session.half().folder().map_err(|e| crate::explain::mail(&e))?;
    let in_time = tokio::select! {
        counted = count(folder, span, &mut preview) => counted.map(|()| true)?,
        () = app.clock.sleep(left) => false,
    };
    preview.complete = in_time;
    if in_time {
        session.close().await;
    }
    Ok(preview)
}

async fn count(session: &mut dyn FolderSession, span: Span, preview: &mut Preview) -> Result<()> {
    let since = Some(span.since).filter(|since| *since > Timestamp::MIN);
    let found = session.find(since, span.before).await.map_err(|e| crate::explain::mail(&e))?;
    for some in found.chunks(AT_ONCE) {
        let listed = session.describe(some).await.map_err(|e| crate::explain::mail(&e))?;
        let guess = span.since.max(Timestamp::UNIX_EPOCH);
        let dated = dates::date(session, listed, guess, &BTreeSet::new()).await;
        let listed = dated.map_err(|(_, error)| crate::explain::mail(&error))?;
        listed.iter().filter(|mail| span.holds(mail.received())).for_each(|mail| preview.count(mail));
    }
    Ok(())
}
