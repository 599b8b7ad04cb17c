//! Changing mails on the server: SELECT, STORE, MOVE (RFC 6851), COPY, and UID EXPUNGE (RFC 4315).
//!
//! A plain EXPUNGE is never sent: it would delete what other programs have marked.

use std::collections::BTreeSet;

use async_imap::imap_proto::{MailboxDatum, Response};
use intake::{
    ports::{Identified, MailError, MailFault, ToChange},
    types::errand::MailAction,
};

use super::{
    folder::{self, quoted},
    greeting::Capabilities,
    opening::open_folder,
    session::{ImapSession, uids_of},
    sets::set_of,
};
use crate::error::mail_error;

impl ImapSession {
    /// What these mails are known by.
    pub(super) async fn identify_all(&mut self, uids: &BTreeSet<u32>) -> Result<Vec<Identified>, MailError> {
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.identified(&set_of(uids)).await?;
        // A server may tell of other mails by the way.
        found.retain(|uid, _| uids.contains(uid));
        Ok(found.into_values().collect())
    }

    /// Does it to all of them.
    pub(super) async fn change_all(
        &mut self,
        mails: &[ToChange],
        action: &MailAction,
    ) -> Result<(), MailError> {
        let uids = uids_of(mails.iter().map(|mail| &mail.server_id))?;
        if uids.is_empty() {
            return Ok(());
        }
        match action {
            MailAction::MarkSeen => {
                self.select().await?;
                self.flag(&uids, "\\Seen").await?;
            }
            MailAction::Delete => {
                self.demand("UIDPLUS", "delete mails").await?;
                self.select().await?;
                self.remove(&uids).await?;
            }
            MailAction::Move { folder } => self.move_all(mails, &uids, folder).await?,
        }
        Ok(())
    }

    async fn move_all(
        &mut self,
        mails: &[ToChange],
        uids: &BTreeSet<u32>,
        to: &str,
    ) -> Result<(), MailError> {
        let context = self.wire.context("move mails");
        let to = folder::encode(to).map_err(|()| mail_error(MailFault::NoFolder, &context))?;
        let moves = self.can("MOVE").await?;
        if !moves {
            self.demand("UIDPLUS", "move mails").await?;
        }
        let to = self.made_folder(&to).await?;
        if moves {
            self.select().await?;
            return self.run_on("move mails", "UID MOVE", (&set_of(uids), &quoted(&to))).await;
        }
        let there = self.copied_before(mails, &to).await?;
        self.select().await?;
        let fresh = set_of(uids.difference(&there));
        if !fresh.is_empty() {
            self.run_on("copy mails", "UID COPY", (&fresh, &quoted(&to))).await?;
        }
        self.remove(uids).await
    }

    /// Which of those that were begun before lie in the other folder already: an answer to COPY may have been lost.
    async fn copied_before(&mut self, mails: &[ToChange], to: &str) -> Result<BTreeSet<u32>, MailError> {
        let again = mails.iter().filter(|mail| mail.again).map(|mail| &mail.server_id);
        let begun = self.identify_all(&uids_of(again)?).await?;
        if begun.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.changing.selected = false;
        let looked = async {
            open_folder(&mut self.wire, "EXAMINE", to, "look for copies").await?;
            let mut there = BTreeSet::new();
            for mail in begun {
                if self.holds(&mail).await? {
                    there.extend(mail.listed.server_id.uid());
                }
            }
            Ok(there)
        };
        let looked = looked.await;
        // Another folder is open now: after an error nothing more may be asked of this session.
        self.wire.broken |= looked.is_err();
        looked
    }

    /// Whether the open folder holds a copy: COPY keeps date and size.
    async fn holds(&mut self, mail: &Identified) -> Result<bool, MailError> {
        let size = mail.listed.size;
        let what = format!("LARGER {} SMALLER {}", size.saturating_sub(1), size.saturating_add(1));
        let like = self.search(&what).await?.into_iter().collect();
        let like = self.identify_all(&like).await?;
        let same = |other: &Identified| {
            other.header == mail.header && other.listed.received_at == mail.listed.received_at
        };
        Ok(like.iter().any(same))
    }

    /// Marks them and deletes them, and no others.
    async fn remove(&mut self, uids: &BTreeSet<u32>) -> Result<(), MailError> {
        self.flag(uids, "\\Deleted").await?;
        self.run_on("delete mails", "UID EXPUNGE", (&set_of(uids), "")).await
    }

    async fn flag(&mut self, uids: &BTreeSet<u32>, flag: &str) -> Result<(), MailError> {
        self.run_on("mark mails", "UID STORE", (&set_of(uids), &format!("+FLAGS.SILENT ({flag})"))).await
    }

    /// The same folder as before, open for changes.
    async fn select(&mut self) -> Result<(), MailError> {
        if self.changing.selected {
            return Ok(());
        }
        let what = "open the folder for changes";
        let context = self.wire.context(what);
        let opened = open_folder(&mut self.wire, "SELECT", &self.name, what).await;
        // Another one may be open now, or none.
        self.wire.broken |= opened.is_err();
        let opened = opened?;
        if opened.status.uid_validity != self.status.uid_validity {
            self.wire.broken = true;
            return Err(mail_error(MailFault::Temporary, format!("{context}: it was numbered anew")));
        }
        if opened.read_only {
            return Err(mail_error(MailFault::NotPermitted, format!("{context}: it can only be read")));
        }
        self.changing.selected = true;
        Ok(())
    }

    /// What a folder of this name is called, after it was made where there was none.
    async fn made_folder(&mut self, name: &str) -> Result<String, MailError> {
        if let Some(called) = self.changing.there.get(name) {
            return Ok(called.clone());
        }
        let called = match self.found_folder(name).await? {
            Some(there) => there,
            None => match self.make_folder(name).await {
                Err(error) if error.fault == MailFault::NoFolder => self.make_below(name, error).await?,
                made => made.map(|()| name.to_owned())?,
            },
        };
        self.changing.there.insert(name.to_owned(), called.clone());
        Ok(called)
    }

    /// What a folder of this name is called: as it is, or below the prefix of the account's own folders.
    pub(super) async fn found_folder(&mut self, name: &str) -> Result<Option<String>, MailError> {
        if self.has_folder(name).await? {
            return Ok(Some(name.to_owned()));
        }
        let Some(prefix) = self.prefix().await? else { return Ok(None) };
        let below = format!("{prefix}{name}");
        let found = !folder::lies_below(name, &prefix) && self.has_folder(&below).await?;
        Ok(found.then_some(below))
    }

    /// NAMESPACE (RFC 2342): what comes before the names of the account's own folders, such as `INBOX.`; None where nothing
    /// does, or the server does not tell.
    pub(super) async fn prefix(&mut self) -> Result<Option<String>, MailError> {
        if let Some(known) = &self.changing.prefix {
            return Ok(known.clone());
        }
        let mut prefix = None;
        if self.can("NAMESPACE").await? {
            match self.wire.run("ask for namespaces", "NAMESPACE").await {
                Ok(()) => prefix = self.wire.told().prefix.clone(),
                Err(error) if is_refusal(&error.fault) => {}
                Err(error) => return Err(error),
            }
        }
        let prefix = prefix.filter(|prefix| !prefix.is_empty());
        self.changing.prefix = Some(prefix.clone());
        Ok(prefix)
    }

    /// Where other names cannot be made, as at Courier and Cyrus: the same below the prefix of the account's own folders.
    /// Where no namespace tells it, it is INBOX, as it is divided from what lies below it (LIST, RFC 3501 section 7.2.2).
    async fn make_below(&mut self, name: &str, refused: MailError) -> Result<String, MailError> {
        let prefix = match self.prefix().await? {
            Some(prefix) => Some(prefix),
            None => self.inbox_prefix().await?,
        };
        let Some(prefix) = prefix.filter(|prefix| !folder::lies_below(name, prefix)) else {
            return Err(refused);
        };
        let below = format!("{prefix}{name}");
        match self.make_folder(&below).await {
            // What the server said of the name that people know.
            Err(error) if error.fault == MailFault::NoFolder => Err(refused),
            made => made.map(|()| below),
        }
    }

    async fn inbox_prefix(&mut self) -> Result<Option<String>, MailError> {
        let mut divider = None;
        let mut look = |answer: &Response<'_>| {
            if let Response::MailboxData(MailboxDatum::List(list)) = answer
                && list.name.eq_ignore_ascii_case("INBOX")
            {
                divider = list.delimiter.as_deref().map(str::to_owned);
            }
        };
        self.wire.run_and_see("look for the namespace", "LIST \"\" INBOX", &mut look).await?;
        Ok(divider.map(|divider| format!("INBOX{divider}")))
    }

    /// Makes a folder, where there is still none of this name; [`MailFault::NoFolder`] where the server does not let us.
    async fn make_folder(&mut self, name: &str) -> Result<(), MailError> {
        let made = self.wire.run("make a folder", &format!("CREATE {}", quoted(name))).await;
        match made {
            // Another client may have been faster.
            Err(error) if is_refusal(&error.fault) => {
                if !self.has_folder(name).await? {
                    return Err(MailError { fault: MailFault::NoFolder, ..error });
                }
            }
            made => made?,
        }
        // Mail programs show what is subscribed. Not every server has subscriptions.
        match self.wire.run("subscribe a folder", &format!("SUBSCRIBE {}", quoted(name))).await {
            Err(error) if error.fault != MailFault::Refused => Err(error),
            _ => Ok(()),
        }
    }

    async fn has_folder(&mut self, name: &str) -> Result<bool, MailError> {
        let mut there = false;
        let mut look = |answer: &Response<'_>| {
            if let Response::MailboxData(MailboxDatum::List(list)) = answer {
                there |= list.name == name;
            }
        };
        // A name may hold a wildcard: then others are listed too.
        self.wire.run_and_see("look for a folder", &format!("LIST \"\" {}", quoted(name)), &mut look).await?;
        Ok(there)
    }

    async fn demand(&mut self, capability: &str, what: &str) -> Result<(), MailError> {
        if self.can(capability).await? {
            return Ok(());
        }
        let context = self.wire.context(what);
        Err(mail_error(MailFault::NotOffered, format!("{context}: the server does not offer {capability}")))
    }

    pub(super) async fn can(&mut self, capability: &str) -> Result<bool, MailError> {
        if self.changing.capabilities.is_none() {
            let mut told = Capabilities::default();
            let mut look = |answer: &Response<'_>| {
                if let Response::Capabilities(list) = answer {
                    told = Capabilities::of(list);
                }
            };
            self.wire.run_and_see("ask for capabilities", "CAPABILITY", &mut look).await?;
            self.changing.capabilities = Some(told);
        }
        Ok(self.changing.capabilities.as_ref().is_some_and(|known| known.has(capability)))
    }
}

/// Whether a server does not let a folder be made, in whatever words: Courier says `Invalid mailbox name.`, Cyrus
/// `Permission denied`.
fn is_refusal(fault: &MailFault) -> bool {
    matches!(fault, MailFault::Refused | MailFault::NotPermitted | MailFault::NoFolder)
}
