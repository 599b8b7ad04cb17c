//! Decisions by values: no store, no clock.

use std::sync::Arc;

use super::*;
use crate::{
    decide::{IssueRef, Rates, Rules, TrialRules, threads::thread_key},
    ports::{LookupHits, Threaded},
    types::{
        ids::MailboxId,
        policy::{RateLimits, SenderPolicy},
        project::IssueKey,
    },
};

const PERSON: &str =
    "From: Ann <ann@a.example>\nTo: support@example.org\nSubject: It leaks\nMessage-ID: <2@a>\n";

fn rules() -> Arc<Rules> {
    let rules = TrialRules {
        project: project(),
        handlers: Vec::new(),
        sender: SenderPolicy::default(),
        host: "imap.example.org".to_owned(),
        own: Some("support@example.org".to_owned()),
    };
    Rules::of_trial(rules, mail::thread::ReplyKey::new(&[0; 32]))
}

fn project() -> ProjectKey {
    ProjectKey::new("SUP").unwrap()
}

fn mailbox() -> MailboxId {
    MailboxId::of_imports(&project())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn message(n: u128) -> MessageId {
    MessageId::from_parts(at(0), n)
}

fn understood(rules: &Rules, more: &str) -> Understood {
    let raw = format!("{PERSON}{more}\nHelp!\n");
    rules.understand(mail::parse(raw.as_bytes()), raw.len() as u64, mailbox())
}

/// What becomes of a mail with these fields, where this is known.
fn outcome(more: &str, hits: LookupHits) -> Outcome {
    let (rules, mut rates) = (rules(), Rates::default());
    let knowledge = Knowledge::new(&rules, &[], hits, &mut rates);
    knowledge.decide(message(2), at(0), &understood(&rules, more)).outcome
}

#[test]
fn what_the_store_knows_says_where_a_mail_belongs() {
    let first = IssueKey::new(project(), 1);
    let threads = || LookupHits {
        threads: vec![(thread_key(&project(), "1@a"), Threaded { issue: first.clone(), likeness: None })],
        ..LookupHits::default()
    };
    let comment = Outcome::Comment(IssueRef::Existing(first.clone()));
    assert_eq!(outcome("", LookupHits::default()), Outcome::Create);
    assert_eq!(outcome("In-Reply-To: <1@a>\n", LookupHits::default()), Outcome::Create);
    assert_eq!(outcome("In-Reply-To: <1@a>\n", threads()), comment);
    let awaited =
        LookupHits { awaited: vec![(thread_key(&project(), "2@a"), first.clone())], ..LookupHits::default() };
    assert_eq!(outcome("", awaited), comment);
    let seen = |by| LookupHits {
        seen: vec![(understood(&rules(), "").mark(), message(by))],
        ..LookupHits::default()
    };
    assert_eq!(outcome("", seen(1)), Outcome::Skip(Reason::Duplicate));
    assert_eq!(outcome("", seen(2)), Outcome::Create, "its own mark makes no copy of it");
}

#[test]
fn what_machines_write_makes_no_issue_and_our_own_is_held() {
    let none = LookupHits::default;
    assert_eq!(outcome("Auto-Submitted: auto-replied\n", none()), Outcome::Skip(Reason::AutoReply));
    assert_eq!(outcome("X-Loop: support@example.org\n", none()), Outcome::Hold(Reason::Loop));
}

#[test]
fn a_batch_learns_from_its_own_mails() {
    let (rules, mut rates) = (rules(), Rates::default());
    let mut knowledge = Knowledge::new(&rules, &[], LookupHits::default(), &mut rates);
    let mail = understood(&rules, "");
    let decision = knowledge.decide(message(2), at(0), &mail);
    knowledge.created.push(project());
    let made = IssueRef::New(0);
    let keys = knowledge.learn((message(2), at(0)), &mail, &decision, Some(&made));
    assert_eq!(keys, [thread_key(&project(), "2@a")]);
    let answer =
        "From: Bea <bea@b.example>\nMessage-ID: <3@b>\nIn-Reply-To: <2@a>\nSubject: Re: It leaks\n\nYes.\n";
    let answer = rules.understand(mail::parse(answer.as_bytes()), 1, mailbox());
    assert_eq!(knowledge.decide(message(3), at(1), &answer).outcome, Outcome::Comment(made));
    assert_eq!(knowledge.decide(message(4), at(1), &mail).outcome, Outcome::Skip(Reason::Duplicate));
}

#[test]
fn a_flood_is_held_unless_a_person_released_it() {
    let rules = rules();
    let mut rates = Rates::of(RateLimits { per_mailbox: 1, ..RateLimits::default() }, Vec::new());
    rates.note(Arrival::of(at(0), &mail::parse(PERSON.as_bytes())));
    let knowledge = Knowledge::new(&rules, &[], LookupHits::default(), &mut rates);
    let outcome = |rated, released| {
        let mut mail = understood(&rules, "");
        (mail.rated, mail.released) = (rated, released);
        knowledge.decide(message(2), at(60), &mail).outcome
    };
    assert_eq!(outcome(true, false), Outcome::Hold(Reason::Flood));
    assert_eq!(outcome(true, true), Outcome::Create);
    assert_eq!(outcome(false, false), Outcome::Create, "limits are for mail that arrives");
}
