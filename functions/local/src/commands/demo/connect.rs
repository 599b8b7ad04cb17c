//! The mailbox that whoever looks at the demo connects: set up, consented to, imported.

use std::{sync::atomic::Ordering, time::Duration};

use intake::{
    flows::{
        authorize::{self, AuthorizationInput, Begun},
        callback::{self, CallbackRequest},
        integrations::{self, IntegrationInput},
        mailboxes::{self, AuthInput, MailboxInput, StartInput},
        poll::{self, PollReport},
        projects::{self, ProjectInput},
    },
    ports::IssueFilter,
    types::{
        PageRequest,
        given::Given,
        handler::Handler,
        ids::{IntegrationId, MailboxId},
        issue::Issue,
        project::ProjectKey,
    },
};
use jiff::{ToSpan, tz::Offset};
use secrecy::SecretString;
use url::form_urlencoded;

use super::stage::{Demo, OWNER, text};
use crate::{
    failure::{Failure, Outcome},
    process::wire,
};

/// The pretend application at the pretend provider.
const CLIENT_ID: &str = "maildocket-demo";
/// The project that the mails go to.
const PROJECT: &str = "HELP";
/// In so many days the client's secret ends: soon enough to be warned of.
const SECRET_DAYS: i64 = 12;
/// One poll of the demo may take this long.
pub(super) const POLL_TIME: Duration = Duration::from_secs(20);
/// So many polls in a row may fail where the mail server is odd.
const MAX_FAILURES: u32 = 10;
/// How often the demo looks whether somebody has consented.
const LOOK: Duration = Duration::from_millis(300);
/// The handlers of the mailbox.
const HANDLERS: &str = include_str!("handlers/support.json");

/// What is there before anybody has consented.
pub(super) struct Waiting {
    pub(super) integration: IntegrationId,
    pub(super) mailbox: MailboxId,
    begun: Begun,
}

impl Waiting {
    /// The page of the guide on which the mailbox is connected, and where one then sees what comes of it.
    pub(super) fn page(&self) -> String {
        let answers = [
            ("address", OWNER.to_owned()),
            ("kind", "own".to_owned()),
            ("way", "custom".to_owned()),
            ("integration", self.integration.to_string()),
            ("mailbox", self.mailbox.to_string()),
            ("attempt", self.begun.attempt.id.to_string()),
        ];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(answers).finish();
        format!("/setup/consent?{query}")
    }
}

/// Handlers as people write them.
pub(super) fn handlers(list: &str) -> Outcome<Given<Vec<Handler>>> {
    let list = serde_json::from_str(list);
    list.map(Given::Value).map_err(|error| Failure::because("The demo's handlers", error))
}

impl Demo {
    /// Project, integration and mailbox, and the beginning of a consent.
    pub(super) async fn set_up(&self) -> Outcome<Waiting> {
        let project = ProjectInput { key: text(PROJECT), name: text("Customer support") };
        projects::create(&self.app, &self.actor, project, None).await?;
        let secret = wire::random_text();
        let made = integrations::create(&self.app, &self.actor, self.integration(&secret), None).await?;
        let integration = made.integration;
        self.playground.register_client(CLIENT_ID, &secret, integration.redirect_url.as_str());
        let input = MailboxInput {
            handlers: handlers(HANDLERS)?,
            ..self.mailbox(integration.id, "Support mailbox", PROJECT)
        };
        let mailbox = mailboxes::create(&self.app, &self.actor, input, None).await?.mailbox.id;
        let begun = self.begin(integration.id, mailbox, OWNER).await?;
        Ok(Waiting { integration: integration.id, mailbox, begun })
    }

    async fn begin(&self, integration: IntegrationId, mailbox: MailboxId, hint: &str) -> Outcome<Begun> {
        let input = AuthorizationInput {
            mailbox_id: Some(mailbox),
            login_hint: Some(hint.to_owned()),
            ..AuthorizationInput::default()
        };
        Ok(authorize::begin(&self.app, &self.actor, integration, input, None).await?)
    }

    fn integration(&self, secret: &str) -> IntegrationInput {
        let endpoints = self.playground.plain_endpoints();
        let today = Offset::UTC.to_datetime(self.app.now()).date();
        IntegrationInput {
            provider: text("custom"),
            issuer: text(endpoints.issuer.as_str()),
            authorization_endpoint: text(endpoints.authorization.as_str()),
            token_endpoint: text(endpoints.token.as_str()),
            name: text("Pretend provider"),
            client_id: text(CLIENT_ID),
            client_secret: Given::Value(SecretString::from(secret)),
            client_secret_expires_on: text(&today.saturating_add(SECRET_DAYS.days()).to_string()),
            scopes: Given::Value(
                ["openid", "email", "offline_access", playground::MAIL_SCOPE].map(str::to_owned).to_vec(),
            ),
            ..IntegrationInput::default()
        }
    }

    /// A mailbox that waits until somebody signs in.
    pub(super) fn mailbox(&self, integration: IntegrationId, name: &str, project: &str) -> MailboxInput {
        let auth = AuthInput {
            method: text("oauth2"),
            integration_id: text(&integration.to_string()),
            ..AuthInput::default()
        };
        MailboxInput { auth: Given::Value(auth), ..self.place(name, project) }
    }

    /// A mailbox at the pretend server.
    pub(super) fn place(&self, name: &str, project: &str) -> MailboxInput {
        let (protocol, server) = match self.options.odd_pop3 {
            Some(_) => ("pop3", self.playground.pop3_address()),
            None => ("imap", self.playground.imap_address()),
        };
        MailboxInput {
            name: text(name),
            protocol: text(protocol),
            host: text(&server.ip().to_string()),
            port: Given::Value(i64::from(server.port())),
            tls: text("implicit"),
            start: Given::Value(StartInput { mode: text("all"), ..StartInput::default() }),
            project: text(project),
            ..MailboxInput::default()
        }
    }

    /// Consents for the owner of the mailbox that waits.
    pub(super) async fn consent(&self, waiting: &Waiting) -> Outcome {
        self.agree(&waiting.begun).await
    }

    /// Consents for this account, to another mailbox.
    pub(super) async fn consent_for(
        &self,
        integration: IntegrationId,
        mailbox: MailboxId,
        account: &str,
    ) -> Outcome {
        self.agree(&self.begin(integration, mailbox, account).await?).await
    }

    /// What a browser would do: open the start page, agree, come back with the cookie.
    async fn agree(&self, begun: &Begun) -> Outcome {
        let ticket = begun.start_url.path_segments().and_then(Iterator::last).unwrap_or_default();
        let start = authorize::start(&self.app, ticket).await?;
        let back = self.playground.consent_automatically(&start.consent_url);
        let back = back.map_err(|error| Failure::because("The pretend provider refused", error))?;
        let parameter =
            |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let mut url = back.clone();
        url.set_query(None);
        let request = CallbackRequest {
            url,
            state: parameter("state").unwrap_or_default(),
            code: parameter("code").map(SecretString::from),
            error: parameter("error"),
            error_description: parameter("error_description"),
            issuer: parameter("iss"),
            cookie: Some(start.cookie),
            address: None,
        };
        callback::finish(&self.app, request).await?;
        Ok(())
    }

    /// Whose mailbox is read: known once somebody has consented, whichever account they chose.
    pub(super) async fn account(&self, mailbox: MailboxId) -> Outcome<Option<String>> {
        Ok(mailboxes::get(&self.app, mailbox).await?.username)
    }

    /// Waits for the consent, however often it is cancelled before, and imports what there is.
    pub(super) async fn connect(&self, mailbox: MailboxId) -> Outcome {
        let account = loop {
            match self.account(mailbox).await? {
                Some(account) => break account,
                None => tokio::time::sleep(LOOK).await,
            }
        };
        self.say(&format!("{account} has consented; its tokens are sealed in the vault."));
        let report = self.import(mailbox).await?;
        self.say(&format!(
            "The first import is done: {} mails, {} issues, {} comments, {} left out with a reason.",
            report.fetched, report.created, report.commented, report.skipped
        ));
        self.connected.store(true, Ordering::Relaxed);
        self.list().await
    }

    /// Polls until there is nothing left, or another poll has taken the rest. What an odd server does to a poll is told,
    /// and the next poll goes on.
    pub(super) async fn import(&self, mailbox: MailboxId) -> Outcome<PollReport> {
        let mut total = PollReport::default();
        let mut failures = 0;
        loop {
            match poll::poll_now(&self.app, mailbox, POLL_TIME).await {
                Ok(report) => {
                    total += report;
                    if !report.more {
                        return Ok(total);
                    }
                }
                Err(error) if self.options.is_odd() && failures < MAX_FAILURES => {
                    failures += 1;
                    self.say(&format!("A poll failed: {} {}", error.message, error.action));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The newest issues of a project.
    pub(super) async fn issues(&self, project: &str) -> Outcome<Vec<Issue>> {
        let project =
            ProjectKey::new(project).map_err(|error| Failure::because("The demo's project", error))?;
        let filter = IssueFilter::Project(project, None);
        Ok(self.app.store.issues(&filter, &PageRequest::first(200)).await?.items)
    }

    async fn list(&self) -> Outcome {
        for issue in self.issues(PROJECT).await? {
            let comments = match issue.comment_count {
                0 => String::new(),
                1 => " (1 comment)".to_owned(),
                many => format!(" ({many} comments)"),
            };
            self.tell(format_args!("    {:8} {}{comments}", issue.key.to_string(), issue.summary));
        }
        Ok(())
    }
}
