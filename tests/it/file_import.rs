//! `maildocket import`: folders, Maildirs and mboxes become issues exactly once, whatever ends it in between.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::json;
use tests::{
    Maildocket, Servers,
    mails::{mail, with_attachment},
    process::{told, until},
};

/// Every fifth mail answers the one before it.
const THREAD: usize = 5;

fn command(docket: &Maildocket, path: &str) -> Command {
    let mut command = Command::new(told("MAILDOCKET_TEST_BIN"));
    command.args(["import", "--project", "SUP", path, "--data-dir"]).arg(docket.data_dir());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// How a command ended: its code, and what it printed, both ways.
fn ended(child: Child) -> (i32, String, String) {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

fn import(docket: &Maildocket, path: &Path) -> (i32, String, String) {
    ended(command(docket, path.to_str().unwrap()).spawn().unwrap())
}

/// Expects success, and gives the sentence.
#[track_caller]
fn imported(docket: &Maildocket, path: &Path) -> String {
    let (code, out, err) = import(docket, path);
    assert_eq!(code, 0, "{out}{err}");
    out
}

fn answer_of(number: usize) -> String {
    let answers = number % THREAD == THREAD - 1;
    if answers { format!("In-Reply-To: <{}@customer.example>\r\n", number - 1) } else { String::new() }
}

/// When it was received: another minute for each.
fn received(number: usize) -> String {
    format!("2025-03-04T{:02}:{:02}:00Z", number / 60, number % 60)
}

fn write(file: PathBuf, bytes: &[u8]) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, bytes).unwrap();
}

/// A Maildir with a subfolder; every tenth mail has a file.
fn maildir(root: &Path, mails: usize) {
    for number in 0..mails {
        let received = format!(
            "Received: from a by b; Tue, 4 Mar 2025 {:02}:{:02}:00 +0000\r\n",
            number / 60,
            number % 60
        );
        let (id, subject) = (number.to_string(), format!("Mail {number}"));
        let raw = if number % 10 == 0 {
            [received.as_bytes(), &with_attachment(&id, &subject, subject.as_bytes())].concat()
        } else {
            mail(&id, &subject, &(received + &answer_of(number)), "text")
        };
        let folder = ["cur", "new", ".Archive.2024/cur"][number % 3];
        let flags = if folder.ends_with("cur") { ":2,S" } else { "" };
        write(root.join(folder).join(format!("{number:04}.host{flags}")), &raw);
    }
    fs::create_dir_all(root.join(".Archive.2024/new")).unwrap();
    write(root.join("tmp/1.host"), b"Subject: half of a m");
    write(root.join("dovecot.index"), b"\0");
}

#[tokio::test]
async fn a_maildir_becomes_issues_once_through_the_running_process_and_without_one() {
    const MAILS: usize = 200;
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    let folder = tempfile::tempdir().unwrap();
    maildir(folder.path(), MAILS);

    let told = imported(&docket, folder.path());
    assert_eq!(told, "200 mails: 160 issues, 40 comments.\n");
    let first = docket.api.issues().await;
    assert_eq!(first.len(), MAILS - MAILS / THREAD);
    let sum = |name: &str| first.iter().map(|issue| issue[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("comment_count"), sum("attachment_count")), (40, 20));
    // Each has the date at which its first mail was received.
    for issue in &first {
        let summary = issue["summary"].as_str().unwrap();
        let number: usize = summary.trim_start_matches("Mail ").parse().unwrap();
        assert_eq!(issue["created_at"], received(number), "{issue}");
    }
    let entries = docket.api.list("/audit?action=project.mails_imported").await;
    assert_eq!((&entries[0]["subject"], &entries[0]["from"]["via"]), (&json!("SUP"), &json!("command_line")));

    assert_eq!(imported(&docket, folder.path()), "200 mails: 200 were there already.\n");
    docket.stop();
    assert_eq!(imported(&docket, folder.path()), "200 mails: 200 were there already.\n");
    // Elsewhere, and a mail more: only that one is new.
    let copy = tempfile::tempdir().unwrap();
    maildir(&copy.path().join("old/backup"), 7);
    write(copy.path().join("new.eml"), &mail("new", "New", "", "text"));
    assert_eq!(imported(&docket, copy.path()), "8 mails: 1 issue, 7 were there already.\n");
    docket.start_again().await;
    let again = docket.api.issues().await;
    let old: Vec<_> = again.iter().filter(|issue| issue["summary"] != "New").cloned().collect();
    assert_eq!((again.len(), old), (161, first));
}

/// How many raw mails are kept.
fn blobs(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|e| if e.path().is_dir() { blobs(&e.path()) } else { 1 }).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_ends_it_in_the_middle_the_same_command_goes_on() {
    const MAILS: usize = 1_000;
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    let folder = tempfile::tempdir().unwrap();
    for number in 0..MAILS {
        let raw = mail(&number.to_string(), &format!("Mail {number}"), &answer_of(number), "text");
        write(folder.path().join(format!("{number:04}.eml")), &raw);
    }
    let path = folder.path().to_str().unwrap();
    let data = docket.data_dir().join("blobs");
    let come =
        async |count: usize| until("a part of it", async || (blobs(&data) >= count).then_some(())).await;

    // Ctrl-C.
    let child = command(&docket, path).spawn().unwrap();
    come(20).await;
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let (code, out, err) = ended(child);
    assert_eq!(code, 130, "{out}{err}");
    assert!(out.contains("Stopped before the end.") && out.contains("the same command goes on"), "{out}");
    let after_interrupt = docket.api.issues().await.len();
    assert!(0 < after_interrupt && after_interrupt < MAILS - MAILS / THREAD, "{after_interrupt}");

    // The process that does the work is gone.
    let child = command(&docket, path).spawn().unwrap();
    come(blobs(&data) + 100).await;
    docket.kill();
    let (code, out, err) = ended(child);
    assert!(code == 1 && out.is_empty() && err.contains("the same command goes on"), "{code} {out}{err}");

    // The command itself is gone, while it does the work.
    let mut child = command(&docket, path).spawn().unwrap();
    come(blobs(&data) + 100).await;
    child.kill().unwrap();
    child.wait().unwrap();
    docket.start_again().await;
    let before = docket.api.issues().await.len();
    assert!(after_interrupt < before && before < MAILS - MAILS / THREAD, "{before}");

    let told = imported(&docket, folder.path());
    assert!(told.starts_with("1,000 mails: ") && told.contains(" were there already"), "{told}");
    let issues = docket.api.issues().await;
    let summaries: BTreeSet<_> = issues.iter().map(|issue| issue["summary"].as_str().unwrap()).collect();
    assert_eq!((issues.len(), summaries.len()), (MAILS - MAILS / THREAD, MAILS - MAILS / THREAD));
    let comments: u64 = issues.iter().map(|issue| issue["comment_count"].as_u64().unwrap()).sum();
    assert_eq!(comments, (MAILS / THREAD) as u64);
}

/// An mbox with two mails, whose lines are kept in some way.
fn mbox(name: &str, lines: &str, counted: bool) -> String {
    let mail = |n: usize| {
        let length = if counted { format!("Content-Length: {}\n", lines.len()) } else { String::new() };
        format!(
            "From ann@customer.example Tue Mar  4 0{n}:00:00 2025\nFrom: Ann <ann@customer.example>\n\
             Subject: {name} {n}\nMessage-ID: <{name}{n}@customer.example>\n{length}\n{lines}\n"
        )
    };
    mail(1) + &mail(2)
}

#[tokio::test]
async fn mboxes_of_every_kind_are_read_as_they_were_written() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let folder = tempfile::tempdir().unwrap();
    let wanted = "From here on it is wet.\n\nFrom there on it is dry.\n> > quoted\n> >From a third\nEnd";
    let o = "> > quoted\n> >From a third\nEnd\n";
    let quoted = format!(">From here on it is wet.\n\n>From there on it is dry.\n{o}");
    let plain = format!("From here on it is wet.\n\nFrom there on it is dry.\n{o}");
    for (name, lines, counted) in [
        ("mboxo", &quoted, false),
        ("mboxrd", &quoted, false),
        ("mboxcl", &quoted, true),
        ("mboxcl2", &plain, true),
    ] {
        let file = folder.path().join(name);
        fs::write(&file, mbox(name, lines, counted)).unwrap();
        let (code, out, err) = import(&docket, &file);
        assert_eq!((code, out.as_str()), (0, "2 mails: 2 issues.\n"), "{err}");
        assert!(err.starts_with("Read ") && err.contains(" B of "), "{err}");
        assert_eq!(imported(&docket, &file), "2 mails: 2 were there already.\n");
        let issues = docket.api.issues().await;
        let issue = issues.iter().find(|issue| issue["summary"] == format!("{name} 1")).expect(name);
        // No field of the mail says it: the mbox does.
        assert_eq!(issue["created_at"], "2025-03-04T01:00:00Z");
        let whole = docket.api.get(&format!("/issues/{}", issue["key"].as_str().unwrap())).await;
        assert_eq!(whole["description_text"], wanted, "{name}");
    }
}

#[tokio::test]
async fn a_mail_that_a_mailbox_brought_is_a_duplicate() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "The lamp flickers", "", "It began yesterday."));
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    assert_eq!(docket.api.poll(&mailbox).await["created"], 1);
    let folder = tempfile::tempdir().unwrap();
    fs::copy(account.mails_in("INBOX").pop().unwrap(), folder.path().join("a.eml")).unwrap();
    fs::write(folder.path().join("empty.eml"), "").unwrap();
    let (code, out, err) = import(&docket, folder.path());
    assert_eq!(code, 1, "one file failed");
    assert!(out.starts_with("2 mails: 1 skipped, 1 failed.\n"), "{out}");
    assert!(err.contains("empty.eml is empty."), "{err}");
    // Where it says that more is told, more is told.
    let place = out.lines().find(|line| line.ends_with("&state=skipped")).unwrap();
    let place = place.trim().trim_start_matches("GET /api/v1");
    let messages = docket.api.list(place).await;
    assert_eq!((messages.len(), &messages[0]["reason"]), (1, &json!("duplicate")));
    assert_eq!(docket.api.issues().await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_imported_is_told_in_a_sentence() {
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "Nothing but notes.\n").unwrap();
    let text = text.to_str().unwrap();
    let missing = folder.path().join("missing");
    let check = |docket: &Maildocket| {
        for (path, part) in [
            ("-", "Standard input cannot be imported"),
            (missing.to_str().unwrap(), "There is no file or folder "),
            (folder.path().to_str().unwrap(), "looks like mail: there are no files *.eml"),
            (text, "does not look like mail"),
        ] {
            let (code, out, err) = ended(command(docket, path).spawn().unwrap());
            assert_eq!((code, out.as_str(), err.lines().count()), (1, "", 1), "{err}");
            assert!(err.starts_with("maildocket: ") && err.contains(part), "{err}");
        }
        let mut other = Command::new(told("MAILDOCKET_TEST_BIN"));
        other.args(["import", "--project", "NONE", text, "--data-dir"]).arg(docket.data_dir());
        let output = other.output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(err.contains("There is no project NONE. Make it in the console"), "{err}");
    };
    check(&docket);
    // A process that cannot be asked, and holds the data.
    fs::remove_file(docket.data_dir().join("control")).unwrap();
    let eml = folder.path().join("a.eml");
    fs::write(&eml, mail("1", "x", "", "text")).unwrap();
    let (code, _, err) = import(&docket, &eml);
    assert!(code == 1 && err.contains("Another maildocket is running on"), "{err}");
    fs::remove_file(&eml).unwrap();
    docket.stop();
    check(&docket);
}
