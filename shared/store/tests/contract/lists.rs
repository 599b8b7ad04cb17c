//! Pages, and indexes that lag.

use std::sync::Arc;

use embedded::Faults;
use intake::{
    ports::{Change, Clock, IssueFilter, IssueTouch, Store, Why, Write},
    types::{
        PageRequest,
        audit::{AuditEntry, AuditFilter},
    },
};
use machine::SystemClock;

use crate::{
    rejected,
    samples::{self, *},
    store,
};

pub(crate) async fn lists_come_in_pages(store: Arc<dyn Store>) {
    for n in 0..7 {
        store.commit(&[Change::Integration(Write::Create(integration(n, &format!("I{n}"))))]).await.unwrap();
    }
    let mut request = PageRequest::first(3);
    let mut names = Vec::new();
    loop {
        let page = store.integrations(&request).await.unwrap();
        names.extend(page.items.iter().map(|i| i.name.to_string()));
        let Some(next) = page.next else { break };
        request.cursor = Some(next);
    }
    assert_eq!(names, ["I6", "I5", "I4", "I3", "I2", "I1", "I0"]);
    let foreign = PageRequest { limit: 3, cursor: request.cursor };
    assert_eq!(store.mailboxes(&foreign).await.unwrap_err().code, "invalid_cursor");
    for n in 0..5 {
        store.commit(&[Change::Audit(audit_entry(n))]).await.unwrap();
    }
    let all = AuditFilter::default();
    let first = store.audit(&all, now(), &PageRequest::first(3)).await.unwrap();
    let rest = store.audit(&all, now(), &PageRequest { limit: 3, cursor: first.next.clone() }).await.unwrap();
    let actions: Vec<_> = first.items.iter().chain(&rest.items).map(|e| e.action.clone()).collect();
    assert_eq!(actions, ["a4", "a3", "a2", "a1", "a0"]);
    let odd = PageRequest { limit: 3, cursor: Some("nonsense".to_owned()) };
    assert_eq!(store.audit(&all, now(), &odd).await.unwrap_err().code, "invalid_cursor");
}

pub(crate) async fn what_was_written_last_is_told(store: Arc<dyn Store>) {
    let begun = SystemClock.now();
    let message = message(&create_mailbox(&*store, 1).await, 1);
    let issue = issue(1, &message);
    store.commit(&[record(&message), Change::Issue(Box::new(Write::Create(issue.clone())))]).await.unwrap();
    let filter = IssueFilter::Project(issue.project().clone(), None);
    let of_issue =
        async || store.issues(&filter, &PageRequest::first(1)).await.unwrap().items[0].changed_at();
    let of_message = async || store.message(message.id).await.unwrap().unwrap().changed_at();
    let first = (of_issue().await, of_message().await);
    assert!(begun <= first.0 && begun <= first.1, "{begun} {first:?}");
    // A comment by a mail that is older than everything.
    let touch = IssueTouch { key: issue.key.clone(), comments: 1, attachments: 0, at: at(0) };
    store.commit(&[Change::TouchIssue(touch)]).await.unwrap();
    let expected = Some(message.state);
    store.commit(&[Change::Message { message: Box::new(message.clone()), expected }]).await.unwrap();
    let second = (of_issue().await, of_message().await);
    assert!(first.0 < second.0 && first.1 < second.1, "{first:?} {second:?}");
}

pub(crate) async fn the_audit_is_found_by_what_it_tells(store: Arc<dyn Store>) {
    let entries: Vec<_> = (0..9).map(audit_entry).collect();
    for entry in &entries {
        store.commit(&[Change::Audit(entry.clone())]).await.unwrap();
    }
    let found = async |filter: AuditFilter| {
        let (mut page, mut actions) = (PageRequest::first(2), Vec::new());
        loop {
            let part = store.audit(&filter, now(), &page).await.unwrap();
            actions.extend(part.items.into_iter().map(|entry| entry.action));
            let Some(next) = part.next else { return actions };
            page.cursor = Some(next);
        }
    };
    let filter = AuditFilter::default;
    assert_eq!(found(AuditFilter { action: Some("a3".to_owned()), ..filter() }).await, ["a3"]);
    assert!(found(AuditFilter { action: Some("a".to_owned()), ..filter() }).await.is_empty());
    let since = AuditFilter { since: Some(entries[3].at), until: Some(entries[5].at), ..filter() };
    assert_eq!(found(since).await, ["a4", "a3"]);
    let subject = AuditFilter { subject: Some(entries[0].subject.clone()), ..filter() };
    let all = entries.iter().rev().filter(|entry| entry.subject == entries[0].subject);
    assert_eq!(found(subject).await, all.map(|entry| entry.action.clone()).collect::<Vec<_>>());
    assert!(found(AuditFilter { actor: Some("nobody".to_owned()), ..filter() }).await.is_empty());
}

/// There is no change that takes an entry away, and none that writes over one.
pub(crate) async fn an_audit_entry_stays_as_it_is(store: Arc<dyn Store>) {
    let entry = audit_entry(1);
    store.commit(&[Change::Audit(entry.clone())]).await.unwrap();
    let other = AuditEntry { action: "another".to_owned(), ..entry.clone() };
    let refused = rejected(store.commit(&[Change::Audit(other)]).await);
    assert_eq!(refused[0].why, Why::Exists);
    // The same again is what a lost answer leads to.
    store.commit(&[Change::Audit(entry.clone())]).await.unwrap();
    let there = store.audit(&AuditFilter::default(), now(), &PageRequest::first(9)).await.unwrap();
    assert_eq!(there.items, [entry]);
}

pub(crate) async fn sessions_are_listed_used_and_ended(store: Arc<dyn Store>) {
    let (old, new) = (session(1), session(2));
    for session in [&old, &new] {
        store.commit(&[Change::Session(Write::Create(session.clone()))]).await.unwrap();
    }
    let now = old.created_at;
    let ids = async |at| {
        let page = store.sessions(at, &PageRequest::first(9)).await.unwrap();
        page.items.iter().map(intake::types::token::Session::id).collect::<Vec<_>>()
    };
    assert_eq!(ids(now).await, [new.id(), old.id()]);
    assert!(ids(new.expires_at).await.is_empty());
    store.session_used(&old.hash, new.created_at).await.unwrap();
    let used = store.session(&old.hash, now).await.unwrap().unwrap();
    assert_eq!(used, intake::types::token::Session { last_used_at: Some(new.created_at), ..old.clone() });
    store.commit(&[Change::Session(Write::Delete { old: old.clone() })]).await.unwrap();
    assert_eq!(store.session(&old.hash, now).await.unwrap(), None);
    let again = rejected(store.commit(&[Change::Session(Write::Delete { old: old.clone() })]).await);
    assert_eq!(again[0].why, Why::Stale);
    store.session_used(&old.hash, now).await.unwrap();
    assert_eq!(ids(now).await, [new.id()]);
}

#[tokio::test]
async fn lists_may_lag_and_decisions_do_not() {
    let (_embedded, store) = store(Faults::new().stale_indexes(50)).await;
    let integration = integration(1, "A");
    store.commit(&[Change::Integration(Write::Create(integration.clone()))]).await.unwrap();
    assert!(store.integrations(&PageRequest::first(9)).await.unwrap().items.is_empty());
    assert_eq!(store.integration(integration.id).await.unwrap(), Some(integration));
    let taken = store.commit(&[Change::Integration(Write::Create(samples::integration(2, "a")))]).await;
    assert_eq!(rejected(taken)[0].why, Why::NameTaken);
}
