//! The token and revocation endpoints.

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::json;

use super::authority::IssuedTokens;
use super::form::Fields;
use super::token_error::TokenError;
use super::{client_auth, id_token, pages, provider::Provider};
use crate::doors::Scissors;
use crate::script::Endpoint;

/// `authorization_code` and `refresh_token`.
pub(crate) async fn token(
    State(provider): State<Provider>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = Fields::read(&body);
    let kind = match fields.as_ref().ok().and_then(|fields| fields.get("grant_type")) {
        Some(kind @ ("authorization_code" | "refresh_token")) => kind.to_owned(),
        _ => "other".to_owned(),
    };
    provider.world.count(|counters| counters.count_token_request(&kind));
    let scripted = provider.world.interrupt(Endpoint::Token);
    if let Some(answer) = scripted.clone().filter(|answer| !answer.after_effect) {
        return answer.play(&provider.world.closing, &scissors).await;
    }
    let honest = fields
        .map_err(|repeated| TokenError::request(&format!("The field {} came twice.", repeated.0)))
        .and_then(|fields| work(&provider, &headers, &fields))
        .map_or_else(IntoResponse::into_response, |(client, issued)| answer(&provider, &client, &issued));
    match scripted {
        Some(answer) => answer.play(&provider.world.closing, &scissors).await,
        None => honest,
    }
}

/// Revocation (RFC 7009): an unknown token is a success too.
pub(crate) async fn revoke(
    State(provider): State<Provider>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    provider.world.count(|counters| counters.revocation_requests += 1);
    if let Some(answer) = provider.world.interrupt(Endpoint::Revocation) {
        return answer.play(&provider.world.closing, &scissors).await;
    }
    let Ok(fields) = Fields::read(&body) else {
        return TokenError::request("A field came twice.").into_response();
    };
    let client = match client_auth::client(&provider, &headers, &fields) {
        Ok(client) => client,
        Err(error) => return error.into_response(),
    };
    let Some(token) = fields.get("token") else {
        return TokenError::request("The field token is missing.").into_response();
    };
    provider.world.authority().revoke(&client, token);
    StatusCode::OK.into_response()
}

fn work(
    provider: &Provider,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<(String, IssuedTokens), TokenError> {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return Err(TokenError::request("The body must be a form."));
    }
    let client = client_auth::client(provider, headers, fields)?;
    let field = |name: &str| {
        fields.get(name).ok_or_else(|| TokenError::request(&format!("The field {name} is missing.")))
    };
    let now = provider.world.clock.seconds();
    let mut authority = provider.world.authority();
    let issued = match field("grant_type")? {
        "authorization_code" => {
            authority.exchange(&client, field("code")?, field("redirect_uri")?, field("code_verifier")?, now)
        }
        "refresh_token" => authority.refresh(&client, field("refresh_token")?, now),
        _ => return Err(TokenError::new("unsupported_grant_type", "This grant type is not offered.")),
    }?;
    Ok((client, issued))
}

fn answer(provider: &Provider, client: &str, issued: &IssuedTokens) -> Response {
    // Some providers never name it in their answer, so clients must not expect it.
    let named = issued.scopes.iter().map(String::as_str).filter(|scope| *scope != "offline_access");
    let scope = named.collect::<Vec<_>>().join(" ");
    let mut body = json!({
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": scope,
    });
    if let Some(refresh_token) = &issued.refresh_token {
        body["refresh_token"] = json!(refresh_token);
    }
    if let Some(life) = provider.world.authority().policy.told_refresh_token_life {
        body["refresh_token_expires_in"] = json!(life.as_secs());
    }
    if let Some(id_token) = id_token::make(provider, client, issued) {
        body["id_token"] = json!(id_token);
    }
    ([(header::CACHE_CONTROL, pages::NO_STORE)], Json(body)).into_response()
}
