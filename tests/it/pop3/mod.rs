//! POP3 from end to end: sign-ins, imports, crashes, and what an idle poll costs.

mod crash;
mod idle;
mod import;
mod memory;
mod odd;
mod sign_in;

use intake::{
    flows::{
        mailboxes::{self, MailboxInput, StartInput},
        poll::{PollReport, poll_now},
    },
    types::ids::MailboxId,
};
use std::time::Duration;
use tests::{
    Inside, Servers,
    dovecot::Account,
    inside::{actor, password_mailbox, text},
};

/// Longer than any poll takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// An installation beside Dovecot.
async fn inside(servers: &Servers) -> Inside {
    Inside::new(&servers.identity.ca_pem).await
}

/// A POP3 mailbox of this account behind this port, signed in by password.
fn input(account: &Account, port: u16, start: StartInput) -> MailboxInput {
    MailboxInput {
        protocol: text("pop3"),
        start: intake::types::given::Given::Value(start),
        ..password_mailbox(account, port)
    }
}

/// The same, made.
async fn mailbox(inside: &Inside, account: &Account, port: u16, start: StartInput) -> MailboxId {
    let made = mailboxes::create(&inside.app, &actor(), input(account, port, start), None).await;
    made.expect("a mailbox").mailbox.id
}

fn start(mode: &str) -> StartInput {
    StartInput { mode: text(mode), ..StartInput::default() }
}

/// Polls until nothing is left.
async fn poll(inside: &Inside, mailbox: MailboxId) -> PollReport {
    let mut sum = PollReport::default();
    loop {
        let report = poll_now(&inside.app, mailbox, PATIENCE).await.expect("a poll");
        sum += report;
        if !report.more {
            return PollReport { more: false, ..sum };
        }
    }
}
