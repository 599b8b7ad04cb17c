//! What FETCH says of many mails, put together: one mail may be told of in several answers, in any order, and without
//! some of what was asked for.

use std::collections::{BTreeMap, HashMap};

use intake::{
    Timestamp,
    ports::{Identified, Listed, MailError, MailFault},
    types::message::ServerId,
};

use super::{
    attributes::Attributes,
    session::{ImapSession, Query},
    sets::set_of,
};
use crate::error::mail_error;

/// What a listing tells of each mail.
pub(super) const LISTED: &str = "(UID RFC822.SIZE INTERNALDATE)";
/// More mails than any answer was asked for.
const MAX_MAILS: usize = 200_000;

/// What is known of one mail so far.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) uid: Option<u32>,
    size: Option<u64>,
    at: Option<Timestamp>,
    header: Option<Vec<u8>>,
}

impl Known {
    pub(super) fn of(fetch: &Attributes<'_>) -> Self {
        let header = fetch.header().map(<[u8]>::to_vec);
        Self { uid: fetch.uid, size: fetch.size().map(u64::from), at: fetch.received_at(), header }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.uid = self.uid.or(other.uid);
        self.size = self.size.or(other.size);
        self.at = self.at.or(other.at);
        self.header = self.header.take().or(other.header);
    }
}

/// What a server said of the mails that it was asked for.
#[derive(Debug)]
pub(super) struct Said<T> {
    /// By UID.
    pub(super) mails: BTreeMap<u32, T>,
    /// It refused to say more.
    pub(super) refused: Option<MailError>,
}

impl<T> Said<T> {
    /// An error where it refused to say more.
    fn whole(self) -> Result<BTreeMap<u32, T>, MailError> {
        self.refused.map_or(Ok(self.mails), Err)
    }
}

/// Mails by UID.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    mails: BTreeMap<u32, Known>,
    /// Told of before their UID, by their place in the folder.
    early: HashMap<u32, Known>,
    over: bool,
}

impl Gathered {
    pub(super) fn note(&mut self, fetch: &Attributes<'_>) {
        self.over |= self.mails.len() + self.early.len() > MAX_MAILS;
        if self.over {
            return;
        }
        let known = Known::of(fetch);
        match fetch.uid {
            Some(uid) => {
                let mail = self.mails.entry(uid).or_default();
                mail.add(known);
                if let Some(early) = self.early.remove(&fetch.sequence) {
                    mail.add(early);
                }
            }
            None => self.early.entry(fetch.sequence).or_default().add(known),
        }
    }

    /// An error where a mail has no UID, or where more came than was asked for.
    fn end(self, context: &str) -> Result<BTreeMap<u32, Known>, MailError> {
        if self.over {
            return Err(mail_error(
                MailFault::TooLarge,
                format!("{context}: it told of more mails than were asked for"),
            ));
        }
        match self.early.keys().next() {
            Some(place) => Err(mail_error(
                MailFault::Protocol,
                format!("{context}: mail {place} of the folder has no UID"),
            )),
            None => Ok(self.mails),
        }
    }
}

impl ImapSession {
    /// What a FETCH of these items says of the mails of a set. A refusal may end it in the middle.
    async fn gather(&mut self, what: &str, set: &str, items: &str) -> Result<Said<Known>, MailError> {
        let mut gathered = Gathered::default();
        let mut note = |fetch: &Attributes<'_>| {
            gathered.note(fetch);
            None
        };
        let done = self.fetch_each(what, Query { set, items, asked: None }, None, &mut note).await;
        let refused = match done {
            Err(error) if error.fault == MailFault::Refused && !self.wire.broken => Some(error),
            done => done.map(|()| None)?,
        };
        Ok(Said { mails: gathered.end(&self.wire.context(what))?, refused })
    }

    /// Sizes and times of the mails of a set. Each that the server tells of is there; without a size it is read in pieces.
    pub(super) async fn listed(&mut self, set: &str) -> Result<Said<Listed>, MailError> {
        let Said { mails, refused } = self.gather("list mails", set, LISTED).await?;
        let mails = mails.into_iter().map(|(uid, mail)| (uid, listed(uid, mail)));
        Ok(Said { mails: mails.collect(), refused })
    }

    pub(super) async fn gather_sizes(&mut self, uids: &[u32]) -> Result<Said<Known>, MailError> {
        self.gather("list mails", &set_of(uids), LISTED).await
    }

    /// What the mails of a set are known by.
    pub(super) async fn identified(&mut self, set: &str) -> Result<BTreeMap<u32, Identified>, MailError> {
        let items = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID FROM SUBJECT)])";
        let mails = self.gather("identify mails", set, items).await?.whole()?;
        let identified = |(uid, mut mail): (u32, Known)| {
            let header = mail.header.take().unwrap_or_default().into();
            (uid, Identified { listed: listed(uid, mail), header })
        };
        Ok(mails.into_iter().map(identified).collect())
    }
}

pub(super) fn listed(uid: u32, known: Known) -> Listed {
    let size = known.size.unwrap_or(Listed::UNKNOWN_SIZE);
    Listed { server_id: ServerId::Imap { uid }, size, received_at: known.at }
}
