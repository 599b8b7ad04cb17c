//! Testing a signed-in account: the provider, the client, a fresh token, and what was granted.

use super::{
    Budget,
    integration::client_steps,
    report::{Probe, ProbeReport},
    without_memory,
};
use crate::{
    App, Error, Kind, Result, Sentence,
    flows::{grants, integrations, refresh},
    types::{
        grant::{Grant, GrantStatus},
        ids::GrantId,
        integration::Integration,
    },
};

const STEPS: [&str; 6] = ["consent", "client_secret", "token_endpoint", "client", "token", "scopes"];
/// Providers never name these in their answers.
const SILENT: [&str; 4] = ["offline_access", "openid", "email", "profile"];

/// Tests a grant: its tokens, and the scopes that were granted against those that are needed.
pub async fn grant(app: &App, id: GrantId) -> Result<ProbeReport> {
    let app = &without_memory(app);
    let budget = Budget::of(app);
    let mut probe = Probe::new(&STEPS);
    grant_steps(app, id, budget, true, &mut probe).await?;
    Ok(probe.end("summary.grant"))
}

/// `ask`: the provider is asked about the client even while the token is fresh.
pub(super) async fn grant_steps(
    app: &App,
    id: GrantId,
    budget: Budget,
    ask: bool,
    probe: &mut Probe,
) -> Result<()> {
    let grant = grants::get(app, id).await?;
    if grant.status == GrantStatus::NeedsConsent {
        probe.failed("consent", refresh::dead(&grant));
        return Ok(());
    }
    probe.passed(
        "consent",
        match &grant.account {
            Some(account) => Sentence::new("step.consent").with("account", account),
            None => Sentence::new("step.consent.unknown"),
        },
    );
    let integration = integrations::get(app, grant.integration_id).await?;
    if ask || !grants::is_fresh(app, &grant) {
        client_steps(app, &integration, budget, probe, false).await;
        if probe.has_failed() {
            return Ok(());
        }
    } else {
        for name in ["client_secret", "token_endpoint", "client"] {
            probe.skipped(name, Sentence::new("step.not_asked"));
        }
    }
    match budget.ask(app, grants::access_token(app, id)).await.and_then(|token| token) {
        Ok(_) => {}
        Err(error) => {
            probe.failed("token", error);
            return Ok(());
        }
    }
    let grant = grants::get(app, id).await?;
    let until = grant.access_token_expires_at.map(|end| end.strftime("%Y-%m-%d %H:%M UTC").to_string());
    probe.passed("token", Sentence::new("step.token").with("until", until.unwrap_or_default()));
    scopes(&grant, &integration, probe);
    Ok(())
}

fn scopes(grant: &Grant, integration: &Integration, probe: &mut Probe) {
    let granted = |scope: &str| grant.scopes_granted.iter().any(|given| given.eq_ignore_ascii_case(scope));
    let needed = integration.scopes.iter().map(String::as_str);
    let missing: Vec<&str> = needed.filter(|scope| !SILENT.contains(scope) && !granted(scope)).collect();
    if missing.is_empty() {
        return probe.passed("scopes", Sentence::new("step.scopes"));
    }
    let told = Sentence::new("scopes_missing").with("scopes", missing.join(", "));
    probe.failed("scopes", Error::told(Kind::NeedsConsent, told));
}
