//! What a server gives in the place of a mail that another client has deleted meanwhile, such as Courier's
//! `message unavailable`.
//!
//! No words make a mail nothing: a new session shows whether the server still lists it. If not, it is gone; if so, it is
//! read again, and is what then comes.

use std::collections::BTreeMap;

use crate::{
    error::Result,
    ports::{Listed, MailError, MailFault},
    types::message::{MessageState, Reason},
};

use super::{
    import::Import,
    prepare::{Content, Prepared},
};

/// No stand-in has more bytes.
const MAX_BYTES: u64 = 1024;
/// The subject of Courier's.
const COURIER: &str = "message unavailable";

/// Mails in whose place something else may have come.
#[derive(Debug, Default)]
pub(super) struct StandIns {
    /// By UID. What comes for these in a later session counts.
    doubted: BTreeMap<u32, Listed>,
    /// The present session gave one.
    came: bool,
    /// One was listed again and came again: this server's mails look like this.
    are_mails: bool,
}

impl Import<'_> {
    /// Whether this may stand for a mail that is gone. Then it waits for the next session.
    pub(super) fn set_aside(&mut self, prepared: &Prepared) -> bool {
        let Some(uid) = prepared.listed.server_id.uid().filter(|_| is_like_one(prepared)) else {
            return false;
        };
        let stand_ins = &mut self.stand_ins;
        stand_ins.are_mails |= stand_ins.doubted.contains_key(&uid);
        if !stand_ins.are_mails {
            stand_ins.doubted.insert(uid, prepared.listed.clone());
            stand_ins.came = true;
        }
        !stand_ins.are_mails
    }

    /// Ends the session where mails were set aside: it knows the folder as it was.
    pub(super) fn look_anew(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.stand_ins.came) {
            return Ok(());
        }
        let error = MailError {
            fault: MailFault::Temporary,
            context: "read mails: something else came in the place of one".to_owned(),
            server_text: None,
        };
        Err(self.unread.broke_at(None, error))
    }

    /// After a whole listing from this UID on: what was set aside and is not listed any more is gone.
    pub(super) async fn settle_stand_ins(&mut self, from: u32) -> Result<()> {
        for (uid, listed) in self.stand_ins.doubted.clone().split_off(&from) {
            if self.shown.has(uid) {
                continue;
            }
            self.stand_ins.doubted.remove(&uid);
            let why = "It was listed, and gone before it could be read: the server gave a stand-in for it.";
            let gone = self.origin.finished(listed, MessageState::Skipped, Reason::Gone, why);
            self.write(gone).await?;
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
    size <= MAX_BYTES && bare && (other_size || mail.subject.trim().eq_ignore_ascii_case(COURIER))
}
