//! API tokens.

use axum::extract::State;
use intake::{
    App,
    flows::tokens::{self, TokenInput},
    types::{Version, audit::Role, ids::TokenId, token::ApiToken},
};
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;

use super::calls::calls;
use crate::{
    answer::{self, List, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Body, Id, IdempotencyKey, IfMatch, IfMatchHeader, Paging, Params},
};

calls!(list_tokens, create_token, get_token, revoke_token);

/// A token. Its value is shown once, when it is made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
struct View {
    id: String,
    name: String,
    /// What it may do.
    role: Role,
    #[schema(required)]
    expires_at: Option<Time>,
    /// To the nearest quarter of an hour.
    #[schema(required)]
    last_used_at: Option<Time>,
    created_at: Time,
}

/// A token with its value.
#[derive(Serialize, ToSchema)]
struct MadeToken {
    #[serde(flatten)]
    view: View,
    /// Shown this once. Null when the same request (Idempotency-Key) had made it before.
    #[schema(required)]
    token: Option<String>,
}

fn view(token: ApiToken) -> View {
    View {
        id: token.id.to_string(),
        name: token.name.to_string(),
        role: token.role,
        expires_at: token.expires_at.map(Time),
        last_used_at: token.last_used_at.map(Time),
        created_at: Time(token.created_at),
    }
}

/// Makes a token, and shows it this once.
#[utoipa::path(post, path = "/tokens", tag = "tokens",
    params(IdempotencyKey), request_body = TokenInput, responses((status = 201, body = MadeToken)))]
async fn create_token(
    State(app): State<App>,
    Administrator(actor): Administrator,
    body: Body<TokenInput>,
) -> ApiResult {
    let once = body.once(&app, &actor)?;
    let made = tokens::create(&app, &actor, body.value, once.as_ref()).await?;
    let path = format!("/api/v1/tokens/{}", made.token.id);
    let token = made.value.map(|value| value.expose_secret().to_owned());
    Ok(answer::created(&path, Version::FIRST, &MadeToken { view: view(made.token), token }))
}

/// All tokens.
#[utoipa::path(get, path = "/tokens", tag = "tokens",
    params(Paging), responses((status = 200, body = List<View>)))]
async fn list_tokens(State(app): State<App>, _: Administrator, params: Params) -> ApiResult {
    answer::part!(params.page()?, page => tokens::list(&app, &page).await, item => view(item))
}

/// One token.
#[utoipa::path(get, path = "/tokens/{id}", tag = "tokens",
    params(("id" = String, Path, description = "tok_…")), responses((status = 200, body = View)))]
async fn get_token(State(app): State<App>, _: Administrator, Id(id): Id<TokenId>) -> ApiResult {
    Ok(answer::versioned(Version::FIRST, &view(tokens::get(&app, id).await?)))
}

/// Revokes a token, and ends the sessions made with it. The last one of an administrator stays (409).
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens",
    params(("id" = String, Path, description = "tok_…"), IfMatchHeader), responses((status = 204)))]
async fn revoke_token(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<TokenId>,
    IfMatch(expect): IfMatch,
) -> ApiResult {
    tokens::revoke(&app, &actor, id, &expect).await?;
    Ok(answer::no_content())
}
