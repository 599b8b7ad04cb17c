//! Whose mail and which thread, over a few mails at once.

use serde_json::{Value, json};

use super::*;
use crate::{
    Timestamp,
    types::{policy::SenderPolicy, project::ProjectKey},
};

/// A mail of Ann's, one minute behind the other.
struct Draft {
    from: &'static str,
    subject: &'static str,
    head: String,
    text: String,
}

fn draft(id: &str, subject: &'static str) -> Draft {
    let head = format!("Message-ID: <{id}>\n");
    Draft { from: "Ann <ann@a.example>", subject, head, text: format!("About {subject}.") }
}

impl Draft {
    fn from(self, from: &'static str) -> Self {
        Self { from, ..self }
    }

    fn with(mut self, line: &str) -> Self {
        self.head += &format!("{line}\n");
        self
    }

    fn text(self, text: &str) -> Self {
        Self { text: text.to_owned(), ..self }
    }

    fn raw(&self, minute: usize) -> String {
        let Self { from, subject, head, text } = self;
        let date = if head.contains("Date:") {
            String::new()
        } else {
            format!("Date: Mon, 5 Jan 2026 12:{minute:02}:00 +0100\n")
        };
        format!("From: {from}\nTo: support@example.org\nSubject: {subject}\n{date}{head}\n{text}\n")
    }
}

fn rules(handlers: Value) -> TrialRules {
    TrialRules {
        project: ProjectKey::new("SUP").unwrap(),
        handlers: serde_json::from_value(handlers).unwrap(),
        sender: SenderPolicy {
            trusted_authserv_ids: vec!["mx.example.org".to_owned()],
            ..Default::default()
        },
        host: String::new(),
        own: Some("support@example.org".to_owned()),
    }
}

fn fates(rules: TrialRules, drafts: &[Draft]) -> Vec<Fate> {
    let mut trial = Trial::new(rules);
    let mut running = trial.run();
    let mail = |(minute, draft): (usize, &Draft)| {
        let raw = draft.raw(minute);
        let filed = FiledMail { raw: FiledBytes::Whole(raw.clone().into()), filed_at: Timestamp::UNIX_EPOCH };
        let sample = TrialMail { listed: listed(filed).0, mail: mail::parse(raw.as_bytes()) };
        running.next(&sample).unwrap()
    };
    drafts.iter().enumerate().map(mail).collect()
}

/// Each mail as `new`, as the number of the mail on whose issue it comments, or as a reason.
#[track_caller]
fn check(what: &str, drafts: &[Draft], expected: &str) {
    let word = |fate: &Fate| match (fate.decision, fate.comment_on) {
        ("create", _) => "new".to_owned(),
        (_, Some(mail)) => mail.to_string(),
        _ => json!(fate.reason).as_str().unwrap_or_default().to_owned(),
    };
    let found: Vec<String> = fates(rules(json!([])), drafts).iter().map(word).collect();
    assert_eq!(found.join(" "), expected, "{what}");
}

const BOB: &str = "Bob <bob@b.example>";

#[test]
fn a_message_id_that_several_mails_have_joins_nobody() {
    let form = |from, subject| draft("form@shop.example", subject).from(from);
    let answer = |id: &str| draft(id, "Re: Chair").with("In-Reply-To: <form@shop.example>");
    check(
        "a web form",
        &[form("Ann <ann@a.example>", "Chair"), form(BOB, "Invoice"), form("Cleo <c@c.example>", "Hours?")],
        "new new new",
    );
    let scan = |text: &str| form("Scanner <scan@org.example>", "Scan").text(text);
    check("a scanner", &[scan("1"), scan("1"), scan("2")], "new new new");
    let dateless = |text: &str| scan(text).with("Date: no clock");
    check("a device without a clock", &[dateless("1"), dateless("2"), dateless("1")], "new new duplicate");
    let same = || form(BOB, "Chair").with("Date: Mon, 5 Jan 2026 12:00:00 +0100");
    check("a true copy", &[same(), same(), same()], "new duplicate duplicate");
    let by_list = || {
        let munged =
            form("Bob via Chairs <chairs@l.example>", "[Chairs] Chair").text("About Chair.\n\nA footer.");
        let list = munged.with("List-Id: <chairs.l.example>").with("Reply-To: Bob <bob@b.example>");
        list.with("Date: Mon, 5 Jan 2026 12:00:00 +0100")
    };
    check("the same mail through a list", &[same(), by_list(), same()], "new 1 duplicate");
    check("an answer while one mail has it", &[same(), answer("1@b.example")], "new 1");
    check(
        "an answer when several have it",
        &[same(), form("Ann <ann@a.example>", "Hours?"), answer("1@b.example")],
        "new new new",
    );
    let both = answer("1@b.example").with("References: <form@shop.example> <own@b.example>");
    check(
        "and another reference",
        &[form(BOB, "Hours?"), form(BOB, "Chair"), draft("own@b.example", "Note"), both],
        "new new new 3",
    );
}

#[test]
fn replaced_message_ids_and_those_in_other_case_are_known() {
    let replaced = |field: &str| draft("new@mx.example", "Quote").with(&format!("{field}: <1@erp.example>"));
    let answer = |id: &str| draft("2@a.example", "Re: Quote").with(&format!("In-Reply-To: <{id}>"));
    for field in ["X-Google-Original-Message-ID", "X-Microsoft-Original-Message-ID"] {
        check(field, &[replaced(field), answer("1@erp.example")], "new 1");
        check(field, &[replaced(field), answer("new@mx.example")], "new 1");
        check("an early answer", &[answer("1@erp.example"), replaced(field)], "new 1");
    }
    let google = "X-Google-Original-Message-ID: <1@erp.example>";
    let copy = |id: &str| draft(id, "Quote").with(google).with("Date: Mon, 5 Jan 2026 12:00:00 +0100");
    check("a copy with another id", &[copy("x@mx.example"), copy("y@mx.example")], "new duplicate");
    let constant = |id: &str, subject| draft(id, subject).with(google);
    check("a constant original", &[constant("x@mx.example", "A"), constant("y@mx.example", "B")], "new new");

    let first = || draft("CAJ=AbC@Mail.Example.COM", "Printer");
    check("a domain in other case", &[first(), answer("CAJ=AbC@mail.example.com")], "new 1");
    check("in other case and early", &[answer("CAJ=AbC@mail.example.com"), first()], "new 1");
    check("the left side counts", &[first(), answer("caj=abc@mail.example.com")], "new new");
}

#[test]
fn outlooks_index_joins_where_it_grows() {
    let with = |id: &str, index: &str| draft(id, "Request").with(&format!("Thread-Index: {index}"));
    let (first, answer) = ("AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQ==", "AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQABAgME");
    let (other, deeper) =
        ("AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQkJCQkJ", "AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQABAgMEAAECAwQ=");
    let all = |indexes: &[&str]| -> Vec<Draft> {
        indexes.iter().enumerate().map(|(n, index)| with(&format!("{n}@a.example"), index)).collect()
    };
    check("answers", &all(&[first, answer, deeper, other]), "new 1 1 1");
    check("the mail between is not known", &all(&[first, deeper]), "new 1");
    check("a form that copies it", &all(&[first, first, first]), "new new new");
    check("a form that copies an answer's", &all(&[answer, answer]), "new new");
    check("and an answer to one of them", &all(&[first, first, answer]), "new new new");
    check("siblings", &all(&[answer, other]), "new new");
}

#[test]
fn the_author_behind_a_list_is_the_reporter_and_no_more() {
    let group = |id: &str| {
        let via = draft(id, "Printer").from("\"'Mary Major' via Support\" <support@example.org>");
        via.with("X-Original-From: Mary Major <mary@customer.example>")
            .with("List-ID: <support.example.org>")
            .with("Precedence: list")
    };
    let verdict =
        |domain: &str| format!("Authentication-Results: mx.example.org; dmarc=pass header.from={domain}");
    let on_pass = json!([{"name": "Known", "when": {"sender_verdict": "pass"}, "then": [{"set": {"labels": ["known"]}}]},
        {"name": "Group", "when": {"from": "support@example.org"}, "then": [{"set": {"type": "group"}}]}]);
    let judged = |mut draft: Draft, domain: &str| {
        draft.head = format!("{}\n{}", verdict(domain), draft.head);
        draft
    };
    let mut foreign = group("2@c.example").with("Reply-To: Mary Major <mary@customer.example>");
    foreign.from = "Mary Major via Users <users@evil.example>";
    foreign.head = foreign.head.replace("support.example.org", "users.evil.example");
    let mails = [judged(group("1@c.example"), "example.org"), judged(foreign, "evil.example")];
    let found = fates(rules(on_pass), &mails);
    let labels = |fate: &Fate| fate.issue.as_ref().unwrap().labels.clone();
    for fate in &found {
        assert_eq!(fate.reporter.as_ref().unwrap().address, "mary@customer.example", "{fate:#?}");
        assert_eq!(fate.reporter.as_ref().unwrap().name, "Mary Major");
        let told = |what: &str| fate.trace.iter().any(|step| step.detail.contains(what));
        assert!(told("rewritten_from") && told("through which it came"), "{fate:#?}");
    }
    assert_eq!(labels(&found[0]), ["known"], "a group that is the mailbox is believed");
    assert!(labels(&found[1]).is_empty(), "another domain's word on its list says nothing of the author");
    assert_eq!(found[0].issue.as_ref().unwrap().issue_type, "group", "handlers still see what From says");
}

#[test]
fn what_an_agent_forwards_becomes_the_issue_of_its_first_sender() {
    let handlers = json!([
        {"name": "Forwards", "when": {"from": "@example.org"}, "then": [{"as_forwarded": {}}]},
        {"name": "Form", "when": {"from": "form@shop.example"}, "then": [{"set": {"reporter": "reply_to"}}]},
    ]);
    let block = "---------- Forwarded message ---------\nFrom: Ann <ann@a.example>\nDate: Mon, 5 Jan 2026\nSubject: Lamp\n\
        To: agent@example.org\n\nIt flickers.";
    let agent = "Agent <Agent@example.org>";
    let forward = |id: &str| draft(id, "Fwd: Lamp").from(agent).text(block);
    let mails = [
        forward("1@x.example"),
        draft("2@x.example", "Lamp").from(agent),
        draft("3@x.example", "Chair").from("Form <form@shop.example>").with("Reply-To: Bob <bob@b.example>"),
        draft("4@x.example", "Fwd: Lamp").text(block),
        forward("5@x.example").with("In-Reply-To: <2@x.example>"),
    ];
    let found = fates(rules(handlers), &mails);
    let seen: Vec<_> = found
        .iter()
        .map(|fate| {
            let watchers = fate.issue.iter().flat_map(|issue| issue.watchers.clone()).collect::<Vec<_>>();
            (fate.comment_on, fate.reporter.as_ref().unwrap().address.as_str(), watchers.join(" "))
        })
        .collect();
    let none = String::new;
    assert_eq!(
        seen,
        [
            (None, "ann@a.example", "agent@example.org".to_owned()),
            (None, "Agent@example.org", none()),
            (None, "bob@b.example", none()),
            (None, "ann@a.example", none()),
            (Some(2), "ann@a.example", none()),
        ]
    );
    let told = |n: usize, what: &str| found[n].trace.iter().any(|step| step.detail.contains(what));
    assert!(told(0, "written by ann@a.example, by what it forwards") && told(1, "Nobody else is named"));
    assert!(told(2, "written by bob@b.example, by Reply-To"));
}
