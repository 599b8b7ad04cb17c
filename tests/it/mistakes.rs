//! Usual mistakes of administrators, made against real servers. Each is told in one sentence that is graded by three points:
//! it says what happened, where, and what to do.

use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Api, Browser, Maildocket, Person, Servers, dovecot::PASSWORD, process::told};

/// A mistake, and what its sentence must hold for each of the three points.
struct Mistake {
    name: &'static str,
    what: &'static str,
    place: String,
    action: &'static str,
}

fn mistake(
    name: &'static str,
    what: &'static str,
    place: impl Into<String>,
    action: &'static str,
) -> Mistake {
    Mistake { name, what, place: place.into(), action }
}

/// The sentences that were told, and how they are graded.
#[derive(Default)]
struct Grades(Vec<String>);

impl Grades {
    fn grade(&mut self, of: &Mistake, sentence: &str) {
        let points = [of.what, &of.place, of.action].map(|part| sentence.contains(part));
        let sum = points.iter().filter(|point| **point).count();
        println!("{sum} of 3  {}: {sentence}", of.name);
        if sum < 3 {
            self.0.push(format!("{} (what, where, action: {points:?}): {sentence}", of.name));
        }
    }

    fn are_full(self) {
        assert!(self.0.is_empty(), "{:#?}", self.0);
    }
}

/// A mailbox that is set up like this, tried out: the sentence of its test.
async fn tried(api: &Api, name: &str, input: Value) -> String {
    let mut mailbox = json!({ "name": name, "folder": "INBOX", "project": "SUP" });
    mailbox.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
    let (status, made) = api.attempt(Method::POST, "/mailboxes", Some(mailbox)).await;
    if !status.is_success() {
        return made["detail"].as_str().unwrap().to_owned();
    }
    let report = api.post(&format!("/mailboxes/{}/test", made["id"].as_str().unwrap()), json!({})).await;
    assert_eq!(report["ok"], false, "{name}: {report}");
    let failed = report["steps"].as_array().unwrap().iter().find(|step| step["status"] == "failed").unwrap();
    format!("{} {}", failed["detail"].as_str().unwrap(), failed["action"].as_str().unwrap())
}

#[tokio::test]
async fn with_mail_servers() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    let d = &servers.dovecot;
    let web = servers.authority.issuer.port().unwrap();
    let good = json!({ "method": "password", "username": account.address, "password": PASSWORD });
    let bad = json!({ "method": "password", "username": account.address, "password": "wrong" });
    let server = |protocol: &str, host: &str, port: u16, tls: &str, auth: &Value| json!({ "protocol": protocol, "host": host, "port": port, "tls": tls, "auth": auth });
    let here = |port: u16| format!("localhost:{port}");
    let imap = |port, tls| server("imap", "localhost", port, tls, &good);
    let pop3 = |port, tls| server("pop3", "localhost", port, tls, &good);
    let mut folder = imap(d.imaps, "implicit");
    folder["folder"] = json!("Support");
    let cases = [
        (
            mistake(
                "a wrong password",
                "refuses the sign-in",
                here(d.imaps),
                "Check the user name, the password",
            ),
            server("imap", "localhost", d.imaps, "implicit", &bad),
        ),
        (
            mistake("a mistyped host", "does not resolve", "imap.nowhere.invalid", "Check the host"),
            server("imap", "imap.nowhere.invalid", 993, "implicit", &good),
        ),
        (mistake("a closed port", "connection refused", here(1), "Check host and port"), imap(1, "implicit")),
        (
            mistake("TLS on a port of STARTTLS", "does not begin with TLS", here(d.imap), "Choose STARTTLS"),
            imap(d.imap, "implicit"),
        ),
        (
            mistake("STARTTLS on a port of TLS", "says nothing", here(d.imaps), "implicit TLS (993, 995)"),
            imap(d.imaps, "starttls"),
        ),
        (
            mistake("IMAP on a port of POP3", "A POP3 server answers", here(d.pop3s), "Choose POP3"),
            imap(d.pop3s, "implicit"),
        ),
        (
            mistake(
                "IMAP on a port of POP3 with STARTTLS",
                "A POP3 server answers",
                here(d.pop3),
                "Choose POP3",
            ),
            imap(d.pop3, "starttls"),
        ),
        (
            mistake("POP3 on a port of IMAP", "An IMAP server answers", here(d.imaps), "Choose IMAP"),
            pop3(d.imaps, "implicit"),
        ),
        (
            mistake(
                "POP3 on a port of IMAP with STARTTLS",
                "An IMAP server answers",
                here(d.imap),
                "Choose IMAP",
            ),
            pop3(d.imap, "starttls"),
        ),
        (mistake("a web server", "says nothing", here(web), "Check host and port"), imap(web, "implicit")),
        (mistake("a missing folder", "folder does not exist", "There are: INBOX", "Check its name"), folder),
        (
            mistake("a URL for a host", "is not a host name", "/host", "such as imap.example.com"),
            server("imap", "https://imap.example.com", 993, "implicit", &good),
        ),
        (
            mistake("a project that is not there", "no such project", "/project", "there is no"),
            json!({ "project": "NONE", "protocol": "imap", "host": "imap.example.com", "port": 993, "tls": "implicit", "auth": good }),
        ),
    ];
    let mut grades = Grades::default();
    for (n, (of, input)) in cases.into_iter().enumerate() {
        grades.grade(&of, &tried(&docket.api, &format!("M{n}"), input).await);
    }
    grades.are_full();
}

#[tokio::test]
async fn with_providers() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let integration = |provider: &str, client_id: &str, issuer: Option<&str>| {
        let mut input = json!({ "provider": provider, "name": format!("{provider} {client_id}"), "client_id": client_id, "client_secret": "x" });
        if let Some(issuer) = issuer {
            input["issuer"] = json!(issuer);
        }
        input
    };
    let placeholder = |name| {
        mistake(
            name,
            "is what a guide has in its place",
            "/client_id",
            "copy the client ID from the provider",
        )
    };
    let refused = [
        (placeholder("dots for a client ID"), integration("google", "…", None)),
        (placeholder("an example's client ID"), integration("microsoft", "YOUR_CLIENT_ID", None)),
        (
            mistake("a mistyped issuer", "does not resolve", "nowhere.invalid", "/issuer"),
            integration("custom", "a", Some("https://nowhere.invalid")),
        ),
        (
            mistake("an issuer in clear text", "must begin with https", "/issuer", "https://"),
            integration("custom", "a", Some("http://id.example.com")),
        ),
        (
            mistake("an issuer that does not answer", "does not answer", "localhost", "type both endpoints"),
            integration("custom", "a", Some("https://localhost:1")),
        ),
    ];
    let mut grades = Grades::default();
    for (of, input) in refused {
        let (status, answer) = docket.api.attempt(Method::POST, "/integrations", Some(input)).await;
        assert!(!status.is_success(), "{}: {answer}", of.name);
        grades.grade(&of, answer["detail"].as_str().unwrap());
    }
    let warned = [
        (
            mistake("an address for Google's client ID", "does not look like", "Google", "Copy it from"),
            integration("google", "support@example.com", None),
        ),
        (
            mistake(
                "an address for Microsoft's client ID",
                "does not look like",
                "Microsoft",
                "Copy the application",
            ),
            integration("microsoft", "support@example.com", None),
        ),
    ];
    for (of, input) in warned {
        let made = docket.api.post("/integrations", input).await;
        let warning = &made["warnings"][0];
        grades.grade(&of, warning["message"].as_str().unwrap());
    }
    grades.are_full();
}

#[tokio::test]
async fn with_consents() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let (account, other) = (servers.dovecot.account(), servers.dovecot.account());
    let (integration, client) = docket.api.integration(servers).await;
    let mailbox = docket.api.oauth_mailbox(servers, &integration).await;
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let input = json!({ "mailbox_id": mailbox });
    let (done, _) =
        docket.api.consent(&mut browser, &integration, input.clone(), Person::Agrees(&account.address)).await;
    assert_eq!(done["status"], "done", "{done}");
    docket.api.poll(&mailbox).await;
    let mut grades = Grades::default();
    let sentence = |attempt: &Value| {
        let part = |name: &str| attempt["error"][name].as_str().unwrap_or_default().to_owned();
        format!("{} {}", part("message"), part("action"))
    };
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let (wrong, _) =
        docket.api.consent(&mut browser, &integration, input, Person::Agrees(&other.address)).await;
    let both = sentence(&wrong);
    assert!(both.contains(&other.address), "{both}");
    grades.grade(
        &mistake("another account's consent", "You signed in as", account.address.clone(), "Sign in as"),
        &both,
    );
    let changed = json!({ "client_secret": "another-secret-than-the-provider's" });
    docket.api.call(Method::PATCH, &format!("/integrations/{integration}"), Some(changed)).await;
    let report = docket.api.post(&format!("/integrations/{integration}/test"), json!({})).await;
    let host = servers.authority.issuer.host_str().unwrap();
    let told = report["summary"].as_str().unwrap();
    grades.grade(&mistake("another client secret", "refuses the client", host, "Enter the current"), told);
    assert!(!told.contains(&client.secret), "{told}");
    grades.are_full();
}

/// What is typed at a terminal, in an installation that knows nothing of the tests' authority and network.
#[tokio::test]
async fn with_one_s_own_network() {
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    docket.stop();
    let typed = |words: &[&str], private: &str| {
        let mut command = Command::new(told("MAILDOCKET_TEST_BIN"));
        command.args(words).env("MAILDOCKET_DATA_DIR", docket.data_dir());
        let output = command.env("MAILDOCKET_ALLOW_PRIVATE_NETWORK", private).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let imaps = format!("localhost:{}", servers.dovecot.imaps);
    let issuer = servers.authority.issuer.as_str();
    let custom = ["redirect-url", "custom", "--issuer", issuer];
    let test = ["mailbox", "test", &mailbox];
    let mut grades = Grades::default();
    for (of, words, private) in [
        (
            mistake("an authority of one's own", "does not trust", imaps.as_str(), "--extra-ca-file"),
            &test[..],
            "true",
        ),
        (
            mistake("a private mail server", "not a public one", imaps.as_str(), "--allow-private-network"),
            &test,
            "false",
        ),
        (
            mistake(
                "a provider with an authority of one's own",
                "not signed by an authority",
                "localhost",
                "--extra-ca-file",
            ),
            &custom,
            "true",
        ),
        (mistake("a private provider", "is private", "/issuer", "--allow-private-network"), &custom, "false"),
        (
            mistake(
                "listening on the network in clear text",
                "lets other machines in",
                "0.0.0.0:",
                "--base-url https://",
            ),
            &["serve", "--listen", "0.0.0.0:0"],
            "false",
        ),
        (
            mistake(
                "a base URL in clear text",
                "must begin with https",
                "http://mail.example.com",
                "https:// (http:// only for localhost)",
            ),
            &["serve", "--base-url", "http://mail.example.com"],
            "false",
        ),
    ] {
        grades.grade(&of, &typed(words, private));
    }
    grades.are_full();
}
