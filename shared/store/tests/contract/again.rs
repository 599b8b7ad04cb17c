//! What is made anew of a mail, and records of an older version.

use std::sync::Arc;

use intake::{
    ports::{Change, IssueTouch, Store, Why, Write},
    types::{
        PageRequest,
        ids::AttachmentId,
        issue::{Attachment, Issue, Text},
    },
};

use crate::{rejected, samples::*};

/// An issue with a comment that has three files.
async fn commented(store: &dyn Store) -> (Issue, intake::types::issue::Comment, Vec<Attachment>) {
    let mailbox = create_mailbox(store, 1).await;
    let (first, answer) = (message(&mailbox, 1), message(&mailbox, 2));
    let (issue, file) = (issue(1, &first), attachment(&issue(1, &first), &answer));
    let comment = comment(&issue, &answer);
    let files: Vec<_> =
        (0..3).map(|n| Attachment { id: AttachmentId::of(answer.id, n), ..file.clone() }).collect();
    store.commit(&[record(&first), Change::Issue(Box::new(Write::Create(issue.clone())))]).await.unwrap();
    let mut changes =
        vec![record(&answer), Change::Comment(Box::new(comment.clone())), touch(&issue, 1, 3, 2)];
    changes.extend(files.iter().cloned().map(Change::Attachment));
    store.commit(&changes).await.unwrap();
    (issue, comment, files)
}

fn touch(issue: &Issue, comments: u64, attachments: i64, seconds: i64) -> Change {
    Change::TouchIssue(IssueTouch { key: issue.key.clone(), comments, attachments, at: at(seconds) })
}

async fn counts(store: &dyn Store, issue: &Issue) -> (u64, u64) {
    let issue = store.issue(&issue.key).await.unwrap().unwrap();
    (issue.comment_count, issue.attachment_count)
}

pub(crate) async fn a_comment_is_replaced_where_it_is(store: Arc<dyn Store>) {
    let (issue, comment, files) = commented(&*store).await;
    let mut new = comment.clone();
    new.body.text = Text::Inline("Now it is dark.".to_owned());
    let larger = Attachment { size: 7, ..files[0].clone() };
    let change = Change::ReplaceComment(Box::new(new.clone()));
    store.commit(&[change, Change::ReplaceAttachment(larger.clone()), touch(&issue, 0, 0, 5)]).await.unwrap();
    let comments = store.comments(&issue.key, &PageRequest::first(9)).await.unwrap().items;
    assert_eq!(comments, [new.clone()]);
    assert_eq!(store.attachment(larger.id).await.unwrap(), Some(larger.clone()));
    assert_eq!(counts(&*store, &issue).await, (1, 3));
    assert_eq!(store.issue(&issue.key).await.unwrap().unwrap().updated_at, at(5));

    let mut nowhere = new;
    nowhere.issue_key = intake::types::project::IssueKey::new(project("SUP").key, 9);
    let refused = rejected(store.commit(&[Change::ReplaceComment(Box::new(nowhere.clone()))]).await);
    assert_eq!(refused[0].why, Why::Missing("comment"));
    assert!(store.comments(&nowhere.issue_key, &PageRequest::first(9)).await.unwrap().items.is_empty());
    let unknown = Attachment { id: AttachmentId::of(message_id(), 9), ..larger };
    let refused = rejected(store.commit(&[Change::ReplaceAttachment(unknown)]).await);
    assert_eq!(refused[0].why, Why::Missing("attachment"));
}

fn message_id() -> intake::types::ids::MessageId {
    intake::types::ids::MessageId::from_parts(at(1), 1)
}

/// Each once, also where the answer to the first attempt was lost.
pub(crate) async fn files_come_and_go_and_are_counted_once(store: Arc<dyn Store>) {
    let (issue, _, files) = commented(&*store).await;
    for (n, file) in files.iter().take(2).enumerate() {
        store.commit(&[Change::AttachmentGone(file.id), touch(&issue, 0, -1, 5)]).await.unwrap();
        assert_eq!(store.attachment(file.id).await.unwrap(), None);
        assert_eq!(counts(&*store, &issue).await, (1, 2 - n as u64));
    }
    let listed = store.attachments(&issue.key, &PageRequest::first(9)).await.unwrap().items;
    assert_eq!(listed, files[2..]);
    for file in files.iter().take(2).cloned() {
        store.commit(&[Change::Attachment(file), touch(&issue, 0, 1, 6)]).await.unwrap();
    }
    assert_eq!(counts(&*store, &issue).await, (1, 3));
    // What is not there cannot go, nor come twice as something else; and nothing beside it is written.
    let missing = Change::AttachmentGone(AttachmentId::of(message_id(), 7));
    let refused = rejected(
        store.commit(&[Change::AttachmentGone(files[0].id), missing, touch(&issue, 0, -2, 7)]).await,
    );
    assert_eq!(refused[0].why, Why::Missing("attachment"));
    let other = Change::Attachment(Attachment { size: 9, ..files[1].clone() });
    assert_eq!(rejected(store.commit(&[other, touch(&issue, 0, 1, 7)]).await)[0].why, Why::Exists);
    assert_eq!(counts(&*store, &issue).await, (1, 3));
    assert_eq!(store.attachment(files[0].id).await.unwrap().as_ref(), Some(&files[0]));
}

pub(crate) async fn an_issue_is_replaced_and_counted_in_one_commit(store: Arc<dyn Store>) {
    let (old, _, _) = commented(&*store).await;
    let old = store.issue(&old.key).await.unwrap().unwrap();
    let mut new = old.clone();
    new.version = old.version.next();
    new.body.text = Text::Inline("Read anew.".to_owned());
    new.labels = vec!["a".to_owned()];
    let replace = Change::Issue(Box::new(Write::Replace { new: new.clone(), old: old.clone() }));
    store.commit(&[replace.clone(), touch(&old, 0, 2, 8)]).await.unwrap();
    let read = store.issue(&old.key).await.unwrap().unwrap();
    assert_eq!((&read.body, &read.labels, read.version), (&new.body, &new.labels, new.version));
    assert_eq!((read.comment_count, read.attachment_count, read.updated_at), (1, 5, at(8)));
    // Another change of the same version comes too late, and counts nothing.
    let mut late = new.clone();
    late.labels.clear();
    let late = Change::Issue(Box::new(Write::Replace { new: late, old }));
    assert_eq!(rejected(store.commit(&[touch(&read, 0, 2, 9), late]).await)[0].why, Why::Stale);
    assert_eq!(counts(&*store, &read).await, (1, 5));
}
