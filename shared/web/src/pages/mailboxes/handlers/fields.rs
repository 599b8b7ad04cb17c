//! The fields of a list of handlers.

use maud::{Markup, html};

use super::{
    super::super::frame::{
        fields::{Choice, Filled, Line},
        words::{with, word, word_for},
    },
    draft::{Draft, Entry},
    row::{KINDS, OUTCOMES, Row},
};

/// The kinds of mail that a condition names.
const MAILS: [&str; 10] = [
    "ordinary",
    "auto_reply",
    "bounce",
    "report",
    "feedback_report",
    "read_receipt",
    "calendar_answer",
    "aggregate_report",
    "list",
    "bulk",
];

/// What the fields need to know beside what stands in them.
pub(super) struct Around<'a> {
    /// The page, to which each button leads.
    pub(super) path: &'a str,
    /// The projects that there are.
    pub(super) projects: &'a [Choice],
}

/// All handlers, each in a part of its own.
pub(super) fn list(draft: &Draft, filled: &Filled, around: &Around<'_>) -> Markup {
    let last = draft.0.len().saturating_sub(1);
    html! {
        @for (n, entry) in draft.0.iter().enumerate() {
            section.card.handler id={ "handler-" (n) } {
                div.handler-head {
                    h2 { (with("page.handlers.number", "n", n + 1)) }
                    div.acts {
                        @if n > 0 { (button(around, n.saturating_sub(1), &format!("up {n}"), "page.handlers.up")) }
                        @if n < last { (button(around, n + 1, &format!("down {n}"), "page.handlers.down")) }
                        (button(around, n.saturating_sub(1), &format!("remove {n}"), "page.handlers.remove"))
                    }
                }
                @match entry {
                    Entry::Fields(row) => (fields(n, row, filled, around)),
                    Entry::Json(_) => {
                        p.hint { (word("page.handlers.as_json")) }
                        (filled.area(&format!("/h/{n}/raw:text"), "handler_raw", 12))
                    },
                    Entry::Folded(text) => (folded(n, entry, text, around)),
                }
            }
        }
        div.actions { (button(around, last + 1, "add", "page.handlers.add")) }
    }
}

/// A button that changes the list; `to`: the handler at which the page is shown then.
fn button(around: &Around<'_>, to: usize, what: &str, label: &'static str) -> Markup {
    html! {
        button.small name="do" value=(what) formaction={ (around.path) "#handler-" (to) } { (word(label)) }
    }
}

fn folded(n: usize, entry: &Entry, text: &str, around: &Around<'_>) -> Markup {
    let told = entry.handler();
    let row = Row::read_told(&told);
    html! {
        input type="hidden" name={ "/h/" (n) "/raw:text" } value=(text);
        input type="hidden" name={ "/h/" (n) "/folded:bool" } value="true";
        p { strong { bdi { (told["name"].as_str().unwrap_or_default()) } } }
        @if let Some(row) = row { p.faint { (summary(&row)) } }
        (button(around, n, &format!("open {n}"), "page.handlers.open"))
    }
}

/// `If from is @example.org: wait for review.`
fn summary(row: &Row) -> Markup {
    let joint = word(if row.any { "page.handlers.or" } else { "page.handlers.and" });
    html! {
        @for (n, condition) in row.conditions.iter().enumerate() {
            @if n > 0 { " " (joint) " " }
            @if condition.not { (word("page.handlers.not")) " " }
            (word_for("page.handler_if", &condition.kind)) " "
            code { (condition.value) @if !condition.more.is_empty() { " " (condition.more) } }
        }
        @if row.conditions.is_empty() { (word("page.handlers.always")) }
        " → "
        @if !row.outcome.is_empty() { (word_for("page.handler_then", &row.outcome)) } @else { (word_for("page.handler_then", "none")) }
    }
}

fn fields(n: usize, row: &Row, filled: &Filled, around: &Around<'_>) -> Markup {
    let at = |name: &str| format!("/h/{n}/{name}");
    let joins = words("page.handler_join", &["all", "any"]);
    let mut outcomes = vec![Choice::new("", word_for("page.handler_then", "none"))];
    outcomes.extend(words("page.handler_then", &OUTCOMES));
    html! {
        (filled.line(&at("name"), "handler_name", Line::Optional))
        fieldset {
            legend { (word("page.handlers.when")) }
            @if row.conditions.is_empty() { p.hint { (word("page.handlers.always.long")) } }
            @if row.conditions.len() > 1 { (filled.choice(&at("join"), "handler_join", &joins)) }
            @else { input type="hidden" name=(at("join")) value=(if row.any { "any" } else { "all" }); }
            @for (i, condition) in row.conditions.iter().enumerate() {
                div.condition {
                    (self::condition(&at(&format!("if/{i}")), &condition.kind, filled))
                    div.acts {
                        (filled.check(&at(&format!("if/{i}/not:bool")), "handler_not"))
                        (button(around, n, &format!("remove-condition {n} {i}"), "page.handlers.condition.remove"))
                    }
                }
            }
            (adding(n, around))
        }
        (filled.choice(&at("outcome"), "handler_outcome", &outcomes))
        (looks(n, row, filled, around))
        (filled.check(&at("stop:bool"), "handler_stop"))
    }
}

/// A button for each kind of condition: what it asks for depends on the kind.
fn adding(n: usize, around: &Around<'_>) -> Markup {
    html! {
        details.adding {
            summary { (word("page.handlers.condition.add")) }
            div.acts { @for kind in KINDS {
                button.small name="do" value={ "add-condition " (n) " " (kind) } formaction={ (around.path) "#handler-" (n) } {
                    (word_for("page.handler_if", kind))
                }
            } }
        }
    }
}

fn condition(at: &str, kind: &str, filled: &Filled) -> Markup {
    let value = format!("{at}/value");
    let more = format!("{at}/more");
    html! {
        input type="hidden" name={ (at) "/kind" } value=(kind);
        @match kind {
            "to" => (filled.line(&value, "handler_if_to", Line::Optional)),
            "from" => (filled.line(&value, "handler_if_from", Line::Optional)),
            "subject" => (filled.line(&value, "handler_if_subject", Line::Optional)),
            "sub_address" => (filled.line(&value, "handler_if_sub_address", Line::Optional)),
            "list" => (filled.line(&value, "handler_if_list", Line::Optional)),
            "kind" => (filled.choice(&value, "handler_if_kind", &words("page.handler_mail", &MAILS))),
            "likely" => (filled.choice(&value, "handler_if_likely", &words("page.handler_mail", &MAILS[1..8]))),
            "sender_verdict" => {
                (filled.choice(&value, "handler_if_verdict", &words("page.handler_verdict", &["pass", "fail", "none"])))
            },
            "header" => div.form-columns {
                (filled.line(&value, "handler_if_header", Line::Optional))
                (filled.line(&more, "handler_if_header_value", Line::Optional))
            },
            "size" => div.form-columns {
                (filled.line(&value, "handler_if_above", Line::Number))
                (filled.line(&more, "handler_if_below", Line::Number))
            },
            _ => (filled.area(&value, "handler_if_json", 3)),
        }
    }
}

/// How the issue or comment looks.
fn looks(n: usize, row: &Row, filled: &Filled, around: &Around<'_>) -> Markup {
    let at = |name: &str| format!("/h/{n}/set/{name}");
    let same = || Choice::new("", word("page.handlers.as_is"));
    let with_same = |more: Vec<Choice>| std::iter::once(same()).chain(more).collect::<Vec<_>>();
    let switch = with_same(words("page.handler_switch", &["true", "false"]));
    let reporters =
        with_same(words("page.handler_reporter", &["from", "reply_to", "first_forwarded_sender"]));
    let bulk = with_same(words("page.mailbox_treatment", &["accept", "mark", "hold", "ignore"]));
    let projects: Vec<Choice> = around
        .projects
        .iter()
        .map(|project| Choice::new(project.value.clone(), project.label.clone()))
        .collect();
    html! {
        details.looks open[!row.set.is_empty()] {
            summary { (word("page.handlers.looks")) }
            div.form-columns {
                (filled.choice(&at("project"), "handler_project", &with_same(projects)))
                (filled.line(&at("type"), "handler_type", Line::Optional))
                (filled.line(&at("priority"), "handler_priority", Line::Optional))
                (filled.line(&at("assignee"), "handler_assignee", Line::Optional))
                (filled.choice(&at("reporter"), "handler_reporter", &reporters))
                (filled.line(&at("default_reporter"), "handler_default_reporter", Line::Optional))
                (filled.choice(&at("watchers_from_cc"), "handler_watchers", &switch))
                (filled.choice(&at("strip_quotes"), "handler_strip", &switch))
                (filled.choice(&at("bulk"), "handler_bulk", &bulk))
                (filled.line(&at("attachments/max_bytes:number"), "handler_max_bytes", Line::Number))
                (filled.area(&at("labels:lines"), "handler_labels", 2))
                (filled.area(&at("split_at:lines"), "handler_split", 2))
                (filled.area(&at("attachments/leave_out:lines"), "handler_leave_out", 2))
                (filled.area(&at("attachments/known:lines"), "handler_known", 2))
            }
        }
    }
}

fn words(family: &'static str, of: &[&str]) -> Vec<Choice> {
    of.iter().map(|word| Choice::new(*word, word_for(family, word))).collect()
}
