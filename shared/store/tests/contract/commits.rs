//! Commits that are repeated, remembered or too large, and what is taken once.

use std::sync::Arc;

use futures::future::join_all;
use intake::{
    ports::{Change, MessageFilter, Remembered, Store, StoreError, Why, Write},
    types::{PageRequest, message::MessageState},
};

use crate::{
    rejected,
    samples::{self, *},
};

pub(crate) async fn a_repeated_commit_is_the_same_commit(store: Arc<dyn Store>) {
    let mailbox = create_mailbox(&*store, 1).await;
    let first = message(&mailbox, 1);
    let batch = [record(&first), Change::Issue(Box::new(Write::Create(issue(1, &first))))];
    store.commit(&batch).await.unwrap();
    store.commit(&batch).await.unwrap();
    // The same record in another company is not the same commit: nothing of the rest is written.
    let second = message(&mailbox, 2);
    let other = [record(&first), record(&second)];
    assert_eq!(rejected(store.commit(&other).await)[0].why, Why::Exists);
    assert_eq!(store.message(second.id).await.unwrap(), None);
    let known = store.known(&[first.id, second.id]).await.unwrap();
    assert_eq!(known, std::slice::from_ref(&first));
    let mut failed = first.clone();
    failed.state = MessageState::Failed;
    let expect = |state| Change::Message { message: Box::new(failed.clone()), expected: Some(state) };
    assert_eq!(rejected(store.commit(&[expect(MessageState::Held)]).await)[0].why, Why::Exists);
    store.commit(&[expect(first.state)]).await.unwrap();
    let filter = MessageFilter { mailbox_id: mailbox.id, state: Some(MessageState::Failed) };
    assert_eq!(store.messages(&filter, &PageRequest::first(9)).await.unwrap().items, [failed]);
}

pub(crate) async fn too_large_a_commit_is_refused(store: Arc<dyn Store>) {
    let mailbox = create_mailbox(&*store, 1).await;
    let many: Vec<Change> = (1..90).map(|n| record(&message(&mailbox, n))).collect();
    let Err(StoreError::Fault(error)) = store.commit(&many).await else { panic!("it was taken") };
    assert_eq!(error.code, "commit_too_large");
}

pub(crate) async fn an_idempotency_key_remembers(store: Arc<dyn Store>) {
    let what = |object: &str| Remembered { request: "r".to_owned(), object: object.to_owned() };
    let change = |object| Change::Remember { key: "k".to_owned(), what: what(object), expires_at: at(100) };
    store.commit(&[change("int_1")]).await.unwrap();
    let refused =
        store.commit(&[change("int_2"), Change::Integration(Write::Create(integration(1, "A")))]).await;
    assert_eq!(rejected(refused)[0].why, Why::Remembered(what("int_1")));
    assert_eq!(store.remembered("k", at(1)).await.unwrap(), Some(what("int_1")));
    assert_eq!(store.remembered("k", at(100)).await.unwrap(), None);
}

pub(crate) async fn an_opening_is_taken_once_and_in_time(store: Arc<dyn Store>) {
    let opening = opening("s1", at(600));
    store
        .commit(&[Change::Opening(opening.clone()), Change::Opening(samples::opening("s2", at(600)))])
        .await
        .unwrap();
    let takers = (0..20).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.take_opening("s1", at(1)).await })
    });
    let taken = join_all(takers).await.into_iter().filter_map(|r| r.unwrap().ok().flatten()).count();
    assert!(taken <= 1);
    assert_eq!(store.take_opening("s1", at(1)).await.unwrap(), None);
    assert_eq!(store.take_opening("s2", at(601)).await.unwrap(), None);
    assert_eq!(store.take_opening("unknown", at(1)).await.unwrap(), None);
}
