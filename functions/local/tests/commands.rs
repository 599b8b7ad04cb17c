//! The binary as its user runs it: what it prints, what it leaves in the data folder, how it ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// A secret that must show up nowhere.
const CANARY: &str = "CANARY-31415926535897932384626433832795";

fn maildocket(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maildocket"));
    command.args(arguments).arg("--data-dir").arg(folder).stdin(Stdio::null());
    command
}

/// A running `maildocket serve`; killed when dropped.
struct Serving {
    child: Child,
    folder: TempDir,
    address: String,
}

impl Serving {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = maildocket(&folder.path().join("data"), &["serve", "--listen", "0"]);
        let file = |name: &str| fs::File::create(folder.path().join(name)).unwrap();
        let child = command.stdout(file("out")).stderr(file("err")).spawn().unwrap();
        let mut serving = Self { child, folder, address: String::new() };
        let begun = Instant::now();
        while serving.address.is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(20), "{}", serving.printed());
            std::thread::sleep(Duration::from_millis(10));
            serving.address = fs::read_to_string(serving.data("listen")).unwrap_or_default();
        }
        serving
    }

    fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        maildocket(&self.folder.path().join("data"), arguments).output().unwrap()
    }

    /// Standard output and standard error so far.
    fn printed(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.folder.path().join(name)).unwrap();
        read("out") + &read("err")
    }

    fn request(&self, request: &str, token: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (address, length) = (&self.address, body.len());
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn end(&mut self, signal: &str) -> ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn failure(output: &Output) -> String {
    assert!(!output.status.success());
    assert!(output.stdout.is_empty(), "failures go to standard error");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn everything_in_the_data_folder_is_its_owners_alone() {
    let serving = Serving::start();
    let token = fs::read_to_string(serving.data("admin-token")).unwrap();
    let body =
        format!(r#"{{"provider": "google", "name": "x", "client_id": "x", "client_secret": "{CANARY}"}}"#);
    let made = serving.request("POST /api/v1/integrations", &token, &body);
    assert!(made.starts_with("HTTP/1.1 201"), "{made}");
    let mut waiting = vec![serving.data("")];
    let mut seen = 0;
    while let Some(path) = waiting.pop() {
        let about = fs::metadata(&path).unwrap();
        assert_eq!(about.permissions().mode() & 0o077, 0, "{}", path.display());
        if about.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if about.is_file() {
            let bytes = fs::read(&path).unwrap();
            let found = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
            assert!(!found, "{} holds a secret", path.display());
        }
        seen += 1;
    }
    assert!(seen > 5);
    let printed = serving.printed();
    assert!(!printed.contains(CANARY) && !printed.contains(&token), "{printed}");
    assert!(printed.contains("admin-token"), "it says where the token is: {printed}");
}

#[test]
fn nothing_that_is_secret_is_logged() {
    let serving = Serving::start();
    let token = fs::read_to_string(serving.data("admin-token")).unwrap();
    for (request, token, body) in [
        (format!("GET /oauth2/callback/google?code={CANARY}&state={CANARY}"), "", String::new()),
        (format!("GET /oauth2/start/{CANARY}"), "", String::new()),
        (format!("GET /sign-in/once/{CANARY}"), "", String::new()),
        (format!("GET /{CANARY}?q={CANARY}"), "", String::new()),
        ("GET /api/v1/projects".to_owned(), CANARY, String::new()),
        (format!("GET /api/v1/issues?project={CANARY}"), token.as_str(), String::new()),
        (
            "POST /api/v1/integrations".to_owned(),
            token.as_str(),
            format!("{{\"client_secret\": [\"{CANARY}\"]}}"),
        ),
        ("POST /api/v1/integrations".to_owned(), token.as_str(), format!("{{\"client_secret\": {CANARY}")),
        ("POST /api/v1/projects".to_owned(), token.as_str(), format!("{{\"key\": \"{CANARY}\"}}")),
    ] {
        let answer = serving.request(&request, token, &body);
        assert!(answer.starts_with("HTTP/1.1 4"), "{request}: {answer}");
        assert!(!answer.contains(CANARY), "{answer}");
    }
    let printed = serving.printed();
    assert!(
        printed.contains("/oauth2/callback/{provider}"),
        "requests are logged by their template: {printed}"
    );
    assert!(!printed.contains("CANARY") && !printed.contains(&token), "{printed}");
}

#[test]
fn a_second_process_and_a_taken_port_are_sentences() {
    let serving = Serving::start();
    let told = failure(&serving.run(&["serve", "--listen", "0"]));
    assert!(told.contains("Another maildocket is running on"), "{told}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let other = tempfile::tempdir().unwrap();
    let told = failure(&maildocket(other.path(), &["serve", "--listen", &port]).output().unwrap());
    assert!(told.contains(&format!("Port {port} is taken")) && told.contains("--listen"), "{told}");
    let told = failure(&maildocket(other.path(), &["serve", "--listen", "0.0.0.0:0"]).output().unwrap());
    assert!(told.contains("https"), "{told}");
}

#[test]
fn tokens_are_made_and_revoked_through_the_running_process() {
    let serving = Serving::start();
    let made = serving.run(&["token", "create", "ci", "--role", "reader"]);
    assert!(made.status.success());
    let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let list = || serving.request("GET /api/v1/projects", &token, "");
    assert!(list().starts_with("HTTP/1.1 200"));
    let told = failure(&serving.run(&["token", "create", "CI"]));
    assert_eq!(
        told,
        "maildocket: Another one has this name already (name is taken; case and width make no difference). Choose another name.\n"
    );
    assert!(serving.run(&["token", "revoke", "ci"]).status.success());
    assert!(list().starts_with("HTTP/1.1 401"));
    assert!(failure(&serving.run(&["token", "revoke", "ci"])).contains("no token named ci"));
    assert!(!serving.printed().contains(&token));
    let doctor = serving.run(&["doctor"]);
    let told = String::from_utf8(doctor.stdout).unwrap();
    assert!(doctor.status.success() && told.contains("ok       store"), "{told}");
    // Whatever this machine's network is like: it is told in a sentence.
    let reached = told.lines().find(|line| line.contains("  accounts.google.com: ")).unwrap();
    let sentences = ["and its certificate is good.", "cannot be reached from here, because"];
    assert!(sentences.iter().any(|sentence| reached.contains(sentence)), "{told}");
}

#[test]
fn it_ends_when_asked_and_starts_again() {
    for signal in ["-TERM", "-INT"] {
        let mut serving = Serving::start();
        let begun = Instant::now();
        assert!(serving.end(signal).success(), "{}", serving.printed());
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert!(!serving.data("listen").exists() && !serving.data("control").exists());
        let offline = serving.run(&["token", "list"]);
        assert!(String::from_utf8(offline.stdout).unwrap().contains("administrator"));
    }
}

#[test]
fn parse_tells_what_handlers_say_of_each_mail() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (handlers, mail) = (path("handlers.json"), path("a.eml"));
    let from =
        "Authentication-Results: mx.example; dmarc=fail header.from=example.com\nFrom: a@example.com\n";
    fs::write(&mail, format!("{from}Subject: x\n\nhello\n")).unwrap();
    let list = r#"[{"name": "Forged", "when": {"sender_verdict": "fail"}, "then": [{"ignore": {}}]}]"#;
    fs::write(&handlers, list).unwrap();
    let trusted = ["--handlers", &handlers, "--trusted-authserv-id", "mx.example"];
    let whole = maildocket(folder.path(), &[&["parse"], &trusted[..], &[mail.as_str()]].concat());
    let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
    let told = json(&{ whole }.output().unwrap().stdout);
    assert_eq!((&told["subject"], &told["decision"]["wish"]), (&"x".into(), &"ignore".into()), "{told}");
    assert_eq!(told["decision"]["by"], "Forged");
    let why = maildocket(folder.path(), &[&["parse", "--why"], &trusted[..], &[mail.as_str()]].concat());
    let words = String::from_utf8({ why }.output().unwrap().stdout).unwrap();
    assert!(words.starts_with("It is a person's mail") && words.contains("\"Forged\" applies"), "{words}");

    let mut lines = maildocket(folder.path(), &[&["parse", "--jsonl"], &trusted[..2]].concat());
    let mut child = lines.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{{\"id\": 7, \"path\": {mail:?}}}").unwrap();
    let told = json(&child.wait_with_output().unwrap().stdout);
    assert_eq!(
        (&told["id"], &told["decision"]["wish"]),
        (&7.into(), &"unsaid".into()),
        "not trusted: {told}"
    );
    assert_eq!(told["trace"][1]["detail"], "\"Forged\" does not apply.");

    fs::write(&handlers, r#"[{"name": "x", "then": [{"ignored": {}}]}]"#).unwrap();
    let wrong = maildocket(folder.path(), &["parse", "--handlers", &handlers, &mail]).output().unwrap();
    assert!(failure(&wrong).contains("no list of handlers: /0/then/0 unknown variant `ignored`"));
}

#[test]
fn rules_are_tried_over_a_folder_and_the_exit_code_tells() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let put = |name: &str, text: &str| fs::write(path(name), text).unwrap();
    fs::create_dir(path("mails")).unwrap();
    let mail =
        |from: &str, subject: &str, more: &str| format!("From: {from}\nSubject: {subject}\n{more}\nHello\n");
    put("mails/1.eml", &mail("ann@a.example", "An invoice", "Message-ID: <1@a.example>\n"));
    put("mails/2.eml", &mail("bob@b.example", "Re: An invoice", "In-Reply-To: <1@a.example>\n"));
    put("mails/3.eml", &mail("cleo@c.example", "A lamp", ""));
    let bills =
        "- {name: Bills, when: {subject: invoice}, then: [{set: {project: BILL, labels: [money]}}]}\n";
    put("new.yaml", bills);
    put("old.yaml", "[]");
    let run = |arguments: &[&str]| {
        let mails = path("mails");
        let all = [&["rules", "test"], arguments, &[mails.as_str()]].concat();
        let output = maildocket(&data, &all).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();

    let (code, told, _) = run(&["--handlers", &path("new.yaml")]);
    assert_eq!(code, 1, "{told}");
    for part in [
        "1.eml \"An invoice\"",
        "project: PROJECT -> BILL",
        "issue.labels: [] -> [\"money\"]",
        "\"Bills\" applies",
        "3 mails: 1 the same, 2 different.",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!data.exists(), "nothing is made for a look");
    assert_eq!(run(&["--handlers", &path("new.yaml"), "--against", &path("new.yaml")]).0, 0);
    let (code, told, _) =
        run(&["--handlers", &path("new.yaml"), "--against", &path("old.yaml"), "--json", "--all"]);
    let told = json(&told);
    assert_eq!((code, &told["same"], &told["mails"]), (1, &1.into(), &3.into()), "{told}");
    let (first, second) = (&told["different"][0], &told["different"][1]);
    assert_eq!(
        (&first["message_id"], &first["after"]["decision"]),
        (&"1@a.example".into(), &"create".into())
    );
    assert_eq!((&second["after"]["comment_on"], &second["after"]["project"]), (&1.into(), &"BILL".into()));
    assert_eq!(told["unchanged"][0]["file"], "3.eml");

    put(
        "stored.yaml",
        &format!(
            "format: 1\nprojects: {{SUP: {{name: S}}, BILL: {{name: B}}}}\nmailboxes:\n  Support:\n    protocol: imap\n    host: imap.example.com\n    port: 993\n    tls: implicit\n    auth: {{method: password, username: support@example.org, password: {{file: password}}}}\n    project: SUP\n    enabled: false\n    handlers:\n    {}",
            bills.replace("money", "cash")
        ),
    );
    put("password", CANARY);
    let applied = maildocket(&data, &["apply", &path("stored.yaml")]).output().unwrap();
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    let (code, told, _) = run(&["--handlers", &path("new.yaml")]);
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("[\"cash\"] -> [\"money\"]") && told.contains("the stored rules of Support"),
        "{told}"
    );
    assert_eq!(run(&["--handlers", &path("stored.yaml"), "--mailbox", "Support"]).0, 0);

    put("mails/4.eml", "");
    for (arguments, part) in [
        (vec!["--handlers", "/nowhere/x.yaml"], "cannot be read"),
        (
            vec!["--handlers", &path("new.yaml"), "--mailbox", "Sales"],
            "has no mailbox Sales. There is: Support.",
        ),
        (vec!["--handlers", &path("new.yaml")], "4.eml is empty"),
        (vec!["--handler", &path("new.yaml")], "--handlers"),
    ] {
        let (code, out, err) = run(&arguments);
        assert!(code == 2 && err.contains(part), "{code} {out}{err}");
    }
}
