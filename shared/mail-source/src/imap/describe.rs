//! What is known of mails that were found, whatever the server leaves out of an answer: each ends as described, or as a
//! mail without a size and a date. Whether that is gone, its reading decides, so that what was listed has a record.

use std::collections::BTreeMap;

use intake::ports::{Listed, MailError, MailFault};

use super::{
    gather::{Known, Said, listed},
    session::ImapSession,
};

/// After so many refusals, and nothing told, it is not one mail that is refused.
const MAX_IN_VAIN: u32 = 16;

/// What mails are asked for by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Uid,
    /// Their places in the folder, RFC 3501's message sequence numbers.
    Place,
}

impl ImapSession {
    /// Sizes and times of these mails, ascending.
    pub(super) async fn describe_each(&mut self, uids: Vec<u32>) -> Result<BTreeMap<u32, Listed>, MailError> {
        let mut found = self.tell(By::Uid, uids.clone()).await?;
        let described =
            uids.into_iter().map(|uid| (uid, listed(uid, found.remove(&uid).unwrap_or_default())));
        Ok(described.collect())
    }

    /// The same of mails that a search has found. Where the connection is lost meanwhile, nothing more is told of them, but
    /// it is not forgotten that they were found.
    pub(super) async fn describe_found(
        &mut self,
        uids: Vec<u32>,
    ) -> Result<BTreeMap<u32, Listed>, MailError> {
        match self.describe_each(uids.clone()).await {
            Err(error) if error.fault == MailFault::Temporary => {
                Ok(uids.into_iter().map(|uid| (uid, listed(uid, Known::default()))).collect())
            }
            described => described,
        }
    }

    /// What the server tells of these mails, ascending. What an answer left out (RFC 9738: the lowest) is asked for again;
    /// what is refused is asked for in halves.
    pub(super) async fn tell(&mut self, by: By, all: Vec<u32>) -> Result<BTreeMap<u32, Known>, MailError> {
        let (mut found, mut in_vain) = (BTreeMap::new(), 0);
        let mut parts = vec![all];
        while let Some(mut part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            let Said { mut mails, refused } = match by {
                By::Uid => self.gather_sizes(&part).await?,
                By::Place => self.at_each(&part).await?,
            };
            let before = part.len();
            part.retain(|mail| match mails.remove(mail) {
                Some(known) => found.insert(*mail, known).is_some(),
                None => true,
            });
            match refused {
                _ if part.len() < before => parts.push(part),
                Some(error) if in_vain == MAX_IN_VAIN && found.is_empty() => return Err(error),
                Some(_) if part.len() > 1 => {
                    in_vain = MAX_IN_VAIN.min(in_vain + 1);
                    let half = part.split_off(part.len() / 2);
                    parts.extend([half, part]);
                }
                _ => {}
            }
        }
        Ok(found)
    }
}
