//! The roll: what is known of the mails of a POP3 maildrop, one entry a unique-id. POP3 numbers nothing: a mail is new
//! when the roll does not know it.
//!
//! It lies in a blob that the cursor names, so that an idle poll need not read it and a poll with one new mail need not
//! ask for thousands of records. It only saves work: what makes a mail become something exactly once is its record. The
//! one thing that stands nowhere else is which mails a first import left out.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use crate::{
    App, Timestamp,
    error::{Error, Kind, Result},
    limits::{FILLED_ANEW, LARGE, LOOKED_AT, MAX_ROLL, WITNESSES},
    ports::{Listed, Undated},
    types::{
        ids::MailboxId,
        issue::BlobKey,
        mailbox::Fingerprint,
        message::{Message, Reason, ServerId},
    },
};

/// The form of the blob.
const VERSION: u8 = 1;
/// An entry: the beginning of the unique-id's hash, a standing, a time in seconds.
const ENTRY: usize = 16 + 1 + 8;
/// In place of a time.
const UNDATED: i64 = i64::MIN;

type Key = [u8; 16];

/// How a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::flows) enum Standing {
    /// It was there at the first contact and is not settled: the rule of a first import is for it.
    First,
    /// It came later and is not settled.
    New,
    /// A first import left it out, or it is known under another unique-id; it has no record. Never forgotten: should it be
    /// hidden for a while, it is not new.
    LeftOut,
    /// Its record is final.
    Done,
    /// Its record says that the server did not give it.
    Unread,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    standing: Standing,
    /// When it was received, in seconds since 1970.
    at: Option<i64>,
}

/// What is known of a maildrop.
#[derive(Debug, Default)]
pub(in crate::flows) struct Roll {
    entries: BTreeMap<Key, Entry>,
    /// Of the present listing.
    present: BTreeSet<Key>,
    /// The order of unsettled mails within this poll.
    places: BTreeMap<Key, u32>,
    witnesses: Vec<ServerId>,
    unread: Vec<Undated>,
    /// Headers at which a connection broke off in this poll.
    broken_headers: BTreeSet<Key>,
    /// A listing showed none of the mails that were there before: those that it shows may be the same.
    strange: bool,
    changed: bool,
}

impl Standing {
    fn is_settled(self) -> bool {
        matches!(self, Self::LeftOut | Self::Done | Self::Unread)
    }

    /// Of a mail whose record is final. One that was taken for gone is new should it be listed again.
    pub(in crate::flows) fn of(message: &Message) -> Self {
        Self::after(message.reason)
    }

    fn after(reason: Reason) -> Self {
        match reason {
            Reason::UnreadableOnServer => Self::Unread,
            Reason::Gone => Self::New,
            _ => Self::Done,
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::First => 1,
            Self::New => 2,
            Self::LeftOut => 3,
            Self::Done => 4,
            Self::Unread => 5,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::First, Self::New, Self::LeftOut, Self::Done, Self::Unread]
            .into_iter()
            .find(|standing| standing.byte() == byte)
    }
}

impl Roll {
    /// At the first contact: all that is there now was there before.
    pub(in crate::flows) fn of_first_contact(mails: &[Undated]) -> Self {
        let entries = mails.iter().filter_map(|mail| key(&mail.server_id));
        let entries = entries.map(|key| (key, Entry { standing: Standing::First, at: None })).collect();
        Self { entries, changed: true, ..Self::default() }
    }

    /// The roll that a run under this fence wrote. None where it is lost.
    pub(in crate::flows) async fn load(app: &App, mailbox: MailboxId, fence: u64) -> Result<Option<Self>> {
        match app.blobs.read(&BlobKey::roll(mailbox, fence)).await {
            Ok(blob) => Self::decode(&blob.bytes(MAX_ROLL).await?).map(Some),
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the maildrop holds many mails, and none of those that it held.
    pub(in crate::flows) fn is_replaced_by(&self, mails: &[Undated]) -> bool {
        mails.len() >= FILLED_ANEW && self.knows_none_of(mails)
    }

    fn knows_none_of(&self, mails: &[Undated]) -> bool {
        let known = |mail: &Undated| key(&mail.server_id).is_some_and(|key| self.entries.contains_key(&key));
        !self.entries.is_empty() && !mails.iter().any(known)
    }

    /// Whether mails that are new by their unique-ids may be known ones.
    pub(in crate::flows) fn is_strange(&self) -> bool {
        self.strange
    }

    /// Takes note of a listing. Gives back the mails that are not settled, in the server's order.
    pub(in crate::flows) fn see(&mut self, mails: &[Undated]) -> Vec<Undated> {
        self.strange |= self.knows_none_of(mails);
        self.present = mails.iter().filter_map(|mail| key(&mail.server_id)).collect();
        self.witnesses.clear();
        self.unread.clear();
        let mut unsettled = Vec::new();
        for mail in mails.iter().rev() {
            match self.entry(&mail.server_id).map(|entry| entry.standing) {
                Some(Standing::Done) if self.witnesses.len() < WITNESSES && mail.size <= LARGE => {
                    self.witnesses.push(mail.server_id.clone());
                }
                Some(Standing::Unread) if self.unread.len() < LOOKED_AT => self.unread.push(mail.clone()),
                Some(standing) if standing.is_settled() => {}
                _ => unsettled.push(mail.clone()),
            }
        }
        unsettled.reverse();
        self.witnesses.reverse();
        for mail in &unsettled {
            let next = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
            if let Some(key) = key(&mail.server_id) {
                self.places.entry(key).or_insert(next);
            }
        }
        unsettled
    }

    /// A number by which unsettled mails of this poll are told apart, in their order.
    pub(in crate::flows) fn place(&self, id: &ServerId) -> Option<u32> {
        self.places.get(&key(id)?).copied()
    }

    /// Whether the server lists it.
    pub(super) fn is_present(&self, id: &ServerId) -> bool {
        key(id).is_some_and(|key| self.present.contains(&key))
    }

    /// Whether it came after the first contact.
    pub(in crate::flows) fn is_new(&self, id: &ServerId) -> bool {
        self.entry(id).is_none_or(|entry| entry.standing == Standing::New)
    }

    pub(in crate::flows) fn is_settled(&self, id: &ServerId) -> bool {
        self.entry(id).is_some_and(|entry| entry.standing.is_settled())
    }

    /// Mails that came in an earlier poll: the newest ones last.
    pub(in crate::flows) fn witnesses(&self) -> &[ServerId] {
        &self.witnesses
    }

    /// Mails of the listing that the server did not give.
    pub(in crate::flows) fn unread(&self) -> &[Undated] {
        &self.unread
    }

    /// How many there are in all.
    pub(in crate::flows) fn count_unread(&self) -> u32 {
        let count = self.kept().filter(|(_, entry)| entry.standing == Standing::Unread).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// When it was received, once that is known.
    pub(in crate::flows) fn received_at(&self, id: &ServerId) -> Option<Timestamp> {
        Timestamp::from_second(self.entry(id)?.at?).ok()
    }

    /// A mail of the listing, once it is known when it was received.
    pub(in crate::flows) fn dated(&self, mail: &Undated) -> Option<Listed> {
        let received_at = Some(self.received_at(&mail.server_id)?);
        Some(Listed { server_id: mail.server_id.clone(), size: mail.size, received_at })
    }

    /// When a mail was received that has a final record.
    pub(in crate::flows) fn recorded_at(&self, id: &ServerId) -> Option<Timestamp> {
        let recorded = |entry: &Entry| matches!(entry.standing, Standing::Done | Standing::Unread);
        self.entry(id).filter(recorded).and_then(|_| self.received_at(id))
    }

    /// Notes when it was received. From then on it stays so, and its record's identifier with it.
    pub(in crate::flows) fn date(&mut self, id: &ServerId, at: Timestamp) {
        let Some(key) = key(id) else { return };
        let entry = self.entries.entry(key).or_insert(Entry { standing: Standing::New, at: None });
        entry.at = entry.at.or(Some(at.as_second()));
        self.changed = true;
    }

    /// Notes how it stands.
    pub(in crate::flows) fn settle(&mut self, id: &ServerId, standing: Standing) {
        let Some(key) = key(id) else { return };
        let at = self.entries.get(&key).and_then(|entry| entry.at);
        let before = self.entries.insert(key, Entry { standing, at });
        self.changed |= before.is_none_or(|before| before.standing != standing);
    }

    /// Notes that a connection broke off at its header. Whether that had happened before in this poll.
    pub(in crate::flows) fn broke_at_header(&mut self, id: &ServerId) -> bool {
        key(id).is_some_and(|key| !self.broken_headers.insert(key))
    }

    /// Whether it says something that its blob does not.
    pub(in crate::flows) fn has_changed(&self) -> bool {
        self.changed
    }

    /// It was written.
    pub(in crate::flows) fn written(&mut self) {
        self.changed = false;
    }

    fn entry(&self, id: &ServerId) -> Option<Entry> {
        self.entries.get(&key(id)?).copied()
    }

    /// What is worth keeping: mails that are there, and those that a first import left out.
    fn kept(&self) -> impl Iterator<Item = (&Key, &Entry)> {
        self.entries
            .iter()
            .filter(|(key, entry)| entry.standing == Standing::LeftOut || self.present.contains(*key))
    }

    /// As bytes.
    pub(in crate::flows) fn encode(&self) -> Bytes {
        let mut bytes = vec![VERSION];
        for (key, entry) in self.kept() {
            bytes.extend_from_slice(key);
            bytes.push(entry.standing.byte());
            bytes.extend_from_slice(&entry.at.unwrap_or(UNDATED).to_be_bytes());
        }
        bytes.into()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let damaged = || Error::internal("the roll of a maildrop is damaged");
        let (version, entries) = bytes.split_first().ok_or_else(damaged)?;
        if *version != VERSION || !entries.len().is_multiple_of(ENTRY) {
            return Err(damaged());
        }
        let mut roll = Self::default();
        for entry in entries.chunks_exact(ENTRY) {
            let (key, rest) = entry.split_first_chunk::<16>().ok_or_else(damaged)?;
            let (standing, at) = rest.split_first().ok_or_else(damaged)?;
            let at = i64::from_be_bytes(at.try_into().map_err(|_| damaged())?);
            let standing = Standing::from_byte(*standing).ok_or_else(damaged)?;
            roll.entries.insert(*key, Entry { standing, at: (at != UNDATED).then_some(at) });
        }
        Ok(roll)
    }
}

/// Half of the hash is enough: servers choose unique-ids, senders do not.
fn key(id: &ServerId) -> Option<Key> {
    let ServerId::Pop3 { hash } = id else { return None };
    let Fingerprint(hash) = Fingerprint::try_from(hash.clone()).ok()?;
    hash.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(n: u8) -> Undated {
        Undated { server_id: ServerId::Pop3 { hash: Fingerprint([n; 32]).into() }, size: 1 }
    }

    fn mails(numbers: impl IntoIterator<Item = u8>) -> Vec<Undated> {
        numbers.into_iter().map(mail).collect()
    }

    fn again(roll: &Roll) -> Roll {
        Roll::decode(&roll.encode()).unwrap()
    }

    #[test]
    fn what_is_settled_is_known_again_and_what_came_later_is_new() {
        let mut roll = Roll::of_first_contact(&mails(1..=3));
        assert_eq!(roll.see(&mails(1..=3)), mails(1..=3));
        roll.settle(&mail(1).server_id, Standing::LeftOut);
        roll.settle(&mail(2).server_id, Standing::Done);
        roll.date(&mail(3).server_id, Timestamp::from_second(7).unwrap());
        let mut roll = again(&roll);
        assert_eq!(roll.see(&mails([4, 3, 2, 1])), mails([4, 3]));
        assert_eq!((roll.place(&mail(4).server_id), roll.place(&mail(3).server_id)), (Some(0), Some(1)));
        assert!(roll.is_new(&mail(4).server_id) && !roll.is_new(&mail(3).server_id));
        assert_eq!(roll.received_at(&mail(3).server_id).unwrap().as_second(), 7);
        roll.date(&mail(3).server_id, Timestamp::from_second(8).unwrap());
        assert_eq!(roll.received_at(&mail(3).server_id).unwrap().as_second(), 7);
        assert_eq!(roll.witnesses(), [mail(2).server_id]);
    }

    #[test]
    fn a_mail_that_was_taken_for_gone_is_new_where_it_is_listed_again() {
        let mut roll = Roll::default();
        assert_eq!(roll.see(&mails(1..=2)), mails(1..=2));
        assert_eq!(roll.see(&mails([2])), mails([2]));
        roll.settle(&mail(1).server_id, Standing::after(Reason::Gone));
        roll.settle(&mail(2).server_id, Standing::after(Reason::Created));
        // In the same poll, and in the next one.
        assert_eq!(roll.see(&mails(1..=2)), mails([1]));
        assert_eq!(again(&roll).see(&mails(1..=2)), mails([1]));
    }

    #[test]
    fn mails_that_were_left_out_are_never_forgotten() {
        let mut roll = Roll::of_first_contact(&mails(1..=2));
        roll.settle(&mail(1).server_id, Standing::LeftOut);
        roll.settle(&mail(2).server_id, Standing::Done);
        roll.see(&[]);
        let mut roll = again(&roll);
        assert_eq!(roll.see(&mails(1..=2)), mails([2]));
    }

    #[test]
    fn a_maildrop_that_was_filled_anew_is_told_from_an_emptied_one() {
        let roll = Roll::of_first_contact(&mails(1..=5));
        assert!(roll.is_replaced_by(&mails(11..=30)));
        assert!(!roll.is_replaced_by(&mails(5..=30)));
        assert!(!roll.is_replaced_by(&mails(11..=13)));
        assert!(!roll.is_replaced_by(&[]));
        assert!(!Roll::default().is_replaced_by(&mails(1..=30)));
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        let whole = Roll { present: [[1; 16]].into(), ..Roll::of_first_contact(&mails([1])) }.encode();
        assert_eq!(whole.len(), 1 + ENTRY);
        for cut in 0..whole.len() {
            assert_eq!(Roll::decode(&whole[..cut]).is_ok(), cut == 1, "{cut}");
        }
        assert!(Roll::decode(&[9]).is_err());
    }
}
