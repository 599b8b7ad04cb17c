//! What FETCH says of many mails, put together: one mail may be told of in several answers, in any order, and without
//! some of what was asked for.

use std::collections::{BTreeMap, HashMap};

use intake::{
    Timestamp,
    ports::{Identified, Listed, MailError, MailFault, received_at},
    types::message::ServerId,
};

use super::{
    command::Attributes,
    session::{ImapSession, Query, set_of},
};
use crate::error::mail_error;

/// More mails than any answer was asked for.
const MAX_MAILS: usize = 200_000;
/// Headers that are read at once for their dates.
const AT_ONCE: usize = 500;
/// What dates a mail, where the server does not.
const DATES: &str = "(UID BODY.PEEK[HEADER.FIELDS (RECEIVED DATE)])";

/// What is known of one mail so far.
#[derive(Debug, Default)]
struct Known {
    size: Option<u64>,
    at: Option<Timestamp>,
    header: Option<Vec<u8>>,
}

impl Known {
    fn add(&mut self, other: Self) {
        self.size = self.size.or(other.size);
        self.at = self.at.or(other.at);
        self.header = self.header.take().or(other.header);
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
        let header = fetch.header().map(<[u8]>::to_vec);
        let known = Known { size: fetch.size().map(u64::from), at: fetch.received_at(), header };
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
    /// What a FETCH of these items says of the mails of a set.
    async fn gather(
        &mut self,
        what: &str,
        set: &str,
        items: &str,
    ) -> Result<BTreeMap<u32, Known>, MailError> {
        let mut gathered = Gathered::default();
        let mut note = |fetch: &Attributes<'_>| {
            gathered.note(fetch);
            None
        };
        self.fetch_each(what, Query::new(set, items), None, &mut note).await?;
        gathered.end(&self.context(what))
    }

    /// Sizes and times of the mails of a set. Each that the server tells of is there: without a readable date its header
    /// dates it, and where that has none either, it is of 1970; without a size it is read in pieces.
    pub(super) async fn listed(&mut self, set: &str) -> Result<BTreeMap<u32, Listed>, MailError> {
        let mails = self.gather("list mails", set, "(UID RFC822.SIZE INTERNALDATE)").await?;
        let dates = self.dates(&mails).await?;
        Ok(mails.iter().map(|(uid, mail)| (*uid, listed(*uid, mail, &dates))).collect())
    }

    /// What the mails of a set are known by.
    pub(super) async fn identified(&mut self, set: &str) -> Result<BTreeMap<u32, Identified>, MailError> {
        let items = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])";
        let mails = self.gather("identify mails", set, items).await?;
        let dates = self.dates(&mails).await?;
        let identified = |(uid, mail): (u32, Known)| {
            let listed = listed(uid, &mail, &dates);
            (uid, Identified { listed, header: mail.header.unwrap_or_default().into() })
        };
        Ok(mails.into_iter().map(identified).collect())
    }

    /// When those of these mails arrived that the server gave no readable date, by their headers.
    async fn dates(&mut self, mails: &BTreeMap<u32, Known>) -> Result<BTreeMap<u32, Timestamp>, MailError> {
        let undated: Vec<u32> =
            mails.iter().filter(|(_, mail)| mail.at.is_none()).map(|(uid, _)| *uid).collect();
        let mut dates = BTreeMap::new();
        for some in undated.chunks(AT_ONCE) {
            let headers = self.gather("read dates", &set_of(some), DATES).await?;
            let dated = |(uid, mail): (u32, Known)| Some((uid, received_at(&mail.header?)?));
            dates.extend(headers.into_iter().filter_map(dated));
        }
        Ok(dates)
    }
}

fn listed(uid: u32, mail: &Known, dates: &BTreeMap<u32, Timestamp>) -> Listed {
    let received_at = mail.at.or_else(|| dates.get(&uid).copied()).unwrap_or(Timestamp::UNIX_EPOCH);
    let size = mail.size.unwrap_or(Listed::UNKNOWN_SIZE);
    Listed { server_id: ServerId::Imap { uid }, size, received_at }
}
