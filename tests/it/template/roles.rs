//! What each role allows, in the words of the recorder.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::recorder::Asked;

use super::{allowed, texts};

/// Asked by Lambda in the function's name: reading the queue, and writing the log.
const BY_LAMBDA: [&str; 5] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
];

/// What a role allows its function to ask for itself.
pub(crate) fn allowed_to(role: &str) -> BTreeSet<Asked> {
    let mut all = BTreeSet::new();
    for statement in allowed(|name| name == role) {
        for action in
            texts(&statement["Action"]).iter().filter(|action| !BY_LAMBDA.contains(&action.as_str()))
        {
            let on = statement["Resource"].as_array().unwrap().iter().map(named);
            all.extend(on.map(|on| Asked::new(action.as_str(), on)));
        }
    }
    assert!(!all.is_empty(), "there is no {role}");
    all
}

/// A resource, as the recorder calls it.
fn named(resource: &Value) -> String {
    if resource == "*" {
        return "*".to_owned();
    }
    if resource["!GetAtt"] == "Queue.Arn" {
        return "queue".to_owned();
    }
    let arn = resource["!Sub"][0].as_str().unwrap_or_else(|| panic!("what is {resource}?"));
    let after = |mark: &str| arn.split_once(mark).map(|(_, rest)| rest.to_owned());
    if let Some(rest) = after(":table/${Name}") {
        return rest.strip_prefix('/').map_or("table".to_owned(), str::to_owned);
    }
    if let Some(name) = after(":secret:${Prefix}/") {
        // AWS adds a dash and six characters to each name.
        let kind = name.trim_end_matches("-??????").trim_end_matches("/*");
        return format!("secret/{kind}");
    }
    match after(":s3:::${Name}") {
        Some(rest) if rest.is_empty() => "bucket".to_owned(),
        Some(rest) => format!("object{}", rest.trim_end_matches("/*")),
        None => panic!("what is {arn}?"),
    }
}
