//! What STAT and LIST say of a maildrop, which UIDL may not.

use std::collections::{BTreeMap, BTreeSet};

use intake::{
    ports::{Count, Listed, MailError, Placed},
    types::message::ServerId,
};

use super::{
    listing::{MAX_MAILS, numbered},
    refusal,
    session::Pop3Session,
};

impl Pop3Session {
    /// STAT (RFC 1939 section 5). Copies of other mails are those mails.
    pub(super) async fn count_mails(&mut self) -> Result<Count, MailError> {
        let answer = match self.run("count mails", "STAT\r\n").await {
            Err(error) if refusal::is_lasting(&error) => String::new(),
            answer => answer?,
        };
        self.broken = false;
        let count = answer.split_ascii_whitespace().next().and_then(|count| count.parse::<u32>().ok());
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let copies = number(self.listing.copies().len());
        // What cannot be read contradicts nothing.
        let exists = count.map_or(number(self.listing.len()), |count| count.saturating_sub(copies));
        Ok(Count { exists, expunged: 0 })
    }

    /// LIST, asked anew.
    pub(super) async fn placed(&mut self, from: u32, to: u32) -> Result<Vec<Placed>, MailError> {
        let listed = self.run("list mails by their numbers", "LIST\r\n").await;
        let ids: BTreeMap<u32, ServerId> = self.listing.mails().collect();
        let mut places = BTreeSet::new();
        match listed {
            // There is no other listing than that of UIDL.
            Err(error) if refusal::is_lasting(&error) => places.extend(ids.keys()),
            listed => {
                listed?;
                let mut note = |line: &[u8]| {
                    places.extend(numbered(line).map(|(number, _)| number));
                    true
                };
                self.wire.lines(2 * MAX_MAILS, &mut note).await?;
            }
        }
        self.broken = false;
        let mail = |place: &u32| {
            let server_id = ids.get(place)?.clone();
            Some(Listed { server_id, size: 0, received_at: None })
        };
        let copies = self.listing.copies();
        let places = places.range(from..=to).filter(|place| !copies.contains(place));
        Ok(places.map(|place| Placed { place: *place, mail: mail(place) }).collect())
    }
}
