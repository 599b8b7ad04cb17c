//! How many batches of mails the embedded store takes: the commits of an import, and nothing around them.
//!
//! Prints one line of JSON. Half of the mails become issues and half comments, every second one has a file, as in the
//! mails of `cargo xtask bench`; texts of 1.5 kB, with their HTML.

#![allow(clippy::unwrap_used, dead_code, missing_docs)]

#[path = "../tests/contract/samples.rs"]
mod samples;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

use std::time::{Duration, Instant};

use embedded::Embedded;
use intake::{
    ports::{
        Change, CursorMove, IssueTouch, Lease, LeaseOutcome, LeaseTarget, Leases, Store, ThreadKey, Write,
    },
    types::{
        issue::{Body, Comment, Issue, Text},
        mailbox::{Cursor, Mailbox},
        message::{SeenMarker, SeenScope},
    },
};
use samples::*;
use store::{DynamoStore, ensure_table};

/// Mails of one transaction, as an import writes them at most.
const MAILS: u32 = 13;
/// Measured for this long.
const TIME: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = Embedded::open(&folder.path().join("ceiling.db")).unwrap();
    let client = embedded.client();
    ensure_table(&client, "maildocket").await.unwrap();
    let store = DynamoStore::new(
        client,
        "maildocket",
        std::sync::Arc::new(machine::SystemEntropy),
        std::sync::Arc::new(machine::SystemClock),
    );
    let mailbox = create_mailbox(&store, 1).await;
    let taken = store.take_lease(LeaseTarget::Mailbox(mailbox.id), at(0), Duration::from_secs(600)).await;
    let Ok(LeaseOutcome::Taken(lease)) = taken else { panic!("no lease: {taken:?}") };

    let batches: Vec<Vec<Change>> = (0..2_000).map(|n| batch(&mailbox, &lease, n * MAILS + 1)).collect();
    let (items, begun) = (embedded.items_written(), Instant::now());
    let mut done = 0u32;
    for batch in &batches {
        store.commit(batch).await.unwrap();
        done += 1;
        if begun.elapsed() > TIME {
            break;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let items = embedded.items_written() - items;
    println!(r#"{{"mails":{},"transactions":{done},"items":{items},"seconds":{seconds}}}"#, done * MAILS);
}

/// What `shared/intake/src/flows/poll/batch.rs` commits for so many mails.
fn batch(mailbox: &Mailbox, lease: &Lease, first: u32) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut thread = issue(first.into(), &message(mailbox, first));
    for n in first..first + MAILS {
        let mut message = message(mailbox, n);
        let with_file = n % 2 == 0;
        if (n - first).is_multiple_of(2) {
            thread = Issue { body: body(), ..issue(n.into(), &message) };
            changes.push(Change::Issue(Box::new(Write::Create(thread.clone()))));
        } else {
            let comment = Comment { body: body(), ..comment(&thread, &message) };
            changes.push(Change::Comment(Box::new(comment)));
            let (attachments, at) = (u64::from(with_file), message.received_at);
            let touch = IssueTouch {
                key: thread.key.clone(),
                comments: 1,
                attachments: attachments.cast_signed(),
                at,
            };
            changes.push(Change::TouchIssue(touch));
        }
        if with_file {
            changes.push(Change::Attachment(attachment(&thread, &message)));
        }
        let internet_message_id = message.internet_message_id.clone().unwrap();
        let key = ThreadKey { project: mailbox.project.clone(), internet_message_id };
        changes.push(Change::Thread { key, issue: thread.key.clone(), likeness: Some("0".repeat(32)) });
        for scope in [SeenScope::Mailbox(mailbox.id), SeenScope::Project(mailbox.project.clone())] {
            let marker = SeenMarker { scope, identity: format!("{n:064}") };
            changes.push(Change::Seen { marker, by: message.id });
        }
        message.issue_key = Some(thread.key.clone());
        changes.push(record(&message));
    }
    let next_uid = first + MAILS;
    changes.push(Change::Cursor(CursorMove {
        mailbox_id: mailbox.id,
        fence: lease.fence,
        epoch: 1,
        cursor: Cursor {
            uid_validity: 1,
            next_uid,
            import_below: 1,
            counted: None,
            maildrop: None,
            renewed: None,
        },
        oldest_unprocessed_at: None,
    }));
    changes
}

fn body() -> Body {
    let text = |length: usize| Text::Inline("A sentence of a mail. ".repeat(length / 22));
    Body { text: text(1_500), html: Some(text(3_000)), quoted: Text::Inline(String::new()) }
}
