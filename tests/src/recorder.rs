//! A proxy between one function and AWS that notes what IAM would be asked for.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, Uri, header},
    response::Response,
};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::aws::{BUCKET, PREFIX, TABLE};

/// The largest body that is passed on.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// What IAM is asked for: an action, and on what. Resources are named as in [`Asked::on`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// Such as `dynamodb:Query`.
    pub action: String,
    /// `table`, `index/NAME`, `secret/KIND` (the first word after the prefix), `object/FOLDER`, `bucket`, `queue`, or `*`
    /// where the action has no resource.
    pub on: String,
}

impl Asked {
    /// This action on that.
    pub fn new(action: impl Into<String>, on: impl Into<String>) -> Self {
        Self { action: action.into(), on: on.into() }
    }
}

/// What was asked so far.
#[derive(Clone)]
pub struct Recorder {
    /// What the function takes for AWS.
    pub endpoint: String,
    asked: Arc<Mutex<BTreeSet<Asked>>>,
}

#[derive(Clone)]
struct Proxy {
    to: String,
    http: reqwest::Client,
    recorder: Recorder,
}

impl Recorder {
    /// In front of the services at this endpoint.
    pub async fn before(to: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let recorder = Self { endpoint, asked: Arc::default() };
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client");
        let proxy = Proxy { to: to.to_owned(), http, recorder: recorder.clone() };
        let routes = Router::new().fallback(pass_on).with_state(proxy);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        recorder
    }

    /// All that was asked.
    pub fn asked(&self) -> BTreeSet<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, asked: Vec<Asked>) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).extend(asked);
    }
}

async fn pass_on(State(proxy): State<Proxy>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MAX_BODY).await.expect("a whole request");
    proxy.recorder.note(asked(&parts.method, &parts.uri, &parts.headers, &body));
    let url = format!("{}{}", proxy.to, parts.uri);
    let mut headers = parts.headers;
    headers.remove(header::CONTENT_LENGTH);
    let sent = proxy.http.request(parts.method, url).headers(headers).body(body).send().await;
    let answer = sent.expect("an answer of the stand-in");
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != header::TRANSFER_ENCODING && name != header::CONNECTION {
            response = response.header(name, value);
        }
    }
    let body = answer.bytes().await.expect("a whole answer");
    response.body(Body::from(body)).expect("an answer")
}

/// What IAM is asked for by one request.
fn asked(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Vec<Asked> {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let Some((service, call)) = target.and_then(|target| target.split_once('.')) else {
        return of_files(method, uri, body);
    };
    let input: Value = serde_json::from_slice(body).expect("JSON");
    match service {
        "DynamoDB_20120810" => of_table(call, &input),
        "secretsmanager" => of_secrets(call, &input),
        // A batch is allowed by what one message needs.
        "AmazonSQS" => vec![Asked::new(format!("sqs:{}", call.trim_end_matches("Batch")), "queue")],
        other => panic!("nothing is known of {other}"),
    }
}

fn of_table(call: &str, input: &Value) -> Vec<Asked> {
    let on = |input: &Value| {
        assert_eq!(input["TableName"], TABLE, "{input}");
        input["IndexName"].as_str().map_or("table".to_owned(), |name| format!("index/{name}"))
    };
    if let Some(actions) = input["TransactItems"].as_array() {
        // A transaction is allowed by what is in it.
        let parts = actions.iter().flat_map(|action| action.as_object().expect("an action"));
        return parts
            .map(|(verb, input)| {
                let action = match verb.as_str() {
                    "ConditionCheck" => "dynamodb:ConditionCheckItem".to_owned(),
                    verb => format!("dynamodb:{verb}Item"),
                };
                Asked::new(action, on(input))
            })
            .collect();
    }
    let on = match &input["RequestItems"] {
        Value::Object(tables) => {
            assert!(tables.keys().all(|name| name == TABLE), "{tables:?}");
            "table".to_owned()
        }
        _ => on(input),
    };
    vec![Asked::new(format!("dynamodb:{call}"), on)]
}

fn of_secrets(call: &str, input: &Value) -> Vec<Asked> {
    let on = |name: &Value| {
        let name = name.as_str().unwrap_or_else(|| panic!("no name in {input}"));
        let rest = name.strip_prefix(PREFIX).unwrap_or_else(|| panic!("{name} is not ours"));
        let kind = rest.trim_start_matches('/').split('/').next().unwrap_or_default();
        format!("secret/{kind}")
    };
    if let Some(names) = input["SecretIdList"].as_array() {
        let each = names.iter().map(|name| Asked::new("secretsmanager:GetSecretValue", on(name)));
        return std::iter::once(Asked::new(format!("secretsmanager:{call}"), "*")).chain(each).collect();
    }
    let name = if call == "CreateSecret" { &input["Name"] } else { &input["SecretId"] };
    vec![Asked::new(format!("secretsmanager:{call}"), on(name))]
}

fn of_files(method: &Method, uri: &Uri, body: &Bytes) -> Vec<Asked> {
    let path = uri.path().strip_prefix(&format!("/{BUCKET}")).unwrap_or_else(|| panic!("{uri} is not ours"));
    let object = |key: &str| format!("object/{}", key.split('/').next().unwrap_or_default());
    let query = uri.query().unwrap_or_default();
    match (method.as_str(), path.trim_start_matches('/')) {
        ("GET", "") => vec![Asked::new("s3:ListBucket", "bucket")],
        ("POST", "") if query.starts_with("delete") => {
            let text = String::from_utf8_lossy(body).into_owned();
            let keys = text.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
            keys.map(|key| Asked::new("s3:DeleteObject", object(key))).collect()
        }
        ("GET", key) => vec![Asked::new("s3:GetObject", object(key))],
        // Whole, or in parts: the beginning, each part and the end.
        ("PUT" | "POST", key) => vec![Asked::new("s3:PutObject", object(key))],
        ("DELETE", key) if query.contains("uploadId") => {
            vec![Asked::new("s3:AbortMultipartUpload", object(key))]
        }
        ("DELETE", key) => vec![Asked::new("s3:DeleteObject", object(key))],
        (method, _) => panic!("nothing is known of {method} {uri}"),
    }
}
