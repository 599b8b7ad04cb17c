//! A playground and an installation beside it, whose clocks move together.

use std::time::Duration;

use intake::{
    App, Result,
    flows::{
        authorize::{self, AttemptState, AuthorizationInput, Start},
        callback,
        mailboxes::{self, Shown},
        poll::{self, PollReport},
        refresh::{self, Reason},
    },
    ports::{Change, Write},
    types::{
        PageRequest, Problem, Version,
        attempt::AttemptStatus,
        grant::{Grant, GrantStatus},
        ids::{AttemptId, GrantId, IntegrationId, MailboxId},
        secret::{GrantTokens, SecretName, SecretVersion},
    },
};
use playground::{IssuedTokens, Options, Playground, Script};

use url::Url;

use crate::inside::{CLIENT_ID, Inside, actor, callback_request};

/// The account that consents where a test names none: the playground's first.
pub const ACCOUNT: &str = "support@example.test";
/// Another account of the playground.
pub const OTHER_ACCOUNT: &str = "sales@example.test";

/// An attempt whose start page was opened.
pub struct Opened {
    /// Which.
    pub attempt: AttemptId,
    /// The last part of its start URL.
    pub ticket: String,
    /// This opening.
    pub start: Start,
}

/// A provider, and an installation with one integration at it.
pub struct Scene {
    /// The provider and mail server.
    pub playground: Playground,
    /// The installation.
    pub inside: Inside,
    /// The integration.
    pub integration: IntegrationId,
}

impl Scene {
    /// With a playground of these options.
    pub async fn new(options: Options) -> Self {
        let playground = Playground::start(options).await.expect("a playground");
        let inside = Inside::new(playground.ca_pem()).await;
        let integration = inside.integration(&playground).await;
        Self { playground, inside, integration }
    }

    /// The ports, as one process has them.
    pub fn app(&self) -> &App {
        &self.inside.app
    }

    /// The ports as another process has them: the same records and secrets, its own memory.
    pub fn another_process(&self) -> App {
        App {
            credentials: Default::default(),
            leases: Default::default(),
            places: Default::default(),
            ..self.inside.app.clone()
        }
    }

    /// What makes the playground misbehave.
    pub fn script(&self) -> Script {
        self.playground.script()
    }

    /// Moves both clocks ahead.
    pub fn advance(&self, by: Duration) {
        self.inside.clock.advance(by);
        self.script().advance_clock(by);
    }

    /// Refreshes asked for at the token endpoint so far.
    pub fn refreshes(&self) -> u64 {
        self.script().counters().token_requests_for("refresh_token")
    }

    /// The grant of a consent of the first account.
    pub async fn consent(&self) -> GrantId {
        self.consent_for(AuthorizationInput::default()).await
    }

    /// The grant of a consent.
    pub async fn consent_for(&self, input: AuthorizationInput) -> GrantId {
        self.inside.consent(&self.playground, self.integration, input).await.expect("a consent")
    }

    /// A consent again for this grant, as its account.
    pub async fn consent_again(&self, id: GrantId) -> Result<GrantId, Problem> {
        let input = AuthorizationInput { grant_id: Some(id), ..AuthorizationInput::default() };
        self.inside.consent(&self.playground, self.integration, input).await
    }

    /// Begins an attempt and opens its start page.
    pub async fn open(&self, input: AuthorizationInput) -> Opened {
        let begun = authorize::begin(self.app(), &actor(), self.integration, input, None).await;
        let begun = begun.expect("an attempt");
        let ticket = begun.start_url.path_segments().and_then(Iterator::last).unwrap_or_default().to_owned();
        let start = authorize::start(self.app(), &ticket).await.expect("an opening");
        Opened { attempt: begun.attempt.id, ticket, start }
    }

    /// The callback's URL after a consent of the hinted account, or the first one.
    pub fn agree(&self, start: &Start) -> Url {
        self.playground.consent_automatically(&start.consent_url).expect("a consent page")
    }

    /// Comes back from the provider, in the browser of the opening.
    pub async fn finish(&self, back: &Url, start: &Start) -> Result<AttemptId> {
        callback::finish(self.app(), callback_request(back, start.cookie.clone())).await
    }

    /// How an attempt stands.
    pub async fn state(&self, attempt: AttemptId) -> AttemptState {
        authorize::get(self.app(), attempt).await.expect("an attempt").1
    }

    /// Why an attempt failed.
    pub async fn failure(&self, attempt: AttemptId) -> Problem {
        match self.state(attempt).await {
            AttemptState::Recorded(AttemptStatus::Failed { error }) => error,
            other => panic!("the attempt is {other:?}"),
        }
    }

    /// Every grant's record, `pending` and `revoked` ones too.
    pub async fn grants(&self) -> Vec<Grant> {
        self.app().store.grants(None, &PageRequest::first(200)).await.expect("a list").items
    }

    /// Codes exchanged at the token endpoint so far.
    pub fn exchanges(&self) -> u64 {
        self.script().counters().token_requests_for("authorization_code")
    }

    /// A mailbox that the first account's consent opens.
    pub async fn mailbox(&self) -> (MailboxId, GrantId) {
        let mailbox = self.inside.mailbox(&self.playground, self.integration).await;
        let input = AuthorizationInput { mailbox_id: Some(mailbox), ..AuthorizationInput::default() };
        (mailbox, self.consent_for(input).await)
    }

    /// A grant's record.
    pub async fn grant(&self, id: GrantId) -> Grant {
        self.app().store.grant(id).await.expect("a readable store").expect("a grant")
    }

    /// A grant's tokens that count.
    pub async fn tokens(&self, id: GrantId) -> GrantTokens {
        let version = self.grant(id).await.secret_version.expect("a grant with tokens");
        let secret = self.app().vault.get(SecretName::Grant(id), &version).await.expect("a secret");
        GrantTokens::from_secret(&secret).expect("tokens")
    }

    /// Refreshes a grant.
    pub async fn refresh(&self, id: GrantId, reason: Reason) -> Result<Grant> {
        refresh::refresh_grant(self.app(), id, reason).await
    }

    /// Polls a mailbox because somebody asked.
    pub async fn poll(&self, id: MailboxId) -> Result<PollReport> {
        poll::poll_now(self.app(), id, Duration::from_secs(60)).await
    }

    /// A mailbox as people see it.
    pub async fn shown(&self, id: MailboxId) -> Shown {
        mailboxes::get(self.app(), id).await.expect("a mailbox")
    }

    /// So many grants of the first account whose refresh is due, made without the consent page.
    pub async fn due_grants(&self, count: usize) -> Vec<GrantId> {
        let mut ids = Vec::with_capacity(count);
        for _ in 0..count {
            let issued = self.script().issue_tokens(CLIENT_ID, ACCOUNT).expect("tokens of the playground");
            ids.push(self.keep(issued).await);
        }
        ids
    }

    async fn keep(&self, issued: IssuedTokens) -> GrantId {
        let app = self.app();
        let now = app.now();
        let id = GrantId::from_parts(now, app.id_bits());
        let version = SecretVersion::random(&app.random());
        let tokens = GrantTokens {
            fence: 0,
            access_token: issued.access_token.into(),
            refresh_token: issued.refresh_token.expect("a refresh token").into(),
            expires_at: app.after(Duration::from_secs(issued.expires_in)),
            issued_at: now,
        };
        app.vault.put(SecretName::Grant(id), &version, &tokens.to_secret()).await.expect("a vault");
        let grant = Grant {
            id,
            version: Version::FIRST,
            integration_id: self.integration,
            account: Some(ACCOUNT.to_owned()),
            subject: None,
            scopes_granted: Vec::new(),
            status: GrantStatus::Active,
            secret_version: Some(version),
            access_token_expires_at: Some(tokens.expires_at),
            refreshed_at: Some(now),
            next_refresh_at: Some(now),
            consecutive_failures: 0,
            last_error: None,
            refresh_started: None,
            life: Default::default(),
            created_at: now,
            consented_at: now,
        };
        app.store.commit(&[Change::Grant(Write::Create(grant))]).await.expect("a new grant");
        id
    }
}
