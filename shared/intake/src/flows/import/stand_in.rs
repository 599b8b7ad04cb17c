//! What a server gives in the place of a mail that another client has deleted meanwhile, such as Courier's
//! `message unavailable`.
//!
//! No words make a mail nothing: a new session shows whether the server still lists it. If not, it is gone; if so, it is
//! read again. Where the same comes again, another client may still be at it: it waits for later polls, and what comes in
//! the last of them is the mail.

use std::collections::BTreeSet;

use crate::{
    decide::{Content, Prepared},
    error::Result,
    limits::MAX_STAND_IN,
    ports::{Listed, MailError, MailFault},
    types::message::Message,
};

use super::run::Import;

/// The subject of Courier's.
const COURIER: &str = "message unavailable";

/// Mails in whose place something else may have come, by UID.
#[derive(Debug, Default)]
pub(super) struct StandIns {
    /// What comes for these in a later session is read again.
    doubted: BTreeSet<u32>,
    /// The present session gave one.
    came: bool,
    /// It came again in another session: they wait for the next poll.
    again: Vec<Listed>,
    /// They have waited for long: what comes counts.
    waited: BTreeSet<u32>,
}

impl StandIns {
    /// The mail of this record was asked for in as many polls as it may be.
    pub(super) fn note_waited(&mut self, record: &Message) {
        self.waited.extend(record.server_id.uid());
    }

    fn fault() -> MailError {
        MailError {
            fault: MailFault::Temporary,
            context: "read mails: something else came in the place of one".to_owned(),
            server_text: None,
        }
    }
}

impl Import<'_> {
    /// Whether this may stand for a mail that is gone or not there at the moment.
    pub(super) fn set_aside(&mut self, prepared: &Prepared) -> bool {
        let listed = &prepared.listed;
        let stand_ins = &mut self.stand_ins;
        let doubted = |uid: &u32| !stand_ins.waited.contains(uid) && is_like_one(prepared);
        let Some(uid) = listed.server_id.uid().filter(doubted) else { return false };
        // In a later poll, one more look is enough.
        if stand_ins.doubted.insert(uid) && !self.unread.is_doubtful(listed) {
            stand_ins.came = true;
        } else {
            stand_ins.again.push(listed.clone());
        }
        true
    }

    /// Ends the session where mails were set aside: it knows the folder as it was. Those that were set aside before are
    /// noted as mails that did not come.
    pub(super) async fn look_anew(&mut self) -> Result<()> {
        for listed in std::mem::take(&mut self.stand_ins.again) {
            self.unread.note_asked(&listed);
            self.mark(listed, StandIns::fault()).await?;
        }
        if std::mem::take(&mut self.stand_ins.came) {
            return Err(self.unread.broke_at(None, StandIns::fault()));
        }
        Ok(())
    }
}

/// Short, without what each mail has that came over the network (RFC 5322 section 3.6, RFC 5321 section 4.4), and of
/// another size than was announced, or in Courier's words.
fn is_like_one(prepared: &Prepared) -> bool {
    let Content::Mail(understood) = &prepared.content else { return false };
    let (mail, listed, size) = (&understood.mail, &prepared.listed, prepared.message.size);
    let bare = mail.message_id.is_none()
        && ["received", "date"].into_iter().all(|name| mail.header(name).next().is_none());
    let announced = listed.size != Listed::UNKNOWN_SIZE && listed.size < u64::from(u32::MAX);
    let other_size = announced && listed.size != size;
    size <= MAX_STAND_IN && bare && (other_size || mail.subject.trim().eq_ignore_ascii_case(COURIER))
}
