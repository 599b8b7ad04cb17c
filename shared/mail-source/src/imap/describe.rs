//! What is known of UIDs that were found, whatever the server leaves out of an answer: each ends as described, or as a
//! mail without a size and a date. Whether that is gone, its reading decides, so that what was listed has a record.

use std::collections::BTreeMap;

use intake::{
    ports::{Listed, MailError},
    types::message::ServerId,
};

use super::{
    gather::listed,
    session::{ImapSession, uid_of},
    sets::set_of,
};

/// After so many refusals, and nothing told, it is not one mail that is refused.
pub(super) const MAX_IN_VAIN: u32 = 16;

impl ImapSession {
    /// Sizes and times of these mails.
    pub(super) async fn describe_all(&mut self, ids: &[ServerId]) -> Result<Vec<Listed>, MailError> {
        let mut uids = ids.iter().map(uid_of).collect::<Result<Vec<_>, _>>()?;
        uids.sort_unstable();
        uids.dedup();
        Ok(self.describe_each(uids).await?.into_values().collect())
    }

    /// The same of UIDs, ascending. What an answer left out is asked for again; what is refused is asked for in halves.
    pub(super) async fn describe_each(&mut self, uids: Vec<u32>) -> Result<BTreeMap<u32, Listed>, MailError> {
        let (mut found, mut untold, mut in_vain) = (BTreeMap::new(), Vec::new(), 0);
        let mut parts = vec![uids];
        while let Some(mut part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            let mut told = self.listed(&set_of(&part)).await?;
            let before = part.len();
            part.retain(|uid| match told.mails.remove(uid) {
                Some(mail) => found.insert(*uid, mail).is_some(),
                None => true,
            });
            match told.refused {
                _ if part.len() < before => parts.push(part),
                Some(error) if in_vain == MAX_IN_VAIN && found.is_empty() => return Err(error),
                Some(_) if part.len() > 1 => {
                    in_vain = MAX_IN_VAIN.min(in_vain + 1);
                    let half = part.split_off(part.len() / 2);
                    parts.extend([half, part]);
                }
                _ => untold.append(&mut part),
            }
        }
        found.extend(untold.into_iter().map(|uid| (uid, listed(uid, None, None))));
        Ok(found)
    }
}
