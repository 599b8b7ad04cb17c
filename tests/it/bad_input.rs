//! What people type wrongly, and what the outside does wrongly, as the API tells it: a stable code, and a sentence that
//! says what to do.

use std::time::Duration;

use intake::{flows::tokens, types::ids::IntegrationId};
use mail_source::{MailServers, SourceConfig, TimeLimits};
use oauth_provider::{HttpProvider, ProviderConfig};
use playground::{Answer, Endpoint, MailFault, Options, Playground, Step};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tests::{Inside, inside::PROJECT};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long the outside may be silent in these tests.
const PATIENCE: Duration = Duration::from_millis(700);

/// An installation with short patience, its API, and what is outside.
struct Scene {
    inside: Inside,
    playground: Playground,
    base: String,
    token: String,
    client: reqwest::Client,
    _stop: DropGuard,
}

/// An answer of the API.
struct Reply {
    status: u16,
    body: Value,
}

impl Reply {
    /// Checks that it is a problem document with this code and a sentence.
    #[track_caller]
    fn is_problem(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status, self.text("/code")), (status, code), "{}", self.body);
        says_what_to_do(self.text("/detail"));
        self
    }

    /// Checks that the test failed at this step with this code, and that its summary is worth reading.
    #[track_caller]
    fn failed_at(&self, step: &str, code: &str) -> &Self {
        assert_eq!((self.status, &self.body["ok"]), (200, &json!(false)), "{}", self.body);
        let steps = self.body["steps"].as_array().expect("steps");
        let failed = steps.iter().find(|step| step["status"] == "failed").expect("a failed step");
        assert_eq!((&failed["name"], &failed["code"]), (&json!(step), &json!(code)), "{}", self.body);
        says_what_to_do(self.text("/summary"));
        let after = steps.iter().skip_while(|step| step["status"] != "failed").skip(1);
        assert!(after.clone().all(|step| step["status"] == "skipped"), "{}", self.body);
        self
    }

    #[track_caller]
    fn text(&self, pointer: &str) -> &str {
        let value = self.body.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("no {pointer} in {}", self.body))
    }
}

/// Two sentences at least: what happened, and what to do.
#[track_caller]
fn says_what_to_do(text: &str) {
    let sentences = text.matches(". ").count() + usize::from(text.ends_with('.'));
    assert!(sentences >= 2 && text.starts_with(char::is_uppercase), "{text}");
}

impl Scene {
    async fn new() -> Self {
        let playground = Playground::start(Options::default()).await.expect("a playground");
        let trusted = playground.ca_pem().to_owned();
        Self::trusting(playground, &trusted).await
    }

    /// Trusts this certificate authority, which may be another than the playground's.
    async fn trusting(playground: Playground, ca_pem: &str) -> Self {
        let mut inside = Inside::new(ca_pem).await;
        let gate = machine::gate(inside.app.settings.addresses);
        let mut provider = ProviderConfig::new(gate.clone(), Some(ca_pem.as_bytes().to_vec()));
        provider.total_time = PATIENCE;
        inside.app.oauth = std::sync::Arc::new(HttpProvider::new(provider).expect("a provider client"));
        let mut source = SourceConfig::new(gate, mail_source::certificates(ca_pem).expect("roots"));
        source.limits = TimeLimits { handshake: PATIENCE, sign_in: PATIENCE, ..TimeLimits::default() };
        inside.app.mail = std::sync::Arc::new(MailServers::new(source));
        let token = tokens::ensure_admin_token(&inside.app, None).await.expect("a store").expect("a token");

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let settings = web::WebSettings { listen: vec![address], ..web::WebSettings::default() };
        let stop = CancellationToken::new();
        let serving =
            web::serve(listener, web::router(inside.app.clone(), settings), stop.clone().cancelled_owned());
        tokio::spawn(serving);
        Self {
            inside,
            playground,
            base: format!("http://{address}/api/v1"),
            token: token.expose_secret().to_owned(),
            client: reqwest::Client::builder().no_proxy().build().expect("a client"),
            _stop: stop.drop_guard(),
        }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let mut request =
            self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a whole answer");
        Reply { status, body: serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text}")) }
    }

    async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    async fn post(&self, path: &str) -> Reply {
        self.call(Method::POST, path, None).await
    }

    /// An integration and an account that has consented for a mailbox; their paths.
    async fn connected(&self) -> (IntegrationId, String, String) {
        let integration = self.inside.integration(&self.playground).await;
        let mailbox = self.inside.mailbox(&self.playground, integration).await;
        let input =
            intake::flows::authorize::AuthorizationInput { mailbox_id: Some(mailbox), ..Default::default() };
        let grant = self.inside.consent(&self.playground, integration, input).await.expect("consent");
        (integration, format!("/grants/{grant}"), format!("/mailboxes/{mailbox}"))
    }

    /// A password mailbox at this host and port; its path.
    async fn password_mailbox(&self, host: &str, port: u16, tls: &str) -> String {
        let body = json!({"name": format!("{host} {port} {tls}"), "protocol": "imap", "host": host,
            "port": port, "tls": tls, "project": PROJECT,
            "auth": {"method": "password", "username": "support@example.test", "password": "wrong"}});
        let made = self.call(Method::POST, "/mailboxes", Some(body)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        format!("/mailboxes/{}", made.text("/id"))
    }

    /// The test, the poll and the state of a mailbox all tell the same.
    async fn tells(&self, mailbox: &str, step: &str, status: u16, code: &str) {
        self.post(&format!("{mailbox}/test")).await.failed_at(step, code);
        self.post(&format!("{mailbox}/poll")).await.is_problem(status, code);
        let state = self.get(mailbox).await;
        assert_eq!(state.text("/state/last_error/code"), code);
        assert!(!state.text("/state/last_error/message").is_empty());
        let wanted = if status == 503 { "failing" } else { "needs_attention" };
        assert_eq!(state.text("/state/status"), wanted, "{}", state.body);
    }
}

/// What a provider may answer at its token endpoint, and what we say to it.
fn token_answers() -> [(Answer, u16, &'static str, &'static str); 7] {
    [
        (Answer::html(), 409, "not_a_token_endpoint", "Check the token endpoint"),
        (Answer::oversized(), 409, "not_a_token_endpoint", "more than 64 KiB came back"),
        (
            Answer::redirect("https://elsewhere.example/"),
            409,
            "not_a_token_endpoint",
            "Check the token endpoint",
        ),
        (Answer::never(), 503, "provider_unavailable", "no answer in time"),
        (Answer::dropped(), 503, "provider_unavailable", "the connection broke"),
        (Answer::busy(7), 503, "provider_unavailable", "Try again"),
        (Answer::oauth_error("invalid_client", "x"), 409, "client_refused", "Enter the current values"),
    ]
}

#[tokio::test]
async fn a_provider_that_talks_nonsense_is_told_by_the_test_of_the_integration() {
    let scene = Scene::new().await;
    let integration = scene.inside.integration(&scene.playground).await;
    for (answer, _, code, sentence) in token_answers() {
        scene.playground.script().answer_next(Endpoint::Token, 1, &answer);
        let test = scene.post(&format!("/integrations/{integration}/test")).await;
        let step = if code == "client_refused" { "client" } else { "token_endpoint" };
        assert!(test.failed_at(step, code).text("/summary").contains(sentence), "{}", test.body);
    }
    let test = scene.post(&format!("/integrations/{integration}/test")).await;
    assert_eq!(test.body["ok"], true, "{}", test.body);
}

#[tokio::test]
async fn a_provider_that_talks_nonsense_does_not_end_a_grant() {
    let scene = Scene::new().await;
    let (_, grant, _) = scene.connected().await;
    for (answer, status, code, sentence) in token_answers() {
        scene.playground.script().answer_next(Endpoint::Token, 1, &answer);
        let refresh = scene.post(&format!("{grant}/refresh")).await;
        assert!(refresh.is_problem(status, code).text("/detail").contains(sentence), "{}", refresh.body);
        let state = scene.get(&grant).await;
        assert_eq!((state.text("/status"), state.text("/last_error/code")), ("failing", code));
    }
    let refreshed = scene.post(&format!("{grant}/refresh")).await;
    assert_eq!((refreshed.status, refreshed.text("/status")), (200, "active"), "{}", refreshed.body);
}

#[tokio::test]
async fn a_consent_that_the_provider_answers_with_nonsense_fails_with_the_reason() {
    let scene = Scene::new().await;
    let integration = scene.inside.integration(&scene.playground).await;
    for (answer, _, code, _) in token_answers() {
        scene.playground.script().answer_next(Endpoint::Token, 1, &answer);
        let failed = scene.inside.consent(&scene.playground, integration, Default::default()).await;
        let problem = failed.expect_err("nonsense");
        assert_eq!(problem.code, code);
        assert!(!problem.message.is_empty() && !problem.action.is_empty(), "{problem:?}");
        scene.playground.script().calm();
    }
}

#[tokio::test]
async fn a_mailbox_whose_grant_is_dead_waits_for_a_person() {
    let scene = Scene::new().await;
    let (_, grant, mailbox) = scene.connected().await;
    assert_eq!(scene.post(&format!("{mailbox}/poll")).await.status, 200);
    scene.playground.script().revoke_grants("support@example.test");
    scene.post(&format!("{grant}/refresh")).await.is_problem(409, "grant_refused");
    let state = scene.get(&grant).await;
    assert_eq!((state.text("/status"), state.text("/last_error/code")), ("needs_consent", "grant_refused"));
    scene.post(&format!("{grant}/test")).await.failed_at("consent", "needs_consent");
    scene.post(&format!("{mailbox}/test")).await.failed_at("consent", "needs_consent");
    let poll = scene.post(&format!("{mailbox}/poll")).await;
    says_what_to_do(poll.text("/detail"));
    assert_eq!(poll.status, 409, "{}", poll.body);
    let state = scene.get(&mailbox).await;
    assert_eq!(state.text("/state/status"), "needs_consent", "{}", state.body);
    assert!(!state.text("/state/last_error/action").is_empty());
    let status = scene.get("/status").await.body["warnings"].to_string();
    assert!(status.contains("grant_needs_consent"), "{status}");
}

#[tokio::test]
async fn mail_servers_that_are_not_there_are_told_apart() {
    let scene = Scene::new().await;
    let closed =
        TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port();
    let http = scene.playground.plain_provider_url().port().expect("a port");
    let imap = scene.playground.imap_address().port();
    for (host, port, tls, step, status, code) in [
        ("imap.invalid", 993, "implicit", "dns", 409, "mail_host_unknown"),
        ("127.0.0.1", closed, "implicit", "tcp", 503, "mail_server_unreachable"),
        ("127.0.0.1", http, "implicit", "tls", 409, "mail_tls_failed"),
        ("127.0.0.1", http, "none", "sasl", 503, "mail_server_slow"),
        ("127.0.0.1", imap, "implicit", "sign_in", 409, "mail_sign_in_refused"),
    ] {
        let mailbox = scene.password_mailbox(host, port, tls).await;
        scene.tells(&mailbox, step, status, code).await;
    }
}

#[tokio::test]
async fn a_mail_server_that_says_nothing_or_lacks_the_folder_is_told() {
    let scene = Scene::new().await;
    let (_, _, mailbox) = scene.connected().await;
    for _ in 0..2 {
        scene.playground.script().mail_fault(MailFault::hangs(Step::Greeting));
    }
    scene.tells(&mailbox, "sasl", 503, "mail_server_slow").await;
    let folder = json!({"folder": "Nowhere"});
    assert_eq!(scene.call(Method::PATCH, &mailbox, Some(folder)).await.status, 200);
    scene.tells(&mailbox, "folder", 409, "folder_missing").await;
}

#[tokio::test]
async fn a_certificate_of_somebody_else_is_not_trusted() {
    let stranger = Playground::start(Options::default()).await.expect("a playground");
    let playground = Playground::start(Options::default()).await.expect("a playground");
    let scene = Scene::trusting(playground, stranger.ca_pem()).await;
    let port = scene.playground.imap_address().port();
    let mailbox = scene.password_mailbox("localhost", port, "implicit").await;
    scene.tells(&mailbox, "tls", 409, "mail_certificate_invalid").await;
    let integration = scene.inside.integration(&scene.playground).await;
    let test = scene.post(&format!("/integrations/{integration}/test")).await;
    test.failed_at("authorization_endpoint", "provider_address");
    assert!(test.text("/summary").contains("certificate"), "{}", test.body);
}

#[tokio::test]
async fn a_certificate_for_another_host_is_told() {
    let certificate_names = vec!["mail.example.test".to_owned()];
    let options = Options { certificate_names, ..Options::default() };
    let playground = Playground::start(options).await.expect("a playground");
    let trusted = playground.ca_pem().to_owned();
    let scene = Scene::trusting(playground, &trusted).await;
    let port = scene.playground.imap_address().port();
    let mailbox = scene.password_mailbox("localhost", port, "implicit").await;
    scene.tells(&mailbox, "tls", 409, "mail_certificate_invalid").await;
    let summary = scene.post(&format!("{mailbox}/test")).await;
    let told = summary.text("/summary");
    assert!(told.contains("for another host") && told.contains("mail.example.test"), "{told}");
    let integration = scene.inside.integration(&scene.playground).await;
    let test = scene.post(&format!("/integrations/{integration}/test")).await;
    test.failed_at("authorization_endpoint", "provider_address");
    assert!(test.text("/summary").contains("the certificate is for another host"), "{}", test.body);
}

#[tokio::test]
async fn an_issuer_that_does_not_tell_its_endpoints_is_refused_at_its_field() {
    let scene = Scene::new().await;
    let issuer = scene.playground.endpoints().issuer.to_string();
    let ask = || {
        let body = json!({"provider": "custom", "issuer": issuer});
        scene.call(Method::POST, "/redirect-urls", Some(body))
    };
    for (answer, status, code) in [
        (Answer::html(), 422, "discovery_failed"),
        (Answer::oversized(), 422, "discovery_failed"),
        (Answer::never(), 503, "provider_unreachable"),
    ] {
        scene.playground.script().answer_next(Endpoint::Discovery, 2, &answer);
        let reply = ask().await;
        assert_eq!((reply.status, reply.text("/code")), (status, code), "{}", reply.body);
        if status == 422 {
            assert_eq!(reply.text("/errors/0/pointer"), "/issuer");
            assert!(reply.text("/detail").contains("type both"), "{}", reply.body);
        }
        scene.playground.script().calm();
    }
    assert_eq!(ask().await.status, 200);
    let unknown = json!({"provider": "custom", "issuer": "https://issuer.invalid"});
    let reply = scene.call(Method::POST, "/redirect-urls", Some(unknown)).await;
    assert_eq!((reply.status, reply.text("/code")), (422, "discovery_failed"));
    assert!(reply.text("/detail").contains("does not resolve"), "{}", reply.body);
}
