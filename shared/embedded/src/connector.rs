//! The SDK's HTTP connector: a request becomes a call on a thread that may block.

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_smithy_runtime_api::{
    client::{
        http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use dynoxide::{Database, DynoxideError};
use tokio::sync::Semaphore;

use crate::{
    dispatch::{self, Answer, Mode, Operation},
    faults::{self, Faults, Verdict},
    trouble::{Trouble, Watch},
};

/// The database, with its limit and its counters.
pub(crate) struct Engine {
    database: Database,
    threads: Semaphore,
    counts: Mutex<BTreeMap<Operation, u64>>,
    items_written: AtomicU64,
    /// Where the file lies.
    folder: PathBuf,
    watch: Watch,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engine")
    }
}

impl Engine {
    pub(crate) fn new(database: Database, threads: usize, folder: PathBuf, watch: Watch) -> Self {
        Self {
            database,
            threads: Semaphore::new(threads),
            counts: Mutex::default(),
            items_written: AtomicU64::new(0),
            folder,
            watch,
        }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn counts(&self) -> BTreeMap<Operation, u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn items_written(&self) -> u64 {
        self.items_written.load(Ordering::Relaxed)
    }

    async fn call(
        self: Arc<Self>,
        operation: Operation,
        body: Bytes,
        mode: Mode,
    ) -> Result<Answer, ConnectorError> {
        let _turn =
            self.threads.acquire().await.map_err(|error| ConnectorError::other(error.into(), None))?;
        let engine = self.clone();
        let run = move || {
            *engine.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(operation).or_default() += 1;
            let done = dispatch::dispatch(&engine.database, operation, &body, mode, &engine.items_written);
            done.unwrap_or_else(|error| engine.refused(&error))
        };
        tokio::task::spawn_blocking(run).await.map_err(|error| ConnectorError::other(error.into(), None))
    }
}

impl Engine {
    /// The answer that tells an error; whoever watches is told what is in the way.
    fn refused(&self, error: &DynoxideError) -> Answer {
        let trouble = Trouble::of(error, &self.folder);
        match trouble.code() {
            Some(code) => {
                (self.watch)(trouble);
                // Not one of the codes after which the client tries again: that would help as little as before.
                Answer::error(code, &self.folder.to_string_lossy())
            }
            None => Answer { status: error.status_code(), body: error.to_json().into_bytes() },
        }
    }
}

/// One client's view of the database, with its faults.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    engine: Arc<Engine>,
    faults: Arc<Faults>,
    mode: Mode,
}

impl Connector {
    pub(crate) fn new(engine: Arc<Engine>, faults: Arc<Faults>) -> Self {
        let mode = Mode { answers_get_lost: faults.disturb() };
        Self { engine, faults, mode }
    }
}

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move { this.answer(&request).await.and_then(response) })
    }
}

impl Connector {
    async fn answer(&self, request: &HttpRequest) -> Result<Answer, ConnectorError> {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let Some(operation) = Operation::of_target(target) else {
            return Ok(Answer::error(
                "UnknownOperationException",
                &format!("{target} is not served by the embedded database"),
            ));
        };
        let Some(body) = request.body().bytes() else {
            return Err(ConnectorError::user("a streamed request body".into()));
        };
        match self.faults.before(operation, body) {
            Verdict::Answer(answer) => Ok(answer),
            Verdict::Unreachable => Err(lost("the connection was refused by the fault mode")),
            Verdict::Proceed { body, lose_answer, unprocessed } => {
                let answer = self.engine.clone().call(operation, body.clone(), self.mode).await?;
                self.faults.carried_out(operation, &body, &answer);
                if lose_answer {
                    return Err(lost("the answer was lost by the fault mode"));
                }
                let answer = match unprocessed {
                    Some(rest) => faults::with_unprocessed(operation, answer, rest),
                    None => answer,
                };
                Ok(self.faults.after(operation, &body, answer))
            }
        }
    }
}

fn lost(why: &'static str) -> ConnectorError {
    ConnectorError::io(why.into())
}

fn response(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    let status =
        StatusCode::try_from(answer.status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}
