//! What stands between the deployed functions and the stand-in for AWS, and between browsers and the deployed API: TLS, the
//! addresses of API Gateway, and faults.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    serve::Listener,
};
use playground::Identity;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::mpsc,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// The largest body of a request that is passed on: a function's zip.
const MAX_BODY: usize = 64 * 1024 * 1024;
/// For how long a held answer is held: longer than any function lives here.
const HELD: Duration = Duration::from_secs(300);
/// Of one connection, and so of no meaning to the next; and `Expect`, which was answered here.
const OF_THE_CONNECTION: [HeaderName; 3] = [header::CONNECTION, header::TRANSFER_ENCODING, header::EXPECT];

/// What goes wrong with some calls of the functions.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Such as `TransactWriteItems`; S3's calls are called by their method.
    pub operation: &'static str,
    /// A text in the call's body or path: a mailbox's id, so that tests do not meet.
    pub about: String,
    /// So many calls.
    pub times: u32,
    /// What happens to them.
    pub how: How,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is refused with this error, and not carried out.
    Refused(&'static str),
    /// It is carried out, and the connection is cut before its answer.
    AnswerLost,
    /// It is carried out, and its answer does not come.
    AnswerHeld,
}

#[derive(Default)]
struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What happens to this call; counted.
    fn take(&self, call: &Call<'_>) -> Option<How> {
        let mut all = self.all();
        let fault = all.iter_mut().find(|fault| fault.times > 0 && call.is(fault))?;
        fault.times -= 1;
        Some(fault.how)
    }
}

/// A call of AWS.
struct Call<'a> {
    operation: &'a str,
    path: &'a str,
    body: &'a [u8],
}

impl<'a> Call<'a> {
    fn new(method: &'a Method, headers: &'a HeaderMap, path: &'a str, body: &'a [u8]) -> Self {
        let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or(method.as_str());
        Self { operation, path, body }
    }

    fn is(&self, fault: &Fault) -> bool {
        let about = fault.about.as_bytes();
        let said = self.body.windows(about.len()).any(|window| window == about);
        self.operation == fault.operation && (said || self.path.contains(&fault.about))
    }

    /// As DynamoDB, SQS and Secrets Manager refuse: a code in JSON, and for a transaction the reason of each item. S3
    /// refuses in XML.
    fn refused(&self, code: &str) -> Response {
        if [Method::GET, Method::PUT, Method::DELETE].iter().any(|method| method == self.operation) {
            let said = format!("<Error><Code>{code}</Code><Message>Made by a test.</Message></Error>");
            return (StatusCode::SERVICE_UNAVAILABLE, said).into_response();
        }
        let mut said = json!({ "__type": code, "message": "Made by a test." });
        if code == "TransactionCanceledException" {
            let call: Value = serde_json::from_slice(self.body).unwrap_or_default();
            let items = call["TransactItems"].as_array().map_or(1, Vec::len);
            let reason = |n| json!({ "Code": if n == 0 { "TransactionConflict" } else { "None" } });
            said["CancellationReasons"] = (0..items).map(reason).collect();
        }
        let kind = (header::CONTENT_TYPE, "application/x-amz-json-1.0");
        (StatusCode::BAD_REQUEST, [kind], said.to_string()).into_response()
    }
}

/// Where a listener leads.
#[derive(Clone)]
struct Way {
    upstream: Arc<OnceLock<String>>,
    /// Put before the path: of API Gateway's addresses here.
    prefix: Arc<OnceLock<String>>,
    faults: Option<Arc<Faults>>,
    http: reqwest::Client,
    tls: bool,
}

/// The listeners, in a runtime of their own: each test has its own, and takes what it started with it.
pub struct Front {
    runtime: Runtime,
    acceptor: TlsAcceptor,
    upstream: Arc<OnceLock<String>>,
    faults: Arc<Faults>,
    http: reqwest::Client,
    /// Where functions call AWS, over TLS.
    pub endpoint: String,
    /// Where tests and the SAM CLI do, in clear text and undisturbed.
    pub undisturbed: String,
}

/// An address of a deployed API, over TLS.
pub(super) struct Gateway {
    /// Scheme, host and port.
    pub(super) base_url: String,
    prefix: Arc<OnceLock<String>>,
}

impl Gateway {
    /// Says which API stands behind it.
    pub(super) fn leads_to(&self, api: &str) {
        self.prefix.set(format!("/_aws/execute-api/{api}/$default")).expect("an address of one API");
    }
}

impl Front {
    /// Listens; where to is told later.
    pub(super) fn start(identity: &Identity) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        let mut this = Self {
            runtime,
            acceptor: identity.acceptor(Some("http/1.1")).expect("a certificate"),
            upstream: Arc::default(),
            faults: Arc::default(),
            http: http.build().expect("an HTTP client"),
            endpoint: String::new(),
            undisturbed: String::new(),
        };
        let none = || Arc::new(OnceLock::from(String::new()));
        this.endpoint = this.listen(none(), Some(this.faults.clone()), true);
        this.undisturbed = this.listen(none(), None, false);
        this
    }

    /// Says where ministack listens.
    pub(super) fn leads_to(&self, port: u16) {
        self.upstream.set(format!("http://127.0.0.1:{port}")).expect("one ministack");
    }

    /// An address for an API that is not there yet.
    pub(super) fn gateway(&self) -> Gateway {
        let prefix = Arc::<OnceLock<String>>::default();
        Gateway { base_url: self.listen(prefix.clone(), None, true), prefix }
    }

    /// From now on, this happens to some calls of functions.
    pub fn disturb(&self, fault: Fault) {
        self.faults.all().push(fault);
    }

    /// How many calls about this text are still to be disturbed.
    pub fn left(&self, about: &str) -> u32 {
        self.faults.all().iter().filter(|fault| fault.about == about).map(|fault| fault.times).sum()
    }

    /// Nothing about this text is disturbed any more.
    pub fn calm(&self, about: &str) {
        self.faults.all().retain(|fault| fault.about != about);
    }

    fn listen(&self, prefix: Arc<OnceLock<String>>, faults: Option<Arc<Faults>>, tls: bool) -> String {
        let std = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = std.local_addr().expect("its address").port();
        std.set_nonblocking(true).expect("a socket that does not block");
        let way = Way { upstream: self.upstream.clone(), prefix, faults, http: self.http.clone(), tls };
        let routes = Router::new().fallback(pass_on).with_state(way);
        let acceptor = tls.then(|| self.acceptor.clone());
        self.runtime.spawn(async move {
            let listener = TcpListener::from_std(std).expect("a listener");
            match acceptor {
                Some(acceptor) => axum::serve(Secure::new(listener, acceptor), routes).await,
                None => axum::serve(listener, routes).await,
            }
        });
        format!("{}://localhost:{port}", if tls { "https" } else { "http" })
    }
}

/// A listener with TLS; handshakes wait for nobody.
struct Secure(mpsc::Receiver<TlsStream<TcpStream>>);

impl Secure {
    fn new(listener: TcpListener, acceptor: TlsAcceptor) -> Self {
        let (sender, receiver) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(tcp).await {
                        // Nobody takes it once the listener has ended.
                        let _ = sender.send(stream).await;
                    }
                });
            }
        });
        Self(receiver)
    }
}

impl Listener for Secure {
    type Io = TlsStream<TcpStream>;
    type Addr = ();

    async fn accept(&mut self) -> (Self::Io, ()) {
        match self.0.recv().await {
            Some(stream) => (stream, ()),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn pass_on(State(way): State<Way>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let call = Call::new(&parts.method, &parts.headers, path, &body);
    let fault = way.faults.as_ref().and_then(|faults| faults.take(&call));
    if let Some(How::Refused(code)) = fault {
        return call.refused(code);
    }
    let answer = way.ask(&parts.method, &parts.headers, path, body.clone()).await;
    match fault {
        Some(How::AnswerLost) => return lost(),
        Some(How::AnswerHeld) => tokio::time::sleep(HELD).await,
        _ => {}
    }
    answer.unwrap_or_else(|error| (StatusCode::BAD_GATEWAY, error.to_string()).into_response())
}

/// An answer that breaks off, and the connection with it.
fn lost() -> Response {
    let cut = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut by a test")) });
    Response::builder().header(header::CONTENT_LENGTH, 1000).body(Body::from_stream(cut)).expect("an answer")
}

impl Way {
    async fn ask(
        &self,
        method: &Method,
        headers: &HeaderMap,
        path: &str,
        body: Bytes,
    ) -> reqwest::Result<Response> {
        let (upstream, prefix) = (self.upstream.get(), self.prefix.get());
        let place = [upstream, prefix].map(|part| part.map_or("", String::as_str)).concat();
        let mut request = self.http.request(method.clone(), place + path).body(body);
        for (name, value) in headers.iter().filter(|(name, _)| !OF_THE_CONNECTION.contains(name)) {
            request = request.header(name, value);
        }
        if self.tls {
            // TLS ends here; the bucket's policy asks for it.
            request = request.header("x-forwarded-proto", HeaderValue::from_static("https"));
        }
        let answer = request.send().await?;
        let mut response = Response::builder().status(answer.status());
        for (name, value) in answer.headers().iter().filter(|(name, _)| !OF_THE_CONNECTION.contains(name)) {
            response = response.header(name, value);
        }
        Ok(response.body(Body::from(answer.bytes().await?)).expect("an answer"))
    }
}
