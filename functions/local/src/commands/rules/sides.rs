//! The two sets of rules: those that are tried, and those of now.

use std::path::Path;

use intake::{
    flows::messages::TrialRules,
    types::{handler::Handler, policy::SenderPolicy, project::ProjectKey},
};
use serde_json::{Map, Value};

use crate::{
    commands::{apply, document, handlers},
    config::{RulesTestOptions, Settings},
    failure::{Failure, Outcome},
};

/// Where issues are made when nothing names a project.
const PROJECT: &str = "PROJECT";

/// Both, and what the second is compared with, in words.
pub(super) struct Sides {
    pub(super) now: TrialRules,
    pub(super) then: TrialRules,
    pub(super) against: String,
}

/// What a file says: the handlers, and what else it tells of the mailbox.
struct Given {
    handlers: Vec<Handler>,
    mailbox: Option<(String, Map<String, Value>)>,
}

/// Reads them. Nothing is written, and no data folder is made.
pub(super) async fn read(settings: &Settings, options: &RulesTestOptions) -> Outcome<Sides> {
    let new = given(&options.handlers, options.mailbox.as_deref())?;
    let named = options.mailbox.as_deref().or(new.mailbox.as_ref().map(|(name, _)| name.as_str()));
    let (old, against) = match &options.against {
        Some(file) => (Some(given(file, named)?), format!("the rules of {}", file.display())),
        None => stored(settings, named, new.mailbox.is_some()).await?,
    };
    let mut now = TrialRules {
        project: ProjectKey::new(PROJECT).map_err(|error| Failure::new(error.to_string()))?,
        handlers: Vec::new(),
        sender: SenderPolicy::default(),
        host: String::new(),
        own: None,
    };
    let mut then = now.clone();
    let is_new = old.is_none();
    if let Some(Given { handlers, mailbox }) = old {
        for rules in [&mut now, &mut then] {
            mailbox.iter().try_for_each(|(name, fields)| take(rules, name, fields))?;
        }
        now.handlers = handlers;
    }
    if let Some((name, fields)) = &new.mailbox {
        take(&mut then, name, fields)?;
    }
    if is_new {
        now = then.clone();
    }
    then.handlers = new.handlers;
    for rules in [&mut now, &mut then] {
        rules.sender.trusted_authserv_ids.extend(options.trusted_authserv_id.iter().cloned());
    }
    Ok(Sides { now, then, against })
}

/// The handlers of a file: a list, or those of a mailbox in a configuration.
fn given(file: &Path, mailbox: Option<&str>) -> Outcome<Given> {
    let value = document::value_of(file)?;
    let list = |value: &Value| {
        handlers::parse(value)
            .map_err(|why| Failure::new(format!("{} is no list of handlers: {why}.", file.display())))
    };
    let Some(mailboxes) = value.get("mailboxes").and_then(Value::as_object) else {
        return Ok(Given { handlers: list(value.get("handlers").unwrap_or(&value))?, mailbox: None });
    };
    let (name, fields) = chosen(mailboxes, mailbox, &file.display().to_string())?;
    let empty = Value::Array(Vec::new());
    let handlers = list(fields.get("handlers").filter(|list| !list.is_null()).unwrap_or(&empty))?;
    Ok(Given { handlers, mailbox: Some((name, fields)) })
}

/// The mailbox of this name, or the only one.
fn chosen(
    mailboxes: &Map<String, Value>,
    name: Option<&str>,
    place: &str,
) -> Outcome<(String, Map<String, Value>)> {
    let mut all = mailboxes.iter().filter(|(key, _)| name.is_none_or(|name| name == key.as_str()));
    match (all.next(), all.next()) {
        (Some((key, value)), None) => Ok((key.clone(), value.as_object().cloned().unwrap_or_default())),
        (Some(_), Some(_)) => {
            Err(Failure::new(format!("{place} has several mailboxes. Say which with --mailbox NAME.")))
        }
        (None, _) => {
            let names: Vec<&str> = mailboxes.keys().map(String::as_str).collect();
            let named = name.map(|name| format!(" {name}")).unwrap_or_default();
            let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            Err(Failure::new(format!("{place} has no mailbox{named}. There is: {there}.")))
        }
    }
}

/// The rules that are stored. `may_be_new`: the file describes the mailbox, which need not be there yet.
async fn stored(
    settings: &Settings,
    name: Option<&str>,
    may_be_new: bool,
) -> Outcome<(Option<Given>, String)> {
    let nothing = || (None, "no handlers, because no mailbox is stored here".to_owned());
    let Some(json) = apply::stored(settings).await? else {
        return match name.filter(|_| !may_be_new) {
            Some(name) => Err(Failure::new(format!(
                "There is no mailbox {name}: nothing is stored in {}. Give the data folder with --data-dir, or the rules of now with --against FILE.",
                settings.data_dir()?.display()
            ))),
            None => Ok(nothing()),
        };
    };
    let unknown = |error| Failure::because("The configuration cannot be understood", error);
    let document: Value = serde_json::from_str(&json).map_err(unknown)?;
    let empty = Map::new();
    let mailboxes = document.get("mailboxes").and_then(Value::as_object).unwrap_or(&empty);
    let is_new = name.is_some_and(|name| !mailboxes.contains_key(name)) && may_be_new;
    if is_new || mailboxes.is_empty() && name.is_none() {
        return Ok(nothing());
    }
    let (name, fields) = chosen(mailboxes, name, "This installation")?;
    let list = fields.get("handlers").cloned().unwrap_or(Value::Array(Vec::new()));
    let handlers = handlers::parse(&list)
        .map_err(|why| Failure::new(format!("The stored handlers cannot be understood: {why}.")))?;
    let against = format!("the stored rules of {name}");
    Ok((Some(Given { handlers, mailbox: Some((name, fields)) }), against))
}

/// What a configuration says of a mailbox, beside its handlers.
fn take(rules: &mut TrialRules, name: &str, fields: &Map<String, Value>) -> Outcome {
    let wrong = |field: &str, why: String| Failure::new(format!("{field} of {name} {why}."));
    if let Some(key) = fields.get("project").and_then(Value::as_str) {
        rules.project = ProjectKey::new(key).map_err(|error| wrong("project", error.to_string()))?;
    }
    if let Some(policy) = fields.get("sender_policy").filter(|policy| !policy.is_null()) {
        rules.sender = serde_json::from_value(policy.clone())
            .map_err(|error| wrong("sender_policy", format!("is not right: {error}")))?;
    }
    if let Some(host) = fields.get("host").and_then(Value::as_str) {
        host.clone_into(&mut rules.host);
    }
    let username = fields.get("auth").and_then(|auth| auth.get("username")).and_then(Value::as_str);
    if let Some(username) = username.filter(|username| username.contains('@')) {
        rules.own = Some(username.to_owned());
    }
    Ok(())
}
