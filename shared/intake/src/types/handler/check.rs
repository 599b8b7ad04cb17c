//! Checks of a list of handlers that no single word of it can show.

use std::collections::BTreeSet;

use super::{Action, Condition, Handler, Settings, SizeCondition};
use crate::{
    Sentence,
    error::FieldErrors,
    types::{given, project::ProjectKey},
};

/// The most handlers of a mailbox.
const MAX_HANDLERS: usize = 100;
/// The most bytes of all of them, written as JSON.
const MAX_BYTES: usize = 64 * 1024;
/// How deep conditions lie in conditions.
const MAX_DEPTH: usize = 10;
/// The most projects that the handlers of one mailbox name: threads are looked up in each.
const MAX_PROJECTS: usize = 10;
/// The most characters of a name, and of a line that ends a text.
const MAX_NAME: usize = 100;
/// The most characters of a word of an issue, and of a person: as where people change it.
const MAX_WORD: usize = 50;
const MAX_PERSON: usize = 254;
/// The most labels, and lines that end a text.
const MAX_LIST: usize = 50;

/// The projects that a list of handlers names, each once.
pub fn projects(handlers: &[Handler]) -> BTreeSet<&ProjectKey> {
    let settings = handlers.iter().flat_map(|handler| &handler.then).filter_map(|action| match action {
        Action::Set(settings) => settings.project.as_ref(),
        _ => None,
    });
    settings.collect()
}

/// Checks a list as a whole: names, lengths, depth. What a single word may be, its type has checked.
/// `at` is where the list lies in the request.
pub fn check(handlers: &[Handler], at: &str, errors: &mut FieldErrors) {
    if handlers.len() > MAX_HANDLERS {
        errors.add(at, Sentence::new("field.at_most_handlers").with("max", MAX_HANDLERS));
    }
    if serde_json::to_vec(handlers).map_or(0, |json| json.len()) > MAX_BYTES {
        errors.add(at, Sentence::new("field.at_most_bytes").with("max", MAX_BYTES));
    }
    if projects(handlers).len() > MAX_PROJECTS {
        errors.add(at, Sentence::new("field.at_most_projects").with("max", MAX_PROJECTS));
    }
    let mut names = BTreeSet::new();
    for (n, handler) in handlers.iter().enumerate() {
        check_one(&format!("{at}/{n}"), handler, errors);
        if !names.insert(handler.name.trim()) {
            errors.add(&format!("{at}/{n}/name"), "field.handler_name");
        }
    }
}

fn check_one(at: &str, handler: &Handler, errors: &mut FieldErrors) {
    errors.check(&format!("{at}/name"), given::line(&handler.name, MAX_NAME));
    if let Some(when) = &handler.when {
        check_condition(&format!("{at}/when"), when, MAX_DEPTH, errors);
    }
    if handler.then.is_empty() {
        errors.add(&format!("{at}/then"), "field.an_action");
    }
    let outcomes = handler.then.iter().filter(|action| !matches!(action, Action::Set(_))).count();
    if outcomes > 1 {
        errors.add(&format!("{at}/then"), "field.one_outcome");
    }
    for (n, action) in handler.then.iter().enumerate() {
        if let Action::Set(settings) = action {
            check_settings(&format!("{at}/then/{n}/set"), settings, errors);
        }
    }
}

fn check_condition(at: &str, condition: &Condition, depth: usize, errors: &mut FieldErrors) {
    if depth == 0 {
        return errors.add(at, Sentence::new("field.depth").with("max", MAX_DEPTH));
    }
    let mut several = |word: &str, conditions: &[Condition]| {
        if conditions.is_empty() {
            errors.add(&format!("{at}/{word}"), "field.a_condition");
        }
        for (n, one) in conditions.iter().enumerate() {
            check_condition(&format!("{at}/{word}/{n}"), one, depth - 1, errors);
        }
    };
    match condition {
        Condition::All(all) => several("all", all),
        Condition::Any(any) => several("any", any),
        Condition::Not(one) => check_condition(&format!("{at}/not"), one, depth - 1, errors),
        Condition::Header(header) if header.name.trim().is_empty() => {
            errors.add(&format!("{at}/header/name"), "field.header_name");
        }
        Condition::Likely(kind) if !kind.may_be_likely() => {
            errors.add(&format!("{at}/likely"), "field.likely");
        }
        Condition::Size(SizeCondition { above: None, below: None }) => {
            errors.add(&format!("{at}/size"), "field.size");
        }
        _ => {}
    }
}

fn check_settings(at: &str, settings: &Settings, errors: &mut FieldErrors) {
    let words = [
        ("type", &settings.issue_type, MAX_WORD),
        ("priority", &settings.priority, MAX_WORD),
        ("default_reporter", &settings.default_reporter, MAX_PERSON),
        ("assignee", &settings.assignee, MAX_PERSON),
    ];
    for (name, word, most) in words {
        if let Some(word) = word {
            errors.check(&format!("{at}/{name}"), given::line(word, most));
        }
    }
    let lists = [("labels", &settings.labels, MAX_WORD), ("split_at", &settings.split_at, MAX_NAME)];
    for (name, list, most) in lists {
        if list.as_ref().is_some_and(|list| list.len() > MAX_LIST) {
            errors.add(&format!("{at}/{name}"), Sentence::new("field.at_most_entries").with("max", MAX_LIST));
        }
        for (n, word) in list.iter().flatten().take(MAX_LIST).enumerate() {
            errors.check(&format!("{at}/{name}/{n}"), given::line(word, most));
        }
    }
    let known = settings.attachments.iter().flat_map(|rules| &rules.known);
    if known.clone().any(|hash| hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit())) {
        errors.add(&format!("{at}/attachments/known"), "field.sha256");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn errors(list: serde_json::Value) -> Vec<String> {
        let handlers: Vec<Handler> = serde_json::from_value(list).unwrap();
        let mut errors = FieldErrors::default();
        check(&handlers, "", &mut errors);
        let Err(error) = errors.finish() else { return Vec::new() };
        error.fields.iter().map(|field| field.pointer.clone()).collect()
    }

    #[test]
    fn the_shape_is_the_one_of_the_api() {
        let list = json!([{
            "name": "Billing",
            "when": {"all": [{"to": "billing@*"}, {"not": {"kind": "auto_reply"}}, {"size": {"below": 1000}},
                {"header": {"name": "X-Spam", "value": "no"}}, {"sender_verdict": "pass"}]},
            "then": [{"create_or_comment": {}}, {"set": {"project": "BILL", "type": "bill", "labels": ["a"]}}],
            "stop": true
        }]);
        let handlers: Vec<Handler> = serde_json::from_value(list.clone()).unwrap();
        assert_eq!(serde_json::to_value(&handlers).unwrap(), list);
        assert!(errors(list).is_empty());
        let forwards = json!([{"name": "Forwards", "when": {"from": "@example.org"},
            "then": [{"as_forwarded": {}}, {"set": {"reporter": "first_forwarded_sender"}}], "stop": false}]);
        let handlers: Vec<Handler> = serde_json::from_value(forwards.clone()).unwrap();
        assert_eq!(serde_json::to_value(&handlers).unwrap(), forwards);
        assert!(errors(forwards).is_empty());
        for wrong in [
            json!([{"name": "x", "then": [{"create": {"a": 1}}]}]),
            json!([{"name": "x", "if": {}}]),
            json!([{"name": "x", "then": [{"set": {"reporter": "sender"}}]}]),
        ] {
            assert!(serde_json::from_value::<Vec<Handler>>(wrong).is_err());
        }
    }

    #[test]
    fn lists_are_checked_as_a_whole() {
        let twice = json!([{"name": "a", "then": [{"ignore": {}}]}, {"name": "a ", "then": [{"hold": {}}]}]);
        assert_eq!(errors(twice), ["/1/name"]);
        assert_eq!(errors(json!([{"name": "", "then": []}])), ["/0/name", "/0/then"]);
        assert_eq!(errors(json!([{"name": "a", "then": [{"ignore": {}}, {"hold": {}}]}])), ["/0/then"]);
        assert_eq!(
            errors(json!([{"name": "a", "then": [{"as_forwarded": {}}, {"create": {}}]}])),
            ["/0/then"]
        );
        assert_eq!(
            errors(json!([{"name": "a", "when": {"any": []}, "then": [{"hold": {}}]}])),
            ["/0/when/any"]
        );
        let inner = json!({"all": [{"from": "x"}, {"not": {"header": {"name": " "}}}]});
        let wrong = json!([{"name": "a\nb", "when": inner, "then": [{"set": {"labels": ["a", ""]}}]}]);
        assert_eq!(errors(wrong), ["/0/name", "/0/when/all/1/not/header/name", "/0/then/0/set/labels/1"]);
        let mut deep = json!({"from": "x"});
        for _ in 0..12 {
            deep = json!({ "not": deep });
        }
        assert_eq!(errors(json!([{"name": "a", "when": deep, "then": [{"hold": {}}]}])).len(), 1);
        let logo = json!([{"name": "a", "then": [{"set": {"attachments": {"known": ["x"]}}}]}]);
        assert_eq!(errors(logo), ["/0/then/0/set/attachments/known"]);
    }
}
