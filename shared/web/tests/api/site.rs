//! A whole site without a network: routes, flows, and the real store in memory.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use embedded::Embedded;
use intake::{
    App, Settings,
    app::MacKey,
    flows::tokens,
    types::{
        host::{AddressPolicy, OwnListener},
        identity::IdentityProvider,
    },
};
use secrecy::ExposeSecret;
use serde_json::Value;
use store::{DynamoStore, ObjectBlobs, ensure_table};
use tempfile::TempDir;
use tower::ServiceExt;
use web::{OneTimeLink, WebSettings, router};

use crate::outside::{Counting, HandClock, Linked, MemoryVault, NoNetwork};

/// A site.
pub(crate) struct Site {
    pub(crate) app: App,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) vault: Arc<MemoryVault>,
    /// An administrator's token.
    pub(crate) admin: String,
    router: Router,
    _folder: TempDir,
}

impl Site {
    /// A site at `http://localhost:8025`.
    pub(crate) async fn new() -> Self {
        Self::at("http://localhost:8025", false).await
    }

    /// A site whose people sign in at `https://issuer.example`.
    pub(crate) async fn with_people() -> Self {
        let setting = |name: &str| {
            let value = match name {
                "MAILDOCKET_OIDC_ISSUER" => "https://issuer.example",
                "MAILDOCKET_OIDC_CLIENT_ID" => "docket",
                "MAILDOCKET_OIDC_CLIENT_SECRET" => "canary",
                "MAILDOCKET_OIDC_ADMINISTRATORS" => "it",
                "MAILDOCKET_OIDC_READERS" => "sub:bob",
                _ => return None,
            };
            Some(value.into())
        };
        let addresses = AddressPolicy { allow_private: false };
        let identity = IdentityProvider::from_settings(&setting, addresses).unwrap();
        Self::made("http://localhost:8025", false, identity).await
    }

    /// A site under this base URL.
    pub(crate) async fn at(base_url: &str, allow_private: bool) -> Self {
        Self::made(base_url, allow_private, None).await
    }

    async fn made(base_url: &str, allow_private: bool, identity: Option<IdentityProvider>) -> Self {
        let database = Embedded::in_memory().unwrap();
        ensure_table(&database.client(), "maildocket").await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (clock, vault) = (Arc::new(HandClock::default()), Arc::new(MemoryVault::default()));
        let entropy = Arc::new(Counting::default());
        let app = App {
            store: Arc::new(DynamoStore::new(
                database.client(),
                "maildocket",
                entropy.clone(),
                clock.clone(),
            )),
            blobs: Arc::new(Linked(ObjectBlobs::folder(folder.path()).unwrap())),
            vault: vault.clone(),
            mail: Arc::new(NoNetwork),
            oauth: Arc::new(NoNetwork),
            discovery: Arc::new(NoNetwork),
            clock: clock.clone(),
            entropy,
            mac: MacKey::new(&[7; 32]),
            parse: Default::default(),
            stop: Default::default(),
            credentials: Default::default(),
            leases: Default::default(),
            disk: Default::default(),
            places: Default::default(),
            settings: Settings {
                base_url: base_url.parse().unwrap(),
                addresses: AddressPolicy { allow_private },
                own: OwnListener::new(vec!["127.0.0.1:8025".parse().unwrap()]),
                instance: "abcd1234".to_owned(),
                identity,
            },
        };
        let token = tokens::ensure_admin_token(&app, None).await.unwrap().unwrap();
        let settings =
            WebSettings { listen: vec!["127.0.0.1:8025".parse().unwrap()], ..WebSettings::default() };
        let router = router(app.clone(), settings);
        Self { app, clock, vault, admin: token.expose_secret().to_owned(), router, _folder: folder }
    }

    /// The same with a link that signs in once.
    pub(crate) fn with_link(self, link: OneTimeLink) -> Self {
        let settings = WebSettings { one_time_link: Some(link), ..WebSettings::default() };
        Self { router: router(self.app.clone(), settings), ..self }
    }

    /// A request of the administrator.
    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    /// A request of the administrator.
    pub(crate) fn post(&self, path: &str, body: Value) -> Call<'_> {
        self.call(Method::POST, path).json(&body)
    }

    /// A request of the administrator.
    pub(crate) fn patch(&self, path: &str, body: Value) -> Call<'_> {
        self.call(Method::PATCH, path).json(&body)
    }

    /// A request of the administrator.
    pub(crate) fn delete(&self, path: &str) -> Call<'_> {
        self.call(Method::DELETE, path)
    }

    /// A request of a browser that has not signed in, for a page.
    pub(crate) fn page(&self, path: &str) -> Call<'_> {
        let call = self.call(Method::GET, "/healthz").nobody();
        Call { path: path.to_owned(), ..call }
    }

    /// A form that a browser sends from one of our own pages.
    pub(crate) fn form(&self, path: &str, body: &str) -> Call<'_> {
        let call = Call { method: Method::POST, ..self.page(path) };
        call.header("origin", "http://localhost:8025").raw("application/x-www-form-urlencoded", body)
    }

    /// A request of the administrator: everything below `/api/v1`, unless the path begins so itself.
    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "localhost:8025".parse().unwrap());
        headers.insert(header::AUTHORIZATION, format!("Bearer {}", self.admin).parse().unwrap());
        let path = if path.starts_with("/api/") || path == "/healthz" {
            path.to_owned()
        } else {
            format!("/api/v1{path}")
        };
        Call { site: self, method, path, headers, body: Vec::new() }
    }

    /// A token of this role.
    pub(crate) async fn token(&self, role: &str) -> String {
        let body = serde_json::json!({"name": format!("{role} for a test"), "role": role});
        let reply = self.post("/tokens", body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json()["token"].as_str().unwrap().to_owned()
    }

    /// A project.
    pub(crate) async fn project(&self, key: &str) {
        let reply = self.post("/projects", serde_json::json!({"key": key, "name": key})).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
    }
}

/// A request that is being made; awaited, it is sent.
pub(crate) struct Call<'a> {
    site: &'a Site,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Call<'_> {
    /// Sets a header; an empty value removes it.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        if value.is_empty() {
            self.headers.remove(name);
        } else {
            self.headers.insert(name, value.parse().unwrap());
        }
        self
    }

    /// As somebody else.
    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// As nobody.
    pub(crate) fn nobody(self) -> Self {
        self.header("authorization", "")
    }

    /// With a JSON body.
    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    /// With any body.
    pub(crate) fn raw(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    async fn send(self) -> Reply {
        let mut request = Request::builder().method(self.method).uri(self.path);
        *request.headers_mut().unwrap() = self.headers;
        let request = request.body(Body::from(self.body)).unwrap();
        let response = self.site.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 * 1024 * 1024).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Reply { status: parts.status, headers: parts.headers, text }
    }
}

impl<'a> IntoFuture for Call<'a> {
    type Output = Reply;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Reply> + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    /// Its body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// A text in its body.
    pub(crate) fn str(&self, pointer: &str) -> String {
        let json = self.json();
        let value = json.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {json}"));
        value.as_str().unwrap_or_else(|| panic!("{pointer} is no text in {json}")).to_owned()
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that it is a problem document with this status, code, and wrong fields.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str, pointers: &[&str]) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let json = self.json();
        assert_eq!(json["status"], status);
        assert_eq!(json["code"], code, "{json}");
        for member in ["type", "title", "detail"] {
            assert!(json[member].as_str().is_some_and(|text| !text.is_empty()), "{member} in {json}");
        }
        let mut told: Vec<_> =
            json["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        told.sort_unstable();
        let mut wanted = pointers.to_vec();
        wanted.sort_unstable();
        assert_eq!(told, wanted, "{json}");
    }

    /// Checks that it is a good answer, and gives its body.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }
}
