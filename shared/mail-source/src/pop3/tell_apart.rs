//! Mails without a unique-id of their own: UIDL is optional, some servers leave ids out, and some give one id to several
//! mails. RFC 1939 section 7 allows that for identical copies only.
//!
//! Such a mail is known again by its header, which no server changes but for the fields of its own bookkeeping; those that
//! say the same are counted. So each is imported once, also where others go or come.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use intake::ports::{MailError, MailFault};

use super::{
    listing::{Doubtful, Hash, bytes},
    session::{Pop3Session, Wanted},
};

/// The most mails whose header is read at each poll to tell them apart.
const MAX_DOUBTFUL: usize = 2_000;
/// Fields in which servers and programs keep their own notes, in lower case: they change while a mail lies there.
const BOOKKEEPING: [&str; 12] = [
    "status",
    "x-status",
    "x-uid",
    "x-uidl",
    "x-imap",
    "x-imapbase",
    "x-keywords",
    "x-mozilla-status",
    "x-mozilla-status2",
    "x-mozilla-keys",
    "content-length",
    "lines",
];

/// How many of the doubtful mails are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thoroughness {
    All,
    /// One mail that can be read is enough: a connection is tried out.
    One,
}

impl Pop3Session {
    /// Names the mails that their unique-ids do not tell apart.
    pub(crate) async fn tell_apart(&mut self, thoroughness: Thoroughness) -> Result<(), MailError> {
        if !self.listing.has_doubts() {
            return Ok(());
        }
        self.learn_sizes().await?;
        let mut doubtful = self.listing.doubtful();
        self.begin("tell mails apart");
        if doubtful.len() > MAX_DOUBTFUL {
            let why = format!("{} have no unique-id (UIDL) of their own", doubtful.len());
            return Err(self.wire.error_as(MailFault::TooMany, why));
        }
        if thoroughness == Thoroughness::One {
            doubtful.truncate(usize::from(self.listing.mails().next().is_none()));
        }
        let digests = self.digests(&doubtful).await?;
        let mut counts: BTreeMap<Hash, u32> = BTreeMap::new();
        let mut copies: BTreeMap<u32, Vec<(Hash, u64)>> = BTreeMap::new();
        for mail in &doubtful {
            let number = mail.number();
            let digest = digests.get(&number).copied().flatten();
            if let (Doubtful::Shared(_, first), Some(digest)) = (mail, digest) {
                let first_one =
                    digests.get(first).copied().flatten().map(|digest| (digest, self.listing.size(*first)));
                let seen = copies.entry(*first).or_insert_with(|| first_one.into_iter().collect());
                let this = (digest, self.listing.size(number));
                if seen.contains(&this) {
                    self.listing.forget(number);
                    continue;
                }
                seen.push(this);
            }
            // A mail whose header is refused is wanted all the same: its reading shows what is wrong with it.
            let digest = digest.unwrap_or_default();
            let nth = counts.entry(digest).or_default();
            self.listing.name(number, &digest, *nth);
            *nth += 1;
        }
        self.listing.in_order();
        Ok(())
    }

    /// Finds the mails of which LIST tells and UIDL did not: one may have come in between, or be absent from UIDL for a
    /// moment, or always. UIDL is asked once more, and what it leaves out again is known by what it says.
    pub(super) async fn find_untold(&mut self) -> Result<(), MailError> {
        if self.listing.untold().is_empty() {
            return Ok(());
        }
        let again = self.unique_ids("look for mails that UIDL left out").await?;
        self.listing.complete(&again);
        self.tell_apart(Thoroughness::All).await
    }

    /// What the headers of these mails say, and of those with which they share a unique-id. None: it is refused.
    async fn digests(&mut self, doubtful: &[Doubtful]) -> Result<BTreeMap<u32, Option<Hash>>, MailError> {
        let mut numbers: Vec<u32> = doubtful
            .iter()
            .flat_map(|mail| match mail {
                Doubtful::Nameless(number) => [Some(*number), None],
                Doubtful::Shared(number, first) => [Some(*number), Some(*first)],
            })
            .flatten()
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        self.make_free().await?;
        let mut digests = BTreeMap::new();
        let mut sent = 0;
        self.broken = true;
        for (at, number) in numbers.iter().enumerate() {
            let read = self.read_next(Wanted::Header, &numbers, at, &mut sent).await?;
            digests.insert(*number, read.ok().flatten().map(|header| digest(&header)));
        }
        self.broken = false;
        Ok(digests)
    }
}

/// Of the fields of a header, whatever ends their lines.
fn digest(header: &Bytes) -> Hash {
    let mut context = Context::new(&SHA256);
    let mut kept = true;
    for line in header.split(|byte| *byte == b'\n') {
        let folded = line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
        if !folded {
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default().trim_ascii();
            kept = !BOOKKEEPING.iter().any(|field| name.eq_ignore_ascii_case(field.as_bytes()));
        }
        let line = line.trim_ascii_end();
        if kept && !line.is_empty() {
            context.update(line);
            context.update(b"\n");
        }
    }
    bytes(context.finish().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_the_same_whatever_is_noted_in_it() {
        let plain = digest(&Bytes::from_static(b"Subject: a\r\n\tb\r\nDate: x\r\n\r\n"));
        let noted = b"Subject: a\n\tb\nStatus: RO\nX-UIDL: 7\n 8\nDate: x\n\n";
        assert_eq!(plain, digest(&Bytes::from_static(noted)));
        assert_ne!(plain, digest(&Bytes::from_static(b"Subject: a\r\nDate: x\r\n\r\n")));
    }
}
