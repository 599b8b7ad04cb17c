//! A list of handlers from a file, and what it says of a mail: what a mailbox would decide before it asks its store.

use std::path::Path;

use intake::{
    decide::handlers::{Facts, Wish, evaluate},
    error::FieldErrors,
    json,
    types::{
        handler::{self, Handler, SenderVerdict, Settings},
        message::TraceStep,
        project::ProjectKey,
    },
};
use mail::auth::{self, Verdict};
use serde::Serialize;
use serde_json::Value;

use crate::{
    commands::document,
    failure::{Failure, Outcome},
};

/// Handlers, and whose word on senders counts.
#[derive(Debug)]
pub(crate) struct HandlerList {
    handlers: Vec<Handler>,
    servers: auth::Settings,
}

/// What a list says of a mail.
#[derive(Debug, Serialize)]
pub(crate) struct Said {
    decision: Decision,
    trace: Vec<TraceStep>,
}

#[derive(Debug, Serialize)]
struct Decision {
    /// The action, or `unsaid`.
    wish: &'static str,
    /// The handler that said so.
    by: Option<String>,
    /// Where an issue would be made, if a handler says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ProjectKey>,
    /// How it would look.
    set: Settings,
}

impl Said {
    /// What was looked at, and what it said.
    pub(crate) fn trace(&self) -> &[TraceStep] {
        &self.trace
    }
}

impl HandlerList {
    /// Reads and checks a list; the servers whose `Authentication-Results` count come with it.
    pub(crate) fn read(file: &Path, trusted: &[String]) -> Outcome<Self> {
        if file == Path::new("-") {
            return Err(Failure::new(
                "The handlers cannot come from standard input: that is where mails come from. Give a file.",
            ));
        }
        let handlers = parse(&document::value_of(file)?)
            .map_err(|why| Failure::new(format!("{} is no list of handlers: {why}.", file.display())))?;
        let servers = auth::Settings { trusted: trusted.to_vec(), ..auth::Settings::default() };
        Ok(Self { handlers, servers })
    }

    /// What it says of a mail.
    pub(crate) fn says(&self, raw: &[u8]) -> Said {
        let mail = mail::parse(raw);
        let authentication = auth::authenticate(&mail.trace, &self.servers);
        let verdict = match authentication.verdict {
            Verdict::Pass => SenderVerdict::Pass,
            Verdict::Fail => SenderVerdict::Fail,
            Verdict::Unverified => SenderVerdict::None,
        };
        let facts = Facts { mail: &mail, size: raw.len() as u64, verdict };
        let mut route = evaluate(&self.handlers, facts);
        let sender = authentication.evidence.into_iter().map(|said| TraceStep::new("sender", said));
        let trace = sender.chain(route.trace).collect();
        let project = route.set.project.take();
        Said { decision: Decision { wish: word(route.wish), by: route.by, project, set: route.set }, trace }
    }
}

/// The list, or what is wrong with it and where (RFC 6901).
pub(crate) fn parse(value: &Value) -> Result<Vec<Handler>, String> {
    let handlers: Vec<Handler> = serde_path_to_error::deserialize(value)
        .map_err(|error| format!("{}{}", place(&json::pointer_of_path(error.path())), error.inner()))?;
    let mut errors = FieldErrors::default();
    handler::check(&handlers, "", &mut errors);
    errors.finish().map_err(|error| {
        let told = error.fields.iter().map(|field| format!("{}{}", place(&field.pointer), field.detail));
        told.collect::<Vec<_>>().join("; ")
    })?;
    Ok(handlers)
}

fn place(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!("{pointer} ") }
}

fn word(wish: Wish) -> &'static str {
    match wish {
        Wish::Unsaid => "unsaid",
        Wish::CreateOrComment => "create_or_comment",
        Wish::Create => "create",
        Wish::Comment => "comment",
        Wish::AsForwarded => "as_forwarded",
        Wish::Ignore => "ignore",
        Wish::Hold => "hold",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MAIL: &[u8] = b"Authentication-Results: mx.example; dmarc=pass header.from=example.com\n\
        From: Jane <jane@example.com>\nTo: billing@example.org\nSubject: An invoice\n\nHello\n";

    fn list(text: &str, trusted: &[&str]) -> Outcome<HandlerList> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("handlers.yaml");
        std::fs::write(&file, text).unwrap();
        HandlerList::read(&file, &trusted.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())
    }

    fn said(text: &str, trusted: &[&str]) -> Value {
        serde_json::to_value(list(text, trusted).unwrap().says(MAIL)).unwrap()
    }

    #[test]
    fn a_list_says_what_becomes_of_a_mail_and_why() {
        let yaml = "- name: Bills\n  when: {to: billing@*}\n  then: [{create: {}}, {set: {project: BILL, labels: [a]}}]\n\
                    - name: Forged\n  when: {not: {sender_verdict: pass}}\n  then: [{hold: {}}]\n";
        let said_of = said(yaml, &["mx.example"]);
        assert_eq!(
            said_of["decision"],
            json!({"wish": "create", "by": "Bills", "project": "BILL", "set": {"labels": ["a"]}})
        );
        let trace = said_of["trace"].as_array().unwrap();
        assert_eq!(trace.last().unwrap()["detail"], "\"Forged\" does not apply.");
        assert!(trace.iter().any(|step| step["step"] == "sender"), "{said_of}");
        let untrusted = said(yaml, &[]);
        assert_eq!(untrusted["decision"]["wish"], "hold");
        assert_eq!(said("[]", &[])["decision"], json!({"wish": "unsaid", "by": null, "set": {}}));
    }

    #[test]
    fn wrong_lists_end_in_a_sentence_with_the_place() {
        for (text, part) in [
            (
                "- name: a\n  then: [{create: {}}, {explode: {}}]\n",
                "handlers: /0/then/1 unknown variant `explode`",
            ),
            ("- name: a\n  when: {from: 7}\n  then: [{hold: {}}]\n", "/0/when/from invalid type"),
            ("- name: a\n  iff: x\n  then: [{hold: {}}]\n", "unknown field `iff`"),
            ("- name: a\n  then: []\n", "/0/then must have at least one action"),
            ("name: a\n", "handlers: invalid type: map"),
            ("- [", "is not YAML"),
        ] {
            let told = list(text, &[]).unwrap_err().to_string();
            assert!(told.contains(part) && told.lines().count() == 1, "{told}");
        }
        assert!(HandlerList::read(Path::new("-"), &[]).unwrap_err().to_string().contains("Give a file"));
        let told = HandlerList::read(Path::new("/nowhere/x"), &[]).unwrap_err().to_string();
        assert!(told.contains("/nowhere/x cannot be read"), "{told}");
    }
}
