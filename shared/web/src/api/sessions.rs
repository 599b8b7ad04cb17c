//! Console sessions: who has signed in, and how to end it.

use axum::extract::State;
use intake::{
    App,
    flows::sessions::{self, Listed},
    types::ids::SessionId,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    answer::{self, List, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Id, Paging, Params},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list_sessions)).routes(routes!(revoke_session))
}

/// A console session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
struct View {
    id: String,
    /// The token that it was made with; revoking that ends all of its sessions.
    token_id: String,
    token_name: String,
    /// `administrator`, `agent` or `reader`.
    role: &'static str,
    /// The network that it was made from, `192.0.2.0/24`.
    #[schema(required)]
    network: Option<String>,
    /// Such as `Firefox, Linux`.
    #[schema(required)]
    browser: Option<String>,
    created_at: Time,
    /// To the nearest quarter of an hour.
    last_used_at: Time,
    expires_at: Time,
    /// Whether it is the session of this request.
    current: bool,
}

fn view(listed: Listed, own: Option<SessionId>) -> View {
    let Listed { session, token } = listed;
    View {
        id: session.id().to_string(),
        token_id: token.id.to_string(),
        token_name: token.name.to_string(),
        role: token.role.as_str(),
        current: own == Some(session.id()),
        network: session.visitor.network,
        browser: session.visitor.browser,
        created_at: Time(session.created_at),
        last_used_at: Time(session.last_used_at.unwrap_or(session.created_at)),
        expires_at: Time(session.expires_at),
    }
}

/// Console sessions that have not ended, newest first.
#[utoipa::path(get, path = "/sessions", tag = "tokens",
    params(Paging), responses((status = 200, body = List<View>)))]
async fn list_sessions(
    State(app): State<App>,
    Administrator(actor): Administrator,
    params: Params,
) -> ApiResult {
    let own = actor.from.session_id;
    let view = |listed| view(listed, own);
    answer::part!(params.page()?, page => sessions::list(&app, &page).await, item => view(item))
}

/// Ends a console session. To end all of a person's, revoke the token.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "tokens",
    params(("id" = String, Path, description = "ses_…")), responses((status = 204)))]
async fn revoke_session(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<SessionId>,
) -> ApiResult {
    sessions::revoke(&app, &actor, id).await?;
    Ok(answer::no_content())
}
