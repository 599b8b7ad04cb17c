//! The certified OAuth server of `infra/dev/oauth`.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::process::told;

/// The scope that the mail server's tokens need.
pub const MAIL_SCOPE: &str = "mail";

/// A running OAuth 2.0 / OpenID Connect server.
pub struct Authority {
    /// Its issuer, over https.
    pub issuer: Url,
    /// Where Dovecot asks whose token it is, with its credentials in it.
    pub introspection: Url,
    /// The discovery document over clear text, as Dovecot names it.
    pub discovery: Url,
    http: Client,
    // Its standard input ends with this process, and so does it.
    _process: Child,
}

/// A client that registered itself.
#[derive(Debug, Clone, Deserialize)]
pub struct OAuthClient {
    /// Its identifier.
    #[serde(rename = "client_id")]
    pub id: String,
    /// Its secret.
    #[serde(rename = "client_secret")]
    pub secret: String,
}

#[derive(Deserialize)]
struct Started {
    issuer: Url,
    introspection: Url,
    discovery: Url,
    introspector: Introspector,
}

#[derive(Deserialize)]
struct Introspector {
    id: String,
    secret: String,
}

impl Authority {
    /// Starts it with this certificate and key (PEM files). `http` trusts the certificate.
    pub fn start(certificate: &Path, key: &Path, http: Client) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/dev/oauth/server.mjs");
        let mut process = Command::new("node")
            .arg(script)
            .arg("--modules")
            .arg(told("MAILDOCKET_TEST_NPM"))
            .arg("--cert")
            .arg(certificate)
            .arg("--key")
            .arg(key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("its standard output");
        BufReader::new(out).read_line(&mut line).expect("its addresses");
        let Started { issuer, mut introspection, discovery, introspector } =
            serde_json::from_str(&line).expect("its addresses, as JSON");
        introspection.set_username(&introspector.id).expect("a URL that takes credentials");
        introspection.set_password(Some(&introspector.secret)).expect("a URL that takes credentials");
        Self { issuer, introspection, discovery, http, _process: process }
    }

    /// A URL of the server.
    pub fn url(&self, path: &str) -> Url {
        self.issuer.join(path).expect("a path")
    }

    /// Registers a client with this redirect URL (RFC 7591).
    pub async fn register(&self, redirect_url: &str) -> OAuthClient {
        self.register_for(redirect_url, &format!("openid email offline_access {MAIL_SCOPE}")).await
    }

    /// Registers a client of this base URL, at whose console people sign in.
    pub async fn register_console(&self, base_url: &str) -> OAuthClient {
        let redirect_url = format!("{}/sign-in/oidc/callback", base_url.trim_end_matches('/'));
        self.register_for(&redirect_url, "openid profile email groups").await
    }

    async fn register_for(&self, redirect_url: &str, scope: &str) -> OAuthClient {
        let wanted = json!({
            "redirect_uris": [redirect_url],
            "token_endpoint_auth_method": "client_secret_post",
            "scope": scope,
        });
        let said = self.post("/reg", &wanted).await;
        serde_json::from_value(said.clone()).unwrap_or_else(|_| panic!("no client: {said}"))
    }

    /// How long access tokens of a client live from now on, in seconds, and whether its refresh tokens rotate.
    pub async fn configure(&self, client: &OAuthClient, access_ttl: u32, rotate: bool) {
        let wanted = json!({ "client_id": client.id, "access_ttl": access_ttl, "rotate": rotate });
        self.post("/dev/client", &wanted).await;
    }

    /// Gives an account claims in the place of those that everybody has: a verified address, and nothing else.
    pub async fn person(&self, account: &str, mut claims: Value) {
        claims["account"] = json!(account);
        self.post("/dev/person", &claims).await;
    }

    /// Ends an account's access tokens; refreshing still works.
    pub async fn expire(&self, account: &str) {
        self.post("/dev/expire", &json!({ "account": account })).await;
    }

    /// Ends an account's grants, as a person does at a provider.
    pub async fn revoke(&self, account: &str) {
        self.post("/dev/revoke", &json!({ "account": account })).await;
    }

    /// How many token requests a client has made.
    pub async fn token_requests(&self, client: &OAuthClient) -> u64 {
        self.count("/dev/tokens", ("client_id", &client.id), "requests").await
    }

    /// How many refresh tokens of an account are good.
    pub async fn refresh_tokens(&self, account: &str) -> u64 {
        self.count("/dev/refresh", ("account", account), "live").await
    }

    async fn count(&self, path: &str, (name, value): (&str, &str), field: &str) -> u64 {
        let mut url = self.url(path);
        url.query_pairs_mut().append_pair(name, value);
        let said: Value = json_of(self.http.get(url)).await;
        said[field].as_u64().expect("a number")
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(self.url(path)).header("content-type", "application/json");
        json_of(request.body(body.to_string())).await
    }
}

async fn json_of(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.expect("the OAuth server answers");
    let text = answer.text().await.expect("a whole answer");
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON from the OAuth server: {text}"))
}
