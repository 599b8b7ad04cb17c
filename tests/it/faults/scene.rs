//! A mailbox that is connected and full, from which each case begins anew.

use std::time::Duration;

use bytes::Bytes;
use intake::{
    App, Result, Timestamp,
    flows::{
        authorize::AuthorizationInput,
        change::Expect,
        mailboxes::{self, MailboxInput},
        poll::{Hint, PollReport, poll_hint, poll_now},
    },
    types::{given::Given, ids::MailboxId, mailbox::Run},
};
use playground::{Options, Playground};
use tests::{
    Inside,
    inside::{actor, text},
};

use super::{ledger::Ledger, mails};

/// Whose mailbox it is.
pub(super) const USER: &str = "support@example.test";
/// Longer than a lease holds.
const LEASE_OVER: Duration = Duration::from_secs(120);
/// Longer than any poll takes.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A mail server, and an installation that may read it and has not done so yet.
pub(super) struct Scene {
    pub(super) playground: Playground,
    /// Never polled itself: cases poll a copy.
    pub(super) template: Inside,
    pub(super) mailbox: MailboxId,
    /// The mails by UID, from one.
    pub(super) mails: Vec<Bytes>,
}

impl Scene {
    /// With the sixty mails.
    pub(super) async fn with_sixty() -> Self {
        let mut scene = Self::empty().await;
        for mail in mails::sixty(Timestamp::now()) {
            scene.deliver_at(mail.raw, mail.received);
        }
        scene
    }

    /// With some plain mails.
    pub(super) async fn with_letters(count: usize) -> Self {
        let mut scene = Self::empty().await;
        for n in 1..=count {
            scene.deliver(mails::letter(&format!("letter-{n}"), &format!("Letter {n}"), "Dear all,"));
        }
        scene
    }

    /// With a mail of every kind that is no plain letter.
    pub(super) async fn with_special() -> Self {
        let mut scene = Self::empty().await;
        for raw in mails::special() {
            scene.deliver(raw);
        }
        scene
    }

    pub(super) fn deliver(&mut self, raw: Bytes) {
        self.deliver_at(raw, Timestamp::now());
    }

    pub(super) fn deliver_at(&mut self, raw: Bytes, received: Timestamp) {
        self.playground.deliver_at(USER, raw.clone(), received).unwrap();
        self.mails.push(raw);
    }

    /// With a few mails that are no plain letters, read by POP3.
    pub(super) async fn with_special_by_pop3() -> Self {
        let mut scene = Self::empty().await;
        for raw in mails::few_special() {
            scene.deliver(raw);
        }
        scene.by_pop3().await
    }

    /// The same, read by POP3.
    pub(super) async fn by_pop3(self) -> Self {
        let change = MailboxInput {
            protocol: text("pop3"),
            port: Given::Value(self.playground.pop3_address().port().into()),
            ..MailboxInput::default()
        };
        let app = &self.template.app;
        mailboxes::patch(app, &actor(), self.mailbox, &Expect::any(), change).await.unwrap();
        self
    }

    pub(super) async fn empty() -> Self {
        let playground = Playground::start(Options::default()).await.unwrap();
        let template = Inside::new(playground.ca_pem()).await;
        let integration = template.integration(&playground).await;
        let mailbox = template.mailbox(&playground, integration).await;
        let input = AuthorizationInput {
            login_hint: Some(USER.to_owned()),
            mailbox_id: Some(mailbox),
            ..AuthorizationInput::default()
        };
        template.consent(&playground, integration, input).await.unwrap();
        Self { playground, template, mailbox, mails: Vec::new() }
    }

    pub(super) async fn poll(&self, app: &App) -> Result<PollReport> {
        poll_now(app, self.mailbox, PATIENCE).await
    }

    /// A poll that also has the hourly look at the newest mails.
    pub(super) async fn rescan(&self, app: &App) -> Result<PollReport> {
        let hint = Hint { mailbox_id: self.mailbox, planned_at: app.now(), rescan: true };
        poll_hint(app, &hint, PATIENCE).await
    }

    /// A poll of the plan.
    pub(super) async fn scheduled(&self, app: &App) -> Result<PollReport> {
        let hint = Hint { mailbox_id: self.mailbox, planned_at: app.now(), rescan: false };
        poll_hint(app, &hint, PATIENCE).await
    }

    pub(super) async fn run(&self, inside: &Inside) -> Run {
        inside.app.store.run(self.mailbox).await.unwrap().unwrap()
    }
}

impl Scene {
    /// A first process imports everything.
    pub(super) async fn imported(&self) -> Inside {
        let inside = self.template.copy().await;
        let report = self.poll(&inside.app).await.unwrap();
        assert!(!report.more && !report.busy, "{report:?}");
        inside
    }

    /// What an import left, with every raw mail checked.
    pub(super) async fn ledger(&self, inside: &Inside) -> Ledger {
        let ledger = Ledger::of(inside, self.mailbox).await;
        ledger.check_raw(inside, &self.mails);
        ledger
    }
}

/// Waits until what a dead process held is free again.
pub(super) fn let_lease_end(inside: &Inside) {
    inside.clock.advance(LEASE_OVER);
}
