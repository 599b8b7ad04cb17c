//! The description of the API: written from the code, whole, and true.

mod complete;
mod rules;
mod truth;

use std::{fs, path::Path};

use serde_json::Value;

/// The description, as it is given out.
pub(crate) fn given() -> Value {
    serde_json::from_str(web::DESCRIPTION).unwrap()
}

/// Each operation, with its method and path.
pub(crate) fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
        })
        .collect()
}

#[test]
fn it_is_of_today() {
    let today = complete::written(&complete::description());
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi.json");
    fs::write(&beside, &today).unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("description/openapi.json");
    let command = format!("cp {} {}", beside.display(), kept.display());
    assert!(web::DESCRIPTION == today, "The description is not of today. Read the new one, then: {command}");
}
