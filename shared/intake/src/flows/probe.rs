//! Connection tests: ordered, time-boxed steps that change nothing, ending in one sentence to act on.

use secrecy::SecretString;

use crate::{
    App,
    error::{Error, Result},
    explain,
    flows::{grants, integrations, poll},
    ports::{Client, CodeExchange, MailFault, OAuthFault, OpenedFolder},
    types::{
        grant::GrantStatus,
        ids::{GrantId, IntegrationId, MailboxId},
        mailbox::MailAuth,
        message::ServerId,
        secret::SecretName,
    },
};

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepStatus {
    /// Well.
    Ok,
    /// Not well; the steps after it are skipped.
    Failed,
    /// Not tried.
    Skipped,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// A stable word.
    pub name: &'static str,
    /// How it went.
    pub status: StepStatus,
    /// What was seen.
    pub detail: String,
    /// The stable code of a failure.
    pub code: Option<String>,
    /// What to do about it.
    pub action: Option<String>,
}

/// A test's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeReport {
    /// Whether every step went well.
    pub ok: bool,
    /// One sentence to act on.
    pub summary: String,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// Collects steps; after a failure the rest is skipped.
struct Probe {
    steps: Vec<Step>,
    failure: Option<Error>,
}

impl Probe {
    fn new() -> Self {
        Self { steps: Vec::new(), failure: None }
    }

    fn passed(&mut self, name: &'static str, detail: impl Into<String>) {
        self.steps.push(Step {
            name,
            status: StepStatus::Ok,
            detail: detail.into(),
            code: None,
            action: None,
        });
    }

    fn failed(&mut self, name: &'static str, error: Error) {
        let action = (!error.action.is_empty()).then(|| error.action.clone());
        let code = Some(error.code.to_string());
        self.steps.push(Step {
            name,
            status: StepStatus::Failed,
            detail: error.message.clone(),
            code,
            action,
        });
        self.failure.get_or_insert(error);
    }

    fn skipped(&mut self, name: &'static str, detail: &str) {
        self.steps.push(Step {
            name,
            status: StepStatus::Skipped,
            detail: detail.to_owned(),
            code: None,
            action: None,
        });
    }

    fn skip_rest(&mut self, names: &[&'static str]) {
        for name in names {
            if !self.steps.iter().any(|step| step.name == *name) {
                self.skipped(name, "Not tried, because an earlier step failed.");
            }
        }
    }

    fn end(self, well: &str) -> ProbeReport {
        let summary = match &self.failure {
            None => well.to_owned(),
            Some(error) => format!("{} {}", error.message, error.action).trim_end().to_owned(),
        };
        ProbeReport { ok: self.failure.is_none(), summary, steps: self.steps }
    }
}

/// Tests an integration: settings, redirect URL, and whether the provider accepts the client, by a made-up code.
pub async fn integration(app: &App, id: IntegrationId) -> Result<ProbeReport> {
    let integration = integrations::get(app, id).await?;
    let mut probe = Probe::new();
    if integrations::is_stale(app, &integration) {
        let stale = Error::new(
            crate::Kind::Conflict,
            "redirect_url_stale",
            "The redirect URL no longer fits the endpoints or the base URL.",
        );
        probe.failed(
            "redirect_url",
            stale.action("Generate it again and register the new one at the provider."),
        );
        probe.skip_rest(&["client_secret", "token_endpoint", "client"]);
        return Ok(probe.end(""));
    }
    probe.passed("redirect_url", integration.redirect_url.to_string());
    let secret = match app.vault.get(SecretName::Integration(id), &integration.client_secret_version).await {
        Ok(secret) => secret,
        Err(error) => {
            probe.failed("client_secret", error);
            probe.skip_rest(&["token_endpoint", "client"]);
            return Ok(probe.end(""));
        }
    };
    probe.passed("client_secret", "It is in the vault.");
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
    let host = integration.endpoints.token.host_str().unwrap_or_default().to_owned();
    match app.oauth.exchange_code(&client, &made_up).await {
        Ok(_) => probe
            .skipped("client", "The provider accepted a made-up code, so nothing is known of the client."),
        Err(error) => match error.fault {
            OAuthFault::GrantRefused => {
                probe.passed("token_endpoint", format!("{host} answers."));
                probe.passed("client", "The provider accepts the client ID and secret.");
            }
            OAuthFault::ClientRefused => {
                probe.passed("token_endpoint", format!("{host} answers."));
                probe.failed("client", explain::oauth(&error, integration.provider));
            }
            OAuthFault::Temporary { .. }
            | OAuthFault::AnswerLost
            | OAuthFault::Address
            | OAuthFault::NotAnEndpoint => {
                probe.failed("token_endpoint", explain::oauth(&error, integration.provider));
            }
            _ => {
                probe.passed("token_endpoint", format!("{host} answers."));
                let told = error.error.unwrap_or_default();
                probe.skipped(
                    "client",
                    &format!("The provider's answer ({told}) does not tell whether it accepts the client."),
                );
            }
        },
    }
    probe.skip_rest(&["token_endpoint", "client"]);
    Ok(probe.end("The provider accepts this integration."))
}

/// Tests a grant: its tokens, and the scopes that were granted against those that are needed.
pub async fn grant(app: &App, id: GrantId) -> Result<ProbeReport> {
    grants::get(app, id).await?;
    let mut probe = Probe::new();
    grant_steps(app, id, &mut probe).await?;
    probe.skip_rest(&["consent", "token", "scopes"]);
    Ok(probe.end("The account is signed in and its token is fresh."))
}

async fn grant_steps(app: &App, id: GrantId, probe: &mut Probe) -> Result<()> {
    let grant = grants::get(app, id).await?;
    let account = grant
        .account
        .clone()
        .unwrap_or_else(|| "an account whose address the provider does not tell".to_owned());
    if grant.status == GrantStatus::NeedsConsent {
        let problem = grant
            .last_error
            .unwrap_or_else(|| Error::retry("needs_consent", "The permission is no longer valid.").problem());
        let error =
            Error::new(crate::Kind::NeedsConsent, "needs_consent", problem.message).action(problem.action);
        probe.failed("consent", error);
        return Ok(());
    }
    probe.passed("consent", format!("Given by {account}."));
    match grants::access_token(app, id).await {
        Ok(_) => probe.passed("token", "The access token is fresh."),
        Err(error) => {
            probe.failed("token", error);
            return Ok(());
        }
    }
    let grant = grants::get(app, id).await?;
    let integration = integrations::get(app, grant.integration_id).await?;
    // Providers never name offline_access and the sign-in scopes in their answers.
    let silent = ["offline_access", "openid", "email", "profile"];
    let missing = |scope: &&String| {
        !silent.contains(&scope.as_str())
            && !grant.scopes_granted.iter().any(|g| g.eq_ignore_ascii_case(scope))
    };
    let missing: Vec<&str> = integration.scopes.iter().filter(missing).map(String::as_str).collect();
    if missing.is_empty() {
        probe.passed("scopes", "Everything that was asked for was granted.");
    } else {
        let message = format!("The account did not grant {}.", missing.join(", "));
        probe.failed(
            "scopes",
            Error::new(crate::Kind::NeedsConsent, "scopes_missing", message)
                .action("Sign in again and leave every permission ticked."),
        );
    }
    Ok(())
}

/// Tests a mailbox, down to reading one header.
pub async fn mailbox(app: &App, id: MailboxId) -> Result<ProbeReport> {
    const STEPS: [&str; 8] = ["consent", "token", "dns", "tcp", "tls", "sign_in", "folder", "header"];
    let mailbox =
        app.store.mailbox(id).await?.filter(|m| !m.deleting).ok_or_else(|| Error::not_found("mailbox"))?;
    let mut probe = Probe::new();
    match &mailbox.auth {
        MailAuth::OAuth2 { grant_id: Some(grant), .. } => grant_steps(app, *grant, &mut probe).await?,
        MailAuth::OAuth2 { grant_id: None, .. } => probe.failed("consent", poll::no_consent()),
        MailAuth::Password { .. } => {
            probe.skipped("consent", "This mailbox signs in with a password.");
            probe.skipped("token", "This mailbox signs in with a password.");
        }
    }
    if probe.failure.is_none() {
        mail_steps(app, &mailbox, &mut probe).await;
    }
    probe.skip_rest(&STEPS);
    Ok(probe.end("The mailbox can be read."))
}

async fn mail_steps(app: &App, mailbox: &crate::types::mailbox::Mailbox, probe: &mut Probe) {
    let server = &mailbox.server;
    let opened = match poll::open_raw(app, mailbox).await {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => {
            let failed = step_of(&error.fault);
            for name in ["dns", "tcp", "tls", "sign_in"].into_iter().take_while(|name| *name != failed) {
                probe.passed(name, passed(name, server.host.as_str(), server.port));
            }
            return probe.failed(failed, explain::mail(&error));
        }
        Err(error) => return probe.failed("sign_in", error),
    };
    for name in ["dns", "tcp", "tls", "sign_in"] {
        probe.passed(name, passed(name, server.host.as_str(), server.port));
    }
    let OpenedFolder { mut session, status } = opened;
    probe.passed("folder", format!("{} holds {} mails.", mailbox.folder, status.exists));
    match first_header(&mut *session, status.exists).await {
        Ok(true) => probe.passed("header", "The header of one mail was read."),
        Ok(false) => probe.skipped("header", "The folder is empty."),
        Err(error) => probe.failed("header", explain::mail(&error)),
    }
    session.close().await;
}

async fn first_header(
    session: &mut dyn crate::ports::MailSession,
    exists: u32,
) -> std::result::Result<bool, crate::ports::MailError> {
    if exists == 0 {
        return Ok(false);
    }
    let listed = session.list(1, None, 1).await?;
    let Some(first) = listed.first() else { return Ok(false) };
    let id: ServerId = first.server_id.clone();
    Ok(session.fetch_header(&id).await?.is_some())
}

fn passed(step: &str, host: &str, port: u16) -> String {
    match step {
        "dns" => format!("{host} resolves to an address that may be connected to."),
        "tcp" => format!("Port {port} answers."),
        "tls" => "The connection is protected and the certificate is good.".to_owned(),
        _ => "The server accepts the sign-in.".to_owned(),
    }
}

fn step_of(fault: &MailFault) -> &'static str {
    match fault {
        MailFault::NotResolved | MailFault::AddressRefused => "dns",
        MailFault::Unreachable => "tcp",
        MailFault::Certificate | MailFault::Tls => "tls",
        MailFault::NoFolder => "folder",
        _ => "sign_in",
    }
}
