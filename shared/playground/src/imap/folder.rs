//! The mails of all accounts.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;

/// UIDVALIDITY of a new mailbox.
const FIRST_VALIDITY: u32 = 1_700_000_000;

/// A mail as it lies in a mailbox; cloning shares its bytes.
#[derive(Clone)]
pub(crate) struct StoredMail {
    pub(crate) uid: u32,
    pub(crate) raw: Bytes,
    pub(crate) received: Timestamp,
    pub(crate) seen: bool,
}

impl StoredMail {
    pub(crate) fn flags(&self) -> &'static str {
        if self.seen { "\\Seen" } else { "" }
    }
}

/// One INBOX.
#[derive(Clone)]
pub(crate) struct Folder {
    pub(crate) validity: u32,
    /// The next mail's UID.
    pub(crate) next: u32,
    /// By rising UID.
    pub(crate) mails: Vec<StoredMail>,
}

/// All INBOXes by address in small letters.
pub(crate) struct PostOffice(BTreeMap<String, Folder>);

impl PostOffice {
    pub(crate) fn new<'a>(addresses: impl Iterator<Item = &'a str>) -> Self {
        let empty = || Folder { validity: FIRST_VALIDITY, next: 1, mails: Vec::new() };
        Self(addresses.map(|address| (address.to_ascii_lowercase(), empty())).collect())
    }

    pub(crate) fn folder(&self, address: &str) -> Option<&Folder> {
        self.0.get(&address.to_ascii_lowercase())
    }

    fn folder_mut(&mut self, address: &str) -> Option<&mut Folder> {
        self.0.get_mut(&address.to_ascii_lowercase())
    }

    pub(crate) fn deliver(&mut self, address: &str, raw: Bytes, received: Timestamp) -> Option<u32> {
        let folder = self.folder_mut(address)?;
        let uid = folder.next;
        folder.next = uid.checked_add(1)?;
        folder.mails.push(StoredMail { uid, raw, received, seen: false });
        Some(uid)
    }

    pub(crate) fn renumber(&mut self, address: &str) {
        if let Some(folder) = self.folder_mut(address) {
            folder.validity += 1;
        }
        self.renumber_in_silence(address);
    }

    pub(crate) fn renumber_in_silence(&mut self, address: &str) {
        if let Some(folder) = self.folder_mut(address) {
            for (uid, mail) in (1..).zip(&mut folder.mails) {
                mail.uid = uid;
            }
            folder.next = folder.mails.last().map_or(1, |mail| mail.uid + 1);
        }
    }

    pub(crate) fn remove(&mut self, address: &str, uid: u32) -> bool {
        let Some(folder) = self.folder_mut(address) else { return false };
        let before = folder.mails.len();
        folder.mails.retain(|mail| mail.uid != uid);
        folder.mails.len() < before
    }

    pub(crate) fn skip_uids(&mut self, address: &str, count: u32) {
        if let Some(folder) = self.folder_mut(address) {
            folder.next = folder.next.saturating_add(count);
        }
    }

    pub(crate) fn mark_seen(&mut self, address: &str, uid: u32) {
        let mails = self.folder_mut(address).into_iter().flat_map(|folder| &mut folder.mails);
        for mail in mails.filter(|mail| mail.uid == uid) {
            mail.seen = true;
        }
    }

    pub(crate) fn listing(&self, address: &str) -> Vec<(u32, Vec<String>)> {
        let mails = self.folder(address).into_iter().flat_map(|folder| &folder.mails);
        let flags = |mail: &StoredMail| mail.flags().split_whitespace().map(str::to_owned).collect();
        mails.map(|mail| (mail.uid, flags(mail))).collect()
    }
}
