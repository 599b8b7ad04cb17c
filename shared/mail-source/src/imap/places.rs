//! Mails by their places in the folder: `FETCH` of sequence numbers, which no listing of an import uses.

use std::collections::BTreeMap;

use async_imap::imap_proto::Response;
use intake::ports::{MailError, MailFault, Placed};

use super::{
    attributes::Attributes,
    describe::By,
    gather::{Known, LISTED, Said, listed},
    session::ImapSession,
    sets::set_of,
};

impl ImapSession {
    /// What the server shows at these places. Beyond the end of the folder, numbers are not allowed.
    pub(super) async fn placed(&mut self, from: u32, to: u32) -> Result<Vec<Placed>, MailError> {
        let found = self.tell(By::Place, (from..=to).collect()).await?;
        let placed = |(place, known): (u32, Known)| {
            let mail = known.uid.map(|uid| listed(uid, known));
            Placed { place, mail }
        };
        Ok(found.into_iter().map(placed).collect())
    }

    pub(super) async fn at_each(&mut self, places: &[u32]) -> Result<Said<Known>, MailError> {
        let mut mails: BTreeMap<u32, Known> = BTreeMap::new();
        let mut look = |answer: &Response<'_>| {
            if let Response::Fetch(place, values) = answer
                && places.binary_search(place).is_ok()
            {
                mails.entry(*place).or_default().add(Known::of(&Attributes::new(*place, values)));
            }
        };
        let line = format!("FETCH {} {LISTED}", set_of(places));
        let refused = match self.wire.run_and_see("list mails by their places", &line, &mut look).await {
            Err(error) if error.fault == MailFault::Refused && !self.wire.broken => Some(error),
            done => done.map(|()| None)?,
        };
        Ok(Said { mails, refused })
    }
}
