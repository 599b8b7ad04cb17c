//! What helps to make an integration: providers that are known, what must be so first, and a client to enter on both sides.

use axum::extract::State;
use intake::{
    App, Error, Sentence,
    flows::{
        integrations::{self, ProviderInput},
        prerequisites::{self, Check, CheckStatus},
    },
    one_of,
    types::{
        Page, PageRequest,
        integration::Provider,
        mailbox::{Protocol, Tls},
        presets::{CATALOGUE, Guide, MailHostPreset, Preset},
    },
};
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;

use super::calls::calls;
use crate::{
    answer::{self, List},
    auth::Administrator,
    error::ApiResult,
    extract::{Body, NoFields, Paging, Params},
    language,
};

calls!(list_presets, get_prerequisites, check_prerequisites, suggest_client);

/// A provider, as the form of its integration is filled in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Preset)]
struct PresetView {
    /// A stable word.
    id: &'static str,
    /// As people call it.
    name: &'static str,
    /// The `provider` of an integration; null where the provider lets mail programs in by password only.
    #[schema(required)]
    provider: Option<Provider>,
    /// Computed for google and microsoft, with `{tenant}` in it for microsoft; to be entered for custom, where it is not
    /// null.
    #[schema(required)]
    authorization_endpoint: Option<&'static str>,
    /// As the authorization endpoint.
    #[schema(required)]
    token_endpoint: Option<&'static str>,
    /// Words for `tenant`; a tenant id or a verified domain is possible too. Microsoft only.
    tenants: Vec<TenantWord>,
    /// What consent asks for.
    scopes: &'static [&'static str],
    mail_servers: Vec<MailServerView>,
    /// What to do at the provider, in order.
    steps: Vec<StepView>,
    /// What the provider demands of a redirect URL.
    redirect_url_rules: Vec<String>,
    /// What must be so before one begins.
    prerequisites: Vec<String>,
}

/// A word for a tenant.
#[derive(Debug, Serialize, ToSchema)]
struct TenantWord {
    tenant: &'static str,
    /// Who can sign in.
    accounts: String,
}

/// A mail server of a provider, in the words of a mailbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PresetMailServer)]
struct MailServerView {
    /// What is spoken.
    protocol: Protocol,
    host: &'static str,
    port: u16,
    /// From the first byte, or later.
    tls: Tls,
}

/// A step at the provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PresetStep)]
struct StepView {
    text: String,
    /// Where to do it.
    #[schema(required)]
    url: Option<&'static str>,
}

/// A sentence of the catalogue, in the reader's language.
fn said(key: &'static str) -> String {
    Sentence::new(key).message(language::present())
}

fn view(preset: Preset) -> PresetView {
    let server = |server: &MailHostPreset| MailServerView {
        protocol: server.protocol,
        host: server.host,
        port: server.port,
        tls: server.tls,
    };
    let step = |guide: &Guide| StepView { text: said(guide.text), url: guide.url };
    let tenant =
        |(tenant, accounts): &(&'static str, &'static str)| TenantWord { tenant, accounts: said(accounts) };
    PresetView {
        id: preset.id,
        name: preset.name,
        provider: preset.provider,
        authorization_endpoint: preset.authorization_endpoint,
        token_endpoint: preset.token_endpoint,
        tenants: preset.tenants.iter().map(tenant).collect(),
        scopes: preset.scopes,
        mail_servers: preset.mail_servers.iter().map(server).collect(),
        steps: preset.steps.iter().map(step).collect(),
        redirect_url_rules: preset.redirect_url_rules.iter().map(|key| said(key)).collect(),
        prerequisites: preset.prerequisites.iter().map(|key| said(key)).collect(),
    }
}

/// A part of the catalogue; the cursor is the id of the last preset of the part before.
fn part(page: &PageRequest) -> Result<Page<Preset>, Error> {
    let from = match &page.cursor {
        None => 0,
        Some(cursor) => {
            let last = CATALOGUE.iter().position(|preset| preset.id == cursor);
            last.map(|at| at + 1).ok_or_else(Error::invalid_cursor)?
        }
    };
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let items: Vec<_> = CATALOGUE.iter().skip(from).take(limit).copied().collect();
    let last = items.last().filter(|_| from + items.len() < CATALOGUE.len());
    Ok(Page { next: last.map(|preset| preset.id.to_owned()), items })
}

/// Providers that are known: endpoints, scopes, mail servers, and what to do there. Most used first.
#[utoipa::path(get, path = "/presets", tag = "integrations",
    params(Paging), responses((status = 200, body = List<PresetView>)))]
async fn list_presets(_: Administrator, params: Params) -> ApiResult {
    answer::part!(params.page()?, page => part(&page), item => view(item))
}

/// What must be so before an integration is made.
#[derive(Debug, Serialize, ToSchema)]
struct Prerequisites {
    /// No check failed.
    ok: bool,
    checks: Vec<CheckView>,
}

one_of!(PrerequisiteName: "https", "redirect_url", "reachability", "clock");

/// One check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PrerequisiteCheck)]
struct CheckView {
    /// What is looked at.
    #[schema(value_type = PrerequisiteName)]
    name: &'static str,
    /// Null where it is about all providers.
    #[schema(required)]
    provider: Option<Provider>,
    status: CheckWord,
    /// What was seen.
    detail: String,
    /// The stable code of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// What to do about a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
}

/// How a check went.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CheckStatus)]
pub(super) enum CheckWord {
    Ok,
    Failed,
    Skipped,
}

fn prerequisites(checks: Vec<Check>) -> Prerequisites {
    let check = |check: Check| {
        let said = check.sentence.say(language::present()).unwrap_or_default();
        CheckView {
            name: check.name,
            provider: check.provider,
            status: match check.status {
                CheckStatus::Ok => CheckWord::Ok,
                CheckStatus::Failed => CheckWord::Failed,
                CheckStatus::Skipped => CheckWord::Skipped,
            },
            code: check.code(),
            detail: said.message,
            action: Some(said.action).filter(|action| !action.is_empty()),
        }
    };
    Prerequisites {
        ok: checks.iter().all(|check| check.status != CheckStatus::Failed),
        checks: checks.into_iter().map(check).collect(),
    }
}

/// Looks, before anything is typed, whether Google and Microsoft can be reached, like the redirect URLs, and agree with
/// the clock.
#[utoipa::path(get, path = "/prerequisites", tag = "integrations",
    responses((status = 200, body = Prerequisites)))]
async fn get_prerequisites(State(app): State<App>, _: Administrator, params: Params) -> ApiResult {
    params.finish()?;
    Ok(answer::ok(&prerequisites(prerequisites::check_known(&app).await)))
}

/// The same for the provider that was typed so far; nothing is saved.
#[utoipa::path(post, path = "/prerequisites", tag = "integrations",
    request_body = ProviderInput, responses((status = 200, body = Prerequisites)))]
async fn check_prerequisites(
    State(app): State<App>,
    _: Administrator,
    body: Body<ProviderInput>,
) -> ApiResult {
    Ok(answer::ok(&prerequisites(prerequisites::check_typed(&app, body.value).await?)))
}

/// A client for a provider where one makes it oneself.
#[derive(Serialize, ToSchema)]
struct SuggestedClient {
    client_id: String,
    client_secret: String,
}

/// Makes a client ID and secret up, for a provider where one enters the same on both sides; nothing is saved.
#[utoipa::path(post, path = "/client-credentials", tag = "integrations",
    responses((status = 200, body = SuggestedClient)))]
async fn suggest_client(State(app): State<App>, _: Administrator, _: Body<NoFields>) -> ApiResult {
    let made = integrations::suggest_client(&app);
    Ok(answer::ok(&SuggestedClient {
        client_id: made.client_id,
        client_secret: made.client_secret.expose_secret().to_owned(),
    }))
}
