//! Integrations, and redirect URLs before one is saved.

mod input;

use axum::extract::State;
use intake::{
    App,
    flows::integrations::{self, Saved, Warning, is_stale},
    types::{
        ids::IntegrationId,
        integration::{ClientAuthentication, Integration},
    },
};
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    answer::{self, List, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Body, Id, IdempotencyKey, IfMatch, IfMatchHeader, NoFields, Paging, Params},
};

pub(super) use input::{IntegrationPatch, NewIntegration, RedirectUrlRequest};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(make_redirect_url))
        .routes(routes!(list_integrations, create_integration))
        .routes(routes!(get_integration, patch_integration, delete_integration))
        .routes(routes!(generate_redirect_url))
        .routes(routes!(reveal_client_secret))
}

/// An integration: a registration of this installation at a provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Integration)]
pub(super) struct View {
    id: String,
    /// `google`, `microsoft` or `custom`.
    provider: &'static str,
    name: String,
    description: String,
    client_id: String,
    /// Always true: the secret itself leaves only by the reveal call.
    client_secret_set: bool,
    /// When the client secret was last typed.
    client_secret_changed_at: Time,
    /// The last day on which the provider accepts the client secret.
    #[schema(required, format = Date)]
    client_secret_expires_on: Option<String>,
    /// How the client authenticates at the token endpoint: `client_secret_post` or `client_secret_basic`.
    client_authentication: ClientAuthenticationWord,
    /// What the consent page is asked to show (`prompt` of OpenID Connect); empty: it is not said; null: what the provider
    /// needs, `consent` for google and custom, `select_account` for microsoft.
    #[schema(required)]
    prompt: Option<String>,
    scopes: Vec<String>,
    /// Microsoft only.
    #[schema(required)]
    tenant: Option<String>,
    #[schema(required)]
    issuer: Option<String>,
    authorization_endpoint: String,
    token_endpoint: String,
    /// To be registered at the provider, exactly so.
    redirect_url: String,
    /// The endpoints or the base URL changed since it was generated: generate it again and register it.
    redirect_url_stale: bool,
    /// What will probably not work.
    warnings: Vec<WarningView>,
    created_at: Time,
    updated_at: Time,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ClientAuthentication)]
enum ClientAuthenticationWord {
    ClientSecretPost,
    ClientSecretBasic,
}

/// Something that will probably not work, though it could be saved.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Warning)]
pub(super) struct WarningView {
    /// Stable, `snake_case`.
    code: &'static str,
    message: String,
}

impl From<Warning> for WarningView {
    fn from(warning: Warning) -> Self {
        Self { code: warning.code, message: warning.message }
    }
}

fn view(app: &App, saved: Saved) -> View {
    let Saved { integration: i, warnings } = saved;
    View {
        redirect_url_stale: is_stale(app, &i),
        id: i.id.to_string(),
        provider: i.provider.as_str(),
        name: i.name.to_string(),
        description: i.description,
        client_id: i.client_id,
        client_secret_set: true,
        client_secret_changed_at: Time(i.client_secret_changed_at.unwrap_or(i.created_at)),
        client_secret_expires_on: i.client_secret_expires_on.map(|day| day.to_string()),
        client_authentication: match i.client_authentication {
            ClientAuthentication::ClientSecretPost => ClientAuthenticationWord::ClientSecretPost,
            ClientAuthentication::ClientSecretBasic => ClientAuthenticationWord::ClientSecretBasic,
        },
        prompt: i.prompt.map(|prompt| prompt.as_str().to_owned()),
        scopes: i.scopes,
        tenant: i.tenant,
        issuer: i.issuer,
        authorization_endpoint: i.endpoints.authorization.into(),
        token_endpoint: i.endpoints.token.into(),
        redirect_url: i.redirect_url.into(),
        warnings: warnings.into_iter().map(WarningView::from).collect(),
        created_at: Time(i.created_at),
        updated_at: Time(i.updated_at),
    }
}

pub(super) fn view_read(app: &App, integration: Integration) -> View {
    let warnings = integrations::warnings(&integration);
    view(app, Saved { integration, warnings })
}

/// A redirect URL.
#[derive(Debug, Serialize, ToSchema)]
struct RedirectUrl {
    /// To be registered at the provider, exactly so.
    redirect_url: String,
    /// What the provider will not like about it.
    warnings: Vec<WarningView>,
}

/// The redirect URL for what was typed so far; nothing is saved.
#[utoipa::path(post, path = "/redirect-urls", tag = "integrations",
    request_body = RedirectUrlRequest, responses((status = 200, body = RedirectUrl)))]
async fn make_redirect_url(
    State(app): State<App>,
    _: Administrator,
    body: Body<RedirectUrlRequest>,
) -> ApiResult {
    let made = integrations::generate(&app, body.value.into()).await?;
    Ok(answer::ok(&RedirectUrl {
        redirect_url: made.redirect_url.into(),
        warnings: made.warnings.into_iter().map(WarningView::from).collect(),
    }))
}

/// Creates an integration.
#[utoipa::path(post, path = "/integrations", tag = "integrations",
    params(IdempotencyKey), request_body = NewIntegration, responses((status = 201, body = View)))]
async fn create_integration(
    State(app): State<App>,
    Administrator(actor): Administrator,
    body: Body<NewIntegration>,
) -> ApiResult {
    let once = body.once(&app, &actor)?;
    let saved = integrations::create(&app, &actor, body.value.into(), once.as_ref()).await?;
    let (id, version) = (saved.integration.id, saved.integration.version);
    Ok(answer::created(&format!("/api/v1/integrations/{id}"), version, &view(&app, saved)))
}

/// All integrations, newest first.
#[utoipa::path(get, path = "/integrations", tag = "integrations",
    params(Paging), responses((status = 200, body = List<View>)))]
async fn list_integrations(State(app): State<App>, _: Administrator, params: Params) -> ApiResult {
    let view = |integration| view_read(&app, integration);
    answer::part!(params.page()?, page => integrations::list(&app, &page).await, item => view(item))
}

/// One integration.
#[utoipa::path(get, path = "/integrations/{id}", tag = "integrations",
    params(("id" = String, Path, description = "int_…")), responses((status = 200, body = View)))]
async fn get_integration(State(app): State<App>, _: Administrator, Id(id): Id<IntegrationId>) -> ApiResult {
    let integration = integrations::get(&app, id).await?;
    Ok(answer::versioned(integration.version, &view_read(&app, integration)))
}

/// Changes an integration. A changed token endpoint needs the client secret again (`client_secret_required`), and its
/// grants wait for a new consent; changed endpoints make the redirect URL stale.
#[utoipa::path(patch, path = "/integrations/{id}", tag = "integrations",
    params(("id" = String, Path, description = "int_…"), IfMatchHeader),
    request_body = IntegrationPatch, responses((status = 200, body = View)))]
async fn patch_integration(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<IntegrationId>,
    IfMatch(expect): IfMatch,
    body: Body<IntegrationPatch>,
) -> ApiResult {
    let saved = integrations::patch(&app, &actor, id, &expect, body.value.into()).await?;
    Ok(answer::versioned(saved.integration.version, &view(&app, saved)))
}

/// Deletes an integration that nothing uses (409 `in_use`).
#[utoipa::path(delete, path = "/integrations/{id}", tag = "integrations",
    params(("id" = String, Path, description = "int_…"), IfMatchHeader), responses((status = 204)))]
async fn delete_integration(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<IntegrationId>,
    IfMatch(expect): IfMatch,
) -> ApiResult {
    integrations::delete(&app, &actor, id, &expect).await?;
    Ok(answer::no_content())
}

/// Generates the redirect URL again, after the endpoints or the base URL changed.
#[utoipa::path(post, path = "/integrations/{id}/redirect-url", tag = "integrations",
    params(("id" = String, Path, description = "int_…"), IfMatchHeader), responses((status = 200, body = View)))]
async fn generate_redirect_url(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<IntegrationId>,
    IfMatch(expect): IfMatch,
    _: Body<NoFields>,
) -> ApiResult {
    let saved = integrations::generate_redirect_url(&app, &actor, id, &expect).await?;
    Ok(answer::versioned(saved.integration.version, &view(&app, saved)))
}

/// A client secret.
#[derive(Serialize, ToSchema)]
struct ClientSecret {
    client_secret: String,
}

/// Shows the client secret, after noting in the audit trail who looked.
#[utoipa::path(post, path = "/integrations/{id}/client-secret/reveal", tag = "integrations",
    params(("id" = String, Path, description = "int_…")), responses((status = 200, body = ClientSecret)))]
async fn reveal_client_secret(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<IntegrationId>,
    _: Body<NoFields>,
) -> ApiResult {
    let secret = integrations::reveal(&app, &actor, id).await?;
    Ok(answer::ok(&ClientSecret { client_secret: secret.expose_secret().to_owned() }))
}
