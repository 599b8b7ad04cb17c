//! `maildocket demo`: the whole product, with a pretend provider and mailbox in the same process.

use std::time::{Duration, Instant};

use intake::{
    App,
    flows::{
        authorize::{self, AttemptState, AuthorizationInput, Begun},
        callback::{self, CallbackRequest},
        integrations::{self, IntegrationInput},
        mailboxes::{self, AuthInput, MailboxInput, StartInput},
        poll::{self, PollReport},
        projects::{self, ProjectInput},
        tokens,
    },
    ports::IssueFilter,
    types::{
        PageRequest,
        attempt::AttemptStatus,
        audit::Actor,
        given::Given,
        ids::{IntegrationId, MailboxId},
        project::ProjectKey,
    },
};
use playground::{Options, Playground, Sample};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::{
    commands::serve::Service,
    config::{DemoOptions, Listen, Settings},
    failure::{Failure, Outcome},
    process::{
        out, runtime,
        scheduler::Rhythm,
        wire::{self, Extra},
    },
};

/// The pretend application at the pretend provider.
const CLIENT_ID: &str = "maildocket-demo";
/// The project that the mails go to.
const PROJECT: &str = "HELP";
/// How many of the samples arrive while somebody watches.
const LATER: usize = 4;
/// How often one of them arrives, and how often the demo looks at the mailbox.
const RHYTHM: Duration = Duration::from_secs(5);
/// One poll of the demo may take this long.
const POLL_TIME: Duration = Duration::from_secs(20);
/// So many polls in a row may fail where the mail server is odd.
const MAX_FAILURES: u32 = 10;
/// How often the demo looks whether somebody has consented.
const LOOK: Duration = Duration::from_millis(300);

pub(crate) async fn run(mut settings: Settings, options: DemoOptions) -> Outcome {
    let begun = Instant::now();
    runtime::log();
    let stop = runtime::stop_signal();
    let folder = tempfile::Builder::new().prefix("maildocket-demo-").tempdir();
    let folder = folder.map_err(|error| Failure::because("No temporary folder can be made", error))?;
    settings.keep_in(folder.path().join("data"));
    settings.listen_on(Listen::Loopback(0));
    settings.allow_private_network = true;
    let playground = Playground::start(Options::default()).await;
    let playground =
        playground.map_err(|error| Failure::because("The pretend provider cannot start", error))?;

    let (ticket, token) = (wire::random_text(), SecretString::from(wire::random_text()));
    let extra = Extra {
        roots_pem: Some(playground.ca_pem().to_owned()),
        one_time_link: Some(web::OneTimeLink::new(ticket.clone(), token.clone())),
        forget_secrets: false,
    };
    let service = Service::prepare(&settings, extra).await?;
    tokens::ensure_admin_token(&service.app, Some(&token)).await?;
    let demo = Demo { app: service.app.clone(), playground, begun, options };
    demo.be_odd();
    out::say(format_args!(
        "Maildocket's demo runs at {} and forgets everything when it ends.\n",
        service.base_url
    ));
    out::say(format_args!("  Sign in (works once): {}sign-in/once/{ticket}\n", service.base_url));
    let serving = tokio::spawn(service.run(Rhythm::default(), stop.clone()));
    let shown = tokio::select! {
        shown = demo.show(&stop) => shown,
        () = stop.cancelled() => Ok(()),
    };
    stop.cancel();
    demo.app.stop.request();
    let served = serving.await.map_err(|error| Failure::because("The server ended unexpectedly", error));
    demo.playground.shutdown().await;
    out::say(format_args!("The demo has ended; its folder is removed."));
    shown.and(served?)
}

struct Demo {
    app: App,
    playground: Playground,
    begun: Instant,
    options: DemoOptions,
}

impl Demo {
    /// The mail server becomes as somebody has asked for.
    fn be_odd(&self) {
        let script = self.playground.script();
        if let Some(oddity) = self.options.odd_imap {
            script.be_odd(Some(oddity));
        }
        if let Some(oddity) = self.options.odd_pop3 {
            script.be_odd_by_pop3(Some(oddity));
        }
    }

    async fn show(&self, stop: &CancellationToken) -> Outcome {
        let mut samples = playground::samples();
        let later = samples.split_off(samples.len().saturating_sub(LATER));
        let count = samples.len();
        for Sample { raw, user, received, .. } in samples {
            self.playground.deliver_at(user, raw, received);
        }
        self.say(&format!("{count} mails wait in the pretend mailbox."));
        let (mailbox, begun) = self.set_up().await?;
        if self.options.yes {
            self.consent(&begun).await?;
        } else {
            out::say(format_args!("\n  Consent as the mailbox's owner: {}\n", begun.start_url));
        }
        self.wait_for_consent(&begun).await?;
        let report = self.import(mailbox).await?;
        self.say(&format!(
            "The first import is done: {} mails, {} issues, {} comments, {} left out with a reason.",
            report.fetched, report.created, report.commented, report.skipped
        ));
        self.list().await?;
        if self.options.once {
            return Ok(());
        }
        out::say(format_args!("\nMore mail arrives every few seconds. Ctrl-C ends the demo."));
        self.go_on(mailbox, later, stop).await
    }

    async fn set_up(&self) -> Outcome<(MailboxId, Begun)> {
        let actor = Actor { name: "demo".to_owned(), ..Actor::system() };
        let project = ProjectInput { key: text(PROJECT), name: text("Customer support") };
        projects::create(&self.app, &actor, project, None).await?;
        let secret = wire::random_text();
        let made = integrations::create(&self.app, &actor, self.integration(&secret), None).await?;
        let integration = made.integration;
        self.playground.register_client(CLIENT_ID, &secret, integration.redirect_url.as_str());
        self.say(&format!("Integration \"{}\" is set up at the pretend provider.", integration.name));
        let made = mailboxes::create(&self.app, &actor, self.mailbox(integration.id), None).await?;
        let mailbox = made.mailbox.id;
        let input = AuthorizationInput { mailbox_id: Some(mailbox), ..AuthorizationInput::default() };
        let begun = authorize::begin(&self.app, &actor, integration.id, input, None).await?;
        Ok((mailbox, begun))
    }

    fn integration(&self, secret: &str) -> IntegrationInput {
        let endpoints = self.playground.plain_endpoints();
        IntegrationInput {
            provider: text("custom"),
            issuer: text(endpoints.issuer.as_str()),
            authorization_endpoint: text(endpoints.authorization.as_str()),
            token_endpoint: text(endpoints.token.as_str()),
            name: text("Pretend provider"),
            client_id: text(CLIENT_ID),
            client_secret: Given::Value(SecretString::from(secret)),
            scopes: Given::Value(
                ["openid", "email", "offline_access", playground::MAIL_SCOPE].map(str::to_owned).to_vec(),
            ),
            ..IntegrationInput::default()
        }
    }

    fn mailbox(&self, integration: IntegrationId) -> MailboxInput {
        let (protocol, server) = match self.options.odd_pop3 {
            Some(_) => ("pop3", self.playground.pop3_address()),
            None => ("imap", self.playground.imap_address()),
        };
        MailboxInput {
            name: text("Support mailbox"),
            protocol: text(protocol),
            host: text(&server.ip().to_string()),
            port: Given::Value(i64::from(server.port())),
            tls: text("implicit"),
            auth: Given::Value(AuthInput {
                method: text("oauth2"),
                integration_id: text(&integration.to_string()),
                ..AuthInput::default()
            }),
            start: Given::Value(StartInput { mode: text("all"), ..StartInput::default() }),
            project: text(PROJECT),
            ..MailboxInput::default()
        }
    }

    /// What a browser would do: open the start page, agree, come back with the cookie.
    async fn consent(&self, begun: &Begun) -> Outcome {
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

    async fn wait_for_consent(&self, begun: &Begun) -> Outcome {
        loop {
            match authorize::get(&self.app, begun.attempt.id).await?.1 {
                AttemptState::Recorded(AttemptStatus::Done { .. }) => break,
                AttemptState::Recorded(AttemptStatus::Pending) => tokio::time::sleep(LOOK).await,
                AttemptState::Recorded(AttemptStatus::Failed { error: problem }) => {
                    return Err(Failure::new(format!("{} {}", problem.message, problem.action)));
                }
                AttemptState::Expired => {
                    return Err(Failure::new("Nobody consented in time. Start the demo again."));
                }
            }
        }
        self.say("The account has consented; its tokens are sealed in the vault.");
        Ok(())
    }

    /// Polls until there is nothing left, or another poll has taken the rest. What an odd server does to a poll is told,
    /// and the next poll goes on.
    async fn import(&self, mailbox: MailboxId) -> Outcome<PollReport> {
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

    async fn go_on(&self, mailbox: MailboxId, later: Vec<Sample>, stop: &CancellationToken) -> Outcome {
        let mut later = later.into_iter();
        loop {
            tokio::time::sleep(RHYTHM).await;
            if stop.is_cancelled() {
                return Ok(());
            }
            if let Some(Sample { raw, user, .. }) = later.next() {
                self.playground.deliver(user, raw);
            }
            let report = self.import(mailbox).await?;
            if report.fetched > 0 {
                self.say(&format!(
                    "New mail: {} issues, {} comments, {} left out.",
                    report.created, report.commented, report.skipped
                ));
            }
        }
    }

    async fn list(&self) -> Outcome {
        let project =
            ProjectKey::new(PROJECT).map_err(|error| Failure::because("The demo's project", error))?;
        let filter = IssueFilter::Project(project, None);
        for issue in self.app.store.issues(&filter, &PageRequest::first(200)).await?.items {
            let comments = match issue.comment_count {
                0 => String::new(),
                1 => " (1 comment)".to_owned(),
                many => format!(" ({many} comments)"),
            };
            out::say(format_args!("    {:8} {}{comments}", issue.key.to_string(), issue.summary));
        }
        Ok(())
    }

    fn say(&self, what: &str) {
        out::say(format_args!("{:5.1} s  {what}", self.begun.elapsed().as_secs_f32()));
    }
}

fn text(value: &str) -> Given<String> {
    Given::Value(value.to_owned())
}
