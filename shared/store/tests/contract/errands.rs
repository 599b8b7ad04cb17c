//! What is to be done to mails on their servers.

use std::sync::Arc;

use intake::{
    ports::{Change, LeaseTarget, RunChange, Store, Why},
    types::{
        errand::{AfterImport, Errand, ErrandStatus, ErrandTrouble, MailAction},
        mailbox::Mailbox,
        message::Message,
    },
};

use super::{
    rejected,
    samples::{at, create_mailbox, message, record},
    take,
};

fn errand(message: &Message) -> Errand {
    Errand {
        mailbox_id: message.mailbox_id,
        message_id: message.id,
        epoch: 1,
        uid_validity: 5,
        server_id: message.server_id.clone(),
        action: MailAction::Move { folder: "Erledigt/日本語".to_owned() },
        internet_message_id: message.internet_message_id.clone(),
        size: message.size,
        received_at: message.received_at,
        tries: 0,
    }
}

fn run_change(mailbox: &Mailbox, fence: u64) -> RunChange {
    RunChange { fence: Some(fence), ..RunChange::of(mailbox.id) }
}

pub(crate) async fn errands_are_noted_begun_and_taken_back(store: Arc<dyn Store>) {
    let mailbox = create_mailbox(&*store, 1).await;
    let lease = take(&*store, LeaseTarget::Mailbox(mailbox.id), at(0)).await;
    let messages: Vec<Message> = [3, 1, 2]
        .map(|n| {
            let message = message(&mailbox, n);
            Message { after_import: Some(AfterImport::pending(errand(&message).action)), ..message }
        })
        .into();
    assert!(!store.run(mailbox.id).await.unwrap().unwrap().errands.pending);
    let note = |message: &Message| Change::Errand(Box::new(errand(message)));
    let mut batch: Vec<Change> = messages.iter().map(record).collect();
    batch.extend(messages.iter().map(note));
    store.commit(&batch).await.unwrap();
    assert!(store.run(mailbox.id).await.unwrap().unwrap().errands.pending);
    let listed = store.errands(mailbox.id, 10).await.unwrap();
    let oldest_first: Vec<_> = listed.iter().map(|errand| errand.server_id.uid().unwrap()).collect();
    assert_eq!(oldest_first, [1, 2, 3]);
    assert_eq!(listed[0], errand(&messages[1]));

    let begun = Errand { tries: 1, ..listed[0].clone() };
    let under = Change::Run(run_change(&mailbox, lease.fence));
    store.commit(&[Change::Errand(Box::new(begun.clone())), under.clone()]).await.unwrap();
    assert_eq!(store.errands(mailbox.id, 1).await.unwrap(), std::slice::from_ref(&begun));
    let outcome =
        AfterImport { action: begun.action.clone(), status: ErrandStatus::Done, detail: String::new() };
    let over = |outcome| Change::ErrandOver { errand: Box::new(begun.clone()), outcome };
    store.commit(&[over(Some(outcome.clone())), under.clone()]).await.unwrap();
    assert_eq!(store.errands(mailbox.id, 10).await.unwrap().len(), 2);
    let told = store.message(begun.message_id).await.unwrap().unwrap();
    assert_eq!(told.after_import, Some(outcome));
    let known = store.known(&[begun.message_id, messages[0].id]).await.unwrap();
    let done = known.iter().filter(|m| m.after_import.as_ref().unwrap().status == ErrandStatus::Done);
    assert_eq!(done.count(), 1);

    let none = RunChange { errands_pending: Some(false), ..run_change(&mailbox, lease.fence) };
    store.commit(&[Change::Run(none)]).await.unwrap();
    assert!(!store.run(mailbox.id).await.unwrap().unwrap().errands.pending);
}

pub(crate) async fn without_its_lease_an_errand_is_left_alone(store: Arc<dyn Store>) {
    let mailbox = create_mailbox(&*store, 1).await;
    let first = take(&*store, LeaseTarget::Mailbox(mailbox.id), at(0)).await;
    let one = message(&mailbox, 1);
    store.commit(&[record(&one), Change::Errand(Box::new(errand(&one)))]).await.unwrap();
    take(&*store, LeaseTarget::Mailbox(mailbox.id), at(100_000)).await;
    let over = Change::ErrandOver { errand: Box::new(errand(&one)), outcome: None };
    let refused = store.commit(&[over, Change::Run(run_change(&mailbox, first.fence))]).await;
    assert_eq!(rejected(refused)[0].why, Why::FenceLost);
    assert_eq!(store.errands(mailbox.id, 10).await.unwrap().len(), 1);
    // A mail without a record has nothing to tell it in.
    let stranger = message(&mailbox, 2);
    let outcome = Some(AfterImport::pending(MailAction::Delete));
    let over = Change::ErrandOver { errand: Box::new(errand(&stranger)), outcome };
    assert_eq!(rejected(store.commit(&[over]).await)[0].why, Why::Missing("message"));
}

pub(crate) async fn why_errands_wait_is_told_until_it_is_mended(store: Arc<dyn Store>) {
    let mailbox = create_mailbox(&*store, 1).await;
    let problem = intake::Error::retry("store_busy").problem();
    let trouble = ErrandTrouble { failures: 2, not_before: at(50), problem };
    let change = |trouble| RunChange {
        errands_pending: Some(true),
        errands_trouble: Some(trouble),
        ..RunChange::of(mailbox.id)
    };
    store.commit(&[Change::Run(change(Some(trouble.clone())))]).await.unwrap();
    let errands = store.run(mailbox.id).await.unwrap().unwrap().errands;
    assert!(
        errands.trouble.as_ref() == Some(&trouble) && !errands.are_due(at(49)) && errands.are_due(at(50))
    );
    store.commit(&[Change::Run(change(None))]).await.unwrap();
    let errands = store.run(mailbox.id).await.unwrap().unwrap().errands;
    assert!(errands.trouble.is_none() && errands.are_due(at(0)));
}

pub(crate) async fn a_purge_takes_errands_along(store: Arc<dyn Store>) {
    let mailbox = create_mailbox(&*store, 1).await;
    let one = message(&mailbox, 1);
    store.commit(&[record(&one), Change::Errand(Box::new(errand(&one)))]).await.unwrap();
    store.purge_messages(mailbox.id, &[one.id]).await.unwrap();
    assert!(store.errands(mailbox.id, 10).await.unwrap().is_empty());
}
