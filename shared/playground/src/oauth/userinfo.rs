//! `OpenID` Connect userinfo.

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::provider::Provider;
use crate::doors::Scissors;
use crate::script::Endpoint;

/// Claims of the bearer's account.
pub(crate) async fn userinfo(
    State(provider): State<Provider>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    headers: HeaderMap,
) -> Response {
    provider.world.count(|counters| counters.userinfo_requests += 1);
    if let Some(answer) = provider.world.interrupt(Endpoint::Userinfo) {
        return answer.play(&provider.world.closing, &scissors).await;
    }
    match claims(&provider, &headers) {
        Some(claims) => Json(claims).into_response(),
        None => {
            let scheme = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, scheme)]).into_response()
        }
    }
}

fn claims(provider: &Provider, headers: &HeaderMap) -> Option<Value> {
    let world = &provider.world;
    let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    let authority = world.authority();
    let (address, scopes) = authority.holder(token, world.clock.seconds())?;
    let account = world.account(address)?;
    let mut claims = json!({"sub": account.subject()});
    if scopes.contains("email") {
        claims["email"] = json!(account.address);
        claims["email_verified"] = json!(true);
    }
    if scopes.contains("profile") {
        claims["name"] = json!(account.name);
    }
    Some(claims)
}
