//! What a lying server holds, and the dice by which it lies.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::mail;

/// Numbers that look like chance, and are the same for the same seed (SplitMix64, public domain).
#[derive(Debug, Default)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below.max(1) as u64).unwrap()
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        (1..items.len()).for_each(|at| items.swap(at, self.roll(at + 1)));
    }
}

/// What is wrong with the answers of one poll. Each is told by the dice, now and then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lie {
    /// Some mails are missing in a listing (SEARCH, UIDL), and its tagged end is OK.
    ListLacks,
    /// Nothing at all is listed.
    ListIsEmpty,
    ListDoubles,
    ListInPieces,
    ListShuffled,
    /// Mails that are not there are listed.
    ListPhantoms,
    /// A mail is left out where sizes and dates are told.
    DetailsLack,
    DetailsDouble,
    DetailsInPieces,
    DetailsShuffled,
    /// Mails are told of that nobody asked for.
    Foreign,
    NoSize,
    AbsurdSize,
    NoDate,
    AbsurdDate,
    /// A mail is answered without its bytes.
    BodyLacks,
    /// A mail is refused.
    BodyRefused,
    CountsLess,
    CountsMore,
    NextLess,
    NextMore,
    NextUntold,
    /// The connection ends in the middle.
    Cut,
    /// Mails are gone once they are listed, until the poll is over.
    Vanish,
    /// POP3: a mail without unique-id, or with that of another.
    NoId,
    SharedId,
}

impl Lie {
    pub(super) const ALL: [Self; 26] = [
        Self::ListLacks,
        Self::ListIsEmpty,
        Self::ListDoubles,
        Self::ListInPieces,
        Self::ListShuffled,
        Self::ListPhantoms,
        Self::DetailsLack,
        Self::DetailsDouble,
        Self::DetailsInPieces,
        Self::DetailsShuffled,
        Self::Foreign,
        Self::NoSize,
        Self::AbsurdSize,
        Self::NoDate,
        Self::AbsurdDate,
        Self::BodyLacks,
        Self::BodyRefused,
        Self::CountsLess,
        Self::CountsMore,
        Self::NextLess,
        Self::NextMore,
        Self::NextUntold,
        Self::Cut,
        Self::Vanish,
        Self::NoId,
        Self::SharedId,
    ];
}

/// What happens between two polls.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    /// A mail comes, so many UIDs further.
    Comes(u32),
    /// One goes for good.
    Goes(usize),
    /// One cannot be seen for a while.
    Hides(usize),
    AllAppear,
    /// All get other UIDs, or unique-ids.
    Renumbered,
}

#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) uid: u32,
    /// Which mail it is, whatever its UID.
    pub(super) name: u32,
    hidden: bool,
}

impl Held {
    pub(super) fn raw(&self) -> Bytes {
        mail(self.name)
    }
}

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) validity: u32,
    pub(super) next: u32,
    all: Vec<Held>,
    names: u32,
    lies: BTreeSet<Lie>,
    pub(super) dice: Dice,
    /// A look at what lies below the cursor goes on.
    pub(super) looks_back: bool,
    /// The UIDs that were listed from the cursor on in the present poll, with the UIDVALIDITY under which.
    pub(super) listed: BTreeSet<(u32, u32)>,
    /// The unique-ids that the last listing told.
    pub(super) ids: Vec<String>,
    /// Commands until the connection is cut.
    fuse: Option<usize>,
}

impl World {
    pub(super) fn new() -> Self {
        Self { validity: 7, next: 1, ..Self::default() }
    }

    pub(super) fn happens(&mut self, event: Event) {
        let count = self.all.len().max(1);
        match event {
            Event::Comes(gap) => {
                self.all.push(Held { uid: self.next + gap, name: self.names, hidden: false });
                self.next += gap + 1;
                self.names += 1;
            }
            Event::Goes(at) if !self.all.is_empty() => drop(self.all.remove(at % count)),
            Event::Hides(at) => self.all.iter_mut().skip(at % count).take(1).for_each(|m| m.hidden = true),
            Event::Goes(_) => {}
            Event::AllAppear => self.appear(),
            Event::Renumbered => {
                self.validity += 1;
                self.next = 1;
                for held in &mut self.all {
                    held.uid = self.next;
                    self.next += 1;
                }
            }
        }
    }

    fn appear(&mut self) {
        self.all.iter_mut().for_each(|held| held.hidden = false);
    }

    /// From now on it lies so.
    pub(super) fn lie(&mut self, lies: &[Lie], seed: u64) {
        self.lies = lies.iter().copied().collect();
        self.dice = Dice(seed);
        self.fuse = None;
        self.listed.clear();
        self.ids.clear();
    }

    /// No lies any more, and everything can be seen.
    pub(super) fn is_honest_from_now_on(&mut self) {
        self.appear();
        self.lie(&[], 0);
    }

    /// Whether this lie is told now.
    pub(super) fn tells(&mut self, lie: Lie) -> bool {
        self.lies.contains(&lie) && self.dice.roll(2) == 0
    }

    pub(super) fn connects(&mut self) {
        self.fuse = self.tells(Lie::Cut).then(|| 1 + self.dice.roll(9));
    }

    /// Whether the connection ends with this command.
    pub(super) fn burns_down(&mut self) -> bool {
        self.fuse = self.fuse.map(|left| left.saturating_sub(1));
        self.fuse == Some(0)
    }

    pub(super) fn seen(&self) -> Vec<Held> {
        self.all.iter().filter(|held| !held.hidden).cloned().collect()
    }

    /// Which mail has this UID, hidden or not.
    pub(super) fn name_of(&self, uid: u32) -> Option<u32> {
        self.all.iter().find(|held| held.uid == uid).map(|held| held.name)
    }

    /// Tells that a mail lies there.
    pub(super) fn lists(&mut self, uids: impl Iterator<Item = u32>) {
        let validity = self.validity;
        if !self.looks_back {
            self.listed.extend(uids.map(|uid| (validity, uid)));
        }
    }

    /// Some of them go out of sight, once they were listed.
    pub(super) fn vanish(&mut self) {
        if self.tells(Lie::Vanish) && !self.all.is_empty() {
            let at = self.dice.roll(self.all.len());
            self.all[at].hidden = true;
        }
    }
}
