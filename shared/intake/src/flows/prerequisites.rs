//! What must be so before anything is typed: base URL, reachability of the provider, clock. Nothing is written.

use futures::future::join_all;
use url::Url;

use super::integrations::{self, ProviderInput, Warning, redirect_warnings};
use crate::{
    App, Result, Sentence, Timestamp,
    ports::{Reached, Unreached},
    types::{
        integration::{Endpoints, Provider},
        presets::{self, DEFAULT_TENANT},
    },
};

/// How far the clock may be off: signatures and tokens of providers allow a few minutes, and answers take a while.
const CLOCK_LEEWAY_SECONDS: i64 = 60;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckStatus {
    /// It is as it must be.
    Ok,
    /// It is not.
    Failed,
    /// It could not be found out.
    Skipped,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// `https`, `redirect_url`, `reachability` or `clock`.
    pub name: &'static str,
    /// The provider that it is about; None where it is about all of them.
    pub provider: Option<Provider>,
    /// How it went.
    pub status: CheckStatus,
    /// What was seen, and of a failure what to do; its code is that of the failure.
    pub sentence: Sentence,
}

impl Check {
    fn ok(name: &'static str, sentence: impl Into<Sentence>) -> Self {
        Self { name, provider: None, status: CheckStatus::Ok, sentence: sentence.into() }
    }

    fn skipped(name: &'static str, sentence: impl Into<Sentence>) -> Self {
        Self { status: CheckStatus::Skipped, ..Self::ok(name, sentence) }
    }

    fn failed(name: &'static str, sentence: impl Into<Sentence>) -> Self {
        Self { status: CheckStatus::Failed, ..Self::ok(name, sentence) }
    }

    /// The stable code of a failure.
    pub fn code(&self) -> Option<String> {
        (self.status == CheckStatus::Failed).then(|| self.sentence.code())
    }

    fn of(self, provider: Provider) -> Self {
        Self { provider: Some(provider), ..self }
    }
}

/// A provider to look at.
struct Target {
    provider: Provider,
    token: Url,
    redirect_url: Url,
}

impl Target {
    fn new(app: &App, provider: Provider, endpoints: &Endpoints) -> Self {
        let redirect_url = integrations::redirect_url(&app.settings.base_url, provider, endpoints);
        Self { provider, token: endpoints.token.clone(), redirect_url }
    }

    fn host(&self) -> &str {
        self.token.host_str().unwrap_or_default()
    }
}

/// Checks what can be checked before a provider is chosen: for Google and Microsoft.
pub async fn check_known(app: &App) -> Vec<Check> {
    let target = |provider| {
        let endpoints = presets::endpoints(provider, Some(DEFAULT_TENANT))?;
        Some(Target::new(app, provider, &endpoints))
    };
    let targets: Vec<_> = [Provider::Google, Provider::Microsoft].into_iter().filter_map(target).collect();
    check(app, &targets).await
}

/// Checks the same for what was typed so far.
pub async fn check_typed(app: &App, input: ProviderInput) -> Result<Vec<Check>> {
    let (provider, endpoints) = integrations::read_place(app, input).await?;
    Ok(check(app, &[Target::new(app, provider, &endpoints)]).await)
}

async fn check(app: &App, targets: &[Target]) -> Vec<Check> {
    let mut checks = vec![https(&app.settings.base_url)];
    checks.extend(targets.iter().map(redirect_url));
    let answers = join_all(targets.iter().map(|target| async {
        let answer = app.oauth.reach(&target.token).await;
        (answer, app.now())
    }))
    .await;
    checks.extend(targets.iter().zip(&answers).map(|(target, (answer, _))| reachability(target, answer)));
    let told = targets
        .iter()
        .zip(&answers)
        .find_map(|(target, (answer, now))| Some((target.host(), answer.as_ref().ok()?.date?, *now)));
    checks.push(match told {
        Some((host, theirs, ours)) => clock(host, theirs, ours),
        None => Check::skipped("clock", "check.clock.unasked"),
    });
    checks
}

fn https(base_url: &Url) -> Check {
    let key = if base_url.scheme() == "https" { "check.https" } else { "check.https.local" };
    Check::ok("https", Sentence::new(key).with("url", base_url))
}

fn redirect_url(target: &Target) -> Check {
    const NAME: &str = "redirect_url";
    let found = redirect_warnings(target.provider, &target.redirect_url).into_iter().next();
    let check = match found {
        None => Check::ok(NAME, Sentence::new("check.redirect_url").with("url", &target.redirect_url)),
        Some(Warning(sentence)) => Check::failed(NAME, sentence),
    };
    check.of(target.provider)
}

fn reachability(target: &Target, answer: &Result<Reached, Unreached>) -> Check {
    const NAME: &str = "reachability";
    let host = target.host();
    let check = match answer {
        Ok(_) => Check::ok(NAME, Sentence::new("check.reachability").with("host", host)),
        Err(unreached) => Check::failed(NAME, unreached.sentence(host)),
    };
    check.of(target.provider)
}

/// Our clock against the time that a host told.
pub fn clock(host: &str, theirs: Timestamp, ours: Timestamp) -> Check {
    let ahead = ours.as_second() - theirs.as_second();
    if ahead.abs() <= CLOCK_LEEWAY_SECONDS {
        return Check::ok("clock", Sentence::new("check.clock").with("host", host));
    }
    let key = if ahead > 0 { "clock_wrong.ahead" } else { "clock_wrong.behind" };
    Check::failed("clock", Sentence::new(key).with("seconds", ahead.abs()).with("host", host))
}
