//! Makes the description of what stands beside the code and of `description/calls.json`: what people read, examples, and
//! what the generator of schemas does not say.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::operations;

/// What is written by hand: by operation what people read and examples, and what the tags are about.
const CALLS: &str = include_str!("../../../description/calls.json");

/// Which identifiers stand under these names.
const IDENTIFIERS: [(&str, &str); 9] = [
    ("integration_id", "int"),
    ("grant_id", "grt"),
    ("mailbox_id", "mbx"),
    ("message_id", "msg"),
    ("comment_id", "cmt"),
    ("token_id", "tok"),
    ("session_id", "ses"),
    ("issue_key", ISSUE),
    ("project", PROJECT),
];
/// The same for what is called `id` or `key`.
const OWN: [(&str, &str); 17] = [
    ("Attachment", "atc"),
    ("AuditEntry", "aud"),
    ("Authorization", "aut"),
    ("BegunAuthorization", "aut"),
    ("Comment", "cmt"),
    ("Deleting", "mbx"),
    ("Grant", "grt"),
    ("GrantLine", "grt"),
    ("Integration", "int"),
    ("IssueItem", ISSUE),
    ("Mailbox", "mbx"),
    ("MailboxLine", "mbx"),
    ("Message", "msg"),
    ("Project", PROJECT),
    ("Session", "ses"),
    ("Token", "tok"),
    ("Source", "msg"),
];
const ISSUE: &str = "issue";
const PROJECT: &str = "project";
/// How long an entry of these lists may be.
const ENTRIES: [(&str, u64); 2] = [("labels", 50), ("watchers", 254)];

/// The description, as it is given out.
pub(super) fn description() -> Value {
    let mut document = serde_json::to_value(web::described()).unwrap();
    let calls: Value = serde_json::from_str(CALLS).unwrap();
    document["tags"] = calls["tags"].clone();
    tidy(&mut document);
    name_entries(&mut document);
    for (name, schema) in document["components"]["schemas"].as_object_mut().unwrap() {
        one_of_its_fields(schema);
        patterns(name, schema);
    }
    bytes(&mut document);
    for (path, item) in document["paths"].as_object_mut().unwrap() {
        for operation in item.as_object_mut().unwrap().values_mut() {
            complete(path, operation, &calls);
        }
    }
    let told = calls["calls"].as_object().unwrap();
    let there: Vec<_> =
        operations(&document).iter().map(|(_, _, call)| call["operationId"].clone()).collect();
    let gone: Vec<_> = told.keys().filter(|id| !there.contains(&json!(id))).collect();
    assert!(gone.is_empty(), "description/calls.json tells of what is not there: {gone:?}");
    document["components"]["schemas"]["Problem"]["example"] = calls["problem"].clone();
    document
}

/// Entries of lists are schemas with names, and not copies of them.
fn name_entries(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    let mut named = BTreeMap::new();
    for (list, schema) in schemas.iter_mut().filter(|(name, _)| name.starts_with("List_")) {
        let entry = list.trim_start_matches("List_").to_owned();
        schema["description"] = "A part of a list.".into();
        let items = &mut schema["properties"]["items"]["items"];
        let reference = json!({ "$ref": format!("#/components/schemas/{entry}") });
        let copy = std::mem::replace(items, reference);
        named.insert(entry, copy);
    }
    for (name, schema) in named {
        schemas.entry(name).or_insert(schema);
    }
}

/// A choice between objects with a field each is an object with one of these fields: the same, and generators of clients
/// follow it where such an object holds others of its kind.
fn one_of_its_fields(schema: &mut Value) {
    let ways = schema["oneOf"].as_array().cloned().unwrap_or_default();
    let field = |way: &Value| Some(way["properties"].as_object().filter(|all| all.len() == 1)?.clone());
    let fields: Option<Vec<Map<String, Value>>> = ways.iter().map(field).collect();
    let Some(fields) = fields.filter(|fields| fields.len() > 1) else { return };
    let object = schema.as_object_mut().unwrap();
    object.remove("oneOf");
    object.insert("type".to_owned(), "object".into());
    object.insert("properties".to_owned(), fields.into_iter().flatten().collect::<Map<_, _>>().into());
    for bound in ["minProperties", "maxProperties"] {
        object.insert(bound.to_owned(), 1.into());
    }
    object.insert("additionalProperties".to_owned(), false.into());
}

/// Lines of the source are no lines of a text, and what is left out is not said twice.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("default") == Some(&Value::Null) {
                map.remove("default");
            }
            if let Some(Value::String(text)) = map.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            map.values_mut().for_each(tidy);
        }
        Value::Array(list) => list.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// Identifiers and keys have a form.
fn patterns(name: &str, schema: &mut Value) {
    if let Some(parts) = schema.get_mut("allOf").and_then(Value::as_array_mut) {
        parts.iter_mut().for_each(|part| patterns(name, part));
    }
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (property, schema) in properties {
        let own = matches!(property.as_str(), "id" | "key").then_some(name);
        let known = match own {
            Some(name) => OWN.iter().find(|(schema, _)| *schema == name),
            None => IDENTIFIERS.iter().find(|(field, _)| field == property),
        };
        if let Some((_, kind)) = known.filter(|_| is_text(schema) && schema.get("pattern").is_none()) {
            schema["pattern"] = pattern(kind).into();
        }
        if let Some((_, most)) = ENTRIES.iter().find(|(list, _)| list == property)
            && is_text(&schema["items"])
        {
            schema["items"]["maxLength"] = (*most).into();
        }
    }
}

fn is_text(schema: &Value) -> bool {
    let kind = &schema["type"];
    kind == "string" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("string")))
}

fn pattern(kind: &str) -> String {
    const KEY: &str = "[A-Z][A-Z0-9_]{0,9}";
    match kind {
        ISSUE => format!("^{KEY}-[1-9][0-9]*$"),
        PROJECT => format!("^{KEY}$"),
        prefix => format!("^{prefix}_[0-7][0-9A-HJKMNP-TV-Z]{{25}}$"),
    }
}

/// Bytes are no JSON: OpenAPI 3.1 says so with a media type, generators still look for the format.
fn bytes(document: &mut Value) {
    let schema = &mut document["components"]["schemas"]["Bytes"];
    schema["contentMediaType"] = "application/octet-stream".into();
    schema["description"] = "Bytes, as they are.".into();
}

fn complete(path: &str, operation: &mut Value, calls: &Value) {
    let id = operation["operationId"].as_str().unwrap().to_owned();
    let call = &calls["calls"][&id];
    assert!(call.is_object(), "{id} has no place in description/calls.json");
    tell(operation, call["about"].as_str().unwrap());
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        complete_parameter(path, parameter);
    }
    if let Some(content) = operation.pointer_mut("/requestBody/content/application~1json") {
        content["example"] = call["request"].clone();
    }
    let answers = operation["responses"].as_object_mut().unwrap();
    for (_, answer) in answers.iter_mut().filter(|(status, _)| status.starts_with('2')) {
        for (_, content) in answer.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
            let usual = || usual_answer(&content["schema"], &calls["examples"]);
            content["example"] = call.get("answer").cloned().unwrap_or_else(usual);
        }
    }
}

/// What a call answers with where it has no example of its own: that of the schema, or a list of one.
fn usual_answer(schema: &Value, examples: &Value) -> Value {
    let name = schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
    let example = |name: &str| examples.get(name).unwrap_or_else(|| panic!("no example of {name}")).clone();
    match name.strip_prefix("List_") {
        Some(entry) => json!({ "items": [example(entry)], "next_cursor": null }),
        None => example(name),
    }
}

/// The first sentence says what it is; the rest, and what is written by hand, what one must know.
fn tell(operation: &mut Value, about: &str) {
    let text = |field: &str| operation[field].as_str().unwrap_or_default().replace('\n', " ");
    let whole = [text("summary"), text("description")].join(" ");
    let (first, rest) = whole.trim().split_once(". ").unwrap_or((whole.trim(), ""));
    let summary = first.trim_end_matches('.').to_owned();
    operation["summary"] = summary.into();
    operation["description"] = format!("{rest} {about}").trim().into();
}

fn complete_parameter(path: &str, parameter: &mut Value) {
    let name = parameter["name"].as_str().unwrap().to_owned();
    let hint = parameter["description"].as_str().unwrap_or_default().to_owned();
    let schema = parameter["schema"].as_object_mut().unwrap();
    // What is left out is not null.
    if let Some(Value::Array(kinds)) = schema.get("type") {
        let kind = kinds.iter().find(|kind| *kind != "null").unwrap().clone();
        schema.insert("type".to_owned(), kind);
    }
    let kind = match name.as_str() {
        "key" if path.starts_with("/projects") => Some(PROJECT),
        "key" => Some(ISSUE),
        "id" => Some(hint.trim_end_matches("_…")),
        name => IDENTIFIERS.iter().find(|(field, _)| *field == name).map(|(_, kind)| *kind),
    };
    if let Some(kind) = kind {
        schema.insert("pattern".to_owned(), pattern(kind).into());
    }
    // Of `project` and `mailbox_id` a list of issues wants one.
    if parameter["required"] == true || name == "project" {
        parameter["example"] = example(&name, kind).into();
    }
    if parameter["in"] == "path" {
        let of = path.split('/').nth(1).unwrap_or_default();
        parameter["description"] = match name.as_str() {
            "id" => format!("The identifier, `{hint}`."),
            "key" => format!("The key, as in `{}`.", example(&name, kind)),
            _ => format!("Which text of these {of}."),
        }
        .into();
    }
}

fn example(name: &str, kind: Option<&str>) -> String {
    match (name, kind) {
        (_, Some(ISSUE)) => "SUP-42".to_owned(),
        (_, Some(PROJECT)) => "SUP".to_owned(),
        (_, Some(prefix)) => format!("{prefix}_01KAV1Z6E8PZ5M2Q3R4S5T6V7W"),
        _ => "text".to_owned(),
    }
}

/// As it is kept: a call or a schema a line.
pub(super) fn written(document: &Value) -> String {
    let mut text = String::from("{");
    let parts = ["openapi", "info", "servers", "security", "tags", "paths", "components"];
    for (n, name) in parts.iter().enumerate() {
        let depth = match *name {
            "paths" | "components" => 2,
            "tags" => 1,
            _ => 0,
        };
        let comma = if n == 0 { "" } else { "," };
        text.push_str(&format!("{comma}\n{}:", json!(name)));
        write(&mut text, &document[*name], depth);
    }
    assert_eq!(document.as_object().unwrap().len(), parts.len(), "the document has another part");
    text.push_str("\n}\n");
    text
}

fn write(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(map) if depth > 0 => write_object(text, map, depth),
        Value::Array(list) if depth > 0 => {
            text.push('[');
            for (n, entry) in list.iter().enumerate() {
                text.push_str(if n == 0 { "\n" } else { ",\n" });
                write(text, entry, depth - 1);
            }
            text.push(']');
        }
        value => text.push_str(&value.to_string()),
    }
}

fn write_object(text: &mut String, map: &Map<String, Value>, depth: usize) {
    text.push('{');
    for (n, (name, value)) in map.iter().enumerate() {
        text.push_str(if n == 0 { "\n" } else { ",\n" });
        text.push_str(&format!("{}:", json!(name)));
        write(text, value, depth - 1);
    }
    text.push('}');
}
