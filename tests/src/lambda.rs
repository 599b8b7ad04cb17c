//! A Lambda function as a process, behind a runtime endpoint of ours, and a gateway in front of it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};

use crate::process::{memory, told, until};

/// The time that an invocation has.
const TIME: Duration = Duration::from_secs(60);
/// The largest body of a request that is passed on.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// What came of an invocation: the answer, or the error that was reported.
pub type Outcome = Result<Value, Value>;

/// An event on its way.
struct Invocation {
    event: Value,
    answer: oneshot::Sender<Outcome>,
}

/// The runtime endpoint's state.
struct Runtime {
    events: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    waiting: Mutex<BTreeMap<String, oneshot::Sender<Outcome>>>,
    asked: AtomicU64,
    /// When the first event was asked for.
    first: OnceLock<Instant>,
}

/// A function's process.
pub struct Function {
    events: mpsc::Sender<Invocation>,
    runtime: Arc<Runtime>,
    process: Child,
    begun: Instant,
    folder: TempDir,
}

impl Function {
    /// Starts a bootstrap with this environment and nothing else in it.
    pub async fn start(name: &str, environment: &[(&'static str, String)]) -> Self {
        let (events, receiver) = mpsc::channel(1);
        let runtime = Arc::new(Runtime {
            events: tokio::sync::Mutex::new(receiver),
            waiting: Mutex::default(),
            asked: AtomicU64::new(0),
            first: OnceLock::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .with_state(runtime.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let folder = tempfile::Builder::new().prefix("maildocket-function-").tempdir().expect("a folder");
        let log = File::create(folder.path().join("log")).expect("a log file");
        let begun = Instant::now();
        let process = Command::new(told("MAILDOCKET_TEST_FUNCTIONS").join(name))
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log file"))
            .stderr(log)
            .spawn()
            .expect("a function that starts");
        Self { events, runtime, process, begun, folder }
    }

    /// Sends an event and waits for what comes of it.
    pub async fn invoke(&self, event: Value) -> Outcome {
        invoke(&self.events, event).await
    }

    /// Waits until the function has asked for its first event; how long its start took.
    pub async fn ready(&self) -> Duration {
        let first = until("the first call of /next", async || self.runtime.first.get().copied());
        first.await.duration_since(self.begun)
    }

    /// The memory that it has now, in bytes.
    pub fn memory(&self) -> u64 {
        memory(self.process.id(), "VmRSS:")
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        until("the function's end", async || self.process.try_wait().expect("a child of ours")).await
    }

    /// All that it has said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// An HTTP API in front of it, on a free port; its base URL has to be known before the function starts.
    pub fn behind(&self, gateway: Gateway) {
        let events = self.events.clone();
        let routes = Router::new().fallback(pass_on).with_state(events);
        tokio::spawn(async move { axum::serve(gateway.listener, routes).await });
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the function said:\n{}", self.log());
        }
        // By its own process id; it may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn invoke(events: &mpsc::Sender<Invocation>, event: Value) -> Outcome {
    let (answer, outcome) = oneshot::channel();
    events
        .send(Invocation { event, answer })
        .await
        .unwrap_or_else(|_| panic!("the runtime endpoint has ended"));
    tokio::time::timeout(TIME, outcome).await.expect("an answer in time").expect("an answer")
}

async fn next(State(runtime): State<Arc<Runtime>>) -> Response {
    runtime.first.get_or_init(Instant::now);
    let number = runtime.asked.fetch_add(1, Ordering::SeqCst);
    let Some(Invocation { event, answer }) = runtime.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let id = format!("request-{number}");
    runtime.waiting().insert(id.clone(), answer);
    let deadline = SystemTime::now() + TIME;
    let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).expect("a time after 1970").as_millis();
    let mut headers = HeaderMap::new();
    let arn = "arn:aws:lambda:eu-central-1:123456789012:function:test";
    for (name, value) in [
        ("lambda-runtime-aws-request-id", id.as_str()),
        ("lambda-runtime-deadline-ms", &deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", arn),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"),
        ("content-type", "application/json"),
    ] {
        headers.insert(name, HeaderValue::from_str(value).expect("a header"));
    }
    (headers, event.to_string()).into_response()
}

async fn response(State(runtime): State<Arc<Runtime>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    runtime.finish(&id, Ok(serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

async fn error(State(runtime): State<Arc<Runtime>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    runtime.finish(&id, Err(serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

impl Runtime {
    fn waiting(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, oneshot::Sender<Outcome>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, id: &str, outcome: Outcome) -> StatusCode {
        if let Some(answer) = self.waiting().remove(id) {
            // Whoever asked may have gone.
            let _ = answer.send(outcome);
        }
        StatusCode::ACCEPTED
    }
}

/// A port for an HTTP API.
pub struct Gateway {
    listener: TcpListener,
    /// Scheme, host and port.
    pub base_url: String,
}

impl Gateway {
    /// A free port of loopback.
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base_url = format!("http://localhost:{}", listener.local_addr().expect("its address").port());
        Self { listener, base_url }
    }
}

/// What an HTTP API of API Gateway does with payload format 2.0.
async fn pass_on(State(events): State<mpsc::Sender<Invocation>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let header =
        |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let headers: BTreeMap<&str, &str> = parts
        .headers
        .iter()
        .filter(|(name, _)| *name != "cookie")
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let cookies: Vec<&str> = header("cookie").split("; ").filter(|cookie| !cookie.is_empty()).collect();
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": parts.uri.path(),
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "cookies": cookies, "headers": headers, "isBase64Encoded": true, "body": STANDARD.encode(&bytes),
        "requestContext": {
            "accountId": "123456789012", "apiId": "test", "domainName": header("host"), "domainPrefix": "test",
            "requestId": "test", "routeKey": "$default", "stage": "$default", "time": "25/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1_795_608_000_000_u64,
            "http": {
                "method": parts.method.as_str(), "path": parts.uri.path(), "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": header("user-agent"),
            },
        },
    });
    match invoke(&events, event).await {
        Ok(answer) => answered(&answer),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn answered(answer: &Value) -> Response {
    let text = answer["body"].as_str().unwrap_or_default();
    let body = match answer["isBase64Encoded"].as_bool() {
        Some(true) => STANDARD.decode(text).expect("base64"),
        _ => text.as_bytes().to_vec(),
    };
    let status =
        answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
    let mut response = Response::builder().status(status);
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        response = response.header(name, value.as_str().expect("a text"));
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        response = response.header("set-cookie", cookie.as_str().expect("a text"));
    }
    response.body(Body::from(body)).expect("an answer")
}
