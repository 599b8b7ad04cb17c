//! What an import reads: regular files of the folder that was named, and nothing that they lead to.

use std::{
    fs,
    os::unix::{fs::symlink, net::UnixStream},
    process::Command,
    time::{Duration, Instant},
};

use super::program::{Serving, TOKEN, ended, maildocket};

#[test]
fn links_and_pipes_in_a_folder_are_told_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (data, mails) = (folder.path().join("data"), folder.path().join("mails"));
    let mut command = maildocket(&data, &["serve", "--listen", "0"]);
    command.env("MAILDOCKET_ADMIN_TOKEN", TOKEN);
    let serving = Serving::start(command, data.clone());
    serving.post("/api/v1/projects", r#"{"key": "SUP", "name": "Support"}"#);
    let key = fs::read_to_string(data.join("master-key")).unwrap();

    fs::create_dir_all(mails.join("Maildir/cur")).unwrap();
    fs::create_dir_all(mails.join("Maildir/new")).unwrap();
    fs::write(mails.join("a.eml"), "Subject: real\n\nx\n").unwrap();
    symlink(data.join("master-key"), mails.join("key.eml")).unwrap();
    symlink(data.join("master-key"), mails.join("Maildir/cur/1.host:2,")).unwrap();
    symlink(&data, mails.join("Maildir/more")).unwrap();
    for pipe in ["pipe.eml", "Maildir/new/2.host"] {
        assert!(Command::new("mkfifo").arg(mails.join(pipe)).status().unwrap().success());
    }
    let import = |path: &str| {
        let begun = Instant::now();
        let output = maildocket(&data, &["import", "--project", "SUP", path]).output().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(20), "a pipe holds it up");
        ended(&output)
    };
    let (code, told) = import(mails.to_str().unwrap());
    assert!(code == Some(0) && told.contains("1 mail: 1 issue."), "{told}");
    assert!(told.contains("5 links or special files were not followed"), "{told}");
    for path in ["pipe.eml", "Maildir/new/2.host"] {
        let (code, told) = import(mails.join(path).to_str().unwrap());
        assert!(code == Some(1) && told.contains("it is no regular file"), "{told}");
    }
    let issue = serving.get("/api/v1/issues/SUP-1");
    assert!(issue.contains("real") && !issue.contains(key.trim()), "{issue}");
    assert!(serving.get("/api/v1/issues/SUP-2").starts_with("HTTP/1.1 404"));
}

#[test]
fn one_who_connects_and_says_nothing_does_not_hold_up_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _serving = Serving::start(maildocket(&data, &["serve", "--listen", "0"]), data.clone());
    let silent = UnixStream::connect(data.join("control")).unwrap();
    let begun = Instant::now();
    let (code, told) = ended(&maildocket(&data, &["token", "list"]).output().unwrap());
    assert_eq!(code, Some(0), "{told}");
    assert!(begun.elapsed() < Duration::from_secs(30), "it waited for {:?}", begun.elapsed());
    drop(silent);
}

/// The most memory that the process has had, bytes.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// A mail with a file.
fn large(mail: u64, kilobytes: usize) -> Vec<u8> {
    let mut raw = format!(
        "From: a@example.com\nSubject: Large {mail}\nMessage-ID: <{mail}@example.com>\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n--b\nContent-Type: application/pdf; name=a.pdf\n\
         Content-Transfer-Encoding: base64\n\n"
    )
    .into_bytes();
    let line = format!("{}\n", "TWFpbERvY2tldCB0dXJucyBt".repeat(3));
    let lines = (kilobytes * 1_000 - raw.len()) / line.len();
    raw.extend(line.repeat(lines).into_bytes());
    raw.extend_from_slice(b"--b--\n");
    raw
}

#[test]
fn mails_of_150_mb_from_files_cost_less_than_128_mb_in_all() {
    const BOUND: u64 = 128 * 1_000_000;
    let folder = tempfile::tempdir().unwrap();
    let (data, mails) = (folder.path().join("data"), folder.path().join("mails"));
    let mut command = maildocket(&data, &["serve", "--listen", "0"]);
    command.env("MAILDOCKET_ADMIN_TOKEN", TOKEN);
    let serving = Serving::start(command, data.clone());
    serving.post("/api/v1/projects", r#"{"key": "SUP", "name": "Support"}"#);
    fs::create_dir(&mails).unwrap();
    fs::write(mails.join("0.eml"), large(0, 150_000)).unwrap();
    // What several ordinary mails cost comes together with them.
    for mail in 10..60 {
        fs::write(mails.join(format!("{mail}.eml")), large(mail, 500)).unwrap();
    }
    let mbox = folder.path().join("mbox");
    let mut text = Vec::new();
    for (mail, kilobytes) in [(1, 140_000), (2, 10)] {
        text.extend_from_slice(b"From a@example.com Tue Nov 24 09:00:00 2026\n");
        text.extend(large(mail, kilobytes));
        text.push(b'\n');
    }
    fs::write(&mbox, text).unwrap();
    for (path, told) in [(&mails, "51 mails: 51 issues."), (&mbox, "2 mails: 2 issues.")] {
        let path = path.to_str().unwrap();
        let (code, out) = ended(&maildocket(&data, &["import", "--project", "SUP", path]).output().unwrap());
        assert!(code == Some(0) && out.contains(told), "{out}");
        let peak = peak(serving.child.id());
        println!("after {path}: {} MB at most", peak / 1_000_000);
        assert!(peak < BOUND, "{} MB", peak / 1_000_000);
    }
    let files = serving.get("/api/v1/issues/SUP-1/attachments");
    assert!(files.contains("\"a.pdf\"") && files.contains("\"sha256\""), "{files}");
}
