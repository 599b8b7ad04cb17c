//! Discovery (`OpenID` Connect Discovery, RFC 8414).

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::provider::Provider;
use super::scopes::SCOPES;
use crate::doors::Scissors;
use crate::script::Endpoint;

/// Both well-known documents.
pub(crate) async fn document(
    State(provider): State<Provider>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
) -> Response {
    provider.world.count(|counters| counters.discovery_requests += 1);
    if let Some(answer) = provider.world.interrupt(Endpoint::Discovery) {
        return answer.play(&provider.world.closing, &scissors).await;
    }
    let endpoints = &provider.endpoints;
    Json(json!({
        "issuer": endpoints.issuer,
        "authorization_endpoint": endpoints.authorization,
        "token_endpoint": endpoints.token,
        "revocation_endpoint": endpoints.revocation,
        "userinfo_endpoint": endpoints.userinfo,
        "jwks_uri": format!("{}/jwks", endpoints.issuer),
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["HS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "claims_supported": ["iss", "aud", "sub", "iat", "exp", "nonce", "email", "email_verified", "name"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    }))
    .into_response()
}

/// Empty: ID tokens are signed with the client's secret.
pub(crate) async fn keys() -> Response {
    Json(json!({"keys": []})).into_response()
}
