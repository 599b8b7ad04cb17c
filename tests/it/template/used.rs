//! What the sources ask of AWS, as IAM calls it.

use std::{collections::BTreeSet, fs, path::Path};

use crate::workspace::{root, sources};

/// Crates that talk to AWS through an SDK's client, and how the service is called in a policy.
const SERVICES: [(&str, &str); 3] =
    [("shared/store", "dynamodb"), ("shared/vault", "secretsmanager"), ("functions/poller", "sqs")];
/// Only for the local process: it makes its own table, and seals its secrets itself.
const LOCAL: [&str; 3] =
    ["shared/store/src/table.rs", "shared/store/src/sealed.rs", "shared/vault/src/sealed.rs"];
/// The actions of a transaction, by what builds them.
const IN_TRANSACTIONS: [(&str, &str); 4] = [
    ("Put::builder(", "dynamodb:PutItem"),
    ("Update::builder(", "dynamodb:UpdateItem"),
    ("Delete::builder(", "dynamodb:DeleteItem"),
    ("ConditionCheck::builder(", "dynamodb:ConditionCheckItem"),
];
/// What object_store's calls ask of S3; the others ask for nothing.
const FILES: [(&str, &[&str]); 9] = [
    ("clone", &[]),
    ("delete", &["s3:DeleteObject"]),
    ("delete_stream", &["s3:DeleteObject"]),
    ("get", &["s3:GetObject"]),
    ("list", &["s3:ListBucket"]),
    ("put", &["s3:PutObject"]),
    ("put_multipart", &["s3:PutObject"]),
    ("signed_url_opts", &["s3:GetObject"]),
    ("with_fsync", &[]),
];
/// Asked by Lambda in the function's name: reading the queue, and writing the log.
const BY_LAMBDA: [&str; 5] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
];

/// The sources of a folder as they are shipped: without tests and comments.
pub(super) fn shipped(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(&root().join(folder), &mut found);
    let relative = |path: &Path| path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    found
        .iter()
        .map(|path| (relative(path), fs::read_to_string(path).unwrap()))
        .map(|(path, text)| {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            (path, lines.collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

/// Every action that the functions need.
pub(super) fn actions() -> BTreeSet<String> {
    let mut all: BTreeSet<String> = BY_LAMBDA.map(str::to_owned).into();
    for (folder, service) in SERVICES {
        for (path, code) in shipped(&format!("{folder}/src")) {
            if LOCAL.contains(&path.as_str()) {
                continue;
            }
            let code: String = code.split_whitespace().collect();
            all.extend(calls(&code, "client.").iter().filter_map(|call| action(service, call)));
            for (builder, action) in IN_TRANSACTIONS {
                if service == "dynamodb" && has_word(&code, builder) {
                    all.insert(action.to_owned());
                }
            }
            if path == "shared/store/src/blobs.rs" {
                all.extend(files(&code));
            }
        }
    }
    all
}

/// `get_item` is `dynamodb:GetItem`. A transaction is allowed by what is in it, and a batch of messages by one.
fn action(service: &str, call: &str) -> Option<String> {
    let call = match call {
        "transact_write_items" | "transact_get_items" => return None,
        "send_message_batch" => "send_message",
        call => call,
    };
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    Some(format!("{service}:{}", call.split('_').map(capital).collect::<String>()))
}

fn files(code: &str) -> Vec<String> {
    let mut calls = calls(code, "store.");
    calls.extend(self::calls(code, "signer."));
    calls.extend(self::calls(code, "upload.").into_iter().filter(|call| call == "abort"));
    let known = |call: &String| {
        let found = FILES.iter().find(|(name, _)| name == call);
        found.unwrap_or_else(|| panic!("blobs.rs calls {call}: say in FILES what that asks of S3")).1
    };
    calls.iter().flat_map(known).map(|action| (*action).to_owned()).collect()
}

/// The names of what is called on something.
fn calls(code: &str, on: &str) -> Vec<String> {
    let names = code.match_indices(on).filter_map(|(at, _)| {
        let rest = &code[at + on.len()..];
        let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))?;
        rest[end..].starts_with('(').then(|| rest[..end].to_owned())
    });
    names.filter(|name| !name.is_empty()).collect()
}

fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}
