//! Rows about who may do what, and how it is told afterwards; and configuration as a file.

use std::{net::IpAddr, process::Command};

use reqwest::{Client, Method, Response, redirect::Policy};
use serde_json::{Value, json};
use tests::{
    Browser, Maildocket, Person, Servers, maildocket::TOKEN, maildocket::id, mails::mail, process::told,
};

/// What readers may call: everything else needs more.
const READERS: [(&str, &str); 10] = [
    ("get", "/projects"),
    ("get", "/projects/{key}"),
    ("get", "/issues"),
    ("get", "/issues/{key}"),
    ("get", "/issues/{key}/comments"),
    ("get", "/issues/{key}/texts/{text}"),
    ("get", "/issues/{key}/comments/{id}/texts/{text}"),
    ("get", "/issues/{key}/attachments"),
    ("get", "/attachments/{id}"),
    ("get", "/openapi.json"),
];
/// What agents may call besides.
const AGENTS: [(&str, &str); 3] =
    [("post", "/issues"), ("patch", "/issues/{key}"), ("post", "/issues/{key}/comments")];

/// Somebody with a client of their own.
struct Caller<'a> {
    docket: &'a Maildocket,
    http: Client,
    token: String,
}

impl<'a> Caller<'a> {
    fn new(docket: &'a Maildocket, token: &str) -> Self {
        let http = Client::builder().redirect(Policy::none()).no_proxy().user_agent(BROWSER).build().unwrap();
        Self { docket, http, token: token.to_owned() }
    }

    async fn status(&self, method: &str, path: &str) -> u16 {
        let method: Method = method.to_uppercase().parse().unwrap();
        let request = self.http.request(method.clone(), format!("{}/api/v1{path}", self.docket.api.base));
        let request = if self.token.is_empty() { request } else { request.bearer_auth(&self.token) };
        let request = if method == Method::GET {
            request
        } else {
            request.header("content-type", "application/json").body("{}")
        };
        request.send().await.unwrap().status().as_u16()
    }

    /// The sign-in form of the console, sent by our own page.
    async fn sign_in(&self, token: &str) -> Response {
        let base = &self.docket.api.base;
        let form = self.http.post(format!("{base}/sign-in")).header("origin", base);
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        form.body(format!("token={token}")).send().await.unwrap()
    }

    async fn with_cookie(&self, cookie: &str, path: &str) -> Response {
        let request = self.http.get(format!("{}{path}", self.docket.api.base)).header("cookie", cookie);
        request.send().await.unwrap()
    }
}

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async fn token(docket: &Maildocket, role: &str) -> String {
    let made = docket.api.post("/tokens", json!({ "name": format!("a {role}"), "role": role })).await;
    made["token"].as_str().unwrap().to_owned()
}

async fn entries(docket: &Maildocket, query: &str) -> Vec<Value> {
    docket.api.list(&format!("/audit?{query}")).await
}

fn is_here(entry: &Value) -> bool {
    let address = entry["from"]["address"].as_str().and_then(|address| address.parse::<IpAddr>().ok());
    address.is_some_and(|address| address.is_loopback())
}

#[tokio::test]
async fn row_04_only_administrators_manage_and_each_action_is_audited() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let nobody = Caller::new(&docket, "");
    let reader = Caller::new(&docket, &token(&docket, "reader").await);
    let agent = Caller::new(&docket, &token(&docket, "agent").await);
    let document = docket.api.get("/openapi.json").await;
    let mut calls = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let concrete = path.replace("{id}", "x").replace("{key}", "SUP-1");
            let call = (method.as_str(), path.as_str());
            assert_eq!(nobody.status(method, &concrete).await, 401, "nobody: {method} {path}");
            let (reads, acts) = (READERS.contains(&call), AGENTS.contains(&call));
            assert_eq!(reader.status(method, &concrete).await == 403, !reads, "reader: {method} {path}");
            assert_eq!(
                agent.status(method, &concrete).await == 403,
                !(reads || acts),
                "agent: {method} {path}"
            );
            calls += 1;
        }
    }
    assert!(calls >= 48, "the document was not walked: {calls}");

    let (integration, _) = docket.api.integration(servers).await;
    let reveal = format!("/integrations/{integration}/client-secret/reveal");
    let secret = docket.api.post(&reveal, json!({})).await["client_secret"].as_str().unwrap().to_owned();
    docket
        .api
        .call(Method::PATCH, &format!("/integrations/{integration}"), Some(json!({"description": "x"})))
        .await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "The lamp flickers", "", "It began yesterday."));
    let mailbox = docket.api.oauth_mailbox(servers, &integration).await;
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let person = Person::Agrees(&account.address);
    let (attempt, _) =
        docket.api.consent(&mut browser, &integration, json!({ "mailbox_id": mailbox }), person).await;
    docket.api.poll(&mailbox).await;
    let message = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    docket.api.bytes(&format!("/messages/{}/raw", id(&message[0]))).await;

    let told = |subject: &str| format!("subject={subject}");
    let of = async |subject: &str| -> Vec<String> {
        let found = entries(&docket, &told(subject)).await;
        found.iter().rev().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
    };
    let done = ["integration.created", "client_secret.revealed", "integration.changed"];
    assert_eq!(of(&integration).await, done);
    assert_eq!(of(&id(&message[0])).await, ["message.raw_read"]);
    assert_eq!(of(&mailbox).await[0], "mailbox.created");
    let consent = entries(&docket, &told(attempt["grant_id"].as_str().unwrap())).await;
    assert_eq!(consent[0]["action"], "grant.consented");
    assert_eq!(consent[0]["from"]["via"], "page", "{}", consent[0]);
    assert!(consent[0]["changes"].to_string().contains(&account.address), "{}", consent[0]);
    for entry in entries(&docket, "actor=Administrator").await {
        assert!(is_here(&entry), "{entry}");
        assert_eq!(entry["actor"]["role"], "administrator");
        assert!(!entry.to_string().contains(&secret), "{entry}");
    }
}

#[tokio::test]
async fn beyond_12_the_trail_tells_who_signed_in_from_where_and_sessions_can_be_ended() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let somebody = Caller::new(&docket, "");
    for _ in 0..3 {
        assert_eq!(somebody.sign_in("mdk_wrong").await.status().as_u16(), 401);
    }
    let refused = entries(&docket, "action=sign_in.refused").await;
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(is_here(&refused[0]), "{refused:?}");

    let person = docket.api.post("/tokens", json!({ "name": "Person", "role": "agent" })).await;
    let signed_in = somebody.sign_in(person["token"].as_str().unwrap()).await;
    assert_eq!(signed_in.status().as_u16(), 303);
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let created = entries(&docket, "action=session.created&actor=Person").await;
    assert!(is_here(&created[0]) && created[0]["from"]["via"] == "page", "{created:?}");

    let listed = docket.api.list("/sessions").await;
    assert_eq!(
        (&listed[0]["token_name"], &listed[0]["browser"]),
        (&json!("Person"), &json!("Firefox, Linux"))
    );
    assert!(listed[0]["network"].is_string(), "{listed:?}");
    assert_eq!(somebody.with_cookie(&cookie, "/api/v1/projects").await.status().as_u16(), 200);
    let session = format!("/sessions/{}", id(&listed[0]));
    docket.api.call(Method::DELETE, &session, None).await;
    assert_eq!(somebody.with_cookie(&cookie, "/api/v1/projects").await.status().as_u16(), 401);
    let revoked = entries(&docket, &format!("subject={}", id(&listed[0]))).await;
    assert_eq!(revoked[0]["action"], "session.revoked");

    let made = run(&docket, &["token", "create", "from a terminal", "--role", "reader"], &[]);
    assert_eq!(made.0, 0, "{}", made.1);
    let typed = entries(&docket, "action=token.created&actor=command%20line").await;
    assert_eq!(typed[0]["from"], json!({"via": "command_line", "address": null, "session_id": null}));
    let list = run(&docket, &["token", "list"], &[]);
    assert!(list.1.contains("from a terminal\treader\tdoes not end\tnever used"), "{}", list.1);
}

/// A command beside the running process: its exit code, and what it printed.
fn run(docket: &Maildocket, arguments: &[&str], variables: &[(&str, &str)]) -> (i32, String) {
    let output = Command::new(told("MAILDOCKET_TEST_BIN"))
        .args(arguments)
        .arg("--allow-private-network")
        .arg("--data-dir")
        .arg(docket.data_dir())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let both = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(both).unwrap())
}

#[tokio::test]
async fn beyond_11_configuration_is_exported_compared_and_applied_as_a_file() {
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "The lamp flickers", "", "It began yesterday."));
    let (_, client) = docket.api.integration(servers).await;
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    docket.api.poll(&mailbox).await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("maildocket.yaml");
    let path = file.to_str().unwrap();
    let (code, printed) = run(&docket, &["export", path], &[]);
    assert_eq!(code, 0, "{printed}");
    let exported = std::fs::read_to_string(&file).unwrap();
    assert!(
        exported.contains("client_secret: stored") && exported.contains("password: stored"),
        "{exported}"
    );
    for absent in [client.secret.as_str(), tests::dovecot::PASSWORD, mailbox.as_str(), TOKEN] {
        assert!(!exported.contains(absent), "{absent} is in {exported}");
    }
    let (code, printed) = run(&docket, &["apply", "--dry-run", path], &[]);
    assert_eq!((code, printed.as_str()), (0, "Nothing changes: everything is as the file says.\n"));

    let made = docket.api.get(&format!("/mailboxes/{mailbox}")).await;
    let name = made["name"].as_str().unwrap();
    let changed = exported.replace("poll_interval_seconds: 60", "poll_interval_seconds: 120");
    std::fs::write(&file, &changed).unwrap();
    let (code, printed) = run(&docket, &["apply", "--dry-run", path], &[]);
    let wanted =
        format!("~ mailbox {name}\n    poll_interval_seconds: 60 -> 120\n\n1 change would be made.\n");
    assert_eq!((code, printed), (3, wanted));
    assert_eq!(docket.api.get(&format!("/mailboxes/{mailbox}")).await["poll_interval_seconds"], 60);
    assert_eq!(run(&docket, &["apply", path], &[]).0, 0);
    assert_eq!(docket.api.get(&format!("/mailboxes/{mailbox}")).await["poll_interval_seconds"], 120);
    let audit = entries(&docket, &format!("subject={mailbox}&action=mailbox.changed")).await;
    assert_eq!(audit[0]["from"]["via"], "command_line");

    std::fs::write(&file, changed.replace("folder: INBOX", "folder: Archive")).unwrap();
    let (code, printed) = run(&docket, &["apply", path], &[]);
    assert_eq!(code, 1, "{printed}");
    assert!(
        printed.contains(&format!("mailboxes.\"{name}\": It is polled, and its folder would change.")),
        "{printed}"
    );

    // Another installation, without a running process: the same file makes the same.
    docket.stop();
    let (_, same) = run(&docket, &["export"], &[]);
    assert_eq!(same, changed);
    let elsewhere = folder.path().join("elsewhere");
    let there = ["--data-dir", elsewhere.to_str().unwrap(), "--allow-private-network"];
    let program = told("MAILDOCKET_TEST_BIN");
    let command = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        let output = command.args(arguments).args(there).env("SECRET", &client.secret).output().unwrap();
        let both = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(both).unwrap())
    };
    std::fs::write(folder.path().join("password"), tests::dovecot::PASSWORD).unwrap();
    std::fs::write(&file, &changed).unwrap();
    let (code, printed) = command(&["apply", path]);
    assert_eq!(code, 1);
    assert!(printed.contains("client_secret: is required, because nothing is stored yet"), "{printed}");
    let filled = changed.replace("client_secret: stored", "client_secret: {env: SECRET}");
    std::fs::write(&file, filled.replace("password: stored", "password: {file: password}")).unwrap();
    let (code, printed) = command(&["apply", path]);
    assert_eq!(code, 0, "{printed}");
    assert!(!printed.contains(&client.secret) && printed.contains("client_secret: ••••"), "{printed}");
    assert_eq!(command(&["export"]).1, changed);
    assert_eq!(command(&["apply", path]).1, "Nothing changes: everything is as the file says.\n");
}

#[test]
fn beyond_12_no_code_of_the_store_changes_or_deletes_an_entry() {
    let folder = crate::workspace::root().join("shared/store/src");
    let mut files = Vec::new();
    crate::workspace::sources(&folder, &mut files);
    let names_the_partition = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let production = text.split("#[cfg(test)]").next().unwrap().to_owned();
        production.contains("audit_month") || production.contains("AUDIT#")
    };
    let mut named: Vec<_> = files
        .iter()
        .filter(|path| !path.ends_with("tests.rs") && names_the_partition(path))
        .map(|path| path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned())
        .collect();
    named.sort();
    assert_eq!(named, ["changes/mod.rs", "keys.rs", "read/audit.rs"], "who else knows where entries lie?");
    let changes = std::fs::read_to_string(folder.join("changes/mod.rs")).unwrap();
    assert_eq!(changes.matches("audit_month").count(), 1, "entries are added in one place");
    let adds = changes.split("fn audit(").nth(1).unwrap().split("\n    }").next().unwrap();
    assert!(adds.contains("Verb::Put") && adds.contains("Condition::Absent"), "{adds}");
    let reads = std::fs::read_to_string(folder.join("read/audit.rs")).unwrap();
    for verb in
        [".put_item", ".update_item", ".delete_item", "self.update(", "self.delete(", "transact_write"]
    {
        assert!(!reads.contains(verb), "{verb}");
    }
}
