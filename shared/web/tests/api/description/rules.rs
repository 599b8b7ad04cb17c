//! The description is whole: every call is told of, and what has a form, a bound or a fixed set of words says so.

use serde_json::{Value, json};

use super::{given, operations};

/// Texts of requests that no check bounds by itself: a charset has to be a known one, a mail is bounded by the request.
const UNBOUNDED: [&str; 3] = ["RedriveRequest.charset", "RedriveManyRequest.cursor", "HeaderCondition.name"];

#[test]
fn every_call_is_told_of() {
    let document = given();
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for (method, path, operation) in operations(&document) {
        let call = format!("{method} {path}");
        let text = |field: &str| operation[field].as_str().unwrap_or_default();
        let summary = text("summary");
        assert!(!summary.is_empty() && !summary.ends_with('.') && summary.len() < 130, "{call}: {summary}");
        assert!(text("description").len() > 12, "{call} has no description");
        assert!(!text("operationId").is_empty(), "{call} has no operationId");
        assert!(tags.contains(&&operation["tags"][0]), "{call} has no tag that is told of");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{call}: {parameter}");
        }
        if let Some(body) = operation.pointer("/requestBody/content/application~1json") {
            assert!(!body["example"].is_null(), "{call} has no example of its request");
        }
        for (status, answer) in operation["responses"].as_object().unwrap() {
            for content in answer["content"].as_object().into_iter().flatten() {
                let said = !content.1["example"].is_null() || status == "default";
                assert!(said, "{call} has no example of its answer");
            }
        }
    }
}

/// Every schema of the document with its place, those of parameters included.
fn schemas(document: &Value) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        collect(name, schema, &mut all);
    }
    for (method, path, operation) in operations(document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let place = format!("{method} {path} {}", parameter["name"].as_str().unwrap());
            all.push((place, parameter));
        }
    }
    all
}

fn collect<'a>(place: &str, schema: &'a Value, all: &mut Vec<(String, &'a Value)>) {
    all.push((place.to_owned(), schema));
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        collect(&format!("{place}.{name}"), inner, all);
    }
    for part in ["allOf", "oneOf"] {
        schema[part].as_array().into_iter().flatten().for_each(|inner| collect(place, inner, all));
    }
    if schema["items"].is_object() {
        collect(&format!("{place}[]"), &schema["items"], all);
    }
}

fn has_type(schema: &Value, kind: &str) -> bool {
    schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
}

#[test]
fn a_fixed_set_of_words_is_an_enum() {
    let document = given();
    for (place, schema) in schemas(&document) {
        let form = if schema["schema"].is_object() { &schema["schema"] } else { schema };
        let text = schema["description"].as_str().unwrap_or_default();
        let closed = form["enum"].is_array() || form["pattern"].is_string() || text.contains('…');
        // "`a`, `b` or `c`" without a word that says that there are more.
        let lists = text.contains("`, `") && text.contains("` or `") && !text.contains("a verified domain");
        assert!(!(has_type(form, "string") && lists && !closed), "{place} lists words: {text}");
    }
    let words = |name: &str| document["components"]["schemas"][name]["enum"].as_array().map(Vec::len);
    for (name, count) in [("MessageState", 5), ("Reason", 19), ("Role", 3), ("Decision", 4), ("Protocol", 2)]
    {
        assert_eq!(words(name), Some(count), "{name}");
    }
}

#[test]
fn entries_of_lists_have_names() {
    let document = given();
    for (place, schema) in schemas(&document) {
        let copied = schema["items"]["properties"].is_object() || schema["items"]["type"] == "object";
        assert!(!copied, "{place} has entries without a name");
    }
    for (method, path, operation) in operations(&document) {
        let content = operation.pointer("/responses/200/content/application~1json/schema");
        let copied = content.is_some_and(|schema| schema["properties"].is_object());
        assert!(!copied, "{method} {path} answers with something without a name");
    }
}

/// The schemas that requests are made of.
fn of_requests(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    let mut ahead: Vec<String> = Vec::new();
    for (_, _, operation) in operations(document) {
        references(&operation["requestBody"], &mut ahead);
    }
    while let Some(name) = ahead.pop() {
        if found.iter().all(|(known, _)| *known != name) {
            let schema = &document["components"]["schemas"][&name];
            references(schema, &mut ahead);
            found.push((name, schema));
        }
    }
    found
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            let name = map.get("$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next());
            found.extend(name.map(str::to_owned));
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn what_is_typed_has_bounds() {
    let document = given();
    let requests = of_requests(&document);
    assert!(requests.len() > 25, "{}", requests.len());
    for (name, schema) in requests.into_iter().filter(|(name, _)| name != "Config") {
        for (property, schema) in schema["properties"].as_object().into_iter().flatten() {
            let place = format!("{name}.{property}");
            let says = |words: &[&str]| words.iter().any(|word| !schema[*word].is_null());
            if has_type(schema, "integer")
                && !place.starts_with("SizeCondition")
                && place != "AttachmentRules.max_bytes"
            {
                assert!(says(&["minimum"]) && says(&["maximum"]), "{place} has no bounds");
            }
            if has_type(schema, "string") && !UNBOUNDED.contains(&place.as_str()) {
                assert!(says(&["maxLength", "pattern", "enum", "format"]), "{place} has no bounds");
            }
        }
    }
    for (place, parameter) in schemas(&document).into_iter().filter(|(_, schema)| schema["in"].is_string()) {
        let form = &parameter["schema"];
        let bounded = form["minimum"].is_number() && form["maximum"].is_number();
        assert!(!has_type(form, "integer") || bounded, "{place} has no bounds");
    }
}

#[test]
fn files_are_bytes() {
    let document = given();
    let bytes = &document["components"]["schemas"]["Bytes"];
    assert_eq!((&bytes["format"], &bytes["type"]), (&json!("binary"), &json!("string")));
    assert!(bytes["contentMediaType"].is_string());
    let mut files = 0;
    for (method, path, operation) in operations(&document) {
        for (kind, content) in operation["responses"]["200"]["content"].as_object().into_iter().flatten() {
            if kind != "application/json" {
                assert_eq!(content["schema"]["$ref"], "#/components/schemas/Bytes", "{method} {path}");
                files += 1;
            }
        }
    }
    assert_eq!(files, 4, "an attachment, a mail, a text of an issue and one of a comment");
}

#[test]
fn both_cookies_are_named() {
    let schemes = &given()["components"]["securitySchemes"];
    assert_eq!(schemes["session"]["name"], "__Host-maildocket");
    let text = schemes["session"]["description"].as_str().unwrap();
    assert!(text.contains("`__Host-maildocket`") && text.contains("`maildocket-`"), "{text}");
}
