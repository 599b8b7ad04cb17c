//! What a server gives in the place of a mail that another client has deleted meanwhile, such as Courier's
//! `message unavailable`.
//!
//! No words make a mail nothing: a new session shows whether the server still lists it. If not, it is gone; if so, it is
//! read again. Where the same comes again, another client may still be at it: it waits for later polls, and what comes in
//! the last of them is the mail.

use std::collections::BTreeSet;

use crate::{
    decide::{Content, Prepared},
    limits::MAX_STAND_IN,
    ports::{Listed, MailError, MailFault},
    types::message::Message,
};

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

    /// Whether this may stand for a mail that is gone or not there at the moment. In a later poll, where the mail is
    /// `doubtful`, one more look is enough.
    pub(super) fn set_aside(&mut self, prepared: &Prepared, doubtful: bool) -> bool {
        let listed = &prepared.listed;
        let doubted = |uid: &u32| !self.waited.contains(uid) && is_like_one(prepared);
        let Some(uid) = listed.server_id.uid().filter(doubted) else { return false };
        if self.doubted.insert(uid) && !doubtful {
            self.came = true;
        } else {
            self.again.push(listed.clone());
        }
        true
    }

    /// Those that came again: they count as mails that did not come.
    pub(super) fn take_again(&mut self) -> Vec<Listed> {
        std::mem::take(&mut self.again)
    }

    /// Whether the present session gave one: it knows the folder as it was.
    pub(super) fn take_came(&mut self) -> bool {
        std::mem::take(&mut self.came)
    }

    pub(super) fn fault() -> MailError {
        MailError {
            fault: MailFault::Temporary,
            context: "read mails: something else came in the place of one".to_owned(),
            server_text: None,
        }
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
