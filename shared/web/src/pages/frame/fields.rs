//! The fields of forms: each with its label, a hint, what stands in it, and what is wrong with it.

use intake::{Error, FieldError};
use maud::{Markup, html};
use serde_json::Value;

use super::{
    days,
    form::Form,
    words::{word, word_or},
};
use crate::language;

/// What a form shows: the values that stand in its fields, and what was wrong with them when it was sent.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    values: Value,
    errors: Vec<FieldError>,
}

/// A choice of a list: what is sent, and what people read.
pub(crate) struct Choice {
    /// What is sent.
    pub(crate) value: String,
    /// What people read.
    pub(crate) label: String,
}

impl Choice {
    /// A choice.
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

impl Filled {
    /// A form with what an object is told as.
    pub(crate) fn of(object: &impl serde::Serialize) -> Self {
        Self { values: serde_json::to_value(object).unwrap_or_default(), errors: Vec::new() }
    }

    /// A form with these values.
    pub(crate) fn with(values: Value) -> Self {
        Self { values, errors: Vec::new() }
    }

    /// A form as it was sent, with what was wrong. Secrets do not come back: who sent them types them again.
    pub(crate) fn again(form: &Form, error: &Error) -> Self {
        let fields = error.fields.iter().cloned().map(|field| field.in_language(language::present()));
        Self { values: form.body(), errors: fields.collect() }
    }

    /// The same with other values: what was wrong stays.
    pub(crate) fn with_values(&self, values: Value) -> Self {
        Self { values, errors: self.errors.clone() }
    }

    /// The same with another text in this field.
    pub(crate) fn holding(mut self, pointer: &str, text: String) -> Self {
        if let Some(place) = self.values.pointer_mut(pointer) {
            *place = Value::from(text);
        }
        self
    }

    /// The text that stands in a field.
    pub(crate) fn text(&self, pointer: &str) -> String {
        match self.values.pointer(pointer) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(entries)) if entries.iter().all(Value::is_string) => {
                entries.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
            }
            Some(value @ (Value::Array(_) | Value::Object(_))) => {
                serde_json::to_string_pretty(value).unwrap_or_default()
            }
            Some(value) => value.to_string(),
        }
    }

    /// What is wrong with fields that the form does not show: told above it.
    pub(crate) fn elsewhere(&self, shown: &[&str]) -> Vec<&FieldError> {
        let is_shown = |error: &&FieldError| !shown.iter().any(|field| is_within(&error.pointer, field));
        self.errors.iter().filter(is_shown).collect()
    }

    /// What is wrong with a field.
    fn wrong(&self, pointer: &str) -> Option<String> {
        let wrong: Vec<_> = self.errors.iter().filter(|error| is_within(&error.pointer, pointer)).collect();
        (!wrong.is_empty())
            .then(|| wrong.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>().join(" "))
    }

    /// A line of text. `key`: the catalogue has `page.field.KEY` as its label, and perhaps `page.hint.KEY`.
    pub(crate) fn line(&self, name: &str, key: &'static str, kind: Line) -> Markup {
        let pointer = pointer_of(name);
        let is_secret = kind == Line::Secret;
        let value = match kind {
            Line::Secret => String::new(),
            Line::Day => days::shown(self.text(pointer)),
            _ => self.text(pointer),
        };
        self.around(pointer, key, html! {
            input id=(id(pointer)) name=(name) type=(kind.html()) value=[(!is_secret).then_some(value)]
                required[kind == Line::Required] autocomplete=(if is_secret { "new-password" } else { "off" })
                spellcheck="false" aria-describedby=[self.described(pointer, key)]
                aria-invalid=[self.wrong(pointer).map(|_| "true")];
        })
    }

    /// Some lines of text.
    pub(crate) fn area(&self, name: &str, key: &'static str, rows: u8) -> Markup {
        let pointer = pointer_of(name);
        self.around(
            pointer,
            key,
            html! {
                textarea id=(id(pointer)) name=(name) rows=(rows) spellcheck="false"
                    aria-describedby=[self.described(pointer, key)]
                    aria-invalid=[self.wrong(pointer).map(|_| "true")] { (self.text(pointer)) }
            },
        )
    }

    /// One of some choices.
    pub(crate) fn choice(&self, name: &str, key: &'static str, choices: &[Choice]) -> Markup {
        let pointer = pointer_of(name);
        let chosen = self.text(pointer);
        self.around(
            pointer,
            key,
            html! {
                select id=(id(pointer)) name=(name) aria-describedby=[self.described(pointer, key)]
                    aria-invalid=[self.wrong(pointer).map(|_| "true")] {
                    @for choice in choices {
                        option value=(choice.value) selected[choice.value == chosen] { (choice.label) }
                    }
                }
            },
        )
    }

    /// Yes or no.
    pub(crate) fn check(&self, name: &str, key: &'static str) -> Markup {
        let pointer = pointer_of(name);
        html! {
            div.field.check {
                input type="hidden" name=(name) value="false";
                input id=(id(pointer)) type="checkbox" name=(name) value="true"
                    checked[self.text(pointer) == "true"] aria-describedby=[self.described(pointer, key)];
                label for=(id(pointer)) { (label(key)) }
                (self.below(pointer, key))
            }
        }
    }

    fn around(&self, pointer: &str, key: &'static str, control: Markup) -> Markup {
        html! {
            div.field {
                label for=(id(pointer)) { (label(key)) }
                (control)
                (self.below(pointer, key))
            }
        }
    }

    fn below(&self, pointer: &str, key: &'static str) -> Markup {
        html! {
            @if let Some(wrong) = self.wrong(pointer) {
                p.wrong id={ (id(pointer)) "-wrong" } { (wrong) }
            }
            @if let Some(hint) = hint(key) { p.hint id={ (id(pointer)) "-hint" } { (hint) } }
        }
    }

    /// The ids of what is said of a field, for who hears the page.
    fn described(&self, pointer: &str, key: &'static str) -> Option<String> {
        let wrong = self.wrong(pointer).map(|_| format!("{}-wrong", id(pointer)));
        let hint = hint(key).map(|_| format!("{}-hint", id(pointer)));
        let ids: Vec<_> = wrong.into_iter().chain(hint).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// What a line of text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// Anything, or nothing.
    Optional,
    /// Something.
    Required,
    /// A secret, which is never shown again.
    Secret,
    /// A day.
    Day,
    /// A number.
    Number,
    /// A mail address.
    Address,
}

impl Line {
    fn html(self) -> &'static str {
        match self {
            Self::Optional | Self::Required => "text",
            Self::Secret => "password",
            Self::Day => "date",
            Self::Number => "number",
            Self::Address => "email",
        }
    }
}

fn label(key: &'static str) -> String {
    let label = word_or("page.field", key);
    // Whoever tests a page learns of it; whoever reads one is not stopped by it.
    debug_assert!(label.is_some(), "{key}: wordless");
    label.unwrap_or_else(|| word("page.value"))
}

fn hint(key: &'static str) -> Option<String> {
    word_or("page.hint", key)
}

/// `/port:number` names the field at `/port`.
fn pointer_of(name: &str) -> &str {
    name.split_once(':').map_or(name, |(pointer, _)| pointer)
}

fn is_within(pointer: &str, field: &str) -> bool {
    pointer.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `/auth/username` → `auth-username`.
fn id(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace(['/', '~'], "-")
}
