//! What waits to go wrong.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Answer, Endpoint, MailFault, Oddity, Pop3Oddity, Spoilt};

/// What was scripted and did not happen yet.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) answers: BTreeMap<Endpoint, VecDeque<Answer>>,
    pub(crate) mail_faults: VecDeque<MailFault>,
    pub(crate) spoilt: BTreeMap<(String, u32), Spoilt>,
    pub(crate) oddity: Option<Oddity>,
    pub(crate) pop3: OddPop3,
    /// With the mail servers, since they are odd in this way.
    sessions: u64,
}

/// What is odd, and what that needs to be known.
#[derive(Default)]
pub(crate) struct OddPop3 {
    pub(crate) oddity: Option<Pop3Oddity>,
    /// UIDs of mails that were read in sessions that ended well.
    pub(crate) read: BTreeSet<u32>,
}

impl Plan {
    pub(crate) fn be_odd(&mut self, oddity: Option<Oddity>, by_pop3: Option<Pop3Oddity>) {
        self.oddity = oddity;
        self.pop3 = OddPop3 { oddity: by_pop3, ..OddPop3::default() };
        self.sessions = 0;
    }

    /// Counts a session: whether what is odd at times is so in it.
    pub(crate) fn begin_session(&mut self) -> bool {
        self.sessions += 1;
        self.sessions % 2 == 1
    }
}
