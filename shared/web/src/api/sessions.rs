//! Console sessions: who has signed in, and how to end it.

use axum::extract::State;
use intake::{
    App,
    flows::sessions::{self, Listed},
    types::{audit::Role, ids::SessionId},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::calls::calls;
use crate::{
    answer::{self, List, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Id, Paging, Params},
};

calls!(list_sessions, revoke_session);

/// A console session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
struct View {
    id: String,
    /// Who has it: the name of the token or the person.
    name: String,
    /// The token that it was made with; revoking that ends all of its sessions. Null for a person who signed in at the
    /// company's identity provider.
    #[schema(required)]
    token_id: Option<String>,
    #[schema(required)]
    token_name: Option<String>,
    /// The person's subject at the company's identity provider.
    #[schema(required)]
    person: Option<String>,
    /// What it may do.
    role: Role,
    /// The network that it was made from, `192.0.2.0/24`.
    #[schema(required)]
    network: Option<String>,
    /// Such as `Firefox, Linux`.
    #[schema(required)]
    browser: Option<String>,
    created_at: Time,
    /// To the nearest quarter of an hour.
    last_used_at: Time,
    /// If it is not used any more. At most seven days after it was made.
    expires_at: Time,
    /// Whether it is the session of this request.
    current: bool,
}

fn view(listed: Listed, own: Option<SessionId>) -> View {
    let Listed { session, actor } = listed;
    View {
        id: session.id().to_string(),
        token_name: actor.token_id.map(|_| actor.name.clone()),
        name: actor.name,
        token_id: actor.token_id.map(|id| id.to_string()),
        person: actor.person,
        role: actor.role,
        current: own == Some(session.id()),
        created_at: Time(session.created_at),
        last_used_at: Time(session.used_at()),
        expires_at: Time(session.ends_at()),
        network: session.visitor.network,
        browser: session.visitor.browser,
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
