//! Configuration as a document: given out, and applied.

use axum::extract::State;
use configuration::{ObjectChange, Options, apply, export};
use intake::{App, Error, one_of, types::audit::FieldChange};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::calls::calls;
use crate::{
    answer,
    auth::Administrator,
    error::ApiResult,
    extract::{Body, Params},
    language,
};

calls!(get_config, apply_config);

/// The configuration as a document: what `maildocket export` writes.
#[derive(Serialize, ToSchema)]
#[schema(as = Config)]
#[allow(dead_code, reason = "describes `Document` in the OpenAPI document")]
struct DocumentView {
    /// 1.
    format: u64,
    /// By key: `{"name"}`.
    #[schema(value_type = Object)]
    projects: Value,
    /// By name: the fields that make an integration, without the name. `client_secret` is `"stored"`; to set it, give
    /// `{"value"}` here, or `{env}` or `{file}` in a file for `maildocket apply`.
    #[schema(value_type = Object)]
    integrations: Value,
    /// By name: the fields that make a mailbox, without the name. `auth` names its `integration`; its `password` is
    /// as `client_secret` above.
    #[schema(value_type = Object)]
    mailboxes: Value,
}

/// What was changed, or would be.
#[derive(Debug, Serialize, ToSchema)]
struct Outcome {
    /// Whether the document differs from what was there.
    changed: bool,
    /// Whether it was applied: not in a dry run, and not where nothing differs.
    applied: bool,
    changes: Vec<ObjectView>,
    /// What breaks; without `force` it is not applied (409 `would_break`).
    risks: Vec<RiskView>,
}

one_of!(ObjectKind: "project", "integration", "mailbox");
one_of!(ObjectAction: "create", "change", "delete");

/// An object that changes.
#[derive(Debug, Serialize, ToSchema)]
struct ObjectView {
    /// What it is.
    #[schema(value_type = ObjectKind)]
    kind: &'static str,
    name: String,
    /// What is done to it.
    #[schema(value_type = ObjectAction)]
    action: &'static str,
    fields: Vec<FieldChange>,
}

/// Something that would break.
#[derive(Debug, Serialize, ToSchema)]
struct RiskView {
    /// A JSON pointer into the document.
    pointer: String,
    detail: String,
}

fn object_view(change: ObjectChange) -> ObjectView {
    ObjectView { kind: change.kind, name: change.name, action: change.action.as_str(), fields: change.fields }
}

/// The configuration as a document: no identifiers, no state, no secrets, in a stable order.
#[utoipa::path(get, path = "/config", tag = "config", responses((status = 200, body = DocumentView)))]
async fn get_config(State(app): State<App>, _: Administrator, params: Params) -> ApiResult {
    params.finish()?;
    Ok(answer::ok(&export(&app).await?))
}

/// How it is applied.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read from the query by `apply_config`")]
struct ApplyQuery {
    /// Only tell what would change.
    dry_run: Option<bool>,
    /// Delete integrations and mailboxes that the document does not list.
    prune: Option<bool>,
    /// Also what breaks a running mailbox.
    force: Option<bool>,
}

/// Makes the installation as the document says. An export changes nothing. Everything that is wrong is told at once,
/// with its place in the document, and then nothing is changed. A field that is left out stays, null removes; an object
/// that is left out stays unless `prune` is given; a changed name is another object.
#[utoipa::path(post, path = "/config/apply", tag = "config",
    params(ApplyQuery), request_body = DocumentView, responses((status = 200, body = Outcome)))]
async fn apply_config(
    State(app): State<App>,
    Administrator(actor): Administrator,
    mut params: Params,
    body: Body<Value>,
) -> ApiResult {
    let mut flag = |name| params.take::<bool>(name, "field.true_or_false").unwrap_or_default();
    let options = Options { dry_run: flag("dry_run"), prune: flag("prune"), force: flag("force") };
    params.finish()?;
    let applied = apply(&app, &actor, body.value, options).await.map_err(Error::from)?;
    Ok(answer::ok(&Outcome {
        changed: !applied.changes.is_empty(),
        applied: !applied.changes.is_empty() && !options.dry_run,
        changes: applied.changes.into_iter().map(object_view).collect(),
        risks: applied
            .risks
            .into_iter()
            .map(|risk| risk.in_language(language::present()))
            .map(|risk| RiskView { pointer: risk.pointer, detail: risk.detail })
            .collect(),
    }))
}
