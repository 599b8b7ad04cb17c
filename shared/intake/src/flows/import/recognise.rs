//! Mails that are known from before they were numbered anew, told by their headers and not read again.
//!
//! A mail is known where a record says the same Message-ID, sender, subject, size and time of it. Where anything
//! differs, where there is no Message-ID, and where two mails say the same, they are read, and the rule for copies
//! decides by what they say. Either way a mail that is known makes no new record: a server that numbers anew at each
//! sign-in would fill the store.

use std::{collections::BTreeMap, pin::pin, sync::Arc};

use bytes::Bytes;
use futures::TryStreamExt;

use crate::{
    App,
    decide::{Known, Said, cut, shown, was_read},
    error::Result,
    flows::reading::{dates::read_headers, parse},
    limits::{ERRANDS_AT_ONCE, HEADERS_AT_ONCE, MAX_ERRANDS, MAX_HEADER, MAX_SUBJECT_CHARS},
    lists,
    ports::{Change, Half, Listed, MailError, MailFault, MailSession, MessageFilter},
    types::{
        errand::Errand,
        ids::{MailboxId, MessageId},
        message::ServerId,
    },
};

use super::{ledger::Standing, run::Import};

/// Records of one page.
const PAGE: u32 = 200;

/// Reads the records of a mailbox, but for those of the epoch under which mails are looked at: they are of other mails.
pub(in crate::flows) async fn load(app: &App, mailbox: MailboxId, but: Option<u32>) -> Result<Known> {
    let errands = app.store.errands(mailbox, MAX_ERRANDS).await?;
    let mut errands: BTreeMap<MessageId, Errand> =
        errands.into_iter().map(|errand| (errand.message_id, errand)).collect();
    let filter = &MessageFilter { mailbox_id: mailbox, state: None };
    let mut known = Known::default();
    let list = |page| async move { app.store.messages(filter, &page).await };
    let mut records = pin!(lists::entries(PAGE, list));
    while let Some(record) = records.try_next().await? {
        if Some(record.epoch) != but && was_read(&record) {
            known.add(&record, errands.remove(&record.id));
        }
    }
    Ok(known)
}

/// What the headers of these mails say. Those that are gone, or whose header does not come, are missing.
pub(in crate::flows) async fn read_said(
    app: &App,
    session: &mut dyn MailSession,
    ids: &[ServerId],
) -> Result<BTreeMap<ServerId, Said>, MailError> {
    let mut headers: Vec<(ServerId, Bytes)> = Vec::new();
    let beginning = |raw: &[u8]| Bytes::copy_from_slice(&raw[..raw.len().min(MAX_HEADER)]);
    match session.half() {
        Half::Folder(session) => {
            let found = session.identify(ids).await?;
            headers.extend(found.into_iter().map(|mail| (mail.listed.server_id, beginning(&mail.header))));
        }
        Half::Maildrop(session) => {
            let note = |header: crate::ports::Fetched| {
                headers.extend(header.raw.map(|raw| (header.server_id, beginning(&raw))));
            };
            read_headers(session, ids, note).await?;
        }
    }
    let options = app.parse.clone();
    let read = move || {
        let said = |header: &[u8]| {
            let mail = mail::parse_with(header, &options);
            Said {
                message_id: mail.message_id.as_deref().map(shown),
                from: mail.from.as_ref().map(|from| shown(&from.address)),
                subject: cut(&mail.subject, MAX_SUBJECT_CHARS),
            }
        };
        headers.into_iter().map(|(id, header)| (id, said(&header))).collect()
    };
    // Headers that cannot be parsed make nothing known: the mails are read.
    Ok(parse::on_thread(read).await.unwrap_or_default())
}

impl Import<'_> {
    /// Takes out mails that are known: they have their records.
    pub(super) async fn without_recognised(
        &mut self,
        session: &mut dyn MailSession,
        mut listed: Vec<Listed>,
    ) -> Result<Vec<Listed>> {
        let doubted = |mail: &&Listed| {
            self.books.is_renumbered(&mail.server_id)
                && !self.reader.is_doubtful(mail)
                && !self.recognised.unidentified.contains(&mail.server_id)
        };
        let doubted: Vec<Listed> = listed.iter().filter(doubted).cloned().collect();
        if doubted.is_empty() {
            return Ok(listed);
        }
        let mut twins = Vec::new();
        for some in doubted.chunks(HEADERS_AT_ONCE) {
            self.recognise(session, some, &mut twins).await?;
        }
        listed.retain(|mail| self.books.waits(mail));
        for twin in twins {
            if !self.books.waits(&twin) {
                self.books.ledger.describe(&twin);
                listed.push(twin);
            }
        }
        Ok(listed)
    }

    /// Settles those that are known. `twins`: of two that say the same, the first, which was taken for known.
    async fn recognise(
        &mut self,
        session: &mut dyn MailSession,
        mails: &[Listed],
        twins: &mut Vec<Listed>,
    ) -> Result<()> {
        let known = self.known().await?;
        if known.is_empty() {
            return Ok(());
        }
        self.books.keep_lease().await?;
        let ids: Vec<ServerId> = mails.iter().map(|mail| mail.server_id.clone()).collect();
        let said = match read_said(self.books.app, session, &ids).await {
            Ok(said) => said,
            // They are read whole.
            Err(error) if matches!(error.fault, MailFault::Refused | MailFault::NotOffered) => {
                return Ok(());
            }
            Err(error) => {
                // One of these headers may be at fault: the next session does not ask for them.
                self.recognised.unidentified.extend(ids);
                return Err(self.reader.broke_off(error));
            }
        };
        let mut errands = Vec::new();
        for mail in mails {
            let Some(said) = said.get(&mail.server_id).filter(|said| said.message_id.is_some()) else {
                continue;
            };
            if !known.holds(mail, said) {
                continue;
            }
            if let Some(first) = self.recognised.seen.insert(said.key(mail), mail.server_id.clone())
                && first != mail.server_id
            {
                // Size and time are a part of what they say.
                twins.push(Listed { server_id: first, ..mail.clone() });
                continue;
            }
            // Under this unique-id it has no record.
            self.books.ledger.settle(&mail.server_id, Standing::LeftOut);
            errands.extend(known.errand(&said.key(mail)).map(|errand| self.moved_errand(errand, mail)));
        }
        for some in errands.chunks(ERRANDS_AT_ONCE as usize) {
            self.books.commit(some.to_vec()).await?;
        }
        Ok(())
    }

    /// An errand of a mail that lies under this number now.
    fn moved_errand(&self, errand: &Errand, to: &Listed) -> Change {
        Change::Errand(Box::new(Errand {
            epoch: self.books.origin.epoch,
            uid_validity: self.books.ledger.cursor().uid_validity,
            server_id: to.server_id.clone(),
            size: to.size,
            received_at: to.received(),
            ..errand.clone()
        }))
    }

    async fn known(&mut self) -> Result<Arc<Known>> {
        if let Some(known) = &self.books.known {
            return Ok(known.clone());
        }
        self.books.keep_lease().await?;
        // In a maildrop that became strange, mails of the same epoch have other unique-ids.
        let but = (!self.books.ledger.is_strange()).then_some(self.books.origin.epoch);
        let known = Arc::new(load(self.books.app, self.books.origin.mailbox, but).await?);
        self.books.known = Some(known.clone());
        Ok(known)
    }
}
