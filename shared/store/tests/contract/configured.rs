//! Names, versions and uses of what people configure.

use std::sync::Arc;

use futures::future::join_all;
use intake::{
    Error,
    ports::{Change, Store, Why, Write},
    types::{
        Problem,
        attempt::AttemptStatus,
        ids::{AttemptId, GrantId},
        mailbox::{MailAuth, Mailbox},
        project::Project,
    },
};

use crate::{
    rejected,
    samples::{self, *},
};

pub(crate) async fn names_are_unique_under_concurrency(store: Arc<dyn Store>) {
    let creations = (0..50).map(|n| {
        let store = store.clone();
        let name = if n % 2 == 0 { "Google" } else { "ＧＯＯＧＬＥ" };
        let change = Change::Integration(Write::Create(integration(n, name)));
        tokio::spawn(async move { store.commit(&[change]).await })
    });
    let results: Vec<_> = join_all(creations).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1, "{results:?}");
    for result in results.into_iter().filter(Result::is_err) {
        assert_eq!(rejected(result)[0].why, Why::NameTaken);
    }
}

pub(crate) async fn a_changed_version_is_refused(store: Arc<dyn Store>) {
    let old = integration(1, "A");
    store.commit(&[Change::Integration(Write::Create(old.clone()))]).await.unwrap();
    let mut new = old.clone();
    new.version = old.version.next();
    new.description = "first".to_owned();
    store
        .commit(&[Change::Integration(Write::Replace { new: new.clone(), old: old.clone() })])
        .await
        .unwrap();
    let mut other = new.clone();
    other.description = "second".to_owned();
    let refused = store.commit(&[Change::Integration(Write::Replace { new: other, old })]).await;
    assert_eq!(rejected(refused)[0].why, Why::Stale);
    assert_eq!(store.integration(new.id).await.unwrap(), Some(new));
}

pub(crate) async fn what_is_used_cannot_be_deleted(store: Arc<dyn Store>) {
    let integration = integration(1, "A");
    let grant = grant(1, &integration);
    let mailbox = oauth_mailbox(1, "M", &integration, Some(&grant));
    let missing = store.commit(&[Change::Mailbox(Write::Create(mailbox.clone()))]).await;
    assert!(rejected(missing).iter().any(|r| matches!(r.why, Why::Missing(_))));
    let setup = [
        Change::Project(Write::Create(project("SUP"))),
        Change::Integration(Write::Create(integration.clone())),
        Change::Grant(Write::Create(grant.clone())),
        Change::Mailbox(Write::Create(mailbox.clone())),
    ];
    store.commit(&setup).await.unwrap();
    let delete_integration = [Change::Integration(Write::Delete { old: integration.clone() })];
    let delete_grant = [Change::Grant(Write::Delete { old: grant.clone() })];
    assert_eq!(rejected(store.commit(&delete_integration).await)[0].why, Why::InUse);
    assert_eq!(rejected(store.commit(&delete_grant).await)[0].why, Why::InUse);
    store.commit(&[Change::Mailbox(Write::Delete { old: mailbox.clone() })]).await.unwrap();
    store.commit(&delete_grant).await.unwrap();
    store.commit(&delete_integration).await.unwrap();
    assert_eq!(store.mailbox_and_run(mailbox.id).await.unwrap(), None);
    assert!(store.schedule().await.unwrap().is_empty());
}

pub(crate) async fn a_project_goes_when_nothing_is_tied_to_it(store: Arc<dyn Store>) {
    let (there, other) = (project("SUP"), project("BILL"));
    let both = [there.clone(), other.clone()].map(|project| Change::Project(Write::Create(project)));
    store.commit(&both).await.unwrap();
    let goes = async |project: &Project| {
        let (old, ties) = store.project_and_ties(&project.key).await.unwrap().unwrap();
        let gone = store.commit(&[Change::ProjectGone { old, named: ties.named }]).await;
        gone.map_err(|error| (rejected(Err(error))[0].why.clone(), ties))
    };
    let auth = MailAuth::Password { username: "u".to_owned(), secret_version: version() };
    let handlers = serde_json::json!([{"name": "x", "then": [{"set": {"project": "BILL"}}]}]);
    let routed = Mailbox { handlers: serde_json::from_value(handlers).unwrap(), ..mailbox(1, "M", auth) };
    let plain = Mailbox { handlers: Vec::new(), version: routed.version.next(), ..routed.clone() };
    store.commit(&[Change::Mailbox(Write::Create(routed.clone()))]).await.unwrap();
    let (why, ties) = goes(&there).await.unwrap_err();
    assert_eq!((why, ties.mailboxes), (Why::InUse, 1));
    // Who looked before a handler named it has to look again.
    let unseen = store.commit(&[Change::ProjectGone { old: other.clone(), named: 0 }]).await;
    assert_eq!(rejected(unseen)[0].why, Why::InUse);
    store.commit(&[Change::Mailbox(Write::Replace { new: plain.clone(), old: routed })]).await.unwrap();
    goes(&other).await.unwrap();
    assert_eq!(store.project(&other.key).await.unwrap(), None);
    store.commit(&[Change::Mailbox(Write::Delete { old: plain })]).await.unwrap();
    store.take_numbers(&there.key, 1).await.unwrap();
    assert!(goes(&there).await.unwrap_err().1.numbers > 0);
    let third = project("FILES");
    store.commit(&[Change::Project(Write::Create(third.clone()))]).await.unwrap();
    store.commit(&[Change::ImportInto(third.key.clone())]).await.unwrap();
    assert!(goes(&third).await.unwrap_err().1.imported);
    let nowhere = store.commit(&[Change::ImportInto(other.key.clone())]).await;
    assert_eq!(rejected(nowhere)[0].why, Why::Missing("project"));
    assert!(store.take_numbers(&other.key, 1).await.is_err());
}

pub(crate) async fn renaming_frees_the_old_name(store: Arc<dyn Store>) {
    let old = integration(1, "A");
    store.commit(&[Change::Integration(Write::Create(old.clone()))]).await.unwrap();
    let mut new = samples::integration(1, "B");
    new.version = old.version.next();
    store.commit(&[Change::Integration(Write::Replace { new: new.clone(), old })]).await.unwrap();
    store.commit(&[Change::Integration(Write::Create(samples::integration(2, "a")))]).await.unwrap();
    let taken = store.commit(&[Change::Integration(Write::Create(samples::integration(3, "b")))]).await;
    assert_eq!(rejected(taken)[0].why, Why::NameTaken);
}

pub(crate) async fn tokens_are_found_by_hash_and_end(store: Arc<dyn Store>) {
    let token = token("ci", "hash1");
    store.commit(&[Change::Token(Write::Create(token.clone()))]).await.unwrap();
    let taken = store.commit(&[Change::Token(Write::Create(samples::token("CI", "hash2")))]).await;
    assert_eq!(rejected(taken)[0].why, Why::NameTaken);
    store.token_used("hash1", at(5)).await.unwrap();
    assert_eq!(store.token("hash1").await.unwrap().unwrap().last_used_at, Some(at(5)));
    assert_eq!(store.token("hash2").await.unwrap(), None);
    store.commit(&[Change::Token(Write::Delete { old: token })]).await.unwrap();
    assert_eq!(store.token("hash1").await.unwrap(), None);
    store.token_used("hash1", at(6)).await.unwrap();
    assert_eq!(store.token("hash1").await.unwrap(), None);
}

pub(crate) async fn an_attempt_that_failed_may_be_done_and_stays_so(store: Arc<dyn Store>) {
    let attempt = attempt(&integration(1, "A"));
    let id = attempt.id;
    store.commit(&[Change::CreateAttempt(Box::new(attempt.clone()))]).await.unwrap();
    let status = async || store.attempt(id).await.unwrap().unwrap().status;
    let failed = |code: &str| {
        let error = Problem { message: code.to_owned(), ..Error::retry("vault_busy").problem() };
        AttemptStatus::Failed { error }
    };
    assert_eq!(status().await, AttemptStatus::Pending);
    for code in ["first", "second"] {
        store.commit(&[Change::FinishAttempt { id, status: failed(code) }]).await.unwrap();
        assert_eq!(status().await, failed(code));
    }
    let done = |n| AttemptStatus::Done { grant_id: GrantId::from_parts(at(0), n) };
    store.commit(&[Change::FinishAttempt { id, status: done(1) }]).await.unwrap();
    for late in [done(2), failed("late")] {
        let refused = store.commit(&[Change::FinishAttempt { id, status: late }]).await;
        assert_eq!(rejected(refused)[0].why, Why::Stale);
        assert_eq!(status().await, done(1));
    }
    let nobody = AttemptId::from_parts(at(9), 9);
    let refused = store.commit(&[Change::FinishAttempt { id: nobody, status: done(1) }]).await;
    assert_eq!(rejected(refused)[0].why, Why::Stale);
}
