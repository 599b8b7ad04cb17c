//! An installation in this process and an account at the real server, whose mails something is done to.

use std::{path::PathBuf, time::Duration};

use intake::{
    App,
    flows::{
        mailboxes::{self, AfterImportInput, MailboxInput, Shown},
        poll::{self, PollReport},
    },
    ports::MessageFilter,
    types::{
        PageRequest,
        errand::{AfterImport, ErrandStatus},
        given::Given,
        ids::MailboxId,
        message::Message,
    },
};
use tests::{
    Inside, Servers,
    dovecot::Account,
    inside::{actor, password_mailbox, text},
    mails::mail,
};

/// Where mails are moved to.
pub(super) const DONE: &str = "Done";
/// Longer than a lease, and than the first pauses after a failure.
pub(super) const LATER: Duration = Duration::from_secs(10 * 60);

/// One of the choices that take mails away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    MarkSeen,
    Move,
    Delete,
}

impl Choice {
    pub(super) fn input(self) -> AfterImportInput {
        match self {
            Self::MarkSeen => AfterImportInput { action: text("mark_seen"), ..AfterImportInput::default() },
            Self::Move => AfterImportInput { action: text("move"), folder: text(DONE) },
            Self::Delete => AfterImportInput { action: text("delete"), ..AfterImportInput::default() },
        }
    }
}

pub(super) struct Scene {
    pub(super) inside: Inside,
    pub(super) account: Account,
    pub(super) mailbox: MailboxId,
}

impl Scene {
    /// A mailbox behind this port.
    pub(super) async fn at(servers: &Servers, port: u16, choice: Choice) -> Self {
        let inside = Inside::new(&servers.identity.ca_pem).await;
        let account = servers.dovecot.account();
        let input =
            MailboxInput { after_import: Given::Value(choice.input()), ..password_mailbox(&account, port) };
        let made = mailboxes::create(&inside.app, &actor(), input, None).await.unwrap();
        Self { inside, account, mailbox: made.mailbox.id }
    }

    pub(super) async fn new(servers: &Servers, choice: Choice) -> Self {
        Self::at(servers, servers.dovecot.imaps, choice).await
    }

    /// Mails that are hard to tell apart: two with the same text and Message-ID, and two without any Message-ID.
    pub(super) fn deliver_hard_ones(&self) -> usize {
        let twice = mail("twice", "Twice", "", "The same text.");
        let bare = |words: &str| {
            format!("From: ann@customer.example\r\nSubject: {words}\r\n\r\n{words}\r\n").into_bytes()
        };
        let mails =
            [mail("one", "One", "", "text"), twice.clone(), twice, bare("No name"), bare("No name either")];
        mails.iter().for_each(|raw| self.account.deliver(raw));
        mails.len()
    }

    pub(super) fn app(&self) -> &App {
        &self.inside.app
    }

    pub(super) async fn poll(&self) -> PollReport {
        poll::poll_now(self.app(), self.mailbox, Duration::from_secs(60)).await.unwrap()
    }

    pub(super) async fn shown(&self) -> Shown {
        mailboxes::get(self.app(), self.mailbox).await.unwrap()
    }

    pub(super) async fn patch(&self, input: MailboxInput) {
        let any = intake::flows::change::Expect::any();
        mailboxes::patch(self.app(), &actor(), self.mailbox, &any, input).await.unwrap();
    }

    /// By UID.
    pub(super) async fn messages(&self) -> Vec<Message> {
        let filter = MessageFilter { mailbox_id: self.mailbox, state: None };
        let page = self.app().store.messages(&filter, &PageRequest::first(200)).await.unwrap();
        let mut messages = page.items;
        messages.sort_by_key(|message| message.server_id.uid());
        messages
    }

    /// How the action on each mail stands, by UID.
    pub(super) async fn outcomes(&self) -> Vec<Option<AfterImport>> {
        self.messages().await.into_iter().map(|message| message.after_import).collect()
    }

    /// The one outcome that differs from the others.
    pub(super) async fn given_up(&self) -> Vec<String> {
        let given_up = |after: AfterImport| (after.status == ErrandStatus::GivenUp).then_some(after.detail);
        self.outcomes().await.into_iter().flatten().filter_map(given_up).collect()
    }

    pub(super) async fn all_done(&self) -> bool {
        let done = |after: &Option<AfterImport>| {
            after.as_ref().is_some_and(|after| after.status == ErrandStatus::Done)
        };
        self.outcomes().await.iter().all(done)
    }

    pub(super) fn inbox(&self) -> Vec<PathBuf> {
        self.account.mails_in("INBOX")
    }

    pub(super) fn done(&self) -> Vec<PathBuf> {
        self.account.mails_in(DONE)
    }
}
