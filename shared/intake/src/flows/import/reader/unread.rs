//! Mails that the server lists and does not give: which they are, how often each was asked for, and when it is given up.
//!
//! A mail at which a reading broke off is marked in its record and asked for alone. A failed reading counts once a poll,
//! and only where the server gives other mails meanwhile: an outage is no mail's fault.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    decide::Prepared,
    error::Error,
    limits::{MAX_BARREN, MAX_SESSIONS, PATIENT_BARREN, PATIENT_SESSIONS, WITNESSES},
    ports::{Listed, MailError, MailFault},
    types::message::{Download, Message, MessageState, Reason, ServerId, TraceStep},
};

/// What the reading of a mail came to.
pub(super) enum Reading {
    /// Something to write.
    Done(Box<Prepared>),
    /// The server answered without bytes.
    Nothing,
    /// The next poll goes on.
    Later,
}

/// What is known of the mails that did not come.
#[derive(Default)]
pub(super) struct Unread {
    /// Records of unfinished or unread mails may lie above the cursor.
    recorded: bool,
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
    failed: Vec<(Listed, Message)>,
    /// Those that were gone, and are listed again.
    returned: Vec<(Listed, Message)>,
    /// Mails that came in an earlier poll.
    witnesses: Vec<ServerId>,
    /// None of the witnesses is to be asked any more.
    no_witness: bool,
    /// The session gave a mail.
    came: bool,
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
        if record.reason == Reason::Renumbered && looking_back || is_back_in_maildrop(record) {
            // Left out without being read, or not listed for a while.
            self.doubtful.insert(listed.server_id.clone());
            return true;
        }
        if unreadable && looking_back {
            self.failed.push((listed.clone(), record.clone()));
        } else if looking_back && record.reason == Reason::Gone {
            self.returned.push((listed.clone(), record.clone()));
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
            prepared.message.trace.insert(0, TraceStep::told("read", "trace.read.in_parts"));
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
    pub(super) fn deserves_another_session(&mut self, listed: &Listed) -> bool {
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

    /// Why the session cannot be used any more, and the mail that it broke off at.
    pub(super) fn take_broken(&mut self) -> Option<(Option<Listed>, MailError)> {
        self.broken.take()
    }

    /// Another session begins. Whether it is worth it.
    pub(super) fn begin_session(&mut self) -> bool {
        self.barren = if self.came { 0 } else { self.barren + 1 };
        self.sessions += 1;
        self.came = false;
        self.recorded = true;
        self.sessions <= MAX_SESSIONS && self.barren < MAX_BARREN
    }

    /// Whether the server gave a mail, or a part of one.
    pub(super) fn note_given(&mut self, given: bool) {
        self.came |= given;
    }

    pub(super) fn has_given(&self) -> bool {
        self.came
    }

    /// Records of unfinished or unread mails may lie above the cursor.
    pub(super) fn may_have_records(&self) -> bool {
        self.recorded
    }

    /// Failed ones that are there again or still, with their records.
    pub(super) fn take_failed(&mut self) -> Vec<(Listed, Message)> {
        std::mem::take(&mut self.failed)
    }

    /// Those that were gone, and are listed again.
    pub(super) fn take_returned(&mut self) -> Vec<(Listed, Message)> {
        std::mem::take(&mut self.returned)
    }

    /// Refused, also alone.
    pub(super) fn take_refused(&mut self) -> Vec<(Listed, MailError)> {
        std::mem::take(&mut self.refused)
    }

    /// Those whose reading broke off, where the server has given other mails since.
    pub(super) fn take_proven(&mut self) -> Vec<(Listed, MailError)> {
        if self.came { std::mem::take(&mut self.unproven).into_values().collect() } else { Vec::new() }
    }

    /// Whether it matters if the server gives any mail: `read`, other new ones came.
    pub(super) fn needs_proof(&self, read: bool) -> bool {
        !self.unproven.is_empty() || self.refused.iter().any(|(listed, _)| !self.fails_at_once(listed, read))
    }

    /// A refused mail is failed at once where other new ones came, as no connection was lost over it.
    pub(super) fn fails_at_once(&self, listed: &Listed, read: bool) -> bool {
        read && !self.is_doubtful(listed)
    }

    /// A mail did not come. Whether that counts against it: once a poll.
    pub(super) fn count(&mut self, listed: &Listed, error: &MailError) -> bool {
        let id = &listed.server_id;
        self.doubtful.insert(id.clone());
        if self.proves(error) {
            return self.counted.insert(id.clone());
        }
        if !self.counted.contains(id) {
            self.unproven.insert(id.clone(), (listed.clone(), error.clone()));
        }
        false
    }

    /// Why a mail that still waits did not come.
    pub(super) fn note_reason(&mut self, error: MailError) {
        self.last = Some(error);
    }

    pub(super) fn reason(&self) -> Option<&MailError> {
        self.last.as_ref()
    }

    /// Whether witnesses are to be asked, and whether they are still to be found.
    pub(super) fn wants_witnesses(&self) -> bool {
        !self.came && !self.no_witness
    }

    pub(super) fn knows_witnesses(&self) -> bool {
        !self.witnesses.is_empty()
    }

    pub(super) fn set_witnesses(&mut self, witnesses: Vec<ServerId>) {
        self.witnesses = witnesses;
    }

    /// The newest of them. None is asked any more, unless one gives a byte: it may break the session.
    pub(super) fn begin_witnesses(&mut self) -> Vec<ServerId> {
        self.no_witness = true;
        self.witnesses.iter().rev().take(WITNESSES).cloned().collect()
    }

    /// One of them gave a byte: they may be asked again.
    pub(super) fn note_witness(&mut self) {
        self.no_witness = false;
    }

    /// A listing begins anew.
    pub(super) fn begin(&mut self) {
        self.failed.clear();
        self.returned.clear();
        self.witnesses.clear();
    }

    /// Whether this fault of a mail counts against it: other mails come, or it is the only one and the fault is no lost
    /// connection.
    fn proves(&self, error: &MailError) -> bool {
        let spoken = matches!(error.fault, MailFault::Refused | MailFault::Protocol | MailFault::TooLarge);
        self.came || (self.lone && spoken)
    }
}

/// Whether a mail that is listed was taken for gone: a maildrop tells by nothing else that it left a mail out.
pub(in crate::flows::import) fn is_back_in_maildrop(record: &Message) -> bool {
    record.reason == Reason::Gone && record.server_id.uid().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(uid: u32) -> Listed {
        Listed { server_id: ServerId::Imap { uid }, size: 1, received_at: None }
    }

    fn error(fault: MailFault) -> MailError {
        MailError { fault, context: "read mails".to_owned(), server_text: None }
    }

    #[test]
    fn a_failed_reading_counts_once_and_only_where_the_server_gives_others() {
        let mut unread = Unread::new(false, 9);
        let lost = error(MailFault::Temporary);
        assert!(!unread.count(&mail(1), &lost) && unread.take_proven().is_empty());
        assert!(unread.is_doubtful(&mail(1)) && unread.needs_proof(true));
        unread.note_given(true);
        assert_eq!(unread.take_proven(), [(mail(1), lost.clone())]);
        assert!(unread.count(&mail(1), &lost) && !unread.count(&mail(1), &lost));
        // A folder with one mail: only what the server says counts, and no lost connection.
        let mut lone = Unread::new(false, 1);
        assert!(!lone.count(&mail(1), &lost) && lone.count(&mail(1), &error(MailFault::Refused)));
    }

    #[test]
    fn sessions_that_give_nothing_end_sooner_than_those_that_do() {
        let sessions = |gives: bool| {
            let mut unread = Unread::new(false, 9);
            (1..100)
                .take_while(|_| {
                    unread.note_given(gives);
                    unread.begin_session()
                })
                .count()
        };
        assert_eq!((sessions(false), sessions(true)), (2, 7));
    }

    #[test]
    fn a_refused_mail_fails_at_once_where_others_came_and_it_broke_nothing() {
        let mut unread = Unread::new(false, 9);
        unread.refuse(mail(1), error(MailFault::Refused));
        assert!(unread.must_wait(&mail(1)) && unread.fails_at_once(&mail(1), true));
        assert!(!unread.needs_proof(true) && unread.needs_proof(false));
        assert!(unread.deserves_another_session(&mail(1)) && !unread.must_wait(&mail(1)));
        assert!(!unread.deserves_another_session(&mail(1)), "once a poll");
        unread.count(&mail(1), &error(MailFault::Refused));
        assert!(!unread.fails_at_once(&mail(1), true));
    }

    #[test]
    fn witnesses_are_asked_again_only_where_one_gave_a_byte() {
        let mut unread = Unread::new(false, 9);
        unread.set_witnesses((1..=5).map(|uid| ServerId::Imap { uid }).collect());
        assert_eq!(unread.begin_witnesses(), [5, 4, 3].map(|uid| ServerId::Imap { uid }));
        assert!(!unread.wants_witnesses());
        unread.note_witness();
        assert!(unread.wants_witnesses());
    }
}
