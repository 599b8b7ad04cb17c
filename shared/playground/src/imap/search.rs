//! SEARCH and UID SEARCH, by number, flag, date and size.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::cursor::{Cursor, Malformed};
use super::folder::StoredMail;
use super::session::{Problem, Session};
use super::sets::NumberSet;
use crate::script::Oddity;

/// Keys in one command, brackets included.
const MAX_KEYS: usize = 64;

enum Key {
    All,
    Sequence(NumberSet),
    Uid(NumberSet),
    Seen(bool),
    Nothing,
    Before(Date),
    Since(Date),
    On(Date),
    Larger(u64),
    Smaller(u64),
    Not(Box<Key>),
    Or(Box<Key>, Box<Key>),
    And(Vec<Key>),
}

impl Session {
    pub(crate) async fn search(
        &mut self,
        tag: &str,
        cursor: &mut Cursor<'_>,
        by_uid: bool,
    ) -> Result<(), Problem> {
        let mut budget = MAX_KEYS;
        let mut keys = Vec::new();
        while cursor.eat(b' ') {
            keys.push(key(cursor, &mut budget)?);
        }
        cursor.end()?;
        if keys.is_empty() {
            return Err(Malformed("a search key is missing").into());
        }
        let (all, mails) = (Key::And(keys), self.shown_mails(by_uid));
        let largest = mails.last().map_or((0, 0), |(sequence, mail)| (*sequence, mail.uid));
        const START: &str = "* SEARCH";
        let mut line = START.to_owned();
        let found = mails.into_iter().filter(|(sequence, mail)| all.fits(*sequence, mail, largest)).collect();
        let (found, limit) = self.within_limit(found, |(_, mail): &(u32, StoredMail)| mail.uid);
        for (sequence, mail) in &found {
            if self.is(Oddity::SplitSearch) && line != START {
                self.wire.say(&std::mem::replace(&mut line, START.to_owned())).await?;
            }
            line.push_str(&format!(" {}", if by_uid { mail.uid } else { *sequence }));
        }
        if self.is(Oddity::ExtendedSearch) {
            let all = line.trim_start_matches(START).trim_start().replace(' ', ",");
            let all = if all.is_empty() { all } else { format!(" ALL {all}") };
            line = format!("* ESEARCH (TAG \"{tag}\") UID{all}");
        }
        if self.is(Oddity::LongNumbers) {
            line.push_str(" (MODSEQ 18446744073709551615)");
        }
        if line != START || !self.is(Oddity::NoEmptySearch) {
            self.wire.say(&line).await?;
        }
        self.junk().await?;
        if by_uid {
            self.comes_and_goes().await?;
            self.tell_news().await?;
        }
        Ok(self.ok(tag, &format!("{limit}SEARCH completed.")).await?)
    }
}

impl Key {
    /// `largest` is the last sequence number and UID.
    fn fits(&self, sequence: u32, mail: &StoredMail, largest: (u32, u32)) -> bool {
        let day = || mail.received.to_zoned_datetime(TimeZone::UTC).date();
        let size = mail.raw.len() as u64;
        match self {
            Self::All => true,
            Self::Nothing => false,
            Self::Sequence(set) => set.holds(sequence, largest.0),
            Self::Uid(set) => set.holds(mail.uid, largest.1),
            Self::Seen(seen) => mail.seen == *seen,
            Self::Before(date) => day() < *date,
            Self::Since(date) => day() >= *date,
            Self::On(date) => day() == *date,
            Self::Larger(bytes) => size > *bytes,
            Self::Smaller(bytes) => size < *bytes,
            Self::Not(key) => !key.fits(sequence, mail, largest),
            Self::Or(one, other) => one.fits(sequence, mail, largest) || other.fits(sequence, mail, largest),
            Self::And(keys) => keys.iter().all(|key| key.fits(sequence, mail, largest)),
        }
    }
}

fn key(cursor: &mut Cursor<'_>, budget: &mut usize) -> Result<Key, Malformed> {
    *budget = budget.checked_sub(1).ok_or(Malformed("too many search keys"))?;
    if cursor.eat(b'(') {
        let mut keys = vec![key(cursor, budget)?];
        while cursor.eat(b' ') {
            keys.push(key(cursor, budget)?);
        }
        cursor.expect(b')', "a list of keys does not end")?;
        return Ok(Key::And(keys));
    }
    if matches!(cursor.peek(), Some(b'0'..=b'9' | b'*')) {
        return Ok(Key::Sequence(NumberSet::parse(cursor.word()?)?));
    }
    named(&cursor.name()?, cursor, budget)
}

fn named(name: &str, cursor: &mut Cursor<'_>, budget: &mut usize) -> Result<Key, Malformed> {
    Ok(match name {
        "ALL" | "UNDELETED" | "UNANSWERED" | "UNFLAGGED" | "UNDRAFT" | "OLD" => Key::All,
        "DELETED" | "ANSWERED" | "FLAGGED" | "DRAFT" | "RECENT" | "NEW" => Key::Nothing,
        "SEEN" => Key::Seen(true),
        "UNSEEN" => Key::Seen(false),
        "UID" => Key::Uid(NumberSet::parse(argument(cursor)?.as_str())?),
        "BEFORE" => Key::Before(date(cursor)?),
        "SINCE" => Key::Since(date(cursor)?),
        "ON" => Key::On(date(cursor)?),
        "LARGER" => Key::Larger(number(cursor)?),
        "SMALLER" => Key::Smaller(number(cursor)?),
        "NOT" => {
            cursor.space()?;
            Key::Not(Box::new(key(cursor, budget)?))
        }
        "OR" => {
            cursor.space()?;
            let one = key(cursor, budget)?;
            cursor.space()?;
            Key::Or(Box::new(one), Box::new(key(cursor, budget)?))
        }
        _ => return Err(Malformed("this search key is not offered")),
    })
}

fn argument(cursor: &mut Cursor<'_>) -> Result<String, Malformed> {
    cursor.space()?;
    cursor.astring()
}

fn number(cursor: &mut Cursor<'_>) -> Result<u64, Malformed> {
    cursor.space()?;
    cursor.number()
}

/// `5-Nov-2026`.
fn date(cursor: &mut Cursor<'_>) -> Result<Date, Malformed> {
    let text = argument(cursor)?;
    Date::strptime("%d-%b-%Y", &text).map_err(|_| Malformed("a date is not valid"))
}
