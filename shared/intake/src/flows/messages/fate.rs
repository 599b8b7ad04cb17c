//! What a mail would become, as far as people see it, and how two such fates differ.

use serde::Serialize;
use serde_json::Value;

use crate::{
    decide::{Builder, Content, Prepared, handlers::PASSED_OVER},
    error::{Error, Result},
    ports::{Change, Write},
    types::{
        issue::{Body, Person, Text},
        message::{Message, MessageState, Reason, TraceStep},
        project::IssueKey,
    },
};

/// What people see first, and in this order.
const ORDER: [&str; 16] = [
    "decision",
    "reason",
    "project",
    "comment_on",
    "issue_key",
    "reporter.address",
    "reporter.name",
    "issue.type",
    "issue.labels",
    "issue.priority",
    "issue.assignee",
    "issue.watchers",
    "files",
    "text",
    "quoted_text",
    "issue",
];

/// What a mail would become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// `create`, `comment`, `skip` or `hold`.
    pub decision: &'static str,
    /// Why, as a stable word.
    pub reason: Reason,
    /// Where the issue is made that it becomes, or that it comments on.
    pub project: Option<String>,
    /// Which mail of the folder made the issue on which it comments; the first is 1.
    pub comment_on: Option<u64>,
    /// The issue that is there already on which it comments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_key: Option<IssueKey>,
    /// As whose words it counts.
    pub reporter: Option<Person>,
    /// What a new issue has.
    pub issue: Option<Looks>,
    /// The text.
    pub text: Option<String>,
    /// What is shown folded.
    pub quoted_text: Option<String>,
    /// The names of its files.
    pub files: Vec<String>,
    /// How that was decided. Not compared.
    #[serde(skip)]
    pub trace: Vec<TraceStep>,
}

/// How a new issue looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the words are those of an issue")]
pub struct Looks {
    #[serde(rename = "type")]
    pub issue_type: String,
    pub labels: Vec<String>,
    pub priority: Option<String>,
    pub assignee: Option<String>,
    pub watchers: Vec<String>,
}

/// What differs between two fates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FateChange {
    /// By its path: `issue.labels`.
    pub field: String,
    /// Null where there was nothing.
    pub before: Value,
    /// Null where there is nothing any more.
    pub after: Value,
}

impl Fate {
    /// What differs from this one to that, what people see first before the rest. How it was decided does not count.
    pub fn changes(&self, to: &Self) -> Vec<FateChange> {
        let of = |fate: &Self| {
            let mut fields = Vec::new();
            flatten("", serde_json::to_value(fate).unwrap_or_default(), &mut fields);
            fields
        };
        let (before, after) = (of(self), of(to));
        let value = |fields: &[(String, Value)], name: &str| {
            fields.iter().find(|(there, _)| there == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let mut names: Vec<&str> = before.iter().chain(&after).map(|(name, _)| name.as_str()).collect();
        names
            .sort_by_key(|name| (ORDER.iter().position(|first| first == name).unwrap_or(ORDER.len()), *name));
        names.dedup();
        let change = |name: &str| FateChange {
            field: name.to_owned(),
            before: value(&before, name),
            after: value(&after, name),
        };
        names.into_iter().map(change).filter(|change| change.before != change.after).collect()
    }
}

/// The fields of objects by their path; what is nothing is left out.
fn flatten(path: &str, value: Value, into: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                flatten(&path, value, into);
            }
        }
        Value::Null => {}
        value => into.push((path.to_owned(), value)),
    }
}

/// What would be written.
pub(super) fn fate(prepared: &Prepared, builder: Builder<'_>) -> Result<Fate> {
    let Builder { changes, texts, .. } = builder;
    let read = |text: &Text| match text {
        Text::Inline(text) => text.clone(),
        Text::Blob(key) => {
            let found = texts.iter().find(|(there, _)| there == key);
            found.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
        }
    };
    let message = changes.iter().find_map(|change| match change {
        Change::Message { message, .. } => Some(&**message),
        _ => None,
    });
    let message: &Message = message.ok_or_else(|| Error::internal("a mail without a record"))?;
    let mut fate = Fate {
        decision: decision(message),
        reason: message.reason,
        project: message.issue_key.as_ref().map(|key| key.project().to_string()),
        comment_on: None,
        issue_key: message.issue_key.clone().filter(|_| message.comment_id.is_some()),
        reporter: None,
        issue: None,
        text: None,
        quoted_text: None,
        files: Vec::new(),
        trace: message.trace.clone(),
    };
    if let Content::Mail(mail) = &prepared.content {
        let passed_over = mail.route.trace.iter().filter(|step| step.step == PASSED_OVER);
        fate.trace.extend(passed_over.cloned());
    }
    let mut says = |person: &Person, body: &Body| {
        fate.reporter = Some(person.clone());
        (fate.text, fate.quoted_text) = (Some(read(&body.text)), Some(read(&body.quoted)));
    };
    for change in &changes {
        match change {
            Change::Issue(write) => {
                let Write::Create(issue) = &**write else { continue };
                says(&issue.reporter, &issue.body);
                fate.issue = Some(Looks {
                    issue_type: issue.issue_type.clone(),
                    labels: issue.labels.clone(),
                    priority: issue.priority.clone(),
                    assignee: issue.assignee.clone(),
                    watchers: issue.watchers.clone(),
                });
            }
            Change::Comment(comment) => says(&comment.author, &comment.body),
            Change::Attachment(file) => fate.files.push(file.filename.clone()),
            _ => {}
        }
    }
    Ok(fate)
}

fn decision(message: &Message) -> &'static str {
    match (message.state, message.comment_id) {
        (MessageState::Applied, None) => "create",
        (MessageState::Applied, Some(_)) => "comment",
        (MessageState::Skipped, _) => "skip",
        (MessageState::Held, _) => "hold",
        _ => "fail",
    }
}
