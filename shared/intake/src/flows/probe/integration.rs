//! Testing an integration: its settings, the way to both endpoints, and whether the provider accepts the client.

use secrecy::SecretString;

use super::{
    Budget,
    report::{Probe, ProbeReport},
};
use crate::{
    App, Error, Kind, Result, Sentence, explain,
    flows::integrations,
    ports::{Client, CodeExchange, OAuthError, OAuthFault},
    types::{
        ids::IntegrationId,
        integration::{Integration, Provider},
        secret::SecretName,
    },
};

const STEPS: [&str; 6] =
    ["settings", "redirect_url", "client_secret", "authorization_endpoint", "token_endpoint", "client"];

/// Tests an integration. Without a grant a made-up code tells whether the provider accepts the client.
pub async fn integration(app: &App, id: IntegrationId) -> Result<ProbeReport> {
    let integration = integrations::get(app, id).await?;
    let budget = Budget::of(app);
    let mut probe = Probe::new(&STEPS);
    settings(app, &integration, &mut probe);
    if !probe.has_failed() {
        client_steps(app, &integration, budget, &mut probe, true).await;
    }
    let decided = !probe.has_skipped("client");
    Ok(probe.end(if decided { "summary.integration" } else { "summary.integration.undecided" }))
}

fn settings(app: &App, integration: &Integration, probe: &mut Probe) {
    let provider = match integration.provider {
        Provider::Google => "Google",
        Provider::Microsoft => "Microsoft",
        Provider::Custom => "Custom",
    };
    let scopes = &integration.scopes;
    let told = Sentence::new("step.settings.integration").with("provider", provider);
    probe.passed("settings", told.with("count", scopes.len()).with("scopes", scopes.join(", ")));
    if integrations::is_stale(app, integration) {
        probe.failed("redirect_url", Error::told(Kind::Conflict, Sentence::new("redirect_url_stale")));
    } else {
        let told = Sentence::new("step.redirect_url").with("url", &integration.redirect_url);
        probe.passed("redirect_url", told);
    }
}

/// From the client secret to the provider's word about it; on the way to its authorization endpoint too, where that is
/// asked for.
pub(super) async fn client_steps(
    app: &App,
    integration: &Integration,
    budget: Budget,
    probe: &mut Probe,
    authorization: bool,
) {
    let name = SecretName::Integration(integration.id);
    let secret = match app.vault.get(name, &integration.client_secret_version).await {
        Ok(secret) => secret,
        Err(error) => return probe.failed("client_secret", error),
    };
    probe.passed(
        "client_secret",
        match integration.client_secret_expires_on {
            Some(date) => Sentence::new("step.client_secret.ends").with("date", date),
            None => Sentence::new("step.client_secret"),
        },
    );
    if authorization {
        authorization_endpoint(app, integration, budget, probe).await;
    }
    if probe.has_failed() {
        return;
    }
    let client = Client {
        provider: integration.provider,
        endpoints: integration.endpoints.clone(),
        id: integration.client_id.clone(),
        secret,
        authentication: integration.client_authentication,
    };
    let made_up = CodeExchange {
        code: SecretString::from(format!("test-{}", app.random_text())),
        code_verifier: SecretString::from(app.random_text()),
        redirect_url: integration.redirect_url.clone(),
    };
    match budget.ask(app, app.oauth.exchange_code(&client, &made_up)).await {
        Ok(answer) => {
            let host = integration.endpoints.token.host_str().unwrap_or_default();
            judge(answer.map(|_| ()), integration.provider, host, probe);
        }
        Err(too_long) => probe.failed("token_endpoint", too_long),
    }
}

async fn authorization_endpoint(app: &App, integration: &Integration, budget: Budget, probe: &mut Probe) {
    let url = &integration.endpoints.authorization;
    match budget.ask(app, app.oauth.reach(url)).await {
        Ok(Ok(_)) => {
            let key = match url.scheme() {
                "https" => "step.authorization_endpoint",
                _ => "step.authorization_endpoint.clear",
            };
            let host = url.host_str().unwrap_or_default();
            probe.passed("authorization_endpoint", Sentence::new(key).with("host", host));
        }
        Ok(Err(unreached)) => {
            let host = url.host_str().unwrap_or_default();
            let context = format!("reach {host}");
            let error = explain::authorization_endpoint(&unreached.to_error(&context, host));
            probe.failed("authorization_endpoint", error);
        }
        Err(too_long) => probe.failed("authorization_endpoint", too_long),
    }
}

/// What the answer to a made-up code says of the client.
fn judge(answer: Result<(), OAuthError>, provider: Provider, host: &str, probe: &mut Probe) {
    let answers = Sentence::new("step.token_endpoint").with("host", host);
    let Err(error) = answer else {
        probe.passed("token_endpoint", answers);
        return probe.skipped("client", Sentence::new("step.client.made_up"));
    };
    match error.fault {
        OAuthFault::GrantRefused => {
            probe.passed("token_endpoint", answers);
            probe.passed("client", Sentence::new("step.client"));
        }
        OAuthFault::Temporary { .. }
        | OAuthFault::AnswerLost
        | OAuthFault::Address
        | OAuthFault::NotAnEndpoint => probe.failed("token_endpoint", explain::oauth(&error, provider)),
        // What the provider's own words name is wrong; those of the standard may be about the made-up code.
        _ if error.fault == OAuthFault::ClientRefused || explain::names_the_mistake(&error) => {
            probe.passed("token_endpoint", answers);
            probe.failed("client", explain::oauth(&error, provider));
        }
        _ => {
            probe.passed("token_endpoint", answers);
            let words = explain::words_of_a_provider(&error).unwrap_or_default();
            let told = Sentence::new("step.client.undecided").with("told", words);
            probe.skipped("client", told);
        }
    }
}
