//! The forecast of a signed-in account: when the provider is going to end it, and what a person can do before.

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::SignedDuration;

use crate::{
    App, Result, Sentence, Timestamp,
    types::{
        PageRequest,
        grant::{Grant, GrantStatus},
        ids::IntegrationId,
        integration::Provider,
    },
};

/// Google ends a refresh token that was not used for six months; counted shortly.
const GOOGLE_IDLE_DAYS: i64 = 180;
/// Microsoft ends one 90 days after it was issued, and issues a new one with each use.
const MICROSOFT_IDLE_DAYS: i64 = 90;
/// Google ends consents to an app in testing after so many days.
const TESTING_DAYS: i64 = 7;
/// A consent that lived for so many hours died of the seven days: detected a little late, at most by a day's pause.
const TESTING_HOURS: std::ops::RangeInclusive<u32> = 160..=192;
/// A refresh so many days ago is told.
const IDLE_TOLD_DAYS: i64 = 3;
/// The most grants of an integration that are looked at.
const MAX_GRANTS: u32 = 200;

/// What is going to become of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// How many days ago its refresh token was issued.
    pub refresh_token_age_days: i64,
    /// After how many days without a refresh the provider ends it; None where that is not known.
    pub inactivity_limit_days: Option<i64>,
    /// When it ends if nothing is done: no refresh, no consent. None where that is not known.
    pub ends_at: Option<Timestamp>,
    /// The days until then; 0 on the last one.
    pub days_left: Option<i64>,
    /// Google's seven days for apps in testing seem to run.
    pub testing_suspected: bool,
    /// One sentence, with what to do.
    pub sentence: Sentence,
    /// It ends soon although it is refreshed.
    pub fixed: bool,
}

/// The forecasts of these grants, in their order.
pub async fn of(app: &App, grants: &[Grant]) -> Result<Vec<Forecast>> {
    let mut known: BTreeMap<IntegrationId, (Option<Provider>, bool)> = BTreeMap::new();
    for id in grants.iter().map(|grant| grant.integration_id) {
        let Entry::Vacant(place) = known.entry(id) else { continue };
        let provider = app.store.integration(id).await?.map(|integration| integration.provider);
        let testing = match provider {
            Some(Provider::Google) => {
                let page = app.store.grants(Some(id), &PageRequest::first(MAX_GRANTS)).await?;
                seems_testing(&page.items)
            }
            _ => false,
        };
        place.insert((provider, testing));
    }
    let forecast = |grant: &Grant| {
        let (provider, testing) = known.get(&grant.integration_id).copied().unwrap_or_default();
        forecast(grant, provider.unwrap_or(Provider::Custom), testing, app.now())
    };
    Ok(grants.iter().map(forecast).collect())
}

/// Whether consents of this integration die after seven days.
pub fn seems_testing<'a>(grants: impl IntoIterator<Item = &'a Grant>) -> bool {
    grants
        .into_iter()
        .any(|grant| grant.life.ended_after_hours.is_some_and(|hours| TESTING_HOURS.contains(&hours)))
}

/// The forecast of one grant. `testing`: earlier consents of its integration died after seven days.
pub fn forecast(grant: &Grant, provider: Provider, testing: bool, now: Timestamp) -> Forecast {
    let issued = grant.life.issued_at.unwrap_or(grant.consented_at);
    let used = grant.refreshed_at.unwrap_or(grant.consented_at);
    let idle_limit = match provider {
        Provider::Google => Some(GOOGLE_IDLE_DAYS),
        Provider::Microsoft => Some(MICROSOFT_IDLE_DAYS),
        Provider::Custom => None,
    };
    let idle_end = idle_limit.and_then(|days| after(used, days));
    let named_end = grant.life.expires_at;
    let week = after(grant.consented_at, TESTING_DAYS);
    let short =
        named_end.zip(after(grant.consented_at, TESTING_DAYS + 1)).is_some_and(|(end, limit)| end < limit);
    // Older than a week: whatever ended the ones before, it does not end this one.
    let suspected = provider == Provider::Google && (short || (testing && week.is_some_and(|end| end > now)));
    // Others count the end that they name anew with each refresh.
    let fixed_end =
        (provider == Provider::Google).then(|| named_end.or(week.filter(|_| suspected))).flatten();
    let ends_at = match fixed_end {
        Some(end) => Some(idle_end.map_or(end, |idle| idle.min(end))),
        None => named_end.or(idle_end),
    };
    let dead = grant.status == GrantStatus::NeedsConsent;
    let days_left = ends_at.map(|end| days(end.duration_since(now)).max(0)).filter(|_| !dead);
    let told =
        Told { idle: days(now.duration_since(used)), days_left, fixed: fixed_end.is_some(), suspected };
    Forecast {
        refresh_token_age_days: days(now.duration_since(issued)).max(0),
        inactivity_limit_days: idle_limit,
        ends_at: ends_at.filter(|_| !dead),
        days_left,
        testing_suspected: suspected,
        sentence: sentence(grant.status, provider, &told),
        fixed: fixed_end.is_some() && !dead,
    }
}

/// What the sentence depends on.
struct Told {
    idle: i64,
    days_left: Option<i64>,
    fixed: bool,
    suspected: bool,
}

fn sentence(status: GrantStatus, provider: Provider, told: &Told) -> Sentence {
    match (status, told.days_left) {
        (GrantStatus::NeedsConsent | GrantStatus::Revoked | GrantStatus::Pending, _) => {
            Sentence::new("health.dead")
        }
        (_, Some(days)) if told.suspected => Sentence::new("health.testing").with("days", days),
        (_, Some(days)) if told.fixed => Sentence::new("health.ends").with("days", days),
        (_, Some(days)) if told.idle >= IDLE_TOLD_DAYS => {
            Sentence::new("health.idle").with("idle", told.idle).with("days", days)
        }
        (GrantStatus::Failing, _) => Sentence::new("health.failing"),
        (GrantStatus::Active, _) => Sentence::new(match provider {
            Provider::Google => "health.google",
            Provider::Microsoft => "health.microsoft",
            Provider::Custom => "health.custom",
        }),
    }
}

fn after(at: Timestamp, days: i64) -> Option<Timestamp> {
    at.checked_add(SignedDuration::from_hours(days * 24)).ok()
}

fn days(time: SignedDuration) -> i64 {
    time.as_hours().div_euclid(24)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Language,
        types::{Version, grant::GrantLife, ids::GrantId},
    };

    fn at(day: i64) -> Timestamp {
        after(Timestamp::UNIX_EPOCH, 20_000 + day).unwrap()
    }

    fn grant(consented: i64, refreshed: i64) -> Grant {
        Grant {
            id: GrantId::from_parts(at(0), 1),
            version: Version::FIRST,
            integration_id: IntegrationId::from_parts(at(0), 1),
            account: None,
            subject: None,
            scopes_granted: Vec::new(),
            status: GrantStatus::Active,
            secret_version: None,
            access_token_expires_at: None,
            refreshed_at: Some(at(refreshed)),
            next_refresh_at: None,
            consecutive_failures: 0,
            last_error: None,
            refresh_started: None,
            life: GrantLife::default(),
            created_at: at(consented),
            consented_at: at(consented),
        }
    }

    fn told(forecast: &Forecast) -> String {
        forecast.sentence.message(Language::English)
    }

    #[test]
    fn providers_end_what_is_not_used() {
        let fresh = forecast(&grant(0, 100), Provider::Google, false, at(100));
        assert_eq!((fresh.days_left, fresh.refresh_token_age_days), (Some(180), 100));
        assert!(told(&fresh).contains("6 months") && !fresh.fixed);
        let idle = forecast(&grant(0, 0), Provider::Microsoft, false, at(78));
        assert_eq!((idle.days_left, idle.inactivity_limit_days), (Some(12), Some(90)));
        assert_eq!(told(&idle), "It was refreshed 78 days ago, and ends in 12 days unless it is refreshed.");
        let custom = forecast(&grant(0, 0), Provider::Custom, true, at(1));
        assert_eq!((custom.days_left, custom.testing_suspected), (None, false));
    }

    #[test]
    fn the_seven_days_of_an_app_in_testing_are_suspected() {
        let mut dead = grant(0, 7);
        dead.life.ended_after_hours = Some(169);
        dead.status = GrantStatus::NeedsConsent;
        assert!(seems_testing(&[grant(0, 0), dead.clone()]));
        assert_eq!(forecast(&dead, Provider::Google, true, at(8)).days_left, None);
        let next = forecast(&grant(8, 10), Provider::Google, true, at(10));
        assert_eq!((next.testing_suspected, next.fixed, next.days_left), (true, true, Some(5)));
        let old = forecast(&grant(8, 20), Provider::Google, true, at(20));
        assert_eq!((old.testing_suspected, old.days_left), (false, Some(180)), "it lived longer");
        dead.life.ended_after_hours = Some(100);
        assert!(!seems_testing([&dead]));
    }

    #[test]
    fn an_end_that_google_names_is_believed() {
        let mut named = grant(0, 1);
        named.life.expires_at = Some(at(7));
        let week = forecast(&named, Provider::Google, false, at(1));
        assert_eq!((week.testing_suspected, week.days_left, week.ends_at), (true, Some(6), Some(at(7))));
        named.life.expires_at = Some(at(30));
        let month = forecast(&named, Provider::Google, false, at(1));
        assert_eq!((month.testing_suspected, month.fixed, month.days_left), (false, true, Some(29)));
        let sliding = forecast(&named, Provider::Custom, false, at(1));
        assert_eq!((sliding.fixed, sliding.days_left), (false, Some(29)));
    }
}
