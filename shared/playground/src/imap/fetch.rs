//! FETCH and UID FETCH.

use bytes::Bytes;
use jiff::{Timestamp, tz::TimeZone};

use super::cursor::Cursor;
use super::folder::StoredMail;
use super::items::{self, Body, Item};
use super::odd::FEW;
use super::session::{Problem, Session};
use super::sets::NumberSet;
use super::wire::End;
use crate::script::{Oddity, Spoilt};

/// Courier's.
const STAND_IN: &[u8] =
    b"From: System Administrator <root@localhost>\r\nSubject: message unavailable\r\n\r\n\
    This message is no longer available on the server.\r\n";

impl Session {
    pub(crate) async fn fetch(
        &mut self,
        tag: &str,
        cursor: &mut Cursor<'_>,
        by_uid: bool,
    ) -> Result<(), Problem> {
        cursor.space()?;
        let set = NumberSet::parse(cursor.word()?)?;
        cursor.space()?;
        let mut items = items::parse(cursor)?;
        cursor.end()?;
        if by_uid && !items.contains(&Item::Uid) {
            items.insert(0, Item::Uid);
        }
        let mails = self.shown_mails(by_uid);
        let key = |sequence: u32, mail: &StoredMail| if by_uid { mail.uid } else { sequence };
        let largest = mails.last().map_or(0, |(sequence, mail)| key(*sequence, mail));
        let asked = mails.into_iter().filter(|(sequence, mail)| set.holds(key(*sequence, mail), largest));
        let (mut asked, limit) = self.within_limit(asked.collect(), |(_, mail): &(u32, StoredMail)| mail.uid);
        if self.is(Oddity::FallingOrder) {
            asked.reverse();
        }
        if let Some(refusal) = self.refuses_fetch(asked.len(), &items) {
            return Ok(self.no(tag, refusal).await?);
        }
        if self.is(Oddity::ShortAnswers) {
            asked.truncate(FEW);
        }
        for (number, (sequence, mail)) in asked.iter().enumerate() {
            self.says_bye(number).await?;
            self.junk().await?;
            if let Some(refusal) = self.fetch_one(*sequence, mail, &items).await? {
                return Ok(self.no(tag, &refusal).await?);
            }
        }
        if self.is(Oddity::RefusesAtTheEnd) && asked.len() > 1 {
            return Ok(self.no(tag, "NO Some of the messages could not be fetched.").await?);
        }
        let name = if by_uid { "UID FETCH" } else { "FETCH" };
        // Sequence numbers may shift only after commands that do not use them.
        if by_uid {
            self.comes_and_goes().await?;
            self.tell_news().await?;
        }
        Ok(self.ok(tag, &format!("{limit}{name} completed.")).await?)
    }

    /// Some text is the script's refusal of this mail.
    async fn fetch_one(
        &mut self,
        sequence: u32,
        mail: &StoredMail,
        items: &[Item],
    ) -> Result<Option<String>, End> {
        let user = self.user.clone().unwrap_or_default();
        let wants_text = items.iter().any(|item| matches!(item, Item::Body(_)));
        let mut size = mail.raw.len() as u64;
        let stand_in = StoredMail { raw: Bytes::from_static(STAND_IN), ..mail.clone() };
        let mut given = mail;
        match self.world.spoilt(&user, mail.uid) {
            Some(Spoilt::NoData) if wants_text => return Ok(None),
            Some(Spoilt::Refused(text)) if wants_text => return Ok(Some(text)),
            Some(Spoilt::Drops) if wants_text => return self.break_off("").await,
            Some(Spoilt::Garbled) if wants_text => {
                let answer = format!("* {sequence} FETCH oops\r\n");
                return self.break_off(&answer).await;
            }
            Some(Spoilt::Huge(bytes)) if wants_text => {
                let answer = format!("* {sequence} FETCH (UID {} BODY[] {{{bytes}}}\r\n", mail.uid);
                return self.break_off(&answer).await;
            }
            Some(Spoilt::WrongSize(told)) => size = told,
            Some(Spoilt::StandIn) => given = &stand_in,
            _ => {}
        }
        if self.is(Oddity::OthersMeanwhile) {
            self.wire.say(&format!("* {sequence} FETCH (FLAGS (\\Seen))")).await?;
        }
        let mut ordered: Vec<&Item> = items.iter().collect();
        if self.is(Oddity::LateUid) {
            ordered.sort_by_key(|item| **item == Item::Uid);
        }
        self.begin(sequence).await?;
        let mut said = 0;
        for item in ordered {
            let told = match item {
                Item::Uid => Some(format!("UID {}", mail.uid)),
                Item::Flags => Some(format!("FLAGS ({})", mail.flags())),
                Item::InternalDate => self.date_told(&internal_date(mail.received)),
                Item::Size => self.size_told(size),
                Item::Body(_) => Some(String::new()),
            };
            let Some(told) = told else { continue };
            if said > 0 {
                self.between(sequence, mail).await?;
            }
            said += 1;
            match item {
                Item::Body(body) => self.send_body(given, body).await?,
                _ => self.wire.send(told.as_bytes()).await?,
            }
        }
        self.wire.say(")").await?;
        let touches = items.iter().any(|item| matches!(item, Item::Body(body) if !body.peek));
        if touches && self.selected.as_ref().is_some_and(|selected| !selected.read_only) {
            self.world.post().mark_seen(&user, mail.uid);
        }
        Ok(None)
    }

    async fn begin(&mut self, sequence: u32) -> Result<(), End> {
        let name = if self.is(Oddity::LowerCase) { "fetch" } else { "FETCH" };
        self.wire.send(format!("* {sequence} {name} (").as_bytes()).await?;
        if self.is(Oddity::StrangeAttributes) {
            let strange = "X-GM-LABELS (\"a)\" {3}\r\n)) ) ENVELOPE (NIL (\"x\" (NIL))) X-EMPTY NIL ";
            self.wire.send(strange.as_bytes()).await?;
        }
        if self.is(Oddity::LongNumbers) {
            self.wire.send(b"MODSEQ (18446744073709551616) ").await?;
        }
        Ok(())
    }

    /// Between two attributes of a mail.
    async fn between(&mut self, sequence: u32, mail: &StoredMail) -> Result<(), End> {
        match self.world.oddity() {
            Some(Oddity::SplitAttributes) => {
                self.wire.send(format!(")\r\n* {sequence} FETCH (UID {} ", mail.uid).as_bytes()).await
            }
            Some(Oddity::SplitWithoutUid | Oddity::LateUid) => {
                self.wire.send(format!(")\r\n* {sequence} FETCH (").as_bytes()).await
            }
            Some(Oddity::WideBlanks) => self.wire.send(b"   ").await,
            _ => self.wire.send(b" ").await,
        }
    }

    /// All that was said until here arrives, and nothing after it.
    async fn break_off(&mut self, last_words: &str) -> Result<Option<String>, End> {
        self.wire.send(last_words.as_bytes()).await?;
        Err(self.wire.cut_off().await)
    }

    async fn send_body(&mut self, mail: &StoredMail, body: &Body) -> Result<(), End> {
        let asked = body.piece.filter(|_| !self.is(Oddity::WholeMails));
        let bytes = piece(&body.section.of(&mail.raw), asked);
        let origin = match asked {
            Some((offset, length)) if self.is(Oddity::EchoedLength) => format!("<{offset}.{length}>"),
            Some((offset, _)) => format!("<{offset}>"),
            None => String::new(),
        };
        let bytes = if self.is(Oddity::WholeMailsAsPieces) { body.section.of(&mail.raw) } else { bytes };
        let (start, bytes_follow) = self.body_told(&format!("{}{origin}", body.label), &bytes);
        self.wire.send(start.as_bytes()).await?;
        if bytes_follow { self.wire.send(&bytes).await } else { Ok(()) }
    }
}

/// RFC 3501: an offset beyond the end gives an empty string.
fn piece(bytes: &Bytes, piece: Option<(u64, u64)>) -> Bytes {
    let Some((offset, length)) = piece else { return bytes.clone() };
    let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
    let end = start.saturating_add(usize::try_from(length).unwrap_or(usize::MAX)).min(bytes.len());
    bytes.slice(start..end)
}

/// `date-time` of RFC 3501: the day has two places.
fn internal_date(received: Timestamp) -> String {
    received.to_zoned_datetime(TimeZone::UTC).strftime("%e-%b-%Y %H:%M:%S %z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_with_the_mail() {
        let mail = Bytes::from_static(b"0123456789");
        assert_eq!(piece(&mail, Some((2, 3))), b"234"[..]);
        assert_eq!(piece(&mail, Some((8, 100))), b"89"[..]);
        assert!(piece(&mail, Some((10, 5))).is_empty());
        assert!(piece(&mail, Some((u64::MAX, u64::MAX))).is_empty());
    }

    #[test]
    fn dates_have_the_fixed_form() {
        let date = internal_date("2026-11-05T09:08:07Z".parse().unwrap());
        assert_eq!(date, " 5-Nov-2026 09:08:07 +0000");
    }
}
