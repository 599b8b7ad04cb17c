//! Starts: cut off at any moment, with another key, over something that is no database, with nobody who reads.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::program::{Serving, TOKEN, demo, ended, maildocket, until};

const SERVE: [&str; 3] = ["serve", "--listen", "0"];

fn refused(command: &mut Command) -> String {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let (code, told) = ended(&child.wait_with_output().unwrap());
    assert!(code == Some(1) && !told.contains("panicked"), "{code:?} {told}");
    told
}

#[test]
fn a_first_start_that_is_killed_at_any_moment_can_be_repeated() {
    const KILLS: u32 = 32;
    let mut cut = 0;
    for kill in 0..KILLS {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut first =
            maildocket(&data, &SERVE).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Not a wait for anything: the moment is what is tried out.
        std::thread::sleep(Duration::from_millis(u64::from(kill) * 6));
        first.kill().unwrap();
        first.wait().unwrap();
        cut += u32::from(!data.join("listen").exists());
        let serving = Serving::start(maildocket(&data, &SERVE), data.clone());
        let token = fs::read_to_string(data.join("admin-token")).unwrap();
        let answer = serving.request("GET /api/v1/projects", &token, "en", "");
        assert!(answer.starts_with("HTTP/1.1 200"), "killed after {} ms: {answer}", kill * 6);
    }
    println!("{cut} of {KILLS} first starts were cut off before their end");
    assert!(cut > 0, "the kills came too late to try anything");
}

/// What a process leaves that is ended between any two steps of its first start.
#[test]
fn whatever_a_cut_first_start_leaves_the_next_one_goes_on() {
    type Cut = fn(&Path);
    let whole = tempfile::tempdir().unwrap();
    drop(Serving::start(maildocket(whole.path(), &SERVE), whole.path().to_owned()));
    let left: [(&str, Cut); 5] = [
        ("a lock", |data| fs::write(data.join("lock"), "").unwrap()),
        ("half a database", |data| fs::write(data.join("maildocket.db.new"), "SQLite form").unwrap()),
        ("an empty database", |data| fs::write(data.join("maildocket.db"), "").unwrap()),
        ("half a key", |data| fs::write(data.join("master-key.new"), "AAAA").unwrap()),
        ("a token that is not kept", |data| fs::write(data.join("admin-token.pending"), "mdk_x").unwrap()),
    ];
    for (what, cut) in left {
        let folder = tempfile::tempdir().unwrap();
        cut(folder.path());
        let serving = Serving::start(maildocket(folder.path(), &SERVE), folder.path().to_owned());
        let token = fs::read_to_string(folder.path().join("admin-token")).unwrap();
        let answer = serving.request("GET /api/v1/projects", &token, "en", "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{what}: {answer}");
    }
    // Kept, and not shown yet.
    let data = whole.path();
    fs::rename(data.join("admin-token"), data.join("admin-token.pending")).unwrap();
    let serving = Serving::start(maildocket(data, &SERVE), data.to_owned());
    let token = fs::read_to_string(data.join("admin-token")).unwrap();
    assert!(serving.request("GET /api/v1/projects", &token, "en", "").starts_with("HTTP/1.1 200"));
    assert!(!data.join("admin-token.pending").exists());
}

#[test]
fn a_lost_key_is_not_replaced_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let serve = |arguments: &[&str]| {
        let mut command = maildocket(data, &[&SERVE[..], arguments].concat());
        command.env("MAILDOCKET_ADMIN_TOKEN", TOKEN);
        command
    };
    let serving = Serving::start(serve(&[]), data.to_owned());
    let body = r#"{"provider": "google", "name": "x", "client_id": "x", "client_secret": "s"}"#;
    assert!(serving.post("/api/v1/integrations", body).starts_with("HTTP/1.1 201"));
    drop(serving);
    let key = fs::read(data.join("master-key")).unwrap();

    fs::remove_file(data.join("master-key")).unwrap();
    let told = refused(&mut serve(&[]));
    assert!(told.contains("is not there") && told.contains("--forget-secrets"), "{told}");
    assert!(!data.join("master-key").exists(), "a key was made all the same");
    let told = refused(&mut maildocket(data, &["token", "list"]));
    assert!(told.contains("is not there"), "{told}");
    let told = refused(&mut maildocket(data, &["doctor"]));
    assert!(told.contains("failed   master key: ") && told.contains("failed   store: "), "{told}");

    // Another one.
    let other = tempfile::tempdir().unwrap();
    drop(Serving::start(maildocket(other.path(), &SERVE), other.path().to_owned()));
    fs::copy(other.path().join("master-key"), data.join("master-key")).unwrap();
    let told = refused(&mut serve(&[]));
    assert!(told.contains("holds another key") && told.contains("--forget-secrets"), "{told}");

    // The right one again.
    fs::write(data.join("master-key"), &key).unwrap();
    drop(Serving::start(serve(&[]), data.to_owned()));

    // It is lost: an administrator says so, once.
    fs::remove_file(data.join("master-key")).unwrap();
    let serving = Serving::start(serve(&["--forget-secrets"]), data.to_owned());
    assert!(serving.get("/api/v1/audit?action=master_key").contains("master_key.replaced"));
    drop(serving);
    drop(Serving::start(serve(&[]), data.to_owned()));
    fs::write(data.join("master-key"), &key).unwrap();
    assert!(refused(&mut serve(&[])).contains("holds another key"), "the old one came back");
}

#[test]
fn what_is_no_database_is_told_and_left_as_it_is() {
    let whole = tempfile::tempdir().unwrap();
    drop(Serving::start(maildocket(whole.path(), &SERVE), whole.path().to_owned()));
    // Into the one file.
    let (code, _) = ended(&maildocket(whole.path(), &["token", "list"]).output().unwrap());
    assert_eq!(code, Some(0));
    let bytes = fs::read(whole.path().join("maildocket.db")).unwrap();
    let mut torn = bytes.clone();
    torn[2 * 4096..].fill(0xee);
    for (what, content, sentence) in [
        ("text", b"no database, but a long enough text ".repeat(100), "is not a database of Maildocket"),
        ("zeros", vec![0; 8192], "is not a database of Maildocket"),
        ("half", bytes[..bytes.len() / 2].to_vec(), "is damaged"),
        ("torn", torn, "is damaged"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("maildocket.db");
        fs::write(&file, &content).unwrap();
        let told = refused(&mut maildocket(folder.path(), &SERVE));
        assert!(told.contains(sentence), "{what}: {told}");
        assert!(fs::read(&file).unwrap() == content, "{what}: it was changed");
        let told = refused(&mut maildocket(folder.path(), &["doctor"]));
        assert!(told.contains("failed   store: "), "{what}: {told}");
    }
}

#[test]
fn nobody_who_reads_is_no_reason_to_panic() {
    let folder = tempfile::tempdir().unwrap();
    let closed = || {
        let (read, write) = std::io::pipe().unwrap();
        drop(read);
        write
    };
    for (arguments, code) in [
        (&["token", "create", "a"][..], 0),
        (&["token", "list"], 0),
        (&["export"], 0),
        (&["doctor"], 0),
        (&["parse", "/nowhere"], 1),
        (&["--help"], 0),
    ] {
        let mut command = maildocket(folder.path(), arguments);
        let status = command.stdout(closed()).stderr(closed()).status().unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
    let mut once = demo(&["--yes", "--once"]);
    assert!(once.stdout(closed()).stderr(closed()).status().unwrap().success());
    // A server goes on.
    let mut command = maildocket(folder.path(), &SERVE);
    let mut serving = command.stdout(closed()).stderr(closed()).spawn().unwrap();
    let listen = folder.path().join("listen");
    until("the start", || listen.exists().then_some(()));
    let (code, told) = ended(&maildocket(folder.path(), &["token", "list"]).output().unwrap());
    assert_eq!(code, Some(0), "{told}");
    serving.kill().unwrap();
    serving.wait().unwrap();
}

#[test]
fn a_demo_shows_an_odd_mail_server_and_help_lists_them() {
    let (code, told) = ended(&demo(&["--help"]).output().unwrap());
    assert!(code == Some(0) && told.contains("- zero-dates:") && told.contains("- no-uidl:"), "{told}");
    let arguments = ["--yes", "--once", "--odd-pop3", "locked-at-times"];
    let (code, told) = ended(&demo(&arguments).output().unwrap());
    assert!(code == Some(0) && told.contains("Another program has locked this mailbox"), "{told}");
}

#[test]
fn a_demo_is_told_nothing_that_it_cannot_honour() {
    let folder = tempfile::tempdir().unwrap();
    let (code, told) = ended(&maildocket(folder.path(), &["demo", "--yes", "--once"]).output().unwrap());
    assert!(code == Some(2) && told.contains("takes no --data-dir"), "{told}");
    // What the environment says is of the real installation.
    let mut command = demo(&["--yes", "--once"]);
    command.env("MAILDOCKET_DATA_DIR", folder.path()).env("MAILDOCKET_BASE_URL", "https://mail.example.com");
    let (code, told) = ended(&command.env("MAILDOCKET_ADMIN_TOKEN", TOKEN).output().unwrap());
    assert!(code == Some(0) && told.contains("http://localhost:") && told.contains("HELP-1"), "{told}");
    assert!(!told.contains(TOKEN) && std::fs::read_dir(folder.path()).unwrap().next().is_none(), "{told}");
}

#[test]
fn the_administrators_token_is_no_argument() {
    let folder = tempfile::tempdir().unwrap();
    let output = maildocket(folder.path(), &["--admin-token", TOKEN, "serve"]).output().unwrap();
    let (code, told) = ended(&output);
    assert!(code == Some(2) && told.contains("unexpected argument"), "{told}");
}
