//! The named characters of HTML (HTML standard, section 13.5).

use std::{collections::HashMap, sync::LazyLock};

/// A name, `!` where its semicolon may be missing, and one or two code points in hexadecimal, a line each. As text it
/// takes a tenth of what a table of strings takes in a program that is loaded at each start.
const ROWS: &str = include_str!("entities.txt");

static ENTITIES: LazyLock<HashMap<&'static str, Entity>> =
    LazyLock::new(|| ROWS.lines().filter_map(Entity::of).collect());

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entity {
    characters: [Option<char>; 2],
    /// Its semicolon may be missing.
    pub(super) legacy: bool,
}

impl Entity {
    /// What this name, without `&` and `;`, stands for.
    pub(super) fn named(name: &str) -> Option<Self> {
        ENTITIES.get(name).copied()
    }

    fn of(row: &'static str) -> Option<(&'static str, Self)> {
        let mut words = row.split(' ');
        let name = words.next()?;
        let mut character =
            || words.next().and_then(|hex| char::from_u32(u32::from_str_radix(hex, 16).ok()?));
        let characters = [character(), character()];
        let entity = Self { characters, legacy: name.ends_with('!') };
        Some((name.trim_end_matches('!'), entity))
    }

    /// One or two characters.
    pub(super) fn characters(self) -> impl Iterator<Item = char> {
        self.characters.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use html5ever::data::NAMED_ENTITIES;

    use super::*;

    #[test]
    fn all_are_those_of_the_standard() {
        let theirs = NAMED_ENTITIES.entries().filter(|(_, (first, _))| *first != 0);
        let mut count = 0;
        for (name, (first, second)) in theirs {
            count += usize::from(name.ends_with(';'));
            let ours = Entity::named(name.trim_end_matches(';'));
            let wanted = [*first, *second].into_iter().filter(|c| *c != 0).filter_map(char::from_u32);
            assert_eq!(ours.map(|e| e.characters().collect::<String>()), Some(wanted.collect()), "{name}");
            assert!(name.ends_with(';') || ours.is_some_and(|entity| entity.legacy), "{name}");
        }
        assert_eq!((count, ENTITIES.len()), (2125, 2125));
        assert_eq!(ENTITIES.values().filter(|entity| entity.legacy).count(), 106);
    }
}
