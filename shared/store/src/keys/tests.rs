//! Every key, and every word in a condition, letter by letter: what was written under one is found under no other. A line
//! may be added here, and none changed.

use intake::{
    ports::{Change, Write},
    types::{
        ids::GrantId,
        issue::{Issue, IssueStatus},
        message::{Message, SeenScope},
    },
};
use serde_json::json;

use super::*;
use crate::{
    action::{Action, Condition, Verb},
    changes::Actions,
    item::{Item, text, text_of},
};

const ID: &str = "01M3250V000000000000000007";
/// SHA-256 of `m@x`.
const HASH: &str = "eda18ac470610dfaa2ed5207ca71823550ed018112d071adf3cc30abd48bc6e1";

fn time() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

fn is(key: &Key, pk: &str, sk: &str) {
    let id = |text: &str| text.replace('*', ID);
    assert_eq!((key.pk.as_str(), key.sk.as_str()), (id(pk).as_str(), id(sk).as_str()));
}

#[test]
fn keys_stay() {
    let (mailbox, message) = (MailboxId::from_parts(time(), 7), MessageId::from_parts(time(), 7));
    let project = ProjectKey::new("SUP").unwrap();
    let issue = IssueKey::new(project.clone(), 42);
    let thread = ThreadKey { project: project.clone(), internet_message_id: "m@x".to_owned() };
    let seen = |scope| SeenMarker { scope, identity: "0a".to_owned() };

    is(&Key::alone("GRANT", GrantId::from_parts(time(), 7)), "GRANT#grt_*", "#");
    is(&Key::mailbox(mailbox), "MAILBOX#mbx_*", "CONFIG");
    is(&Key::run(mailbox), "MAILBOX#mbx_*", "CONFIG#RUN");
    is(&Key::errand(mailbox, message), "ERRANDS#mbx_*", "msg_*");
    is(&Key::tally("2026-11-30".parse().unwrap(), mailbox), "TALLY#2026-11-30", "mbx_*");
    is(&Key::schedule(mailbox), "SCHEDULE", "mbx_*");
    is(&Key::name("mailbox", "support"), "NAME#mailbox#support", "#");
    is(&Key::seen(&seen(SeenScope::Mailbox(mailbox))), "SEEN#mbx_*#0a", "#");
    is(&Key::seen(&seen(SeenScope::Project(project.clone()))), "SEEN#SUP#0a", "#");
    is(&Key::thread(&thread), &format!("THREAD#SUP#{HASH}"), "#");
    is(&Key::awaited(&thread), &format!("AWAITED#SUP#{HASH}"), "#");
    is(&Key::issue(&issue), "ISSUE#SUP-42", "#");
    is(
        &Key::comment(&issue, CommentId::from_parts(time(), 7)),
        "ISSUE#SUP-42",
        "COMMENT#01790000000000#cmt_*",
    );

    assert_eq!(sortable(time()), "01790000000000");
    assert_eq!(issue_order(time(), &issue), "01790000000000#0000000042");
    assert_eq!(issues_of_project(&project), "ISSUES#SUP");
    assert_eq!(issues_of_mailbox(mailbox), format!("ISSUES#mbx_{ID}"));
    assert_eq!(messages_of(mailbox), format!("MESSAGES#mbx_{ID}"));
    assert_eq!(attachments_of(&issue), "ATTACHMENTS#SUP-42");
    assert_eq!(audit_month(time()), "AUDIT#2026-09");
}

/// What a change puts or sets.
fn written(change: Change) -> (Action, Item) {
    let action = Actions::of(&[change], time()).unwrap().remove(0);
    let item = match &action.verb {
        Verb::Put(item) => item.clone(),
        Verb::Update(edit) => edit.set.clone().into_iter().collect(),
        Verb::Delete | Verb::Check => Item::new(),
    };
    (action, item)
}

/// Capitals, because a program's own names stood there at first.
#[test]
fn states_in_keys_and_conditions_stay() {
    for (state, word) in [
        (MessageState::Stored, "Stored"),
        (MessageState::Applied, "Applied"),
        (MessageState::Skipped, "Skipped"),
        (MessageState::Held, "Held"),
        (MessageState::Failed, "Failed"),
    ] {
        let message = json!({
            "id": format!("msg_{ID}"), "mailbox_id": format!("mbx_{ID}"), "epoch": 1, "server_id": "imap:0000000007",
            "state": state, "reason": "pending", "internet_message_id": null, "subject": "", "from": null, "size": 1,
            "issue_key": null, "comment_id": null, "attempts": 0, "received_at": "2026-09-21T12:00:00Z", "trace": []});
        let message: Message = serde_json::from_value(message).unwrap();
        assert_eq!(messages_by_state(message.mailbox_id, state), format!("MESSAGES#mbx_{ID}#{word}"));
        let change = Change::Message { message: Box::new(message), expected: Some(state) };
        let (action, item) = written(change);
        assert_eq!(text_of(&item, "state"), Some(word));
        assert_eq!(text_of(&item, "gsi2pk"), Some(format!("MESSAGES#mbx_{ID}#{word}").as_str()));
        assert_eq!(action.conditions[0].1, Condition::Equals("state", text(word)));
    }
    for (status, word) in [
        (IssueStatus::Open, "Open"),
        (IssueStatus::InProgress, "InProgress"),
        (IssueStatus::Closed, "Closed"),
    ] {
        let issue = json!({
            "key": "SUP-42", "version": 1, "issue_type": "issue", "summary": "", "status": status,
            "reporter": {"name": "", "address": ""}, "source": null, "watchers": [], "assignee": null, "labels": [],
            "body": {"text": {"inline": ""}, "html": null, "quoted": {"inline": ""}}, "priority": null,
            "comment_count": 0, "attachment_count": 0,
            "created_at": "2026-09-21T12:00:00Z", "updated_at": "2026-09-21T12:00:00Z"});
        let issue: Issue = serde_json::from_value(issue).unwrap();
        let (_, item) = written(Change::Issue(Box::new(Write::Create(issue))));
        assert_eq!(text_of(&item, "gsi2pk"), Some(format!("ISSUES#SUP#{word}").as_str()));
    }
}
