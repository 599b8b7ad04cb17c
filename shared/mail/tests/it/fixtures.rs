//! Every mail in `tests/fixtures/mail/<class>/` gives what stands in the JSON beside it.
//!
//! `ACCEPT_FIXTURES=1 cargo test -p mail --test it fixtures` writes what is given now: read the difference before it is
//! committed.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

fn mails() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/mail");
    let mut found = Vec::new();
    let classes =
        fs::read_dir(root).expect("the folder of fixtures").map(|class| class.expect("a class").path());
    for class in classes.filter(|path| path.is_dir()) {
        let files = fs::read_dir(class).expect("a folder").map(|entry| entry.expect("a file").path());
        found.extend(files.filter(|path| path.extension().is_some_and(|ending| ending == "eml")));
    }
    found.sort();
    found
}

/// Whether what is read now is what shall be expected from now on.
#[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
fn accepted() -> bool {
    env::var_os("ACCEPT_FIXTURES").is_some()
}

fn report(raw: &[u8]) -> Value {
    serde_json::to_value(mail::report(raw)).expect("a report is JSON")
}

#[test]
fn mails_are_understood() {
    let accept = accepted();
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

/// The table of all fixtures, as `tests/fixtures/mail/README.md` publishes it.
fn matrix() -> String {
    let mut text = "# What is understood, mail by mail\n\nEach mail was written for this table; beside it lies the whole \
        expected result.\n`ACCEPT_FIXTURES=1 cargo test -p mail --test it fixtures` writes this page.\n"
        .to_owned();
    let mut class_before = String::new();
    for path in mails() {
        let part = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let class = path.parent().map(part).unwrap_or_default();
        if class != class_before {
            text += &format!(
                "\n## {class}\n\n| what it shows | mail program | subject | defects |\n|---|---|---|---|\n"
            );
            class_before = class;
        }
        let raw = fs::read(&path).expect("a mail");
        let mail = mail::parse(&raw);
        let program = ["x-mailer", "user-agent"].iter().find_map(|name| mail.header(name).next());
        let defects: Vec<&str> = mail.defects.iter().map(|defect| defect.as_str()).collect();
        let name = part(&path.with_extension(""));
        let cells = [name.as_str(), program.unwrap_or_default(), &mail.subject, &defects.join(", ")];
        text += &format!("| {} |\n", cells.map(cell).join(" | "));
    }
    text
}

fn cell(text: &str) -> String {
    let short: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    short.replace('\\', "\\\\").replace('|', "\\|")
}

#[test]
fn the_published_matrix_has_every_mail() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/mail/README.md");
    let matrix = matrix();
    if accepted() {
        return fs::write(page, matrix).expect("written");
    }
    let there = fs::read_to_string(page).unwrap_or_default();
    assert!(there == matrix, "tests/fixtures/mail/README.md is not of today: see the top of this file");
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
