//! Mails that are known from before they were numbered anew, told by their headers and not read again.
//!
//! A mail is known where a record says the same Message-ID, sender, subject, size and time of it. Where anything
//! differs, where there is no Message-ID, and where two mails say the same, they are read, and the rule for copies
//! decides by what they say. Either way a mail that is known makes no new record: a server that numbers anew at each
//! sign-in would fill the store.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    sync::Arc,
};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use futures::TryStreamExt;

use crate::{
    App, Timestamp,
    error::Result,
    failed, lists,
    ports::{Change, Listed, MailError, MailFault, MailSession, MessageFilter, StoreError},
    types::{
        errand::Errand,
        ids::{MailboxId, MessageId},
        issue::BlobKey,
        mailbox::Protocol,
        message::{Message, Reason, ServerId},
    },
};

use super::{
    import::{Import, Order},
    parse,
    prepare::{MAX_SUBJECT_CHARS, cut, shown},
    roll::Standing,
    undated::read_headers,
};

/// Headers asked for in one command.
const AT_ONCE: usize = 200;
/// As much of a header as is looked at, bytes.
const MAX_HEADER: usize = 32 * 1024;
/// Records of one page.
const PAGE: u32 = 200;
/// Errands that follow their mails to other numbers; further ones are given up, with a sentence.
const MAX_ERRANDS: u32 = 1000;
/// Errands of one transaction.
const ERRANDS_AT_ONCE: usize = 35;

/// The beginning of a hash of all that is compared.
pub(super) type Key = [u8; 16];

/// What the records of a mailbox say of its mails.
#[derive(Debug, Default)]
pub(super) struct Known {
    keys: BTreeSet<Key>,
    /// Their records.
    records: BTreeSet<MessageId>,
    /// What is still to be done to them.
    errands: BTreeMap<Key, Errand>,
}

/// What a header says.
#[derive(Debug)]
pub(super) struct Said {
    message_id: Option<String>,
    from: Option<String>,
    subject: String,
}

impl Known {
    /// Reads the records of a mailbox, but for those of the epoch under which mails are looked at: they are of other mails.
    pub(super) async fn load(app: &App, mailbox: MailboxId, but: Option<u32>) -> Result<Self> {
        let errands = app.store.errands(mailbox, MAX_ERRANDS).await?;
        let mut errands: BTreeMap<MessageId, Errand> =
            errands.into_iter().map(|errand| (errand.message_id, errand)).collect();
        let filter = &MessageFilter { mailbox_id: mailbox, state: None };
        let mut known = Self::default();
        let list = |page| async move { app.store.messages(filter, &page).await };
        let mut records = pin!(lists::entries(PAGE, list));
        while let Some(record) = records.try_next().await? {
            if Some(record.epoch) != but && was_read(&record) {
                let key = key_of(&record);
                known.errands.extend(errands.remove(&record.id).map(|errand| (key, errand)));
                known.keys.insert(key);
                known.records.insert(record.id);
            }
        }
        Ok(known)
    }

    /// Whether this is a record of before.
    pub(super) fn is_of(&self, record: MessageId) -> bool {
        self.records.contains(&record)
    }

    /// Whether a mail has a record, as far as headers tell.
    pub(super) fn holds(&self, mail: &Listed, said: &Said) -> bool {
        self.keys.contains(&said.key(mail))
    }
}

impl Said {
    fn key(&self, mail: &Listed) -> Key {
        let (message_id, from) = (self.message_id.as_deref(), self.from.as_deref());
        key(message_id, from, &self.subject, mail.size, mail.received())
    }
}

/// Whether a record tells what its mail says.
fn was_read(record: &Message) -> bool {
    let unread = matches!(
        record.reason,
        Reason::Renumbered | Reason::BeforeStart | Reason::Gone | Reason::UnreadableOnServer
    );
    record.is_final() && !unread
}

fn key_of(record: &Message) -> Key {
    let (message_id, from) = (record.internet_message_id.as_deref(), record.from.as_deref());
    key(message_id, from, &record.subject, record.size, record.received_at)
}

fn key(message_id: Option<&str>, from: Option<&str>, subject: &str, size: u64, at: Timestamp) -> Key {
    // Debug sets quotes, so that neighbours cannot trade bytes.
    let told = format!("{message_id:?} {from:?} {subject:?} {size} {}", at.as_second());
    digest(&SHA256, told.as_bytes()).as_ref().first_chunk().copied().unwrap_or_default()
}

/// What the headers of these mails say. Those that are gone, or whose header does not come, are missing.
pub(super) async fn read_said(
    app: &App,
    session: &mut dyn MailSession,
    protocol: Protocol,
    ids: &[ServerId],
) -> Result<BTreeMap<ServerId, Said>, MailError> {
    let mut headers: Vec<(ServerId, Bytes)> = Vec::new();
    let beginning = |raw: &[u8]| Bytes::copy_from_slice(&raw[..raw.len().min(MAX_HEADER)]);
    match protocol {
        Protocol::Imap => {
            let found = session.identify(ids).await?;
            headers.extend(found.into_iter().map(|mail| (mail.listed.server_id, beginning(&mail.header))));
        }
        Protocol::Pop3 => {
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

/// Deletes what was stored of mails that turned out to be copies and have no record.
pub(super) async fn forget(app: &App, copies: &[MessageId]) {
    for copy in copies {
        for prefix in [BlobKey::raw(*copy).as_str(), &BlobKey::files(*copy)] {
            if let Err(error) = app.blobs.delete_prefix(prefix).await {
                // Nothing names it: it costs its room, and no mail.
                failed!(warn, error, message = %copy, "The bytes of a copy were not deleted.");
            }
        }
    }
}

impl Import<'_> {
    /// Whether this mail may be known under another number.
    pub(super) fn is_renumbered(&self, id: &ServerId) -> bool {
        self.is_strange() || (self.origin.epoch > 1 && !self.is_new(id))
    }

    fn is_strange(&self) -> bool {
        matches!(&self.order, Order::Roll(roll) if roll.is_strange())
    }

    /// Takes out mails that are known: they have their records.
    pub(super) async fn without_recognised(
        &mut self,
        session: &mut dyn MailSession,
        mut listed: Vec<Listed>,
    ) -> Result<Vec<Listed>> {
        let doubted = |mail: &&Listed| {
            self.is_renumbered(&mail.server_id)
                && !self.unread.is_doubtful(mail)
                && !self.unidentified.contains(&mail.server_id)
        };
        let doubted: Vec<Listed> = listed.iter().filter(doubted).cloned().collect();
        if doubted.is_empty() {
            return Ok(listed);
        }
        let mut twins = Vec::new();
        for some in doubted.chunks(AT_ONCE) {
            self.recognise(session, some, &mut twins).await?;
        }
        listed.retain(|mail| self.waits(mail));
        for twin in twins {
            if !self.waits(&twin) {
                if let Some(place) = self.place(&twin.server_id) {
                    self.ledger.describe(place, &twin);
                }
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
        if known.keys.is_empty() {
            return Ok(());
        }
        self.keep_lease().await?;
        let ids: Vec<ServerId> = mails.iter().map(|mail| mail.server_id.clone()).collect();
        let protocol = match self.order {
            Order::Uids => Protocol::Imap,
            Order::Roll(_) => Protocol::Pop3,
        };
        let said = match read_said(self.app, session, protocol, &ids).await {
            Ok(said) => said,
            // They are read whole.
            Err(error) if matches!(error.fault, MailFault::Refused | MailFault::NotOffered) => {
                return Ok(());
            }
            Err(error) => {
                // One of these headers may be at fault: the next session does not ask for them.
                self.unidentified.extend(ids);
                return Err(self.unread.broke_at(None, error));
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
            if let Some(first) = self.recognised.insert(said.key(mail), mail.server_id.clone())
                && first != mail.server_id
            {
                // Size and time are a part of what they say.
                twins.push(Listed { server_id: first, ..mail.clone() });
                continue;
            }
            // Under this unique-id it has no record.
            self.settled(&mail.server_id, Standing::LeftOut);
            errands.extend(known.errands.get(&said.key(mail)).map(|errand| self.moved_errand(errand, mail)));
        }
        for some in errands.chunks(ERRANDS_AT_ONCE) {
            let mut changes = some.to_vec();
            changes.push(Change::Cursor(self.cursor_move()?));
            self.app.store.commit(&changes).await.map_err(StoreError::unanswerable)?;
        }
        Ok(())
    }

    /// An errand of a mail that lies under this number now.
    fn moved_errand(&self, errand: &Errand, to: &Listed) -> Change {
        Change::Errand(Box::new(Errand {
            epoch: self.origin.epoch,
            uid_validity: self.cursor.uid_validity,
            server_id: to.server_id.clone(),
            size: to.size,
            received_at: to.received(),
            ..errand.clone()
        }))
    }

    async fn known(&mut self) -> Result<Arc<Known>> {
        if let Some(known) = &self.known {
            return Ok(known.clone());
        }
        self.keep_lease().await?;
        // In a maildrop that became strange, mails of the same epoch have other unique-ids.
        let but = (!self.is_strange()).then_some(self.origin.epoch);
        let known = Arc::new(Known::load(self.app, self.origin.mailbox, but).await?);
        self.known = Some(known.clone());
        Ok(known)
    }
}
