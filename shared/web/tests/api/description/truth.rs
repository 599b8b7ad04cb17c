//! Examples and bounds are true: what stands there as a request is accepted, what stands there as an answer has exactly
//! the fields of its schema, and what is beyond a bound is refused.

use axum::http::Method;
use serde_json::{Value, json};

use super::{given, operations};
use crate::site::{Reply, Site};

/// The identifier in all examples, without what it begins with.
const EXAMPLE: &str = "01KAV1Z6E8PZ5M2Q3R4S5T6V7W";

/// What is wrong with a value by a schema; nothing where it fits.
fn misfit(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return misfit(document, document.pointer(reference.trim_start_matches('#')).unwrap(), value);
    }
    if let Some(ways) = schema["oneOf"].as_array() {
        let misfits: Vec<_> = ways.iter().map(|way| misfit(document, way, value)).collect();
        return if misfits.contains(&None) { None } else { Some(format!("{misfits:?}")) };
    }
    if let Some(words) = schema["enum"].as_array() {
        return (!words.contains(value)).then(|| format!("{value} is none of {words:?}"));
    }
    let (mut properties, mut required) = (Vec::new(), Vec::new());
    fields(document, schema, &mut properties, &mut required);
    match value {
        Value::Object(map) if !properties.is_empty() => {
            let unknown = map.keys().find(|name| properties.iter().all(|(known, _)| known != *name));
            let missing = required.iter().find(|name| !map.contains_key(name.as_str()));
            if unknown.is_some() || missing.is_some() {
                return Some(format!("unknown {unknown:?}, missing {missing:?} in {value}"));
            }
            map.iter().find_map(|(name, value)| {
                let (_, schema) = properties.iter().find(|(known, _)| known == name)?;
                misfit(document, schema, value).map(|misfit| format!("{name}: {misfit}"))
            })
        }
        Value::Array(list) => list.iter().find_map(|entry| misfit(document, &schema["items"], entry)),
        value => (!is_of_type(schema, value)).then(|| format!("{value} is not as {schema}")),
    }
}

fn fields<'a>(
    document: &'a Value,
    schema: &'a Value,
    properties: &mut Vec<(String, &'a Value)>,
    required: &mut Vec<String>,
) {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(reference.trim_start_matches('#')).unwrap();
        return fields(document, schema, properties, required);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fields(document, part, properties, required);
    }
    let own = schema["properties"].as_object().into_iter().flatten();
    properties.extend(own.map(|(name, schema)| (name.clone(), schema)));
    let names = schema["required"].as_array().into_iter().flatten();
    required.extend(names.map(|name| name.as_str().unwrap().to_owned()));
}

fn is_of_type(schema: &Value, value: &Value) -> bool {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match &schema["type"] {
        Value::String(only) => only == kind,
        Value::Array(kinds) => kinds.contains(&json!(kind)),
        _ => false,
    }
}

#[test]
fn examples_have_exactly_the_fields_of_their_schemas() {
    let document = given();
    let mut seen = 0;
    for (method, path, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap().values();
        let contents =
            answers.chain([&operation["requestBody"]]).filter_map(|answer| answer["content"].as_object());
        for content in contents
            .flat_map(|contents| contents.values())
            .filter(|content| content["example"] != Value::Null)
        {
            let misfit = misfit(&document, &content["schema"], &content["example"]);
            assert_eq!(misfit, None, "{method} {path}");
            seen += 1;
        }
    }
    assert!(seen > 70, "{seen}");
    let problem = &document["components"]["schemas"]["Problem"];
    assert_eq!(misfit(&document, problem, &problem["example"]), None);
}

/// A site with one of each, made by the examples themselves.
struct Scene {
    site: Site,
    integration: String,
    mailbox: String,
}

impl Scene {
    async fn new() -> Self {
        let site = Site::new().await;
        let document = given();
        let request = |path: &str| {
            document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"].clone()
        };
        site.post("/projects", request("/projects")).await.is(201);
        let integration = site.post("/integrations", request("/integrations")).await.is(201);
        let mailbox = site.post("/mailboxes", request("/mailboxes")).await.is(201);
        site.post("/issues", request("/issues")).await.is(201);
        let id = |made: Value| made["id"].as_str().unwrap().to_owned();
        Self { integration: id(integration), mailbox: id(mailbox), site }
    }

    /// The same with the identifiers of what is there.
    fn here(&self, text: &str) -> String {
        let text = text.replace(&format!("mbx_{EXAMPLE}"), &self.mailbox);
        text.replace(&format!("int_{EXAMPLE}"), &self.integration).replace("SUP-42", "SUP-1")
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> Reply {
        let of = if path.starts_with("/integrations") { "int" } else { "mbx" };
        let path = path.replace("{id}", &format!("{of}_{EXAMPLE}"));
        let key = if path.starts_with("/projects") { "SUP" } else { "SUP-1" };
        let path = self.here(&path.replace("{key}", key));
        let body = serde_json::from_str(&self.here(&body.to_string())).unwrap();
        self.site.call(method.to_uppercase().parse::<Method>().unwrap(), &path).json(&body).await
    }
}

/// Calls with a body, and the example of it.
fn with_bodies(document: &Value) -> Vec<(&str, &str, &Value, &Value)> {
    let all = operations(document).into_iter();
    all.filter_map(|(method, path, operation)| {
        let content = operation.pointer("/requestBody/content/application~1json")?;
        Some((method, path, &content["schema"], &content["example"]))
    })
    .collect()
}

#[tokio::test]
async fn requests_that_are_examples_are_accepted() {
    let document = given();
    for (method, path, _, example) in with_bodies(&document) {
        let scene = Scene::new().await;
        let mut example = example.clone();
        // What makes something has been made by the scene: another one.
        for (field, other) in [("name", "Another"), ("key", "OTHER")] {
            if method == "post" && example.get(field).is_some() {
                example[field] = other.into();
            }
        }
        let reply = scene.send(method, path, &example).await;
        let refused = [400, 404, 413, 415, 422].contains(&reply.status.as_u16());
        // There is no mail yet that could be worked on again, and no server to ask.
        let known = path == "/messages/{id}/redrive" && reply.status.as_u16() == 404;
        assert!(!refused || known, "{method} {path}: {}", reply.text);
    }
}

/// Values beyond the bounds of a field.
fn beyond(schema: &Value) -> Vec<Value> {
    let number = |name: &str| schema[name].as_i64();
    let mut all = Vec::new();
    all.extend(number("maximum").map(|most| json!(most + 1)));
    all.extend(number("minimum").map(|least| json!(least - 1)));
    let text = |length: i64| json!("x".repeat(usize::try_from(length).unwrap()));
    all.extend(number("maxLength").map(|most| text(most + 1)));
    all.extend(number("minLength").map(|_| json!("")));
    all.extend(number("maxItems").map(|most| json!((0..=most).map(|n| format!("x{n}")).collect::<Vec<_>>())));
    all.extend(schema["enum"].as_array().map(|_| json!("no such word")));
    all.extend(schema["pattern"].as_str().map(|_| json!("no such form!")));
    all
}

/// Each field of a request with its pointer, those of objects in it included.
fn pointers<'a>(document: &'a Value, schema: &'a Value, at: &str, all: &mut Vec<(String, &'a Value)>) {
    let (mut properties, mut required) = (Vec::new(), Vec::new());
    fields(document, schema, &mut properties, &mut required);
    for (name, schema) in properties {
        let schema = match schema["oneOf"].as_array() {
            Some(ways) => &ways[0],
            None => schema,
        };
        let schema = match schema["$ref"].as_str() {
            Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
            None => schema,
        };
        let pointer = format!("{at}/{name}");
        if schema["properties"].is_object() {
            pointers(document, schema, &pointer, all);
        } else if !(schema["items"]["$ref"].is_string()) {
            all.push((pointer, schema));
        }
    }
}

#[tokio::test]
async fn what_is_beyond_a_bound_is_refused() {
    let document = given();
    let scene = Scene::new().await;
    let mut tried = 0;
    for (method, path, schema, example) in with_bodies(&document) {
        let mut all = Vec::new();
        pointers(&document, schema, "", &mut all);
        for (pointer, schema) in all.into_iter().filter(|_| path != "/config/apply") {
            for value in beyond(schema) {
                let mut body = example.clone();
                put(&mut body, &pointer, value.clone());
                let reply = scene.send(method, path, &body).await;
                let short: String = value.to_string().chars().take(40).collect();
                let place = format!("{method} {path} {pointer} = {short}: {}", reply.text);
                let gone = path == "/messages/{id}/redrive" && reply.status.as_u16() == 404;
                assert!(reply.status.as_u16() == 422 || gone, "{place}");
                tried += 1;
            }
        }
    }
    assert!(tried > 120, "{tried}");
}

/// Puts a value there, making objects on the way.
fn put(body: &mut Value, pointer: &str, value: Value) {
    let mut place = body;
    for name in pointer.trim_start_matches('/').split('/') {
        if place.is_null() {
            *place = json!({});
        }
        place = &mut place[name];
    }
    *place = value;
}
