//! The authorization endpoint: a page, and its two buttons.

use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use url::Url;

use super::consent::{Decision, decide as decide_for};
use super::form::Fields;
use super::request::{AuthorizeRequest, Refusal};
use super::{pages, provider::Provider};
use crate::doors::Scissors;
use crate::script::Endpoint;

/// GET: who asks for what, and as whom to continue.
pub(crate) async fn show(
    State(provider): State<Provider>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    RawQuery(query): RawQuery,
) -> Response {
    provider.world.count(|counters| counters.authorize_requests += 1);
    if let Some(answer) = provider.world.interrupt(Endpoint::Authorization) {
        return answer.play(&provider.world.closing, &scissors).await;
    }
    let query = query.unwrap_or_default();
    match AuthorizeRequest::read(&provider, &query) {
        Ok(request) => pages::consent(&provider, &request, &query).into_response(),
        Err(refusal) => refused(refusal),
    }
}

/// POST: the decision. The request itself is in the query again and is checked again.
pub(crate) async fn decide(
    State(provider): State<Provider>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let request = match AuthorizeRequest::read(&provider, &query.unwrap_or_default()) {
        Ok(request) => request,
        Err(refusal) => return refused(refusal),
    };
    let Ok(fields) = Fields::read(&body) else {
        return refused(Refusal::Page("The form cannot be read.".to_owned()));
    };
    let decision = match fields.get("continue_as") {
        Some(address) => Decision::Continue(address.to_owned()),
        None => Decision::Cancel,
    };
    match decide_for(&provider, &request, &decision) {
        Some(callback) => redirect(&callback),
        None => refused(Refusal::Page("This account does not exist here.".to_owned())),
    }
}

fn refused(refusal: Refusal) -> Response {
    match refusal {
        Refusal::Page(text) => (StatusCode::BAD_REQUEST, pages::error(&text)).into_response(),
        Refusal::Callback(url) => redirect(&url),
    }
}

/// 303, so that the browser's POST becomes a GET.
fn redirect(to: &Url) -> Response {
    match HeaderValue::from_str(to.as_str()) {
        Ok(location) => {
            let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, pages::NO_STORE)];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Err(_) => (StatusCode::BAD_REQUEST, pages::error("The redirect URI cannot be used.")).into_response(),
    }
}
