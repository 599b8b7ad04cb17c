//! SELECT, EXAMINE, STATUS, and what changes while a mailbox is open.

use super::cursor::{Cursor, Malformed};
use super::folder::{Folder, StoredMail};
use super::session::{Problem, Selected, Session};
use super::wire::End;
use crate::script::{Oddity, Spoilt};

const NO_SUCH_MAILBOX: &str = "NO [NONEXISTENT] Unknown mailbox.";

impl Session {
    /// The user's INBOX without hidden mails.
    pub(crate) fn folder(&self) -> Option<Folder> {
        let user = self.user.as_deref()?;
        let mut folder = self.world.post().folder(user)?.clone();
        folder.mails.retain(|mail| self.world.spoilt(user, mail.uid) != Some(Spoilt::Hidden));
        Some(folder)
    }

    /// The mails that the client may name now, with their sequence numbers.
    pub(crate) fn numbered_mails(&self) -> Vec<(u32, StoredMail)> {
        let (Some(folder), Some(selected)) = (self.folder(), &self.selected) else { return Vec::new() };
        let position =
            |uid: u32| selected.uids.binary_search(&uid).ok().and_then(|at| u32::try_from(at + 1).ok());
        folder.mails.into_iter().filter_map(|mail| Some((position(mail.uid)?, mail))).collect()
    }

    /// Those that a command shows which knows them by UID or by place.
    pub(crate) fn shown_mails(&self, by_uid: bool) -> Vec<(u32, StoredMail)> {
        let hidden = if by_uid { Spoilt::OnlyByPlace } else { Spoilt::OnlyByUid };
        let user = self.user.as_deref().unwrap_or_default();
        let mut mails = self.numbered_mails();
        mails.retain(|(_, mail)| self.world.spoilt(user, mail.uid).as_ref() != Some(&hidden));
        mails
    }

    pub(crate) async fn select(
        &mut self,
        tag: &str,
        cursor: &mut Cursor<'_>,
        read_only: bool,
    ) -> Result<(), Problem> {
        cursor.space()?;
        let name = cursor.astring()?;
        // A SELECT closes the open mailbox even if it fails.
        self.selected = None;
        let Some(folder) = self.folder().filter(|_| name.eq_ignore_ascii_case("INBOX")) else {
            return Ok(self.no(tag, NO_SUCH_MAILBOX).await?);
        };
        cursor.end()?;
        if self.is(Oddity::NoExamine) && read_only {
            return Ok(self.no(tag, "BAD Unknown command.").await?);
        }
        if self.is(Oddity::WantsId) && !self.identified {
            return Ok(self.no(tag, "NO EXAMINE Unsafe Login. Please contact us for help").await?);
        }
        if self.is(Oddity::LeavesStrangers) && !self.identified {
            self.no(tag, "NO Unsafe Login.").await?;
            return Err(Problem::End(End::Closed));
        }
        if self.is_now(Oddity::UnavailableAtTimes) {
            return Ok(self.no(tag, "NO [UNAVAILABLE] The mail store is being moved.").await?);
        }
        if self.is(Oddity::LongNumbers) {
            self.wire.say("* OK [HIGHESTMODSEQ 99999999999999999999] Highest").await?;
            self.wire.say("* 18446744073709551616 RECENT").await?;
        }
        self.junk().await?;
        self.wire.say("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)").await?;
        self.wire.say("* OK [PERMANENTFLAGS ()] No flag can be changed.").await?;
        if !self.is(Oddity::NoExists) {
            self.wire.say(&format!("* {} EXISTS", folder.mails.len())).await?;
        }
        self.wire.say("* 0 RECENT").await?;
        let validity = self.validity_told(folder.validity);
        self.wire.say(&format!("* OK [UIDVALIDITY {validity}] UIDs valid")).await?;
        if !self.is(Oddity::NoUidNext) {
            let next = if self.is(Oddity::LowUidNext) { 1 } else { folder.next };
            self.wire.say(&format!("* OK [UIDNEXT {next}] Predicted next UID")).await?;
        }
        let uids = folder.mails.iter().map(|mail| mail.uid).collect();
        self.selected = Some(Selected { read_only, validity: folder.validity, uids });
        let text =
            if read_only { "[READ-ONLY] EXAMINE completed." } else { "[READ-WRITE] SELECT completed." };
        self.ok(tag, text).await?;
        match self.late_id.take() {
            Some(tag) => Ok(self.tell_id(&tag).await?),
            None => Ok(()),
        }
    }

    pub(crate) async fn status(&mut self, tag: &str, cursor: &mut Cursor<'_>) -> Result<(), Problem> {
        cursor.space()?;
        let name = cursor.astring()?;
        cursor.space()?;
        cursor.expect(b'(', "a list of items is missing")?;
        let mut items = vec![cursor.name()?];
        while cursor.eat(b' ') {
            items.push(cursor.name()?);
        }
        cursor.expect(b')', "a list of items does not end")?;
        cursor.end()?;
        let Some(folder) = self.folder().filter(|_| name.eq_ignore_ascii_case("INBOX")) else {
            return Ok(self.no(tag, NO_SUCH_MAILBOX).await?);
        };
        let told = items.iter().map(|item| status_item(&folder, item)).collect::<Result<Vec<_>, _>>()?;
        self.wire.say(&format!("* STATUS INBOX ({})", told.join(" "))).await?;
        Ok(self.ok(tag, "STATUS completed.").await?)
    }

    /// Tells what came and went since the last time. A renumbered mailbox ends the session.
    pub(crate) async fn tell_news(&mut self) -> Result<(), End> {
        let (Some(folder), Some(selected)) = (self.folder(), self.selected.as_mut()) else { return Ok(()) };
        if folder.validity != selected.validity {
            self.wire.say("* BYE The mailbox was renumbered").await?;
            return Err(End::Closed);
        }
        let present: Vec<u32> = folder.mails.iter().map(|mail| mail.uid).collect();
        let gone: Vec<usize> = (0..selected.uids.len())
            .rev()
            .filter(|at| present.binary_search(&selected.uids[*at]).is_err())
            .collect();
        let grew = present.len() + gone.len() > selected.uids.len();
        selected.uids.clone_from(&present);
        for at in gone {
            self.wire.say(&format!("* {} EXPUNGE", at + 1)).await?;
        }
        if grew {
            self.wire.say(&format!("* {} EXISTS", present.len())).await?;
        }
        Ok(())
    }
}

fn status_item(folder: &Folder, item: &str) -> Result<String, Malformed> {
    let value = match item {
        "MESSAGES" => folder.mails.len() as u64,
        "UIDNEXT" => u64::from(folder.next),
        "UIDVALIDITY" => u64::from(folder.validity),
        "UNSEEN" => folder.mails.iter().filter(|mail| !mail.seen).count() as u64,
        "RECENT" => 0,
        _ => return Err(Malformed("this status item is not offered")),
    };
    Ok(format!("{item} {value}"))
}
