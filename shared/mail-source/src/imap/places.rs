//! Mails by their places in the folder: `FETCH` of sequence numbers, which no listing of an import uses.

use std::collections::BTreeMap;

use async_imap::imap_proto::Response;
use intake::{
    Timestamp,
    ports::{Count, Listed, MailError, Placed},
    types::message::ServerId,
};

use super::{command::Attributes, session::ImapSession, sets::no_progress};

/// What is known of the mail at one place.
#[derive(Debug, Default)]
struct Known {
    uid: Option<u32>,
    size: Option<u64>,
    at: Option<Timestamp>,
}

impl ImapSession {
    /// NOOP, which lets the server tell what came and went (RFC 3501 section 6.1.2).
    pub(super) async fn count_mails(&mut self) -> Result<Count, MailError> {
        self.run_and_see("count mails", "NOOP", &mut |_| ()).await?;
        Ok(self.session.get_ref().told().holds)
    }

    /// What the server shows at these places. Beyond the end of the folder, numbers are not allowed.
    pub(super) async fn placed(&mut self, from: u32, to: u32) -> Result<Vec<Placed>, MailError> {
        let mut found: BTreeMap<u32, Known> = BTreeMap::new();
        let mut last = to;
        loop {
            let mut look = |answer: &Response<'_>| {
                if let Response::Fetch(place, values) = answer
                    && (from..=to).contains(place)
                {
                    found.entry(*place).or_default().add(&Attributes::new(*place, values));
                }
            };
            let line = format!("FETCH {from}:{last} (UID RFC822.SIZE INTERNALDATE)");
            self.run_and_see("list mails by their places", &line, &mut look).await?;
            if self.session.get_ref().told().limit.is_none() {
                break;
            }
            // RFC 9738: the highest come first.
            match found.keys().next() {
                Some(lowest) if *lowest == from => break,
                Some(lowest) if *lowest <= last => last = lowest - 1,
                _ => return Err(no_progress(&self.context("list mails by their places"))),
            }
        }
        Ok(found.into_iter().map(|(place, known)| Placed { place, mail: known.listed() }).collect())
    }
}

impl Known {
    fn add(&mut self, told: &Attributes<'_>) {
        self.uid = self.uid.or(told.uid);
        self.size = self.size.or(told.size().map(u64::from));
        self.at = self.at.or(told.received_at());
    }

    fn listed(self) -> Option<Listed> {
        let size = self.size.unwrap_or(Listed::UNKNOWN_SIZE);
        let server_id = ServerId::Imap { uid: self.uid? };
        Some(Listed { server_id, size, received_at: self.at })
    }
}
