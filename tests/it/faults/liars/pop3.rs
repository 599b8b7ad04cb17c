//! The liar's POP3 (RFC 1939). A session sees the maildrop as it was when it began.

use super::world::{Held, Lie, World};

pub(super) const GREETING: &str = "+OK at your service\r\n";

/// The answer to a line; None: the connection ends.
pub(super) fn answer(world: &mut World, session: &mut Vec<Held>, line: &str) -> Option<String> {
    let (name, argument) = line.split_once(' ').unwrap_or((line, ""));
    let number: usize = argument.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let held = number.checked_sub(1).and_then(|at| session.get(at)).cloned();
    match name {
        "CAPA" => Some("+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n".to_owned()),
        "PASS" => {
            *session = world.seen();
            Some("+OK\r\n".to_owned())
        }
        "UIDL" => Some(listing(world, session)),
        "LIST" => Some(sizes(world, session)),
        "TOP" | "RETR" => Some(mail(world, name == "TOP", held)),
        "QUIT" => None,
        _ => Some("+OK\r\n".to_owned()),
    }
}

pub(super) fn id(validity: u32, name: u32) -> String {
    format!("{validity}-{name}")
}

fn listing(world: &mut World, session: &[Held]) -> String {
    world.ids.clear();
    if world.tells(Lie::ListIsEmpty) {
        return "+OK\r\n.\r\n".to_owned();
    }
    let validity = world.validity;
    let mut lines: Vec<(usize, String)> =
        session.iter().enumerate().map(|(at, held)| (at + 1, id(validity, held.name))).collect();
    if world.tells(Lie::ListLacks) {
        lines.retain(|_| world.dice.roll(3) > 0);
    }
    if world.tells(Lie::ListPhantoms) {
        lines.push((session.len() + 1, "phantom".to_owned()));
    }
    let (nameless, shared) = (world.tells(Lie::NoId), world.tells(Lie::SharedId));
    for (_, id) in &mut lines {
        if nameless && world.dice.roll(3) == 0 {
            id.clear();
        } else if shared && world.dice.roll(3) == 0 {
            "shared".clone_into(id);
        }
    }
    world.ids = lines.iter().map(|(_, id)| id.clone()).filter(|id| id.contains('-')).collect();
    if world.tells(Lie::ListDoubles) {
        lines.extend(lines.clone());
    }
    if world.tells(Lie::ListShuffled) {
        world.dice.shuffle(&mut lines);
    }
    let lines: String = lines.iter().map(|(at, id)| format!("{at} {id}\r\n")).collect();
    format!("+OK\r\n{lines}.\r\n")
}

fn sizes(world: &mut World, session: &[Held]) -> String {
    let mut lines = String::new();
    for (at, held) in (1..).zip(session) {
        if world.tells(Lie::NoSize) || (world.tells(Lie::DetailsLack) && world.dice.roll(3) == 0) {
            continue;
        }
        let size = if world.tells(Lie::AbsurdSize) { usize::MAX } else { held.raw().len() };
        lines.push_str(&format!("{at} {size}\r\n"));
    }
    format!("+OK\r\n{lines}.\r\n")
}

fn mail(world: &mut World, header: bool, held: Option<Held>) -> String {
    let Some(held) = held.filter(|_| !world.tells(Lie::BodyRefused)) else {
        return "-ERR no such mail\r\n".to_owned();
    };
    if !header && world.tells(Lie::BodyLacks) {
        return "+OK\r\n.\r\n".to_owned();
    }
    let raw = String::from_utf8(held.raw().to_vec()).unwrap();
    let end = if header { raw.find("\r\n\r\n").unwrap() + 4 } else { raw.len() };
    format!("+OK\r\n{}.\r\n", &raw[..end])
}
