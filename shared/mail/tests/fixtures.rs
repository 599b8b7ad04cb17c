//! Every mail in `tests/fixtures/mail/<class>/` gives what stands in the JSON beside it.
//!
//! `ACCEPT_FIXTURES=1 cargo test -p mail --test fixtures` writes what is given now: read the difference before it is
//! committed.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

fn mails() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/mail");
    let mut found = Vec::new();
    for class in fs::read_dir(root).expect("the folder of fixtures") {
        let class = class.expect("a class").path();
        let files = fs::read_dir(class).expect("a folder").map(|entry| entry.expect("a file").path());
        found.extend(files.filter(|path| path.extension().is_some_and(|ending| ending == "eml")));
    }
    found.sort();
    found
}

fn report(raw: &[u8]) -> Value {
    serde_json::to_value(mail::report(raw)).expect("a report is JSON")
}

#[test]
fn mails_are_understood() {
    let accept = env::var_os("ACCEPT_FIXTURES").is_some();
    let mut wrong = Vec::new();
    let mails = mails();
    assert!(mails.len() >= 25, "only {} fixtures", mails.len());
    for path in mails {
        let given = report(&fs::read(&path).expect("a mail"));
        let beside = path.with_extension("json");
        if accept {
            let text = serde_json::to_string_pretty(&given).expect("JSON") + "\n";
            fs::write(&beside, text).expect("written");
            continue;
        }
        let expected =
            fs::read_to_string(&beside).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let expected = expected.unwrap_or_else(|| panic!("{} is missing or no JSON", beside.display()));
        wrong.extend(differences(&path, &given, &expected));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn differences(path: &Path, given: &Value, expected: &Value) -> Vec<String> {
    let (Some(given), Some(expected)) = (given.as_object(), expected.as_object()) else {
        return vec![format!("{}: no object", path.display())];
    };
    let names = given.keys().chain(expected.keys().filter(|name| !given.contains_key(*name)));
    let wrong = names.filter(|name| given.get(*name) != expected.get(*name));
    let null = Value::Null;
    wrong
        .map(|name| {
            let (is, should) = (given.get(name).unwrap_or(&null), expected.get(name).unwrap_or(&null));
            format!("{}: {name} is {is}, should be {should}", path.display())
        })
        .collect()
}

#[test]
fn line_ends_do_not_matter() {
    for path in mails() {
        let raw = fs::read(&path).expect("a mail");
        if raw.contains(&b'\r') || raw.contains(&0) {
            continue;
        }
        let crlf: Vec<u8> =
            raw.iter().flat_map(|b| if *b == b'\n' { b"\r\n".to_vec() } else { vec![*b] }).collect();
        let (one, two) = (report(&raw), report(&crlf));
        for name in
            ["subject", "body_text", "body_html", "reply_only", "quoted_text", "defects", "references"]
        {
            assert_eq!(one[name], two[name], "{name} of {}", path.display());
        }
    }
}
