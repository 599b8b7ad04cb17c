//! What follows an import, seen without doing it: the means, the rights, and the folder to which mails go.

use async_imap::imap_proto::{MailboxDatum, NameAttribute, Response};
use intake::{
    ports::{MailError, MailFault, Means, Prospect, Rights, Target},
    types::errand::MailAction,
};

use super::{
    folder::{self, quoted},
    opening::open_folder,
    session::ImapSession,
};
use crate::error::mail_error;

/// The most folders that are named.
const MAX_FOLDERS: usize = 50;

impl ImapSession {
    /// SELECT, CAPABILITY, LIST, NAMESPACE and MYRIGHTS: nothing of it changes a mail or a folder.
    pub(super) async fn foresee_change(&mut self, action: &MailAction) -> Result<Prospect, MailError> {
        let means = self.means(action).await?;
        let rights = self.rights(means).await?;
        let target = match action.folder() {
            Some(folder) => Some(self.target(folder).await?),
            None => None,
        };
        Ok(Prospect { means, rights, target })
    }

    async fn means(&mut self, action: &MailAction) -> Result<Means, MailError> {
        Ok(match action {
            MailAction::MarkSeen => Means::Flag,
            MailAction::Move { .. } if self.can("MOVE").await? => Means::Move,
            MailAction::Move { .. } if self.can("UIDPLUS").await? => Means::CopyAndExpunge,
            MailAction::Delete if self.can("UIDPLUS").await? => Means::Expunge,
            MailAction::Move { .. } | MailAction::Delete => Means::Lacking("UIDPLUS"),
        })
    }

    /// Whether the folder opens for changes (RFC 3501 section 6.3.1), keeps the flag that they set (PERMANENTFLAGS), and
    /// whether the account has the rights to them (RFC 4314 section 4).
    async fn rights(&mut self, means: Means) -> Result<Rights, MailError> {
        let name = self.name.clone();
        let opened = open_folder(&mut self.wire, "SELECT", &name, "open the folder for changes").await?;
        if opened.read_only {
            return Ok(Rights::ReadOnly);
        }
        let kept = self.wire.told().permanent_flags.clone();
        let (flag, letters) = match means {
            Means::Flag => (Some("\\Seen"), "s"),
            Means::Expunge | Means::CopyAndExpunge => (Some("\\Deleted"), "te"),
            Means::Move => (None, "te"),
            Means::Lacking(_) => (None, ""),
        };
        if let (Some(kept), Some(flag)) = (kept, flag)
            && !kept.iter().any(|kept| kept.eq_ignore_ascii_case(flag))
        {
            return Ok(Rights::FlagNotKept(flag));
        }
        let Some(given) = self.rights_to(&name).await? else { return Ok(Rights::Given) };
        let lacking = lacking(letters, &given);
        Ok(if lacking.is_empty() { Rights::Given } else { Rights::Lacking(lacking) })
    }

    /// The account's rights to a folder; None where the server does not tell.
    async fn rights_to(&mut self, name: &str) -> Result<Option<String>, MailError> {
        if !self.can("ACL").await? {
            return Ok(None);
        }
        match self.wire.run("ask for rights", &format!("MYRIGHTS {}", quoted(name))).await {
            Ok(()) => Ok(self.wire.told().rights.clone()),
            Err(error) if !self.wire.broken && error.fault != MailFault::TimedOut => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn target(&mut self, folder: &str) -> Result<Target, MailError> {
        let context = self.wire.context("look for a folder");
        let name = folder::encode(folder).map_err(|()| mail_error(MailFault::NoFolder, context))?;
        if let Some(there) = self.found_folder(&name).await? {
            let may_insert = self.rights_to(&there).await?.is_none_or(|rights| rights.contains('i'));
            let there = folder::decode(&there);
            return Ok(if may_insert { Target::There(there) } else { Target::Closed(there) });
        }
        let prefix = self.prefix().await?;
        let made = match &prefix {
            Some(prefix) if !folder::lies_below(&name, prefix) => format!("{prefix}{name}"),
            _ => name,
        };
        let others = self.folders().await?;
        // RFC 4314 section 4: to make a folder needs the right `k` (once `c`) to the one that it lies in.
        let in_inbox = folder::lies_below(&made, "INBOX");
        let rights = if in_inbox { self.rights_to("INBOX").await? } else { None };
        if rights.is_some_and(|rights| !rights.contains(['k', 'c'])) {
            return Ok(Target::NotMade { others });
        }
        Ok(Target::ToBeMade { name: folder::decode(&made), others })
    }

    /// The first folders of the account that can be opened, in Unicode.
    pub(super) async fn folders(&mut self) -> Result<Vec<String>, MailError> {
        let mut names = Vec::new();
        let mut look = |answer: &Response<'_>| {
            if let Response::MailboxData(MailboxDatum::List(list)) = answer
                && !list.name_attributes.contains(&NameAttribute::NoSelect)
                && names.len() < MAX_FOLDERS
            {
                names.push(folder::decode(&list.name));
            }
        };
        self.wire.run_and_see("list folders", "LIST \"\" \"*\"", &mut look).await?;
        Ok(names)
    }
}

/// Which of these rights are not given. Servers of RFC 2086 have `d` for `t` and `e` (RFC 4314 section 2.1.1).
fn lacking(wanted: &str, given: &str) -> String {
    let has = |letter: &char| given.contains(*letter) || (*letter != 's' && given.contains('d'));
    wanted.chars().filter(|letter| !has(letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::lacking;

    #[test]
    fn rights_of_both_rfcs_are_known() {
        assert_eq!(lacking("te", "lrswipkxtea"), "");
        assert_eq!(lacking("te", "lrswipcda"), "");
        assert_eq!(lacking("te", "lrst"), "e");
        assert_eq!(lacking("s", "lrd"), "s");
    }
}
