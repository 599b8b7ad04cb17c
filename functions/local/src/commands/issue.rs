//! `maildocket issue`: what became of mail.

use serde_json::Value;

use super::desk::{self, Columns, Desk, line, plain, text, time};
use crate::{
    config::{IssueCommand, Settings},
    failure::{Failure, Outcome},
    process::out,
};

/// The most comments that are shown.
const MOST_COMMENTS: usize = 1_000;

pub(crate) async fn run(settings: Settings, command: IssueCommand) -> Outcome {
    let mut desk = Desk::new(settings)?;
    match command {
        IssueCommand::List { project, status, limit, json } => {
            let project = match project {
                Some(key) => key.to_string(),
                None => only_project(&mut desk).await?,
            };
            let status = status.map_or_else(String::new, |status| format!("&status={}", status.as_str()));
            let path = format!("/issues?project={project}{status}");
            let issues = desk.list(&path, usize::from(limit)).await?;
            if json { desk::json(&Value::Array(issues)) } else { list(&issues, &project) }
        }
        IssueCommand::Show { key, json } => show(&mut desk, &key, json).await,
    }
}

async fn only_project(desk: &mut Desk) -> Outcome<String> {
    let projects = desk.list("/projects", 100).await?;
    let keys: Vec<_> = projects.iter().map(|project| text(project, "/key")).collect();
    match keys[..] {
        [] => Err(Failure::new(
            "There is no project yet. `maildocket open /setup` connects a mailbox and makes one.",
        )),
        [only] => Ok(only.to_owned()),
        _ => Err(Failure::new(format!("Say which project with --project KEY: {}.", keys.join(", ")))),
    }
}

fn list(issues: &[Value], project: &str) -> Outcome {
    if issues.is_empty() {
        return out::print(format_args!("{project} has no such issue."));
    }
    let mut columns = Columns::new(&["issue", "status", "updated", "from", "summary"]);
    for issue in issues {
        columns.line([
            text(issue, "/key").to_owned(),
            text(issue, "/status").to_owned(),
            time(issue, "/updated_at"),
            person(issue, "/reporter"),
            text(issue, "/summary").to_owned(),
        ]);
    }
    out::print(columns)
}

fn person(value: &Value, pointer: &str) -> String {
    let person = value.pointer(pointer).unwrap_or(&Value::Null);
    let named = ["/name", "/address"].map(|field| text(person, field));
    named.into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned()
}

async fn show(desk: &mut Desk, key: &str, as_json: bool) -> Outcome {
    let mut issue = desk.get(&format!("/issues/{key}")).await?;
    let comments = desk.list(&format!("/issues/{key}/comments"), MOST_COMMENTS).await?;
    if as_json {
        issue["comments"] = Value::Array(comments);
        return desk::json(&issue);
    }
    let labels = issue["labels"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let facts = [
        ("status", text(&issue, "/status").to_owned()),
        ("from", person(&issue, "/reporter")),
        ("assignee", text(&issue, "/assignee").to_owned()),
        ("priority", text(&issue, "/priority").to_owned()),
        ("labels", labels.collect::<Vec<_>>().join(", ")),
        ("created", time(&issue, "/created_at")),
    ];
    out::print(format_args!("{}  {}", text(&issue, "/key"), line(text(&issue, "/summary"))))?;
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        out::print(format_args!("{name}: {}", line(value)))?;
    }
    out::print(format_args!("\n{}", plain(text(&issue, "/description_text"))))?;
    for comment in &comments {
        let head = format!("{}  {}", time(comment, "/created_at"), person(comment, "/author"));
        out::print(format_args!("\n-- {}\n{}", line(&head), plain(text(comment, "/body_text"))))?;
    }
    Ok(())
}
