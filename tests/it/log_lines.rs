//! A failure is logged in one way: with its code, what happened and what to do.

use std::fs;

use serde_json::Value;
use tests::{Maildocket, Servers};

use crate::workspace::{root, sources};

/// Where the one way is.
const THE_WAY: &str = "shared/intake/src/log.rs";

#[test]
fn no_failure_is_logged_without_what_happened_and_what_to_do() {
    let mut found = Vec::new();
    for folder in ["functions", "shared"] {
        sources(&root().join(folder), &mut found);
    }
    let mut ways = 0;
    for path in found {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        ways += text.matches("failed!(").count();
        for (n, line) in text.lines().enumerate() {
            let by_hand = ["tracing::error!", "tracing::warn!", "event!(", "warn_span!", "error_span!"];
            let is_code = !line.trim_start().starts_with("//");
            assert!(
                name == THE_WAY || !is_code || by_hand.iter().all(|way| !line.contains(way)),
                "{name}:{}: log a failure by intake::failed!, which says its code, detail and action",
                n + 1
            );
        }
    }
    assert!(ways > 20, "the lines were not found: {ways}");
}

/// Where no gateway names requests, we do.
#[tokio::test]
async fn the_local_process_names_its_requests() {
    let docket = Maildocket::start(Servers::get().await).await;
    docket.api.get("/projects").await;
    docket.api.get("/projects").await;
    let log = docket.log();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let names = lines
        .filter(|line| line["http.route"] == "/api/v1/projects" && line["http.method"] == "GET")
        .map(|line| {
            line["span"]["request"].as_str().unwrap_or_else(|| panic!("{line} has no name")).to_owned()
        });
    let names: Vec<String> = names.collect();
    assert!(names.len() == 2 && names[0] != names[1] && names[0].len() == 20, "{names:?}");
}
