//! Mails by their places in the folder: `FETCH` of sequence numbers, which no listing of an import uses.

use std::collections::BTreeMap;

use async_imap::imap_proto::Response;
use intake::{
    Timestamp,
    ports::{Count, Listed, MailError, MailFault, Placed},
    types::message::ServerId,
};

use super::{command::Attributes, describe::MAX_IN_VAIN, session::ImapSession};

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

    /// What the server shows at these places. Beyond the end of the folder, numbers are not allowed. What an answer left
    /// out (RFC 9738: the lowest) is asked for again; what is refused is asked for in halves.
    pub(super) async fn placed(&mut self, from: u32, to: u32) -> Result<Vec<Placed>, MailError> {
        let (mut found, mut in_vain) = (BTreeMap::new(), 0);
        let mut parts = vec![(from, to)];
        while let Some((from, to)) = parts.pop() {
            let before = found.len();
            let told = self.see_places(from, to, &mut found).await;
            let lacks = |place: &u32| !found.contains_key(place);
            let (Some(first), Some(last)) = ((from..=to).find(lacks), (from..=to).rev().find(lacks)) else {
                continue;
            };
            match told {
                Err(error) if error.fault != MailFault::Refused || self.broken => return Err(error),
                _ if found.len() > before => parts.push((first, last)),
                Err(error) if in_vain == MAX_IN_VAIN && found.is_empty() => return Err(error),
                Err(_) if first < last => {
                    in_vain = MAX_IN_VAIN.min(in_vain + 1);
                    let middle = first + (last - first) / 2;
                    parts.extend([(first, middle), (middle + 1, last)]);
                }
                _ => {}
            }
        }
        Ok(found.into_iter().map(|(place, known)| Placed { place, mail: known.listed() }).collect())
    }

    async fn see_places(
        &mut self,
        from: u32,
        to: u32,
        found: &mut BTreeMap<u32, Known>,
    ) -> Result<(), MailError> {
        let mut look = |answer: &Response<'_>| {
            if let Response::Fetch(place, values) = answer
                && (from..=to).contains(place)
            {
                found.entry(*place).or_default().add(&Attributes::new(*place, values));
            }
        };
        let line = format!("FETCH {from}:{to} (UID RFC822.SIZE INTERNALDATE)");
        self.run_and_see("list mails by their places", &line, &mut look).await
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
