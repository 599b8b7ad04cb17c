//! The texts of providers and mail servers, answered by the playground, as the public API tells them.

mod mail;
mod provider;

use serde_json::Value;

/// Checks an error as the API shows it: class, code, and a part of its message or action.
#[track_caller]
fn tells(error: &Value, (class, code, part): (&str, &str, &str), what: &str) {
    assert_eq!((&error["class"], &error["code"]), (&class.into(), &code.into()), "{what}: {error}");
    let said = format!("{} {}", text(&error["message"]), text(&error["action"]));
    assert!(said.contains(part), "{what}: {said}");
    assert!(text(&error["message"]).ends_with('.'), "{what}: {said}");
}

/// Checks that the same is told in Japanese.
#[track_caller]
fn tells_in_japanese(error: &Value, (class, code, _): (&str, &str, &str), what: &str) {
    assert_eq!((&error["class"], &error["code"]), (&class.into(), &code.into()), "{what}: {error}");
    for name in ["message", "action"] {
        let said = text(&error[name]);
        assert!(said.is_empty() || (said.ends_with('。') && said.chars().any(is_kana)), "{what}: {said}");
    }
}

fn is_kana(c: char) -> bool {
    ('\u{3040}'..='\u{30ff}').contains(&c)
}

#[track_caller]
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// The step at which a test failed.
#[track_caller]
fn failed(test: &Value) -> &Value {
    let steps = test["steps"].as_array().unwrap_or_else(|| panic!("no steps: {test}"));
    steps.iter().find(|step| step["status"] == "failed").unwrap_or_else(|| panic!("nothing failed: {test}"))
}
