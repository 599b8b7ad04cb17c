//! Integrations, and redirect URLs before one is saved.

use axum::extract::State;
use intake::{
    App,
    flows::integrations::{self, IntegrationInput, IntegrationTold, ProviderInput, Saved, Warning, is_stale},
    types::{ids::IntegrationId, integration::Integration},
};
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;

use super::calls::calls;
use crate::{
    answer::{self, List, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Body, Id, IdempotencyKey, IfMatch, IfMatchHeader, NoFields, Paging, Params, Patch},
    language,
};

calls!(
    make_redirect_url,
    list_integrations,
    create_integration,
    get_integration,
    patch_integration,
    delete_integration,
    generate_redirect_url,
    reveal_client_secret,
);

/// An integration: a registration of this installation at a provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Integration)]
struct View {
    id: String,
    #[serde(flatten)]
    told: IntegrationTold,
    /// Always true: the secret itself leaves only by the reveal call.
    client_secret_set: bool,
    /// When the client secret was last typed.
    client_secret_changed_at: Time,
    /// The endpoints or the base URL changed since it was generated: generate it again and register it.
    redirect_url_stale: bool,
    /// What will probably not work.
    warnings: Vec<WarningView>,
    created_at: Time,
    updated_at: Time,
}

/// Something that will probably not work, though it could be saved.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Warning)]
pub(super) struct WarningView {
    /// Stable, `snake_case`.
    code: String,
    message: String,
}

impl From<Warning> for WarningView {
    fn from(Warning(sentence): Warning) -> Self {
        Self { code: sentence.code(), message: sentence.whole(language::present()) }
    }
}

fn view(app: &App, saved: Saved) -> View {
    let Saved { integration: i, warnings } = saved;
    View {
        id: i.id.to_string(),
        told: IntegrationTold::of(&i),
        client_secret_set: true,
        client_secret_changed_at: Time(i.client_secret_changed_at.unwrap_or(i.created_at)),
        redirect_url_stale: is_stale(app, &i),
        warnings: warnings.into_iter().map(WarningView::from).collect(),
        created_at: Time(i.created_at),
        updated_at: Time(i.updated_at),
    }
}

fn view_read(app: &App, integration: Integration) -> View {
    let warnings = integrations::warnings(&integration);
    view(app, Saved { integration, warnings })
}

type IntegrationPatch = Patch<IntegrationInput>;

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
    request_body = ProviderInput, responses((status = 200, body = RedirectUrl)))]
async fn make_redirect_url(State(app): State<App>, _: Administrator, body: Body<ProviderInput>) -> ApiResult {
    let made = integrations::generate(&app, body.value).await?;
    Ok(answer::ok(&RedirectUrl {
        redirect_url: made.redirect_url.into(),
        warnings: made.warnings.into_iter().map(WarningView::from).collect(),
    }))
}

/// Creates an integration.
#[utoipa::path(post, path = "/integrations", tag = "integrations",
    params(IdempotencyKey), request_body = IntegrationInput, responses((status = 201, body = View)))]
async fn create_integration(
    State(app): State<App>,
    Administrator(actor): Administrator,
    body: Body<IntegrationInput>,
) -> ApiResult {
    let once = body.once(&app, &actor)?;
    let saved = integrations::create(&app, &actor, body.value, once.as_ref()).await?;
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
    let saved = integrations::patch(&app, &actor, id, &expect, body.value.0).await?;
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
