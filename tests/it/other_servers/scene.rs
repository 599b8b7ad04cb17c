//! An installation in this process, and an account at one of the servers.

use std::{collections::BTreeMap, time::Duration};

use intake::{
    Result,
    flows::{
        mailboxes::{self, AfterImportInput, MailboxInput},
        poll::{self, Hint, PollReport},
        probe::{self, ProbeReport},
    },
    ports::{IssueFilter, MessageFilter},
    types::{PageRequest, given::Given, ids::MailboxId, message::Message, project::ProjectKey},
};
use playground::Identity;
use tests::{
    Inside, courier, cyrus,
    dovecot::PASSWORD,
    hand::Hand,
    inside::{PROJECT, actor, mailbox_by_password, text},
    mails::mail,
    unpacked::Unpacked,
};

/// Longer than any poll takes.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than it is until the plan has the newest mails compared with the records.
pub(super) const RESCAN: Duration = Duration::from_secs(61 * 60);
/// Longer than a lease, and than the first pauses after a failure.
pub(super) const LATER: Duration = Duration::from_secs(10 * 60);

/// By what a mailbox is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Imap,
    Pop3,
}

/// The servers, one after the other.
pub(super) async fn servers() -> [&'static Unpacked; 2] {
    [courier::server().await, cyrus::server().await]
}

pub(super) struct Scene<'a> {
    pub(super) server: &'a Unpacked,
    pub(super) inside: Inside,
    pub(super) user: String,
    pub(super) mailbox: MailboxId,
}

impl<'a> Scene<'a> {
    /// A mailbox that imports all of a new account's INBOX, and does nothing to it.
    pub(super) async fn new(server: &'a Unpacked, by: By) -> Self {
        Self::with(server, by, |_| ()).await
    }

    /// The same with other settings.
    pub(super) async fn with(server: &'a Unpacked, by: By, set: impl FnOnce(&mut MailboxInput)) -> Self {
        let user = server.account();
        // Cyrus makes an INBOX at the first sign-in.
        server.hand(&user);
        let inside = Inside::new(&Identity::new().expect("certificates").ca_pem).await;
        let mut input = input(server, by, &user);
        set(&mut input);
        let made = mailboxes::create(&inside.app, &actor(), input, None).await.expect("a mailbox");
        Self { server, inside, user, mailbox: made.mailbox.id }
    }

    /// Delivers mails with these numbers.
    pub(super) fn deliver(&self, numbers: impl IntoIterator<Item = usize>) {
        self.server.deliver(&self.user, numbers.into_iter().map(letter));
    }

    pub(super) fn maildir(&self) -> std::path::PathBuf {
        self.server.maildir(&self.user)
    }

    pub(super) fn hand(&self) -> Hand {
        self.server.hand(&self.user)
    }

    /// Polls once.
    pub(super) async fn try_poll(&self) -> Result<PollReport> {
        poll::poll_now(&self.inside.app, self.mailbox, PATIENCE).await
    }

    /// Polls until nothing is left.
    pub(super) async fn poll(&self) -> PollReport {
        let mut sum = PollReport::default();
        loop {
            let report =
                self.try_poll().await.unwrap_or_else(|error| panic!("{}: {error:?}", self.server.name));
            sum += report;
            if !report.more {
                return PollReport { more: false, ..sum };
            }
        }
    }

    /// Polls as the plan does once an hour, until nothing is left.
    pub(super) async fn rescan(&self) {
        loop {
            let hint = Hint { mailbox_id: self.mailbox, planned_at: self.inside.app.now(), rescan: true };
            let report = poll::poll_hint(&self.inside.app, &hint, PATIENCE).await;
            if !report.unwrap_or_else(|error| panic!("{}: {error:?}", self.server.name)).more {
                return;
            }
        }
    }

    /// Changes settings.
    pub(super) async fn choose(&self, set: impl FnOnce(&mut MailboxInput)) {
        let mut input = MailboxInput::default();
        set(&mut input);
        let any = intake::flows::change::Expect::any();
        mailboxes::patch(&self.inside.app, &actor(), self.mailbox, &any, input).await.expect("a change");
    }

    pub(super) async fn probe(&self) -> ProbeReport {
        probe::mailbox(&self.inside.app, self.mailbox).await.expect("a test of the connection")
    }

    pub(super) async fn messages(&self) -> Vec<Message> {
        let filter = MessageFilter { mailbox_id: self.mailbox, state: None };
        self.inside.app.store.messages(&filter, &PageRequest::first(200)).await.unwrap().items
    }

    /// The summaries of all issues, and how many there are of each.
    pub(super) async fn issues(&self) -> BTreeMap<String, usize> {
        let project = IssueFilter::Project(ProjectKey::new(PROJECT).unwrap(), None);
        let issues = self.inside.app.store.issues(&project, &PageRequest::first(200)).await.unwrap();
        let mut counts = BTreeMap::new();
        issues.items.into_iter().for_each(|issue| *counts.entry(issue.summary).or_default() += 1);
        counts
    }

    /// Every mail of these numbers is one issue, and there are no others.
    pub(super) async fn expect_issues(&self, numbers: impl IntoIterator<Item = usize>) {
        let wanted: BTreeMap<String, usize> = numbers.into_iter().map(|n| (subject(n), 1)).collect();
        let found = self.issues().await;
        if found != wanted {
            let missing: Vec<&String> =
                wanted.keys().filter(|summary| !found.contains_key(*summary)).collect();
            let others: Vec<_> =
                found.iter().filter(|(summary, n)| wanted.get(*summary) != Some(n)).collect();
            let records = self.messages().await;
            let records: Vec<_> = records
                .iter()
                .map(|m| format!("{:?} {:?} {:?} {}", m.server_id, m.state, m.reason, m.subject))
                .collect();
            panic!("{}: missing {missing:?}, too many {others:?}, records {records:#?}", self.server.name);
        }
    }
}

fn input(server: &Unpacked, by: By, user: &str) -> MailboxInput {
    let (protocol, port) = match by {
        By::Imap => ("imap", server.imap),
        By::Pop3 => ("pop3", server.pop3),
    };
    mailbox_by_password((protocol, "localhost", port, "none"), (user, PASSWORD))
}

/// What is done after an import.
pub(super) fn after(action: &str, folder: Option<&str>) -> Given<AfterImportInput> {
    let folder = folder.map(text).unwrap_or_default();
    Given::Value(AfterImportInput { action: text(action), folder })
}

fn subject(number: usize) -> String {
    format!("Mail {number}")
}

/// The mail of this number.
pub(super) fn letter(number: usize) -> Vec<u8> {
    mail(&number.to_string(), &subject(number), "", "text")
}
