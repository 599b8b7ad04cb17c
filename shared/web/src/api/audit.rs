//! The audit trail: who did what, from where. It is read; nothing changes it.

use axum::extract::State;
use intake::{
    App, Timestamp,
    flows::audit,
    types::audit::{AuditEntry, AuditFilter, FieldChange, Role, Via},
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::calls::calls;
use crate::{
    answer::{self, List, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Paging, Params},
};

calls!(list_audit);

/// One entry of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct View {
    id: String,
    at: Time,
    actor: ActorView,
    from: OriginView,
    /// A stable dotted word, such as `integration.created`.
    action: String,
    /// The identifier or key of what it was done to.
    subject: String,
    changes: Vec<FieldChange>,
}

/// Who acted.
#[derive(Debug, Serialize, ToSchema)]
struct ActorView {
    /// The name of the token or the person; `maildocket` for what happens by itself.
    name: String,
    #[schema(required)]
    token_id: Option<String>,
    /// The subject of a person who signed in at the company's identity provider.
    #[schema(required)]
    person: Option<String>,
    role: Role,
}

/// From where.
#[derive(Debug, Serialize, ToSchema)]
struct OriginView {
    /// `page`: signing in, or the way back from a provider.
    via: Via,
    /// The client's address.
    #[schema(required)]
    address: Option<String>,
    #[schema(required)]
    session_id: Option<String>,
}

fn view(entry: AuditEntry) -> View {
    let from = entry.actor.from;
    View {
        id: entry.id.to_string(),
        at: Time(entry.at),
        actor: ActorView {
            name: entry.actor.name,
            person: entry.actor.person,
            token_id: entry.actor.token_id.map(|id| id.to_string()),
            role: entry.actor.role,
        },
        from: OriginView {
            via: from.via,
            address: from.address.map(|address| address.to_string()),
            session_id: from.session_id.map(|id| id.to_string()),
        },
        action: entry.action,
        subject: entry.subject,
        changes: entry.changes,
    }
}

/// Which entries.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read from the query by `list_audit`")]
struct AuditQuery {
    /// The identifier or key of what it was done to.
    subject: Option<String>,
    /// The actor's name, the identifier of the token, or the subject of the person.
    actor: Option<String>,
    /// An action such as `integration.created`, or its first word.
    action: Option<String>,
    /// At or after this time.
    #[param(format = DateTime)]
    since: Option<String>,
    /// Before this time.
    #[param(format = DateTime)]
    until: Option<String>,
}

/// Who did what, newest first. A page may have fewer entries than asked for while there are more behind it.
#[utoipa::path(get, path = "/audit", tag = "audit",
    params(AuditQuery, Paging), responses((status = 200, body = List<View>)))]
async fn list_audit(State(app): State<App>, _: Administrator, mut params: Params) -> ApiResult {
    const TIME: &str = "field.time";
    const TEXT: &str = "field.text";
    let filter = AuditFilter {
        subject: params.take("subject", TEXT),
        actor: params.take("actor", TEXT),
        action: params.take("action", TEXT),
        since: params.take::<Timestamp>("since", TIME),
        until: params.take::<Timestamp>("until", TIME),
    };
    answer::part!(params.page()?, page => audit::list(&app, &filter, &page).await, item => view(item))
}
