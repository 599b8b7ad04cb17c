//! The program itself, as its users run it, and its API.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    authority::{MAIL_SCOPE, OAuthClient},
    browser::{Browser, Page, Person},
    dovecot::{Account, PASSWORD},
    process::{memory, told, until},
    servers::{Servers, http},
};

/// The administrator's token of every test.
pub const TOKEN: &str = "an-administrator-of-the-tests-0123456789";
/// The project of every test.
pub const PROJECT: &str = "SUP";

/// A running `maildocket serve` and its data.
pub struct Maildocket {
    folder: TempDir,
    /// The roots that it trusts besides.
    pub ca_file: PathBuf,
    process: Option<Child>,
    environment: Vec<(&'static str, String)>,
    /// Its API.
    pub api: Api,
}

impl Maildocket {
    /// Starts it over an empty data folder, with the tests' certificate authority and private networks allowed.
    pub async fn start(servers: &Servers) -> Self {
        let me = Self::start_empty(servers).await;
        me.api.post("/projects", json!({ "key": PROJECT, "name": "Support" })).await;
        me
    }

    /// The same without a project.
    pub async fn start_empty(servers: &Servers) -> Self {
        Self::start_in(empty_folder(), servers).await
    }

    /// The same over what lies in `data` of this folder.
    pub async fn start_in(folder: TempDir, servers: &Servers) -> Self {
        let api = Api::new("", &servers.identity.ca_pem);
        let mut me =
            Self { folder, ca_file: servers.ca_file.clone(), process: None, environment: Vec::new(), api };
        me.start_again().await;
        me
    }

    /// Starts it over the same data; the port may be another one, and the base URL stays `localhost`'s.
    pub async fn start_again(&mut self) {
        let log = File::options().create(true).append(true).open(self.log_file()).expect("a log file");
        let program = told("MAILDOCKET_TEST_BIN");
        // The port is kept over restarts: the base URL, and with it every redirect URL, depends on it.
        let port = self.api.base.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(0u16);
        let child = Command::new(program)
            .args(["serve", "--allow-private-network", "--listen", &port.to_string()])
            .arg("--data-dir")
            .arg(self.data_dir())
            .arg("--extra-ca-file")
            .arg(&self.ca_file)
            .env("MAILDOCKET_ADMIN_TOKEN", TOKEN)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log file"))
            .stderr(log)
            .spawn()
            .expect("maildocket starts");
        self.process = Some(child);
        let listen = self.data_dir().join("listen");
        let address = until("maildocket's start", async || {
            let text = fs::read_to_string(&listen).ok()?;
            let port = text.trim().rsplit(':').next()?.to_owned();
            let health = self.api.http.get(format!("http://localhost:{port}/healthz")).send().await;
            health.is_ok_and(|answer| answer.status().is_success()).then_some(port)
        });
        self.api.base = format!("http://localhost:{}", address.await);
    }

    /// Ends it, and starts it with these settings besides.
    pub async fn restart_with(&mut self, settings: &[(&'static str, String)]) {
        self.stop();
        self.environment.extend_from_slice(settings);
        self.start_again().await;
    }

    /// Ends it without a warning.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("a process to kill");
            process.wait().expect("its end");
            // What a killed process leaves behind must not be taken for its successor.
            let _ = fs::remove_file(self.data_dir().join("listen"));
        }
    }

    /// Asks it to end, and waits.
    pub fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let asked = Command::new("kill").arg(process.id().to_string()).status().expect("kill");
        assert!(asked.success(), "it was not running");
        let status = process.wait().expect("its end");
        assert!(status.success(), "it ended with {status}: {}", self.log());
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("a running process").id()
    }

    /// Where its data lie.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// All that it has printed.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The most memory that the process has had, in bytes.
    pub fn peak_memory(&self) -> u64 {
        memory(self.pid(), "VmHWM:")
    }

    /// The memory that it has now, in bytes.
    pub fn memory(&self) -> u64 {
        memory(self.pid(), "VmRSS:")
    }

    /// What of it is code and other files, in bytes.
    pub fn code_in_memory(&self) -> u64 {
        memory(self.pid(), "RssFile:")
    }

    /// Forgets the peak, so that the next one is told from here.
    pub fn forget_peak(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.pid()), "5").expect("a peak that can be forgotten");
    }
}

impl Drop for Maildocket {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("maildocket said:\n{}", self.log());
        }
        self.kill();
    }
}

/// The API of a running process, called as the administrator.
#[derive(Clone)]
pub struct Api {
    /// Scheme, host and port.
    pub base: String,
    http: Client,
    /// As whom.
    token: String,
    /// What is asked for by `Accept-Language`.
    language: Option<&'static str>,
}

impl Api {
    /// The API at this base URL.
    pub fn new(base_url: &str, ca_pem: &str) -> Self {
        Self { base: base_url.to_owned(), http: http(ca_pem), token: TOKEN.to_owned(), language: None }
    }

    /// The same with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// The same, for a caller who reads this language.
    pub fn in_language(&self, language: &'static str) -> Self {
        Self { language: Some(language), ..self.clone() }
    }

    /// Makes a call and expects success; the answer's body.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, value) = self.attempt(method.clone(), path, body).await;
        assert!(status.is_success(), "{method} {path}: {status} {value}");
        value
    }

    /// Makes a call; its status, and its body.
    pub async fn attempt(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request =
            self.http.request(method, format!("{}/api/v1{path}", self.base)).bearer_auth(&self.token);
        if let Some(language) = self.language {
            request = request.header("accept-language", language);
        }
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let bytes = answer.bytes().await.expect("a whole answer");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Makes a `POST` that the process may not live to answer.
    pub async fn ask(&self, path: &str) {
        let request = self.http.post(format!("{}/api/v1{path}", self.base)).bearer_auth(&self.token);
        // Whatever comes of it: the test looks at what is there afterwards.
        let _ = request.send().await;
    }

    /// The same with a body.
    pub async fn try_post(&self, path: &str, body: Value) {
        let request = self.http.post(format!("{}/api/v1{path}", self.base)).bearer_auth(&self.token);
        let request = request.header("content-type", "application/json").body(body.to_string());
        // As above.
        let _ = request.send().await;
    }

    /// `GET`, and expects success.
    pub async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await
    }

    /// The bytes of a `GET`.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let request = self.http.get(format!("{}/api/v1{path}", self.base)).bearer_auth(&self.token);
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "GET {path}: {}", answer.status());
        answer.bytes().await.expect("a whole answer").to_vec()
    }

    /// `POST`, and expects success.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Where a `GET` leads to.
    pub async fn location(&self, path: &str) -> String {
        let request = self.http.get(format!("{}/api/v1{path}", self.base)).bearer_auth(&self.token);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 303, "GET {path}");
        let location = answer.headers().get("location").expect("a location");
        location.to_str().expect("a URL").to_owned()
    }

    /// The bytes at another address, asked for without our token.
    pub async fn fetch(&self, url: &str) -> Vec<u8> {
        let answer = self.http.get(url).send().await.expect("an answer");
        assert!(answer.status().is_success(), "GET {url}: {}", answer.status());
        answer.bytes().await.expect("a whole answer").to_vec()
    }

    /// All items of a list, page by page.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let join = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{join}limit=200{cursor}")).await;
            items.extend(page["items"].as_array().expect("a list").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// A Custom integration at the OAuth server, registered there; its id and its client.
    pub async fn integration(&self, servers: &Servers) -> (String, OAuthClient) {
        self.integration_at(servers, servers.authority.issuer.as_str().trim_end_matches('/'), true).await
    }

    /// The same with this issuer; its endpoints are typed, or left to be discovered.
    pub async fn integration_at(
        &self,
        servers: &Servers,
        issuer: &str,
        typed: bool,
    ) -> (String, OAuthClient) {
        self.register(servers, &format!("The tests' provider {typed}"), issuer, typed).await
    }

    /// The same under this name: those of an installation are unique.
    pub async fn integration_named(&self, servers: &Servers, name: &str) -> (String, OAuthClient) {
        self.register(servers, name, servers.authority.issuer.as_str().trim_end_matches('/'), true).await
    }

    async fn register(
        &self,
        servers: &Servers,
        name: &str,
        issuer: &str,
        typed: bool,
    ) -> (String, OAuthClient) {
        let authority = &servers.authority;
        let mut place = json!({ "provider": "custom", "issuer": issuer });
        if typed {
            place["authorization_endpoint"] = json!(authority.url("/auth"));
            place["token_endpoint"] = json!(authority.url("/token"));
        }
        let redirect = self.post("/redirect-urls", place.clone()).await;
        let client = authority.register(redirect["redirect_url"].as_str().expect("a URL")).await;
        let mut input = place;
        input["name"] = json!(name);
        input["client_id"] = json!(client.id);
        input["client_secret"] = json!(client.secret);
        input["scopes"] = json!(["openid", "email", "offline_access", MAIL_SCOPE]);
        let made = self.post("/integrations", input).await;
        (id(&made), client)
    }

    /// A mailbox that waits for consent under the integration; it imports everything.
    pub async fn oauth_mailbox(&self, servers: &Servers, integration: &str) -> String {
        self.mailbox(servers.dovecot.imaps, json!({ "method": "oauth2", "integration_id": integration }))
            .await
    }

    /// A mailbox that signs in by password; it imports everything.
    pub async fn password_mailbox(&self, servers: &Servers, account: &Account) -> String {
        self.mailbox(servers.dovecot.imaps, password(account)).await
    }

    /// A mailbox behind this port of `localhost`.
    pub async fn mailbox(&self, port: u16, auth: Value) -> String {
        self.mailbox_by("imap", port, "implicit", auth).await
    }

    /// The same, by this protocol and kind of TLS.
    pub async fn mailbox_by(&self, protocol: &str, port: u16, tls: &str, auth: Value) -> String {
        // Names are unique: with a password, there may be many mailboxes behind one port.
        let who = auth["username"].as_str().unwrap_or("account");
        let input = json!({
            "name": format!("Support {port} {tls} {who}"), "protocol": protocol, "host": "localhost", "port": port,
            "tls": tls, "auth": auth, "start": { "mode": "all" }, "project": PROJECT,
        });
        id(&self.post("/mailboxes", input).await)
    }

    /// Goes through the provider's pages as this person; the attempt afterwards, and where the person ended up.
    pub async fn consent(
        &self,
        browser: &mut Browser,
        integration: &str,
        input: Value,
        person: Person<'_>,
    ) -> (Value, Page) {
        let begun = self.post(&format!("/integrations/{integration}/authorizations"), input).await;
        let start = begun["start_url"].as_str().expect("a URL");
        let page = browser.walk(start, person, None).await;
        (self.get(&format!("/authorizations/{}", id(&begun))).await, page)
    }

    /// Polls until nothing is left; the sum of the reports.
    pub async fn poll(&self, mailbox: &str) -> Value {
        let mut sum = json!({});
        loop {
            let report = self.post(&format!("/mailboxes/{mailbox}/poll"), json!({})).await;
            for name in ["fetched", "created", "commented", "skipped", "held", "failed"] {
                let before = sum[name].as_u64().unwrap_or(0);
                sum[name] = json!(before + report[name].as_u64().expect("a number"));
            }
            if report["more"] == false {
                return sum;
            }
        }
    }

    /// All issues of the project.
    pub async fn issues(&self) -> Vec<Value> {
        self.list(&format!("/issues?project={PROJECT}")).await
    }
}

/// Where a test's installation may lie.
pub fn empty_folder() -> TempDir {
    tempfile::Builder::new().prefix("maildocket-test-").tempdir().expect("a folder")
}

/// How an account signs in by password.
pub fn password(account: &Account) -> Value {
    json!({ "method": "password", "username": account.address, "password": PASSWORD })
}

/// The id of an object.
pub fn id(object: &Value) -> String {
    object["id"].as_str().unwrap_or_else(|| panic!("no id in {object}")).to_owned()
}
