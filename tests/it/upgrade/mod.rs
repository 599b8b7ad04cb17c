//! Data of former versions under the program of today: `tests/fixtures/upgrade` has a data folder of each version that was
//! given away, as the program of then wrote it, with what its API said of it and what its mail server held.

mod look;
mod write;

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;
use tests::{
    Maildocket, Servers,
    maildocket::empty_folder,
    process::{told, until},
};

use crate::workspace::root;
use look::Then;

/// What stood in the unpacked folder: the data, the mailboxes' Maildirs, mails in files, and what was told of all of it.
const PARTS: [&str; 4] = ["data", "maildirs", "mails", "told.json"];

/// Arguments: a database, and what is done to it.
const CHANGE: &str = "import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
assert database.execute(sys.argv[2]).rowcount > 0
database.commit()";

fn kept() -> PathBuf {
    root().join("tests/fixtures/upgrade")
}

fn of_this_version() -> PathBuf {
    kept().join(concat!(env!("CARGO_PKG_VERSION"), ".tar.gz"))
}

fn archives() -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(kept()).unwrap().flatten().map(|entry| entry.path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "gz"));
    found.sort();
    assert!(!found.is_empty(), "no data of a former version; `cargo xtask keep-data` writes those of today");
    found
}

fn unpacked(archive: &Path) -> TempDir {
    let folder = empty_folder();
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--gzip", "--same-permissions", "--no-same-owner", "--file"]).arg(archive);
    assert!(tar.arg("--directory").arg(folder.path()).status().unwrap().success(), "{}", archive.display());
    folder
}

/// `serve` on this folder, to be ended in the middle; behind these words.
fn serve(folder: &Path, before: &[&str]) -> Command {
    let program = told("MAILDOCKET_TEST_BIN");
    let mut words = before.iter().map(OsStr::new).chain([program.as_os_str()]);
    let mut command = Command::new(words.next().expect("a program"));
    command.args(words).args(["serve", "--listen", "0", "--allow-private-network", "--data-dir"]);
    command.arg(folder.join("data")).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Kills the first starts at moments in their middle: at once, once the database is opened, once commands are answered,
/// and once everything is.
async fn cut_off(folder: &Path) {
    for sign in ["lock", "maildocket.db-wal", "control", "listen"] {
        let file = folder.join("data").join(sign);
        let mut cut = serve(folder, &[]).stderr(Stdio::null()).spawn().unwrap();
        until(sign, async || file.exists().then_some(())).await;
        cut.kill().unwrap();
        cut.wait().unwrap();
        let _ = fs::remove_file(folder.join("data/listen"));
    }
}

/// All that is expected of a start on data of before.
async fn goes_on(archive: &Path) {
    let servers = Servers::get().await;
    let folder = unpacked(archive);
    let then = Then::read(folder.path());
    println!("{}: {}", archive.display(), then.version());
    cut_off(folder.path()).await;
    let place = folder.path().to_owned();
    let mut docket = Maildocket::start_in(folder, servers).await;
    then.is_all_there(&docket).await;
    then.lets_in(&docket).await;
    then.imports_go_on(&docket, servers, &place).await;
    // What today's program made of it is read again, too.
    docket.stop();
    docket.start_again().await;
    then.is_all_there(&docket).await;
    then.mails_are_recognised(&docket, servers).await;
    then.secrets_can_be_opened(&docket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_of_each_former_version_are_read() {
    for archive in archives() {
        goes_on(&archive).await;
    }
}

#[test]
fn there_is_one_of_this_version() {
    let wanted = of_this_version();
    let what_to_do = "before a version is given away, `cargo xtask keep-data` writes";
    assert!(archives().contains(&wanted), "{what_to_do} {}", wanted.display());
}

/// Data that a later version wrote are refused in a sentence, and stay as they are.
#[test]
fn data_of_a_newer_form_are_refused() {
    let database = "UPDATE _config SET value = '999' WHERE key = 'schema_version'";
    let records =
        r#"UPDATE maildocket SET item_json = replace(item_json, '"v":{"N":"2"}', '"v":{"N":"999"}')"#;
    for (change, wanted) in [
        (database, "was written by a newer Maildocket, and nothing in it was changed."),
        (records, "A record (key_check) was written by a newer Maildocket."),
    ] {
        let folder = unpacked(&of_this_version());
        let database = folder.path().join("data/maildocket.db");
        let changed = Command::new("python3").args(["-c", CHANGE]).arg(&database).arg(change).status();
        assert!(changed.unwrap().success());
        let before = fs::read(&database).unwrap();
        let refused = serve(folder.path(), &["timeout", "60"]).output().unwrap();
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(1) && told.contains(wanted), "{wanted}: {told}");
        assert!(fs::read(&database).unwrap() == before, "{wanted}: it was written to");
    }
}
