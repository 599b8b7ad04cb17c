//! The mails of a maildrop as one session sees them: its numbers, and the unique-ids that all sessions share.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{Context, SHA256, digest};
use intake::types::{mailbox::Fingerprint, message::ServerId};

/// The most mails of a maildrop. Its listing takes about 100 bytes of memory a mail.
pub(crate) const MAX_MAILS: usize = 100_000;

type Hash = [u8; 32];

/// What UIDL told (RFC 1939 section 7).
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// In the server's order.
    mails: Vec<(u32, Hash)>,
    by_hash: BTreeMap<Hash, u32>,
    sizes: BTreeMap<u32, u64>,
}

impl Listing {
    /// Notes a line of UIDL: a number and a unique-id. Lines that are none are passed over, and so is a second mail of
    /// the same unique-id: it is the same mail.
    pub(crate) fn note_uidl(&mut self, line: &[u8]) {
        let Some((number, unique_id)) = numbered(line) else { return };
        let hash = hash(unique_id);
        if let std::collections::btree_map::Entry::Vacant(place) = self.by_hash.entry(hash) {
            place.insert(number);
            self.mails.push((number, hash));
        }
    }

    /// Notes a line of LIST: a number and a size.
    pub(crate) fn note_size(&mut self, line: &[u8]) {
        let size = numbered(line).and_then(|(number, size)| {
            let size = size.split(|byte| *byte == b' ').next()?;
            Some((number, std::str::from_utf8(size).ok()?.parse().ok()?))
        });
        self.sizes.extend(size);
    }

    pub(crate) fn len(&self) -> usize {
        self.mails.len()
    }

    /// Numbers and places, in the server's order.
    pub(crate) fn mails(&self) -> impl Iterator<Item = (u32, ServerId)> {
        self.mails.iter().map(|(number, hash)| (*number, server_id(hash)))
    }

    /// The number of a mail in this session.
    pub(crate) fn number(&self, id: &ServerId) -> Option<u32> {
        let ServerId::Pop3 { hash } = id else { return None };
        let Fingerprint(hash) = Fingerprint::try_from(hash.clone()).ok()?;
        self.by_hash.get(&hash).copied()
    }

    /// The announced size of a mail, 0 where there is none.
    pub(crate) fn size(&self, number: u32) -> u64 {
        self.sizes.get(&number).copied().unwrap_or(0)
    }

    /// Whether sizes are known.
    pub(crate) fn has_sizes(&self) -> bool {
        !self.sizes.is_empty() || self.mails.is_empty()
    }

    /// The same for the same unique-ids, in whatever order.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let mut context = Context::new(&SHA256);
        for hash in self.by_hash.keys() {
            context.update(hash);
        }
        Fingerprint(bytes(context.finish().as_ref()))
    }
}

fn numbered(line: &[u8]) -> Option<(u32, &[u8])> {
    let at = line.iter().position(|byte| *byte == b' ')?;
    let (number, rest) = line.split_at_checked(at)?;
    let rest = rest.trim_ascii();
    let number = std::str::from_utf8(number).ok()?.parse().ok().filter(|number| *number > 0)?;
    (!rest.is_empty()).then_some((number, rest))
}

fn hash(unique_id: &[u8]) -> Hash {
    bytes(digest(&SHA256, unique_id).as_ref())
}

fn bytes(digest: &[u8]) -> Hash {
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(digest) {
        *to = *from;
    }
    hash
}

fn server_id(hash: &Hash) -> ServerId {
    ServerId::Pop3 { hash: Fingerprint(*hash).into() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Listing {
        let mut listing = Listing::default();
        lines.iter().for_each(|line| listing.note_uidl(line.as_bytes()));
        listing
    }

    #[test]
    fn the_fingerprint_is_that_of_the_unique_ids_alone() {
        let listing = of(&["1 aaa", "2 bbb"]);
        assert_eq!(listing.fingerprint(), of(&["1 bbb", "2 aaa", "3 bbb", "x y", "0 z", "4 "]).fingerprint());
        assert_ne!(listing.fingerprint(), of(&["1 aaa"]).fingerprint());
        assert_ne!(of(&[]).fingerprint(), of(&["1 aaa"]).fingerprint());
    }

    #[test]
    fn a_mail_is_found_by_its_place_and_sizes_are_not_trusted() {
        let mut listing = of(&["7 aaa", "9 bbb"]);
        for line in ["7 120", "9 x", "10", "-1 5", "11 99999999999999999999999999"] {
            listing.note_size(line.as_bytes());
        }
        let (number, id) = listing.mails().next().unwrap();
        assert_eq!((number, listing.number(&id), listing.size(7), listing.size(9)), (7, Some(7), 120, 0));
        assert_eq!(listing.number(&ServerId::Imap { uid: 7 }), None);
        assert_eq!(listing.number(&ServerId::Pop3 { hash: "ä".repeat(32) }), None);
    }
}
