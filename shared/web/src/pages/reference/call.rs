//! One call: what it does, what it takes, what it answers, and a command that makes it.

use std::collections::BTreeSet;

use maud::{Markup, html};
use serde_json::Value;
use url::Url;

use super::{
    super::frame::{
        parts::{copied, table},
        words::{with, word, word_for},
    },
    document::{Call, resolved, text},
    forms::{Field, fields, form},
    prose::prose,
};

/// The call; fields of answers are told once a page.
pub(super) fn shown(call: &Call, base: &Url, told_before: &mut BTreeSet<&'static str>) -> Markup {
    let parameters: Vec<Field> = call.parameters().map(parameter).collect();
    html! {
        section.card id=(call.id) {
            h2 { (prose(call.summary)) }
            p { code { strong { (call.name()) } } }
            p { (prose(text(&call.operation["description"]))) }
            (told(&word("page.api.parameters"), parameters))
            @if let Some(content) = call.request() {
                (told(&word("page.api.request"), fields(&content["schema"])))
            }
            h3 { (word("page.api.command")) }
            (copied(&word("page.api.command"), &call.command(base)))
            @if let Some((status, content)) = call.answer() { (answer(status, content, told_before)) }
        }
    }
}

fn parameter(parameter: &'static Value) -> Field {
    Field {
        name: text(&parameter["name"]).to_owned(),
        form: form(&parameter["schema"]),
        required: parameter["required"] == true,
        about: text(&parameter["description"]),
    }
}

fn answer(status: &str, content: Option<&'static Value>, told_before: &mut BTreeSet<&'static str>) -> Markup {
    html! {
        h3 { (with("page.api.answer", "status", status)) }
        @match content {
            None => p.hint { (word("page.api.no_body")) },
            Some(content) => {
                pre { code { (example(&content["example"])) } }
                @let entry = entry_of(&content["schema"]);
                @let all = fields(entry);
                @if !all.is_empty() && told_before.insert(text(&entry["$ref"])) { details {
                    summary { (word("page.api.fields")) }
                    (told(&word("page.api.fields"), all))
                } }
            },
        }
    }
}

/// Of a list its entries.
fn entry_of(schema: &'static Value) -> &'static Value {
    let whole = resolved(schema);
    let items = &whole["properties"]["items"]["items"];
    match () {
        () if items.is_object() => items,
        () if whole["items"].is_object() => &whole["items"],
        () => schema,
    }
}

fn example(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    }
}

fn told(title: &str, fields: Vec<Field>) -> Markup {
    let columns = ["name", "form", "about"].map(|column| word_for("page.api_column", column));
    let rows = fields.into_iter().map(|field| {
        vec![
            html! { span { code { (field.name) } @if field.required { " " span.faint { (word("page.api.required")) } } } },
            html! { code { (field.form) } },
            prose(field.about),
        ]
    });
    let rows: Vec<_> = rows.collect();
    html! { @if !rows.is_empty() { h3 { (title) } (table(title, &columns, rows)) } }
}
