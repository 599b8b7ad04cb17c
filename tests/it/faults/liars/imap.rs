//! The liar's IMAP: as much of RFC 3501 as a poll needs.

use super::world::{Held, Lie, World};

/// What it says first. Neither SASL nor ID: a poll in as few lines as there can be.
pub(super) const GREETING: &str = "* OK [CAPABILITY IMAP4rev1] at your service\r\n";

/// The answer to a line; the tagged end included. None: the connection ends.
pub(super) fn answer(world: &mut World, line: &str) -> Option<String> {
    let (tag, command) = line.split_once(' ').unwrap_or((line, ""));
    let untagged = match command.split(' ').collect::<Vec<_>>().as_slice() {
        ["EXAMINE", ..] => opened(world),
        ["UID", "SEARCH", "UID", set] => found(world, Some(set)),
        ["UID", "SEARCH", _] => found(world, None),
        ["UID", "FETCH", set, items @ ..] => match fetched(world, (By::Uid, set), &items.join(" ")) {
            Some(untagged) => untagged,
            None => return Some(format!("{tag} NO not now\r\n")),
        },
        ["FETCH", set, items @ ..] => fetched(world, (By::Place, set), &items.join(" ")).unwrap_or_default(),
        ["LOGOUT"] => return None,
        _ => String::new(),
    };
    Some(format!("{untagged}{tag} OK done\r\n"))
}

fn opened(world: &mut World) -> String {
    world.looks_back = false;
    let count = world.seen().len();
    let (less, more) = (world.tells(Lie::CountsLess), world.tells(Lie::CountsMore));
    let off = world.dice.roll(4);
    let exists = if less { count.saturating_sub(off) } else { count + usize::from(more) * off };
    let (less, more) = (world.tells(Lie::NextLess), world.tells(Lie::NextMore));
    let off = u32::try_from(world.dice.roll(2000)).unwrap();
    let next = if less { world.next.saturating_sub(off).max(1) } else { world.next + u32::from(more) * off };
    let next =
        if world.tells(Lie::NextUntold) { String::new() } else { format!("* OK [UIDNEXT {next}] .\r\n") };
    format!("* {exists} EXISTS\r\n* OK [UIDVALIDITY {}] .\r\n{next}", world.validity)
}

/// Where a set begins: `9:*` is answered with the last mail also when that lies below (RFC 3501 section 6.4.8).
fn first(set: &str) -> u32 {
    set.split([':', ',']).next().and_then(|uid| uid.parse().ok()).unwrap_or(1)
}

/// `1:5,7:*` of these UIDs.
fn holds(set: &str, uid: u32, last: u32) -> bool {
    let number = |text: &str| if text == "*" { last } else { text.parse().unwrap() };
    set.split(',').any(|range| {
        let (from, to) = range.split_once(':').unwrap_or((range, range));
        let (from, to) = (number(from), number(to));
        (from.min(to)..=from.max(to)).contains(&uid)
    })
}

fn found(world: &mut World, set: Option<&str>) -> String {
    if world.tells(Lie::ListIsEmpty) {
        return String::new();
    }
    let seen = world.seen();
    let last = seen.last().map_or(0, |held| held.uid);
    let asked = |uid: u32| set.is_none_or(|set| holds(set, uid, last));
    let mut uids: Vec<u32> = seen.iter().map(|held| held.uid).filter(|uid| asked(*uid)).collect();
    if world.tells(Lie::ListLacks) {
        uids.retain(|_| world.dice.roll(3) > 0);
    }
    if world.tells(Lie::ListPhantoms) {
        let phantom = 1 + u32::try_from(world.dice.roll(world.next as usize + 5)).unwrap();
        uids.extend(Some(phantom).filter(|uid| asked(*uid)));
    }
    if world.tells(Lie::ListDoubles) {
        uids.extend(uids.clone());
    }
    if world.tells(Lie::ListShuffled) {
        world.dice.shuffle(&mut uids);
    }
    world.looks_back |= set.is_none();
    let from = set.map_or(1, first);
    world.lists(uids.iter().copied().filter(|uid| *uid >= from));
    world.vanish();
    let pieces = if world.tells(Lie::ListInPieces) { 2 } else { usize::MAX };
    let line =
        |uids: &[u32]| uids.iter().fold("* SEARCH".to_owned(), |line, uid| format!("{line} {uid}")) + "\r\n";
    if uids.is_empty() { line(&[]) } else { uids.chunks(pieces).map(line).collect() }
}

/// What the numbers of a set are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Uid,
    Place,
}

/// None: refused.
fn fetched(world: &mut World, (by, set): (By, &str), items: &str) -> Option<String> {
    if items.contains("BODY") && world.tells(Lie::BodyRefused) {
        return None;
    }
    let seen = world.seen();
    let mut mails: Vec<(u32, Held)> = (1..).zip(seen).collect();
    let number = |(place, held): &(u32, Held)| if by == By::Uid { held.uid } else { *place };
    let last = mails.last().map_or(0, number);
    let foreign = world.tells(Lie::Foreign);
    mails.retain(|mail| foreign || holds(set, number(mail), last));
    let details = !items.contains("BODY.PEEK[]");
    if details && world.tells(Lie::DetailsLack) {
        mails.retain(|_| world.dice.roll(3) > 0);
    }
    if details && world.tells(Lie::DetailsDouble) {
        mails.extend(mails.clone());
    }
    if world.tells(Lie::DetailsShuffled) {
        world.dice.shuffle(&mut mails);
    }
    let answers = mails.iter().map(|(at, held)| attributes(world, *at, held, items)).collect();
    if items.contains("RFC822.SIZE") {
        // A closed range is a look below the cursor, or at what SEARCH listed before.
        let from = if set.ends_with('*') { first(set) } else { u32::MAX };
        world.lists(mails.iter().map(|(_, held)| held.uid).filter(|uid| *uid >= from));
        world.vanish();
    }
    Some(answers)
}

fn attributes(world: &mut World, at: u32, held: &Held, items: &str) -> String {
    let raw = String::from_utf8(held.raw().to_vec()).unwrap();
    let mut told = vec![format!("UID {}", held.uid)];
    if items.contains("RFC822.SIZE") && !world.tells(Lie::NoSize) {
        let absurd = world.tells(Lie::AbsurdSize);
        let size =
            [raw.len(), 0, 1 << 33, 5_000_000, usize::MAX][if absurd { world.dice.roll(5) } else { 0 }];
        told.push(format!("RFC822.SIZE {size}"));
    }
    if items.contains("INTERNALDATE") && !world.tells(Lie::NoDate) {
        let absurd = world.tells(Lie::AbsurdDate);
        let date = ["\"\"", "NIL", "\"00-Jan-0000 00:00:00 +0000\""][world.dice.roll(3)];
        told.push(format!("INTERNALDATE {}", if absurd { date.to_owned() } else { super::received() }));
    }
    let literal = |name: &str, text: &str| format!("{name} {{{}}}\r\n{text}", text.len());
    let header = raw.split_inclusive("\r\n\r\n").next().unwrap_or_default();
    if items.contains("HEADER") {
        told.push(literal("BODY[HEADER]", header));
    } else if let Some((_, piece)) = items.split_once("BODY.PEEK[]<").filter(|_| !world.tells(Lie::BodyLacks))
    {
        let (offset, length) = piece.trim_end_matches(">)").split_once('.').unwrap();
        let (offset, length): (usize, usize) = (offset.parse().unwrap(), length.parse().unwrap());
        let begin = offset.min(raw.len());
        let piece = &raw[begin..raw.len().min(begin + length)];
        told.push(literal(&format!("BODY[]<{offset}>"), piece));
    } else if items.contains("BODY.PEEK[])") && !world.tells(Lie::BodyLacks) {
        told.push(literal("BODY[]", &raw));
    }
    if world.tells(Lie::DetailsInPieces) {
        world.dice.shuffle(&mut told);
        return told.iter().map(|one| format!("* {at} FETCH ({one})\r\n")).collect();
    }
    format!("* {at} FETCH ({})\r\n", told.join(" "))
}
