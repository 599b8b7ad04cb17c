//! What every request passes: the Host check, a time limit, the safety of its effects, headers, and its line in the log.

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use intake::{Error, panics};
use tracing::{Instrument, Span};

use crate::{
    HEALTH, RequestId, Web, WebSettings,
    budget::InTime,
    client::Client,
    error::{ApiError, ProblemCode},
    language,
};

/// The longest that a handler may take before the caller is told to look again later: above the 20 seconds of a poll
/// on demand and the time boxes of a connection test, below the 60 seconds of common proxies.
const TIME_LIMIT: Duration = Duration::from_secs(50);

/// Runs a request, once there are bytes left for it, on a task of its own, so that a caller who goes away cancels nothing
/// half done, and a panic becomes an answer.
pub(crate) async fn guard(State(web): State<Web>, request: Request, next: Next) -> Response {
    let span = span(&web, &request);
    guarded(web, request, next).instrument(span).await
}

/// What all lines of a request carry: how the gateway and Lambda call it, or a name of our own.
fn span(web: &Web, request: &Request) -> Span {
    let named = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let name = named.gateway.unwrap_or_else(|| format!("{:020x}", web.app.id_bits()));
    tracing::info_span!("request", request = name, lambda_request = named.lambda)
}

async fn guarded(web: Web, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    // Never the path itself: it may hold a state or a key.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let checked = check_host(&web, request.headers(), request.uri());
    let client = Client::of(&web, &request);
    request.extensions_mut().insert(client);
    let mut response = match checked {
        Ok(()) => run(&web, request, next).await,
        Err(error) => {
            language::answer_in(language::of(request.headers()), async { error.into_response() }).await
        }
    };
    add_headers(&web, response.headers_mut());
    log(&method, route.as_deref(), started, &response);
    response
}

async fn run(web: &Web, request: Request, next: Next) -> Response {
    let reading = language::of(request.headers());
    let deadline = tokio::time::Instant::now() + TIME_LIMIT;
    let share = web.budget.take(request.method(), request.uri().path(), request.headers()).await;
    let error = match share {
        Ok(share) => {
            let request = request.map(|body| Body::new(InTime::new(body)));
            let answering = async move { share.for_answer(answer(request, next).await).await };
            let task = tokio::spawn(language::answer_in(reading.clone(), answering).in_current_span());
            match tokio::time::timeout_at(deadline, task).await {
                Ok(Ok(response)) => return response,
                Ok(Err(_)) => ApiError::from(Error::internal("a handler ended in a panic")),
                Err(_) => ApiError::TimedOut,
            }
        }
        Err(error) => error,
    };
    language::answer_in(reading, async { error.into_response() }).await
}

/// A panic ends as an answer, and the log says where it was.
async fn answer(request: Request, next: Next) -> Response {
    let answered = panics::caught(async { Ok(next.run(request).await) }).await;
    answered.unwrap_or_else(|error| ApiError::from(error).into_response())
}

/// Another Host means that a browser was led here by a name that somebody else controls (DNS rebinding).
fn check_host(web: &Web, headers: &HeaderMap, uri: &Uri) -> Result<(), ApiError> {
    if uri.path() == HEALTH {
        return Ok(());
    }
    let forwarded = HeaderName::from_static("x-forwarded-host");
    let name =
        if web.settings.trusted_proxy && headers.contains_key(&forwarded) { forwarded } else { header::HOST };
    let mut values = headers.get_all(name).iter();
    let (first, second) = (values.next().and_then(|value| value.to_str().ok()), values.next());
    // HTTP/2 and absolute request targets (RFC 9112 section 3.2.2) name the host in the target.
    let host = first.or_else(|| uri.authority().map(|authority| authority.as_str()));
    match host {
        Some(host) if second.is_none() && is_ours(web, host) => Ok(()),
        _ => Err(ApiError::Misdirected),
    }
}

fn is_ours(web: &Web, host: &str) -> bool {
    let base = &web.app.settings.base_url;
    let with_port = |host: &str, port: Option<u16>| port.map(|port| format!("{host}:{port}"));
    let name = base.host_str().unwrap_or_default();
    let named = match base.port() {
        Some(port) => with_port(name, Some(port)).is_some_and(|own| own.eq_ignore_ascii_case(host)),
        None => {
            name.eq_ignore_ascii_case(host)
                || with_port(name, base.port_or_known_default())
                    .is_some_and(|own| own.eq_ignore_ascii_case(host))
        }
    };
    named || web.settings.listen.iter().any(|address| address.to_string() == host)
}

fn add_headers(web: &Web, headers: &mut HeaderMap) {
    const ALWAYS: [(HeaderName, &str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // Pages and static files say otherwise where they have to.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    if web.app.settings.base_url.scheme() == "https" {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(year);
    }
}

fn log(method: &Method, route: Option<&str>, started: Instant, response: &Response) {
    let code = response.extensions().get::<ProblemCode>().map(|code| code.0.as_str());
    tracing::info!(
        http.method = %method,
        http.route = route.unwrap_or("(none)"),
        http.status = response.status().as_u16(),
        http.code = code,
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request"
    );
}

impl WebSettings {
    /// For a process that listens nowhere itself (Lambda).
    pub fn without_listener() -> Self {
        Self::default()
    }
}
