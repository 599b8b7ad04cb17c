//! The mails of a maildrop as one session sees them: its numbers, and the unique-ids that all sessions share.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use aws_lc_rs::digest::{Context, SHA256, digest};
use intake::types::{mailbox::Fingerprint, message::ServerId};

/// The most mails of a maildrop. Its listing takes about 100 bytes of memory a mail.
pub(crate) const MAX_MAILS: usize = 500_000;

pub(crate) type Hash = [u8; 32];

/// What UIDL told (RFC 1939 section 7), and what was found out about mails for which it told nothing.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// In the server's order.
    mails: Vec<(u32, Hash)>,
    by_hash: BTreeMap<Hash, u32>,
    sizes: BTreeMap<u32, u64>,
    doubts: Doubts,
}

/// Mails that UIDL does not tell apart.
#[derive(Debug, Default)]
pub(crate) struct Doubts {
    /// Their line has no unique-id.
    nameless: Vec<u32>,
    /// They have the unique-id of another mail: their number, and that of the first.
    shared: Vec<(u32, u32)>,
    /// Some line was none: any mail of LIST may be without a unique-id.
    unread_lines: bool,
    /// Copies of others, with the same unique-id: these are those mails.
    copies: BTreeSet<u32>,
}

/// A mail that must be looked at, because its unique-id does not tell what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubtful {
    /// It has none.
    Nameless(u32),
    /// It has that of this other one.
    Shared(u32, u32),
}

impl Doubtful {
    pub(crate) fn number(self) -> u32 {
        match self {
            Self::Nameless(number) | Self::Shared(number, _) => number,
        }
    }
}

impl Listing {
    /// Where the server tells no unique-ids at all.
    pub(crate) fn without_unique_ids() -> Self {
        Self { doubts: Doubts { unread_lines: true, ..Doubts::default() }, ..Self::default() }
    }

    /// Notes a line of UIDL: a number and a unique-id.
    pub(crate) fn note_uidl(&mut self, line: &[u8]) {
        let Some((number, unique_id)) = numbered(line) else {
            self.doubts.unread_lines = true;
            return;
        };
        if unique_id.is_empty() {
            // Endless repetitions take no memory.
            if self.doubts.nameless.last() != Some(&number) {
                self.doubts.nameless.push(number);
            }
            return;
        }
        self.add(number, hash(unique_id));
    }

    /// Notes of the untold mails what another listing says, or that they have no unique-id.
    pub(crate) fn complete(&mut self, again: &Self) {
        for number in self.untold() {
            match again.mails.iter().find(|(other, _)| *other == number) {
                Some((_, hash)) => self.add(number, *hash),
                None => self.doubts.nameless.push(number),
            }
        }
    }

    fn add(&mut self, number: u32, hash: Hash) {
        match self.by_hash.entry(hash) {
            Entry::Vacant(place) => {
                place.insert(number);
                self.mails.push((number, hash));
            }
            Entry::Occupied(first) if *first.get() != number => {
                self.doubts.shared.push((number, *first.get()));
            }
            Entry::Occupied(_) => {}
        }
    }

    /// Notes a line of LIST: a number and a size.
    pub(crate) fn note_size(&mut self, line: &[u8]) {
        let size = numbered(line).and_then(|(number, size)| {
            let size = size.split(|byte| *byte == b' ').next()?;
            Some((number, std::str::from_utf8(size).ok()?.parse().unwrap_or(0)))
        });
        self.sizes.extend(size);
    }

    /// The mails that the server told of, those included whose unique-ids do not tell them apart.
    pub(crate) fn len(&self) -> usize {
        self.mails.len() + self.doubts.nameless.len() + self.doubts.shared.len()
    }

    /// Numbers and places, in the server's order.
    pub(crate) fn mails(&self) -> impl Iterator<Item = (u32, ServerId)> {
        self.mails.iter().map(|(number, hash)| (*number, server_id(hash)))
    }

    /// Numbers of mails that are copies of others.
    pub(crate) fn copies(&self) -> &BTreeSet<u32> {
        &self.doubts.copies
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
        !self.sizes.is_empty() || (self.len() == 0 && !self.doubts.unread_lines)
    }

    /// The same for the same unique-ids, in whatever order.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let mut context = Context::new(&SHA256);
        for hash in self.by_hash.keys() {
            context.update(hash);
        }
        Fingerprint(bytes(context.finish().as_ref()))
    }

    /// The numbers of which UIDL told.
    fn told(&self) -> BTreeSet<u32> {
        let Doubts { nameless, shared, copies, .. } = &self.doubts;
        let named = self.mails.iter().map(|(number, _)| *number);
        let shared = shared.iter().map(|(number, _)| *number);
        named.chain(nameless.iter().copied()).chain(shared).chain(copies.iter().copied()).collect()
    }

    /// How many they are.
    fn count_told(&self) -> usize {
        self.len() + self.doubts.copies.len()
    }

    /// Whether some mails may have no unique-id of their own. Numbers rise from one in steps of one (RFC 1939 section 5): a
    /// gap is a mail of which UIDL told nothing.
    pub(crate) fn has_doubts(&self) -> bool {
        let Doubts { nameless, shared, unread_lines, copies } = &self.doubts;
        let numbers = self.mails.iter().map(|(number, _)| number).chain(nameless).chain(copies);
        let highest = numbers.chain(shared.iter().map(|(number, _)| number)).max().copied().unwrap_or(0);
        !nameless.is_empty()
            || !shared.is_empty()
            || *unread_lines
            || usize::try_from(highest).is_ok_and(|highest| highest > self.count_told())
    }

    /// The mails without a unique-id of their own, by number, once LIST told which mails there are. What LIST tells beyond
    /// the last mail of UIDL is [`Self::untold`].
    pub(crate) fn doubtful(&self) -> Vec<Doubtful> {
        let Doubts { nameless, shared, unread_lines, .. } = &self.doubts;
        let told = self.told();
        let highest = if *unread_lines { u32::MAX } else { told.last().copied().unwrap_or(0) };
        let untold = self.sizes.range(..=highest).map(|(number, _)| *number);
        let untold = untold.filter(|number| !told.contains(number));
        let mut all: Vec<_> = nameless.iter().copied().chain(untold).map(Doubtful::Nameless).collect();
        all.extend(shared.iter().map(|(number, first)| Doubtful::Shared(*number, *first)));
        all.sort_by_key(|mail| mail.number());
        all.dedup_by_key(|mail| mail.number());
        all
    }

    /// The mails of which LIST told and UIDL did not.
    pub(crate) fn untold(&self) -> Vec<u32> {
        if self.sizes.len() <= self.count_told() {
            return Vec::new();
        }
        let told = self.told();
        self.sizes.keys().copied().filter(|number| !told.contains(number)).collect()
    }

    /// Names a mail by what it says: its digest, and which of those it is that say the same.
    pub(crate) fn name(&mut self, number: u32, digest: &Hash, nth: u32) {
        self.doubts.nameless.retain(|other| *other != number);
        self.doubts.shared.retain(|(other, _)| *other != number);
        let mut context = Context::new(&SHA256);
        context.update(b"no unique-id\0");
        context.update(digest);
        context.update(&nth.to_be_bytes());
        self.add(number, bytes(context.finish().as_ref()));
    }

    /// A mail that is a copy of another is that mail.
    pub(crate) fn forget(&mut self, number: u32) {
        self.doubts.shared.retain(|(other, _)| *other != number);
        self.doubts.copies.insert(number);
    }

    /// The named mails by their numbers, as the server lists them.
    pub(crate) fn in_order(&mut self) {
        self.doubts.unread_lines = false;
        self.mails.sort_by_key(|(number, _)| *number);
    }
}

/// A number from one, and what follows it; that may be empty.
pub(super) fn numbered(line: &[u8]) -> Option<(u32, &[u8])> {
    let line = line.trim_ascii();
    let at = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    let (number, rest) = line.split_at_checked(at)?;
    let number = std::str::from_utf8(number).ok()?.parse().ok().filter(|number| *number > 0)?;
    Some((number, rest.trim_ascii()))
}

pub(crate) fn hash(unique_id: &[u8]) -> Hash {
    bytes(digest(&SHA256, unique_id).as_ref())
}

pub(crate) fn bytes(digest: &[u8]) -> Hash {
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

    #[test]
    fn mails_that_only_list_tells_of_are_untold() {
        let mut listing = of(&["1 a", "2 a", "3 c"]);
        listing.forget(2);
        (1..=5).for_each(|number| listing.note_size(format!("{number} 10").as_bytes()));
        assert_eq!(listing.untold(), [4, 5]);
        listing.complete(&of(&["1 a", "4 d"]));
        assert_eq!(listing.doubtful(), [Doubtful::Nameless(5)]);
        assert_eq!((listing.untold(), listing.len()), (vec![], 4));
    }

    #[test]
    fn mails_that_unique_ids_do_not_tell_apart_are_seen() {
        use Doubtful::{Nameless, Shared};
        assert!(!of(&["1 a", "2 b", "2 b"]).has_doubts() && !of(&[]).has_doubts());
        let cases: [(&[&str], &[Doubtful]); 7] = [
            (&["1 a", "2 ", "3 c"], &[Nameless(2)]),
            (&["1 a", "2", "3 c"], &[Nameless(2)]),
            (&["1 a", "3 c"], &[Nameless(2)]),
            (&["1 a", "\t3\tc"], &[Nameless(2)]),
            (&["1 a", "2 a", "3 a"], &[Shared(2, 1), Shared(3, 1)]),
            (&["1 a", "? b"], &[Nameless(2), Nameless(3), Nameless(4)]),
            (&["2 ", "4 x"], &[Nameless(1), Nameless(2), Nameless(3)]),
        ];
        for (lines, wanted) in cases {
            let mut listing = of(lines);
            assert!(listing.has_doubts(), "{lines:?}");
            (1..=4).for_each(|number| listing.note_size(format!("{number} 10").as_bytes()));
            assert_eq!(listing.doubtful(), wanted, "{lines:?}");
        }
    }
}
