//! The package installed on this machine, which is none the wiser: a layer over it takes what is written.

use std::process::Command;

use super::{package, run};

#[test]
fn it_is_installed_updated_removed_and_purged() {
    let folder = tempfile::tempdir().unwrap();
    let mut tried = Command::new("unshare");
    // All that is started there ends with the first process.
    tried.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", include_str!("installed.sh")]);
    let told = run(tried.arg(folder.path()).arg(package()));
    println!("{told}");
    assert!(told.ends_with("All is well.\n"), "{told}");
    let known = Command::new("getent").args(["passwd", "maildocket"]).output().unwrap();
    assert!(!known.status.success(), "the machine itself has the user");
}
