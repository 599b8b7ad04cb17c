//! The commands that work with an installation, typed beside the running program and on its data folder alone.

use std::{
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use reqwest::Method;
use serde_json::Value;
use tests::{Browser, Maildocket, Person, Servers, mails::mail, process::told};
use tokio::io::{AsyncBufReadExt, BufReader};

fn command(docket: &Maildocket, words: &[&str]) -> Command {
    let mut command = Command::new(told("MAILDOCKET_TEST_BIN"));
    command.args(words).arg("--data-dir").arg(docket.data_dir());
    // What a process that runs knows from its own start, and one that works alone from here.
    command.env("MAILDOCKET_ALLOW_PRIVATE_NETWORK", "true").env("MAILDOCKET_EXTRA_CA_FILE", &docket.ca_file);
    command.env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// How the command ended: its code, and what it printed, both ways.
fn typed(docket: &Maildocket, words: &[&str]) -> (i32, String, String) {
    let output = command(docket, words).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Expects success and these words.
#[track_caller]
fn says(docket: &Maildocket, words: &[&str], wanted: &[&str]) -> String {
    let (code, out, err) = typed(docket, words);
    assert_eq!(code, 0, "{words:?}: {out}{err}");
    for part in wanted {
        assert!(out.contains(part), "{words:?} does not say {part:?}: {out}");
    }
    out
}

/// Expects a failure with this sentence.
#[track_caller]
fn refuses(docket: &Maildocket, words: &[&str], wanted: &str) {
    let (code, out, err) = typed(docket, words);
    assert_eq!(code, 1, "{words:?}: {out}{err}");
    assert!(err.contains(wanted), "{words:?} does not say {wanted:?}: {err}");
}

fn json(docket: &Maildocket, words: &[&str]) -> Value {
    serde_json::from_str(&says(docket, words, &[])).unwrap()
}

#[tokio::test]
async fn a_mailbox_and_its_issues_are_worked_with_from_the_terminal() {
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    says(&docket, &["status"], &["Maildocket runs.", "No mailbox is connected yet"]);
    says(&docket, &["health"], &["Maildocket answers, and can do its work."]);
    refuses(&docket, &["mailbox", "test", "Support"], "There is no mailbox yet");
    let account = servers.dovecot.account();
    account.deliver(&mail("old", "From before", "", "It is older than the mailbox."));
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    let name = docket.api.get(&format!("/mailboxes/{mailbox}")).await["name"].as_str().unwrap().to_owned();
    says(&docket, &["mailbox", "preview", &name, "--everything"], &["1 of 1 mails in the folder"]);
    says(&docket, &["mailbox", "test", &name], &["ok       ", "sign"]);
    says(&docket, &["mailbox", "poll", &name.to_uppercase()], &["1 mails fetched, 1 issues made"]);
    account.deliver(&mail("1", "The \u{1b}[31mlamp", "", "It began\u{1b}[2J yesterday."));
    docket.stop();

    // The same, where nothing runs.
    refuses(&docket, &["health"], "does not run on this data folder");
    says(&docket, &["status"], &["Maildocket does not run", &name]);
    says(&docket, &["mailbox", "poll", &mailbox], &["1 mails fetched"]);
    says(&docket, &["mailbox", "list"], &["MAILBOX", &name, "SUP"]);
    says(&docket, &["mailbox", "show", &name], &["imap", &mailbox]);
    says(&docket, &["issue", "list", "--status", "open"], &["SUP-2", "lamp", "From before"]);
    let shown = says(&docket, &["issue", "show", "SUP-2"], &["It began", "status: open"]);
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    refuses(&docket, &["issue", "show", "SUP-9"], "There is no such issue");
    refuses(&docket, &["mailbox", "show", "Nobody's"], "There is no mailbox named Nobody's");
    refuses(&docket, &["authorize", &name], "does not run");
    refuses(&docket, &["open"], "does not run");
    assert_eq!(json(&docket, &["issue", "show", "SUP-2", "--json"])["comments"], serde_json::json!([]));
    assert_eq!(json(&docket, &["issue", "list", "--json"]).as_array().unwrap().len(), 2);
    assert_eq!(json(&docket, &["mailbox", "list", "--json"])[0]["id"], mailbox.as_str());
    assert_eq!(json(&docket, &["status", "--json"])["backlog"], 0);
    assert!(json(&docket, &["token", "list", "--json"])[0]["name"].is_string());
    let doctor = json(&docket, &["doctor", "--json"]);
    let names: Vec<_> =
        doctor["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    for wanted in ["version", "disk", "store", "process", &format!("mailbox {name}")] {
        assert!(names.contains(&wanted), "{names:?}");
    }
}

#[tokio::test]
async fn what_a_start_left_out_is_told_and_fetched_later() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    let before = SystemTime::UNIX_EPOCH + Duration::from_secs(1_760_000_000);
    account.deliver_at(&mail("old", "From before", "", "It is older than the mailbox."), before);
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    let start = serde_json::json!({ "start": { "mode": "new_only" } });
    docket.api.call(Method::PATCH, &format!("/mailboxes/{mailbox}"), Some(start)).await;
    let backfill =
        says(&docket, &["mailbox", "poll", &mailbox], &["No new mail.", "The folder holds 1 mails"]);
    assert!(backfill.contains("mailbox backfill"), "{backfill}");
    says(&docket, &["mailbox", "backfill", &mailbox, "--since", "2020-01-01"], &["1 issues made"]);
    says(&docket, &["mailbox", "backfill", &mailbox, "--since", "2020-01-01"], &["No new mail."]);
}

#[tokio::test]
async fn consent_is_waited_for() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    let (integration, _) = docket.api.integration(servers).await;
    let mailbox = docket.api.oauth_mailbox(servers, &integration).await;
    let mut waiting = tokio::process::Command::from(command(&docket, &["authorize", &mailbox]));
    let mut waiting = waiting.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(waiting.stdout.take().unwrap()).lines();
    assert!(lines.next_line().await.unwrap().unwrap().contains("/oauth2/callback/custom-"));
    assert!(lines.next_line().await.unwrap().unwrap().starts_with("Open this link"));
    let link = lines.next_line().await.unwrap().unwrap();
    let mut browser = Browser::new(&servers.identity.ca_pem);
    browser.walk(&link, Person::Agrees(&account.address), None).await;
    assert!(lines.next_line().await.unwrap().unwrap().contains("is connected"));
    assert!(waiting.wait().await.unwrap().success());
    let name = docket.api.get(&format!("/mailboxes/{mailbox}")).await["name"].as_str().unwrap().to_owned();
    says(&docket, &["status"], &[&name, &account.address, "active"]);
    says(&docket, &["mailbox", "poll", &mailbox], &["No new mail."]);
}

#[test]
fn what_is_typed_wrongly_is_told() {
    let run = |words: &[&str], variable: (&str, &str)| {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(told("MAILDOCKET_TEST_BIN"));
        command
            .args(words)
            .env(variable.0, variable.1)
            .env("MAILDOCKET_DATA_DIR", folder.path().join("none"));
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let none = ("TZ", "UTC");
    for (words, variable, code, wanted) in [
        (&["token", "list", "--listen", "9"][..], none, 2, "unexpected argument '--listen'"),
        (&["status"], none, 1, "There is no Maildocket in"),
        (
            &["status"],
            ("MAILDOCKET_DATADIR", "/x"),
            1,
            "MAILDOCKET_DATADIR means nothing here; is MAILDOCKET_DATA_DIR meant?",
        ),
        (
            &["status"],
            ("MAILDOCKET_ALLOW_PRIVATE_NETWORK", "perhaps"),
            2,
            "MAILDOCKET_ALLOW_PRIVATE_NETWORK has a wrong value, 'perhaps'",
        ),
        (
            &["serve"],
            ("MAILDOCKET_LISTEN", "here:9"),
            2,
            "MAILDOCKET_LISTEN has a wrong value, 'here:9': must be",
        ),
        (&["mailbox", "backfill", "Support", "--since", "yesterday"], none, 2, "must be a day such as"),
    ] {
        let (ended, err) = run(words, variable);
        assert_eq!(ended, code, "{words:?} {err}");
        assert!(err.contains(wanted), "{words:?} {err}");
    }
}

#[test]
fn the_command_line_describes_itself_to_shells_and_man() {
    let program = told("MAILDOCKET_TEST_BIN");
    let run = |words: &[&str]| {
        let output = Command::new(&program).args(words).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(&["completions", shell]).contains("backfill"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    run(&["man", folder.path().to_str().unwrap()]);
    let page = std::fs::read_to_string(folder.path().join("maildocket-mailbox-test.1")).unwrap();
    assert!(page.contains("Tries a mailbox out"), "{page}");
    let version = run(&["--version"]);
    let begin = concat!("maildocket ", env!("CARGO_PKG_VERSION"), " (commit ");
    assert!(version.starts_with(begin) && version.contains(", data of form "), "{version}");
}
