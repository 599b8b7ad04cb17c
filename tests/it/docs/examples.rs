//! What the guides tell to type.

use std::{fs, process::Command};

use serde_json::Value;
use tests::process::told;

use super::{Page, blocks, folder};
use crate::workspace::root;

/// Each block of handlers is accepted, and does something to one of the mails that the line above it names.
#[test]
fn the_handlers_of_the_guide_are_accepted_and_match() {
    let page = Page::read(folder().join("handlers.md"));
    let mut tried = 0;
    for (above, block) in blocks(&page.text, "json") {
        let tries = above.strip_prefix("<!-- try: ").and_then(|rest| rest.strip_suffix(" -->"));
        let Some(tries) = tries else { continue };
        let (mails, field) =
            tries.split_once(" with ").map_or((tries, None), |(mails, field)| (mails, Some(field)));
        let applied = mails.split(' ').any(|mail| applies(&block, mail, field));
        assert!(applied, "none of {tries} is met by\n{block}");
        tried += 1;
    }
    assert!(tried > 12, "the examples were not found: {tried}");
}

/// Whether a handler of the block applies to this mail, with this field in the place of its own.
fn applies(block: &str, mail: &str, field: Option<&str>) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let handlers = folder.path().join("handlers.json");
    fs::write(&handlers, block).unwrap();
    let raw = fs::read(root().join("tests/fixtures/mail").join(mail)).unwrap();
    let raw = field.map_or_else(|| raw.clone(), |field| with(&raw, field));
    let file = folder.path().join("mail.eml");
    fs::write(&file, raw).unwrap();
    let mut parse = Command::new(told("MAILDOCKET_TEST_BIN"));
    parse.args(["parse", "--handlers"]).arg(&handlers).args(["--trusted-authserv-id", "mx.google.com"]);
    let output = parse.arg(file).output().unwrap();
    assert!(output.status.success(), "{mail}: {}\n{block}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let steps = told["trace"].as_array().unwrap();
    steps.iter().any(|step| step["detail"].as_str().unwrap().contains("\" applies"))
}

/// The mail with this field at its top, and no other of that name.
fn with(raw: &[u8], field: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(raw);
    let name = field.split_inclusive(':').next().unwrap();
    let others = text.split_inclusive('\n').filter(|line| !line.starts_with(name));
    [format!("{field}\r\n"), others.collect()].concat().into_bytes()
}
