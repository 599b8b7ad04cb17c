//! A full disk is told everywhere, and the work goes on by itself when it is not full any more.

use super::{
    disk::SmallDisk,
    program::{Serving, TOKEN, ended, until},
};

const MAILBOX: &str = r#"{"name": "Support", "protocol": "imap", "host": "127.0.0.1", "port": 9, "tls": "implicit",
    "auth": {"method": "password", "username": "a@example.com", "password": "p"}, "project": "SUP"}"#;

fn project(key: &str) -> String {
    format!(r#"{{"key": "{key}", "name": "{key}"}}"#)
}

#[test]
fn a_full_disk_is_told_everywhere_until_there_is_space_again() {
    for disk in SmallDisk::all() {
        let serve = ["serve", "--listen", "0", "--allow-private-network"];
        let mut command = disk.maildocket(&serve, false);
        command.env("MAILDOCKET_ADMIN_TOKEN", TOKEN);
        let serving = Serving::start(command, disk.data());
        let pid = Some(serving.child.id());
        assert!(serving.post("/api/v1/projects", &project("SUP")).starts_with("HTTP/1.1 201"));
        let made = serving.post("/api/v1/mailboxes", MAILBOX);
        assert!(made.starts_with("HTTP/1.1 201"), "{made}");

        disk.fill(pid);
        // One that finds room in what is there already is kept.
        let refused = until("the end of the space", || {
            let mut keys = ('A'..='Z').map(|letter| format!("{letter}{letter}"));
            keys.find_map(|key| {
                let answer = serving.post("/api/v1/projects", &project(&key));
                answer.starts_with("HTTP/1.1 503").then_some(answer)
            })
        });
        let folder = disk.data().file_name().unwrap().to_owned();
        assert!(refused.contains("disk_full") && refused.contains(folder.to_str().unwrap()), "{refused}");
        let health = serving.get("/healthz");
        assert!(health.starts_with("HTTP/1.1 503") && health.contains("\"disk_full\""), "{health}");
        assert!(!health.contains("/data"), "everybody reads it: {health}");
        let mailboxes = serving.get("/api/v1/mailboxes");
        assert!(mailboxes.contains("\"disk_full\"") && mailboxes.contains("\"failing\""), "{mailboxes}");
        let status = serving.get("/api/v1/status");
        assert!(status.contains(r#"{"code":"disk_full","subject":"""#), "{status}");
        let japanese = serving.request("GET /api/v1/status", TOKEN, "ja", "");
        assert!(japanese.contains("ディスクがいっぱいで"), "{japanese}");
        let (code, told) = ended(&disk.maildocket(&["doctor"], true).output().unwrap());
        assert!(code == Some(1) && told.contains("failed   disk: The disk is full"), "{code:?} {told}");
        assert!(told.contains("failed   store: The disk is full") && told.contains(" free)"), "{told}");
        assert!(serving.printed().contains("\"code\":\"disk_full\""), "{}", serving.printed());

        disk.empty(pid);
        until("health", || serving.get("/healthz").starts_with("HTTP/1.1 200").then_some(()));
        assert!(!serving.get("/api/v1/mailboxes").contains("disk_full"));
        assert!(!serving.get("/api/v1/status").contains("disk_full"));
        let made = serving.post("/api/v1/projects", &project("AFTER"));
        assert!(made.starts_with("HTTP/1.1 201"), "{made}");
        let (_, told) = ended(&disk.maildocket(&["doctor"], false).output().unwrap());
        assert!(told.contains("ok       disk: ") && told.contains("ok       store: "), "{told}");
        // Nothing that was acknowledged is gone.
        let projects = serving.get("/api/v1/projects");
        assert!(projects.contains("\"SUP\"") && projects.contains("\"AFTER\""), "{projects}");
    }
}

#[test]
fn a_first_start_on_a_full_disk_is_a_sentence_and_the_next_one_works() {
    for disk in SmallDisk::all() {
        disk.fill(None);
        for command in [&["serve", "--listen", "0"][..], &["token", "list"]] {
            let (code, told) = ended(&disk.maildocket(command, true).output().unwrap());
            assert!(code == Some(1) && told.contains("The disk is full: nothing more"), "{code:?} {told}");
            assert!(!told.contains("panicked"), "{told}");
        }
        if matches!(disk, SmallDisk::Mounted { .. }) {
            disk.empty(None);
        }
        let serving = Serving::start(disk.maildocket(&["serve", "--listen", "0"], false), disk.data());
        let token = std::fs::read_to_string(disk.data().join("admin-token")).unwrap();
        let answer = serving.request("GET /api/v1/projects", &token, "en", "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}
