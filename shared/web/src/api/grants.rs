//! Grants: signed-in accounts.

use axum::extract::State;
use intake::{
    App, Error,
    flows::{
        audit,
        change::Expect,
        grants,
        health::{self, Forecast},
        refresh::{self, Reason},
    },
    types::{
        Page, PageRequest, Version,
        grant::{Grant, GrantStatus},
        ids::{GrantId, IntegrationId},
    },
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{calls::calls, last_error::ErrorView};
use crate::{
    answer::{self, List, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Body, Id, IfMatch, IfMatchHeader, NoFields, Paging, Params},
    language,
};

calls!(list_grants, get_grant, delete_grant, refresh_grant);

/// A grant: the standing consent of one account under an integration. Its tokens never leave.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grant)]
struct View {
    id: String,
    integration_id: String,
    /// The account's address; null where the provider does not tell it.
    #[schema(required)]
    account: Option<String>,
    scopes_granted: Vec<String>,
    /// `active`, `needs_consent`, `failing` or `revoked`.
    status: GrantStatus,
    #[schema(required)]
    access_token_expires_at: Option<Time>,
    #[schema(required)]
    refreshed_at: Option<Time>,
    /// Null while only a person can help.
    #[schema(required)]
    next_refresh_at: Option<Time>,
    consecutive_failures: u32,
    #[schema(required)]
    last_error: Option<ErrorView>,
    /// What is going to become of it.
    health: HealthView,
    created_at: Time,
    /// When a person last consented.
    consented_at: Time,
}

/// The forecast of a grant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GrantHealth)]
struct HealthView {
    /// How many days ago the refresh token was issued.
    refresh_token_age_days: i64,
    /// After how many days without a refresh the provider ends it; null where that is not known.
    #[schema(required)]
    inactivity_limit_days: Option<i64>,
    /// When it ends if nothing is done; null where that is not known, and once it has ended.
    #[schema(required)]
    ends_at: Option<Time>,
    /// The days until then; 0 on the last one.
    #[schema(required)]
    days_left: Option<i64>,
    /// Google's seven days for apps in testing seem to run.
    testing_suspected: bool,
    /// One sentence.
    message: String,
    /// What to do; may be empty.
    action: String,
}

fn health_view(forecast: Forecast) -> HealthView {
    let said = forecast.sentence.say(language::present());
    let (message, action) = said.map(|said| (said.message, said.action)).unwrap_or_default();
    HealthView {
        refresh_token_age_days: forecast.refresh_token_age_days,
        inactivity_limit_days: forecast.inactivity_limit_days,
        ends_at: forecast.ends_at.map(Time),
        days_left: forecast.days_left,
        testing_suspected: forecast.testing_suspected,
        message,
        action,
    }
}

/// With their forecasts.
async fn views(app: &App, grants: Vec<Grant>) -> Result<Vec<View>, Error> {
    let forecasts = health::of(app, &grants).await?;
    Ok(grants.into_iter().zip(forecasts).map(|(grant, forecast)| view(grant, forecast)).collect())
}

async fn view_of(app: &App, grant: Grant) -> Result<View, Error> {
    let forecasts = health::of(app, std::slice::from_ref(&grant)).await?;
    let forecast =
        forecasts.into_iter().next().ok_or_else(|| Error::internal("a grant without a forecast"))?;
    Ok(view(grant, forecast))
}

fn view(grant: Grant, forecast: Forecast) -> View {
    View {
        health: health_view(forecast),
        id: grant.id.to_string(),
        integration_id: grant.integration_id.to_string(),
        account: grant.account,
        scopes_granted: grant.scopes_granted,
        status: grant.status,
        access_token_expires_at: grant.access_token_expires_at.map(Time),
        refreshed_at: grant.refreshed_at.map(Time),
        next_refresh_at: grant.next_refresh_at.map(Time),
        consecutive_failures: grant.consecutive_failures,
        last_error: grant.last_error.map(ErrorView::from),
        created_at: Time(grant.created_at),
        consented_at: Time(grant.consented_at),
    }
}

/// What a person decides about a grant is consent: refreshes do not change its ETag.
fn version(grant: &Grant) -> Version {
    Version(u64::try_from(grant.consented_at.as_millisecond()).unwrap_or(0))
}

/// Which grants.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read from the query by `list_grants`")]
struct GrantQuery {
    /// Only those of this integration: int_…
    integration_id: Option<String>,
}

/// Signed-in accounts, newest first.
#[utoipa::path(get, path = "/grants", tag = "grants",
    params(GrantQuery, Paging), responses((status = 200, body = List<View>)))]
async fn list_grants(State(app): State<App>, _: Administrator, mut params: Params) -> ApiResult {
    let of = params.take::<IntegrationId>("integration_id", "field.integration_id");
    answer::part!(params.page()?, page => part(&app, of, &page).await, view => view)
}

async fn part(app: &App, of: Option<IntegrationId>, page: &PageRequest) -> Result<Page<View>, Error> {
    let Page { items, next } = grants::list(app, of, page).await?;
    Ok(Page { items: views(app, items).await?, next })
}

/// One signed-in account.
#[utoipa::path(get, path = "/grants/{id}", tag = "grants",
    params(("id" = String, Path, description = "grt_…")), responses((status = 200, body = View)))]
async fn get_grant(State(app): State<App>, _: Administrator, Id(id): Id<GrantId>) -> ApiResult {
    let grant = grants::get(&app, id).await?;
    Ok(answer::versioned(version(&grant), &view_of(&app, grant).await?))
}

/// Forgets an account: revokes at the provider where it can, deletes the tokens. 409 while a mailbox uses it.
#[utoipa::path(delete, path = "/grants/{id}", tag = "grants",
    params(("id" = String, Path, description = "grt_…"), IfMatchHeader), responses((status = 204)))]
async fn delete_grant(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<GrantId>,
    IfMatch(expect): IfMatch,
) -> ApiResult {
    expect.check(version(&grants::get(&app, id).await?))?;
    grants::delete(&app, &actor, id, &Expect::any()).await?;
    Ok(answer::no_content())
}

/// Refreshes the account's tokens now. Noted in the audit trail.
#[utoipa::path(post, path = "/grants/{id}/refresh", tag = "grants",
    params(("id" = String, Path, description = "grt_…")), responses((status = 200, body = View)))]
async fn refresh_grant(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<GrantId>,
    _: Body<NoFields>,
) -> ApiResult {
    grants::get(&app, id).await?;
    audit::asked(&app, &actor, "grant.refresh_requested", id).await?;
    let grant = refresh::refresh_grant(&app, id, Reason::OnDemand).await?;
    Ok(answer::versioned(version(&grant), &view_of(&app, grant).await?))
}
