//! What people set of an issue: facts for who reads, a form for who changes, and what differs where two did so at once.

use intake::{
    Error, Timestamp,
    types::issue::{Issue, IssueStatus},
};
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::{
    super::frame::{
        console::csrf,
        fields::{Choice, Filled, Line},
        parts::{Tone, card, facts, notice, refused, table, version},
        visitor::Visitor,
        words::{ago, shown, status, word, word_for},
    },
    list::state,
};

/// The fields, each with the name of its label in the catalogue.
const FIELDS: [(&str, &str); 7] = [
    ("summary", "issue_summary"),
    ("status", "issue_status"),
    ("assignee", "issue_assignee"),
    ("priority", "issue_priority"),
    ("type", "issue_type"),
    ("labels", "issue_labels"),
    ("watchers", "issue_watchers"),
];
/// The same as an error names them.
const POINTERS: [&str; 7] =
    ["/summary", "/status", "/assignee", "/priority", "/type", "/labels", "/watchers"];

/// The fields as a request would give them.
pub(super) fn fields(issue: &Issue) -> Value {
    json!({
        "summary": issue.summary,
        "status": issue.status,
        "assignee": issue.assignee,
        "priority": issue.priority,
        "type": issue.issue_type,
        "labels": issue.labels,
        "watchers": issue.watchers,
    })
}

/// A field that somebody else changed while one was typing: what is there now, and what stands in the form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    field: &'static str,
    now: String,
    typed: String,
}

/// What was typed over what somebody else saved meanwhile: a field that was not touched takes what is there now, one that
/// was keeps what was typed. With what the other one changed. `was`: what the form was made from, as far as it is known.
pub(super) fn over(was: &Value, typed: &Value, now: &Value) -> (Value, Vec<Difference>) {
    let (mut merged, mut differences) = (Map::new(), Vec::new());
    for (name, field) in FIELDS {
        let touched =
            typed.get(name).filter(|typed| was.get(name).is_none_or(|was| text(typed) != text(was)));
        let here = now.get(name).unwrap_or(&Value::Null);
        let kept = touched.unwrap_or(here);
        if was.get(name).is_none_or(|was| text(was) != text(here))
            && typed.get(name).map(text) != Some(text(here))
        {
            differences.push(Difference { field, now: text(here), typed: text(kept) });
        }
        merged.insert(name.to_owned(), kept.clone());
    }
    (Value::Object(merged), differences)
}

/// Whether what was typed is what is there: then somebody, perhaps the same person by a second click, has saved it.
pub(super) fn is_there(typed: &Value, now: &Value) -> bool {
    FIELDS.iter().all(|(name, _)| {
        typed.get(name).is_none_or(|typed| text(typed) == now.get(name).map_or_else(String::new, text))
    })
}

fn text(value: &Value) -> String {
    Filled::with(json!({ "x": value })).text("/x").trim().replace('\n', ", ")
}

/// The facts, for who reads.
pub(super) fn told(issue: &Issue, now: Timestamp) -> Markup {
    let some = |word: Option<&str>| html! { @match word { Some(text) => bdi { (shown(text)) }, None => (self::word("page.none")) } };
    let label = |field: &str| word_for("page.field", field);
    card(
        &word("page.issue.details"),
        facts(vec![
            (label("issue_status"), state(issue.status)),
            (label("issue_assignee"), some(issue.assignee.as_deref())),
            (label("issue_priority"), some(issue.priority.as_deref())),
            (label("issue_type"), some(Some(&issue.issue_type))),
            (label("issue_labels"), several(&issue.labels)),
            (label("issue_watchers"), several(&issue.watchers)),
            (word("page.issue.arrived"), ago(issue.created_at, now)),
            (word("page.issue_column.changed"), ago(issue.updated_at, now)),
        ]),
    )
}

fn several(words: &[String]) -> Markup {
    html! {
        @if words.is_empty() { (word("page.none")) }
        @for (n, word) in words.iter().enumerate() { @if n > 0 { ", " } bdi { (shown(word)) } }
    }
}

/// The form, for who changes. `issue`: as it is now, which is what the form is made from.
pub(super) fn form(visitor: &Visitor, issue: &Issue, filled: &Filled, wrong: Markup) -> Markup {
    card(
        &word("page.issue.details"),
        html! {
            (wrong)
            form method="post" action={ "/issues/" (issue.key) } {
                (csrf(visitor)) (version(issue.version))
                input type="hidden" name="was" value=(fields(issue));
                (filled.choice("/status", "issue_status", &statuses()))
                (filled.line("/assignee:null", "issue_assignee", Line::Optional))
                (filled.line("/priority:null", "issue_priority", Line::Optional))
                (filled.line("/type:null", "issue_type", Line::Optional))
                (filled.area("/labels:lines", "issue_labels", 2))
                (filled.area("/watchers:lines", "issue_watchers", 2))
                (filled.line("/summary:text", "issue_summary", Line::Required))
                button { (word("page.issue.save")) }
            }
        },
    )
}

/// The states of issues, to choose from.
pub(super) fn statuses() -> Vec<Choice> {
    let all = [IssueStatus::Open, IssueStatus::InProgress, IssueStatus::Closed];
    all.map(|one| Choice::new(one.as_str(), status(one))).into()
}

/// What was wrong with the form.
pub(super) fn wrong(filled: &Filled, error: &Error) -> Markup {
    refused(error, filled, &POINTERS)
}

/// Somebody else changed it meanwhile: what is there now beside what was typed. Nothing was saved.
pub(super) fn meanwhile(differences: &[Difference]) -> Markup {
    let said = |field: &str, value: &str| match value.parse::<IssueStatus>() {
        Ok(one) if field == "issue_status" => status(one),
        _ if value.is_empty() => word("page.none"),
        _ => shown(value).to_owned(),
    };
    let columns = ["field", "there", "typed"].map(|column| word_for("page.issue.meanwhile", column));
    let row = |one: &Difference| {
        let cell = |value: &str| html! { bdi { (said(one.field, value)) } };
        vec![html! { (word_for("page.field", one.field)) }, cell(&one.now), cell(&one.typed)]
    };
    notice(
        Tone::Bad,
        html! {
            p { (word("page.issue.meanwhile")) }
            @if differences.is_empty() { p { (word("page.issue.meanwhile.same")) } }
            @else { (table(&word("page.issue.meanwhile"), &columns, differences.iter().map(row).collect())) }
            p { strong { (word("page.issue.meanwhile.next")) } }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(status: &str, assignee: Option<&str>, labels: &[&str]) -> Value {
        json!({"summary": "x", "status": status, "assignee": assignee, "priority": null, "type": "issue",
            "labels": labels, "watchers": []})
    }

    #[test]
    fn what_was_not_touched_takes_what_is_there_and_what_was_typed_stays() {
        let was = all("open", None, &["a"]);
        let typed = all("closed", None, &["a", "b"]);
        let now = all("in_progress", Some("kim"), &["a"]);
        let (merged, differences) = over(&was, &typed, &now);
        assert_eq!(merged, all("closed", Some("kim"), &["a", "b"]));
        let told: Vec<_> = differences.iter().map(|d| (d.field, d.now.as_str(), d.typed.as_str())).collect();
        assert_eq!(told, [("issue_status", "in_progress", "closed"), ("issue_assignee", "kim", "kim")]);
        assert!(!is_there(&typed, &now) && is_there(&now, &now));
    }

    #[test]
    fn nothing_typed_is_lost_where_the_beginning_is_not_known() {
        let (typed, now) = (all("closed", None, &[]), all("open", Some("kim"), &[]));
        let (merged, differences) = over(&Value::Null, &typed, &now);
        assert_eq!(merged, typed);
        assert_eq!(differences.len(), 2);
    }

    #[test]
    fn null_and_empty_are_the_same() {
        let typed = json!({"assignee": "", "labels": [], "type": "issue"});
        assert!(is_there(&typed, &all("open", None, &[])));
    }
}
