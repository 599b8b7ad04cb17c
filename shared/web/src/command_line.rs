//! The command line's way to the API: the same calls, in this process, by whoever owns its data.

use axum::{
    Router,
    body::{self, Body},
    http::{Method, Request, header},
};
use tower::ServiceExt;
use url::Url;

/// Marks a request that no network brought: in the place of a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommandLine;

/// A call of the JSON API that the command line makes.
#[derive(Debug)]
pub struct Call<'a> {
    /// How.
    pub method: Method,
    /// Path and query, behind `/api/v1`.
    pub path: &'a str,
    /// A JSON document, where one is sent.
    pub body: Option<String>,
}

/// Does the call over these routes, as the administrator who types it. `base_url` is the routes' own. The answer's body; in
/// an `Err` it is a problem document, or what went wrong in plain words.
pub async fn call(
    router: Router,
    base_url: &Url,
    call: Call<'_>,
    max_bytes: usize,
) -> Result<String, String> {
    let uri = format!("{}api/v1{}", base_url, call.path);
    let request = Request::builder().method(call.method).uri(uri).extension(CommandLine);
    let request = request.header(header::HOST, base_url.authority()).header(header::ACCEPT_LANGUAGE, "en");
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let request =
        request.body(call.body.map_or_else(Body::empty, Body::from)).map_err(|error| error.to_string())?;
    let Ok(answer) = router.oneshot(request).await;
    let good = answer.status().is_success();
    let bytes = body::to_bytes(answer.into_body(), max_bytes).await.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if good { Ok(text) } else { Err(text) }
}
