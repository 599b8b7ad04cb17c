//! Mails that the server lists and does not give: which they are, how often each was asked for, and when it is given up.
//!
//! A mail at which a reading broke off is marked in its record and asked for alone. A failed reading counts once a poll,
//! and only where the server gives other mails meanwhile: an outage is no mail's fault.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    error::{Error, Result},
    ports::{Change, Listed, MailError, MailFault, MailSession, StoreError},
    types::message::{Download, Message, MessageState, Reason, ServerId, TraceStep},
};

use super::{
    import::{Import, Order},
    large::Reading,
    places::Room,
    prepare::{Content, Prepared},
};

/// A mail that could not be read in this many polls is failed.
pub(super) const MAX_READINGS: u32 = 3;
/// Sessions of one poll: each reading that breaks off costs one.
const MAX_SESSIONS: u32 = 8;
/// After so many sessions in a row that gave no mail, the server is out of order.
const MAX_BARREN: u32 = 3;
/// After so many sessions, or barren ones in a row, doubtful mails wait, so that the others come.
const PATIENT_SESSIONS: u32 = 4;
const PATIENT_BARREN: u32 = 2;
/// Mails read before that are asked for, to see whether the server gives any.
const WITNESSES: usize = 3;
/// The newest mails, among which the witnesses and the missed ones are looked for.
pub(super) const NEWEST: u32 = 200;

/// What is known of the mails that did not come.
#[derive(Default)]
pub(super) struct Unread {
    /// Records of unfinished or unread mails may lie above the cursor.
    pub(super) recorded: bool,
    /// Their reading broke off before.
    doubtful: BTreeSet<ServerId>,
    /// Asked for alone in this poll: not again.
    asked: BTreeSet<ServerId>,
    /// Refused, also alone.
    refused: Vec<(Listed, MailError)>,
    /// Refused before in this poll, in another session.
    refused_before: BTreeSet<ServerId>,
    /// Their reading broke off while nothing showed that the server gives other mails.
    unproven: BTreeMap<ServerId, (Listed, MailError)>,
    /// Counted in this poll.
    counted: BTreeSet<ServerId>,
    /// Large ones that came in part.
    downloads: BTreeMap<ServerId, Download>,
    /// Those of which a part came in this poll.
    fresh: BTreeSet<ServerId>,
    /// Failed ones that are there again or still, with their records.
    pub(super) failed: Vec<(Listed, Message)>,
    /// Those that were gone, and are listed again.
    pub(super) back: Vec<(Listed, Message)>,
    /// Mails that came in an earlier poll.
    witnesses: Vec<ServerId>,
    /// None of the witnesses is to be asked any more.
    no_witness: bool,
    /// The session gave a mail.
    pub(super) came: bool,
    /// The folder holds one mail and no more.
    lone: bool,
    /// Why the session cannot be used any more, and the mail that it broke off at.
    broken: Option<(Option<Listed>, MailError)>,
    /// Why a mail that still waits did not come.
    last: Option<MailError>,
    sessions: u32,
    barren: u32,
}

impl Unread {
    pub(super) fn new(recorded: bool, exists: u32) -> Self {
        Self { recorded, lone: exists == 1, sessions: 1, ..Self::default() }
    }

    /// Of a mail that has a record. Whether it is still to be read.
    pub(super) fn note_record(&mut self, listed: &Listed, record: &Message, looking_back: bool) -> bool {
        let unreadable = record.reason == Reason::UnreadableOnServer;
        if !record.is_final() {
            if let Some(download) = record.download {
                self.note_download(listed, download);
            } else if unreadable || looking_back {
                self.doubtful.insert(listed.server_id.clone());
            }
            return true;
        }
        if record.reason == Reason::Renumbered && looking_back {
            // Left out without being read.
            self.doubtful.insert(listed.server_id.clone());
            return true;
        }
        if unreadable && looking_back {
            self.failed.push((listed.clone(), record.clone()));
        } else if looking_back && record.reason == Reason::Gone {
            self.back.push((listed.clone(), record.clone()));
        } else if !unreadable && record.reason != Reason::Gone {
            self.witnesses.push(listed.server_id.clone());
        }
        false
    }

    /// A part of it came.
    pub(super) fn note_download(&mut self, listed: &Listed, download: Download) {
        self.downloads.insert(listed.server_id.clone(), download);
    }

    /// How much of it came before.
    pub(super) fn download_of(&self, id: &ServerId) -> Download {
        self.downloads.get(id).copied().unwrap_or_default()
    }

    /// A part of it came in this poll.
    pub(super) fn note_fresh(&mut self, listed: &Listed) {
        self.fresh.insert(listed.server_id.clone());
    }

    /// Whether a part of it came before.
    fn is_under_way(&self, listed: &Listed) -> bool {
        self.downloads.contains_key(&listed.server_id)
    }

    /// Whether others come before the rest of it. After a lost connection or two it keeps its turn, so that answers to it
    /// find it.
    pub(super) fn lets_others_pass(&self, listed: &Listed) -> bool {
        let keeps_turn = self.sessions <= PATIENT_SESSIONS && self.fresh.contains(&listed.server_id);
        self.is_under_way(listed) && !keeps_turn
    }

    /// A mail that was read at last. One that came in parts has a record already.
    pub(super) fn after_download(&self, mut prepared: Prepared) -> Reading {
        if self.is_under_way(&prepared.listed) {
            prepared.expected = Some(MessageState::Stored);
            let why = "It was downloaded in parts, over several polls or connections.";
            prepared.message.trace.insert(0, TraceStep::new("read", why));
        }
        Reading::Done(Box::new(prepared))
    }

    pub(super) fn is_doubtful(&self, listed: &Listed) -> bool {
        self.doubtful.contains(&listed.server_id)
    }

    /// Whether it was asked for alone in this poll, or the others come first for once.
    pub(super) fn must_wait(&self, listed: &Listed) -> bool {
        let hasty = self.sessions > PATIENT_SESSIONS || self.is_barren();
        self.asked.contains(&listed.server_id) || (hasty && self.is_doubtful(listed))
    }

    /// Whether nothing came in some sessions: the next mails may be at fault, or the server.
    pub(super) fn is_barren(&self) -> bool {
        self.barren >= PATIENT_BARREN && !self.came
    }

    pub(super) fn note_asked(&mut self, listed: &Listed) {
        self.asked.insert(listed.server_id.clone());
    }

    pub(super) fn refuse(&mut self, listed: Listed, error: MailError) {
        self.asked.insert(listed.server_id.clone());
        self.refused.push((listed, error));
    }

    /// Whether a new session asks for it once more: some servers refuse mails that another client touched meanwhile.
    fn deserves_another_session(&mut self, listed: &Listed) -> bool {
        let once_more =
            self.sessions < PATIENT_SESSIONS && self.refused_before.insert(listed.server_id.clone());
        if once_more {
            self.asked.remove(&listed.server_id);
        }
        once_more
    }

    /// The reading of a mail broke off. Gives the error back in our words.
    pub(super) fn broke_at(&mut self, listed: Option<Listed>, error: MailError) -> Error {
        let explained = crate::explain::mail(&error);
        // Throttled or shut out: the whole account is meant.
        let of_all = matches!(
            error.fault,
            MailFault::Throttled { .. }
                | MailFault::NotPermitted
                | MailFault::SignInBlocked
                | MailFault::AddressBlocked
        );
        if !of_all {
            self.broken = Some((listed, error));
        }
        explained
    }

    /// Why a failed mail that was looked at again did not come, where that was why the look ended.
    pub(super) fn take_broken(&mut self) -> Option<MailError> {
        self.broken.take().map(|(_, error)| error)
    }

    /// A listing begins anew.
    pub(super) fn begin(&mut self) {
        self.failed.clear();
        self.back.clear();
        self.witnesses.clear();
    }

    /// Whether this fault of a mail counts against it: other mails come, or it is the only one and the fault is no lost
    /// connection.
    fn proves(&self, error: &MailError) -> bool {
        let spoken = matches!(error.fault, MailFault::Refused | MailFault::Protocol | MailFault::TooLarge);
        self.came || (self.lone && spoken)
    }
}

impl Import<'_> {
    /// After a failed session: whether another one can read on. Marks the mail at which it broke off.
    pub(super) async fn may_go_on(&mut self) -> Result<bool> {
        let Some((listed, error)) = self.unread.broken.take() else { return Ok(false) };
        self.unread.last = Some(error.clone());
        if let Some(listed) = listed {
            self.mark(listed, error).await?;
        }
        let unread = &mut self.unread;
        unread.barren = if unread.came { 0 } else { unread.barren + 1 };
        unread.sessions += 1;
        unread.came = false;
        unread.recorded = true;
        let worn_out = unread.sessions > MAX_SESSIONS || unread.barren >= MAX_BARREN;
        Ok(!worn_out && !self.out_of_time())
    }

    /// What was refused is failed at once where other new mails came, as no connection was lost over it; else it is
    /// counted, as is what did not come before anything else did.
    pub(super) async fn settle_unread_mails(&mut self, session: &mut dyn MailSession) -> Result<()> {
        let under_way = std::mem::take(&mut self.under_way);
        Box::pin(self.read_each(session, under_way)).await?;
        let read = self.report.created + self.report.commented + self.report.skipped > 0;
        let at_once = |unread: &Unread, listed: &Listed| read && !unread.is_doubtful(listed);
        let counts = self.unread.refused.iter().any(|(listed, _)| !at_once(&self.unread, listed));
        if counts || !self.unread.unproven.is_empty() {
            self.ask_witnesses(session).await?;
        }
        let mut once_more = None;
        for (listed, error) in std::mem::take(&mut self.unread.refused) {
            if !self.waits(&listed) {
                continue;
            }
            if at_once(&self.unread, &listed) {
                if !self.out_of_time() && self.unread.deserves_another_session(&listed) {
                    once_more = Some(error);
                } else {
                    self.fail_refused(listed, error).await?;
                }
            } else {
                self.mark(listed, error).await?;
            }
        }
        if self.unread.came {
            for (_, (listed, error)) in std::mem::take(&mut self.unread.unproven) {
                if self.waits(&listed) {
                    self.mark(listed, error).await?;
                }
            }
        }
        once_more.map_or(Ok(()), |error| Err(self.unread.broke_at(None, error)))
    }

    /// Mails that hold the cursor back make the poll a failed one, so that the mailbox's back-off spaces their readings.
    pub(super) fn wait_for_none(&self) -> Result<()> {
        match self.unread.last.as_ref().filter(|_| self.any_waits() && !self.report.more) {
            Some(error) => Err(crate::explain::mail(error)),
            None => Ok(()),
        }
    }

    async fn fail_refused(&mut self, listed: Listed, error: MailError) -> Result<()> {
        let said = error.server_text.unwrap_or_default();
        let why = format!("The server lists this mail but refuses to give it: {said}");
        let prepared = self.origin.finished(listed, MessageState::Failed, Reason::UnreadableOnServer, &why);
        self.write(prepared).await
    }

    /// Asks for mails that came before, so that a mail that does not come can be told from a server that gives none.
    pub(super) async fn ask_witnesses(&mut self, session: &mut dyn MailSession) -> Result<()> {
        if self.unread.came || self.unread.no_witness {
            return Ok(());
        }
        if self.unread.witnesses.is_empty() {
            self.find_witnesses(session).await?;
        }
        let newest: Vec<_> = self.unread.witnesses.iter().rev().take(WITNESSES).cloned().collect();
        for id in newest {
            // Where one of them breaks the session, the next session asks for none.
            self.unread.no_witness = true;
            self.ask(session, &id).await?;
            if self.unread.came {
                self.unread.no_witness = false;
                return Ok(());
            }
        }
        self.unread.no_witness = true;
        Ok(())
    }

    /// Asks for one byte of a mail, to see whether the server gives any.
    pub(super) async fn ask(&mut self, session: &mut dyn MailSession, id: &ServerId) -> Result<()> {
        match session.fetch_piece(id, 0, 1).await {
            Ok(piece) => self.unread.came |= piece.is_some(),
            Err(error) if error.fault == MailFault::Refused => {}
            Err(error) => return Err(self.unread.broke_at(None, error)),
        }
        Ok(())
    }

    async fn find_witnesses(&mut self, session: &mut dyn MailSession) -> Result<()> {
        if let Order::Roll(roll) = &self.order {
            self.unread.witnesses = roll.witnesses().to_vec();
            return Ok(());
        }
        let below = self.cursor.next_uid;
        let from = below.saturating_sub(NEWEST).max(1);
        if from >= below {
            return Ok(());
        }
        let listed = session.list(from, Some(below), NEWEST as usize).await;
        let listed = listed.map_err(|e| crate::explain::mail(&e))?;
        let ids: Vec<_> = listed.iter().map(|l| self.origin.record(l).id).collect();
        let known = self.app.store.known(&ids).await?;
        let unreadable: BTreeSet<_> =
            known.iter().filter(|m| m.reason == Reason::UnreadableOnServer).map(|m| m.id).collect();
        let readable = listed.iter().zip(ids).filter(|(_, id)| !unreadable.contains(id));
        self.unread.witnesses = readable.map(|(listed, _)| listed.server_id.clone()).collect();
        Ok(())
    }

    /// Notes durably that a mail did not come; the last time, that it is failed.
    pub(super) async fn mark(&mut self, listed: Listed, error: MailError) -> Result<()> {
        self.keep_lease().await?;
        let id = listed.server_id.clone();
        let new = Message { attempts: 0, ..self.origin.record(&listed) };
        let before = self.app.store.message(new.id).await?;
        let expected = before.as_ref().map(|record| record.state);
        let mut message = before.unwrap_or(new);
        if message.is_final() {
            return Ok(());
        }
        message.reason = Reason::UnreadableOnServer;
        self.unread.doubtful.insert(id.clone());
        if self.unread.proves(&error) {
            message.failed_readings += u32::from(self.unread.counted.insert(id));
        } else if !self.unread.counted.contains(&id) {
            self.unread.unproven.insert(id, (listed.clone(), error.clone()));
        }
        if message.failed_readings >= MAX_READINGS {
            let prepared = given_up(listed, message, expected, &error);
            return self.write(prepared).await;
        }
        let note = Change::Message { message: Box::new(message), expected };
        self.app
            .store
            .commit(&[note, Change::Cursor(self.cursor_move()?)])
            .await
            .map_err(StoreError::unanswerable)?;
        self.unread.last = Some(error);
        Ok(())
    }
}

fn given_up(
    listed: Listed,
    mut message: Message,
    expected: Option<MessageState>,
    error: &MailError,
) -> Prepared {
    message.state = MessageState::Failed;
    message.download = None;
    let said = error.server_text.as_ref().unwrap_or(&error.context);
    let why = format!(
        "The server lists this mail, but reading it failed in {} polls, while it gave other mails: {said}",
        message.failed_readings
    );
    message.trace.push(TraceStep::new("read", why));
    Prepared { listed, message, expected, content: Content::Final, room: Room::default() }
}
