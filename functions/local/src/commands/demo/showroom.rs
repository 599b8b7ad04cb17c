//! What stands around the mailbox that is connected, so that each page of the console has something to show. All of it is
//! made by the flows that people use, and by real polls.

use bytes::Bytes;
use intake::{
    App, Timestamp,
    flows::{
        change::Expect,
        comments::{self, CommentInput},
        issues::{self, IssueInput},
        mailboxes::{self, AuthInput, MailboxInput},
        poll,
        projects::{self, ProjectInput},
        tokens::{self, TokenInput},
    },
    types::{
        audit::{Actor, Role},
        given::Given,
        ids::{IntegrationId, MailboxId},
        issue::Issue,
    },
};
use jiff::ToSpan;
use playground::{Incoming, SHOP};
use secrecy::SecretString;

use super::{
    connect::{POLL_TIME, handlers},
    history::{days_ago, live},
    stage::{Demo, RETURNS, SALES, WAREHOUSE, text},
};
use crate::{failure::Outcome, process::wire::at};

/// The project of the web shop.
const SHOPS_PROJECT: &str = "SHOP";
/// Its handlers.
const HANDLERS: &str = include_str!("handlers/shop.json");
/// The person who works on issues.
const AGENT: &str = "Mika Sato";
/// Issues of the shop that are younger than so many days are still worked on.
const OPEN_DAYS: i64 = 4;

/// The web shop, to which mail goes on coming.
pub(super) struct Shop {
    pub(super) mailbox: MailboxId,
    pub(super) incoming: Incoming,
}

impl Demo {
    /// Puts everything up. Takes some seconds, mostly for the polls of three weeks.
    pub(super) async fn furnish(&self, integration: IntegrationId) -> Outcome<Shop> {
        self.open_tokens().await?;
        let shop = self.open_shop().await?;
        self.wait_and_fail(integration).await?;
        self.sell(integration).await?;
        self.work_on_issues().await?;
        self.say("The showroom is ready: three weeks of a web shop, mailboxes in each state, held and skipped mails.");
        Ok(shop)
    }

    /// The mailbox with three weeks of mail.
    async fn open_shop(&self) -> Outcome<Shop> {
        let opened = at(&self.app, days_ago(&self.app, 22));
        let project = ProjectInput { key: text(SHOPS_PROJECT), name: text("Web shop") };
        projects::create(&opened, &self.actor, project, None).await?;
        let input = MailboxInput {
            handlers: handlers(HANDLERS)?,
            ..self.by_password("Web shop", SHOP, SHOPS_PROJECT)
        };
        let mailbox = mailboxes::create(&opened, &self.actor, input, None).await?.mailbox.id;
        poll::poll_now(&opened, mailbox, POLL_TIME).await?;
        let (mails, incoming) = playground::shop_history(self.app.now());
        live(&self.app, &self.playground, mailbox, SHOP, mails).await?;
        self.import(mailbox).await?;
        Ok(Shop { mailbox, incoming })
    }

    /// One mailbox that nobody has signed in to yet, and one whose password somebody changed at the provider.
    async fn wait_and_fail(&self, integration: IntegrationId) -> Outcome {
        let waits = self.mailbox(integration, "Warehouse", SHOPS_PROJECT);
        mailboxes::create(&self.app, &self.actor, waits, None).await?;

        let opened = at(&self.app, days_ago(&self.app, 9));
        let input = self.by_password("Returns", RETURNS, SHOPS_PROJECT);
        let mailbox = mailboxes::create(&opened, &self.actor, input, None).await?.mailbox;
        let mut incoming = Incoming::to(RETURNS);
        let mails: Vec<_> =
            [7, 5].map(|days| days_ago(&self.app, days)).map(|then| (then, incoming.next(then))).into();
        live(&self.app, &self.playground, mailbox.id, RETURNS, mails).await?;
        let then = at(&self.app, self.hours_ago(3));
        let wrong = AuthInput {
            password: Given::Value(SecretString::from("the password of last year")),
            ..AuthInput::default()
        };
        let input = MailboxInput { auth: Given::Value(wrong), ..MailboxInput::default() };
        mailboxes::patch(&then, &agent(), mailbox.id, &Expect::any(), input).await?;
        // It is refused, and the mailbox's state says so: that is what is shown.
        let _ = poll::poll_now(&then, mailbox.id, POLL_TIME).await;
        let _ = poll::poll_now(&self.app, mailbox.id, POLL_TIME).await;
        Ok(())
    }

    /// A second account that is connected.
    async fn sell(&self, integration: IntegrationId) -> Outcome {
        let input = self.mailbox(integration, "Sales", SHOPS_PROJECT);
        let mailbox = mailboxes::create(&self.app, &self.actor, input, None).await?.mailbox.id;
        self.consent_for(integration, mailbox, SALES).await?;
        self.import(mailbox).await?;
        Ok(())
    }

    /// What lies in mailboxes from the beginning, so that each account that is chosen has some.
    pub(super) fn deliver_to_others(&self) {
        self.deliver(WAREHOUSE, 2, 40);
        self.deliver(SALES, 3, 30);
    }

    /// Mails of the last hours for an account.
    fn deliver(&self, address: &str, count: i64, hours: i64) {
        let mut incoming = Incoming::to(address);
        for n in 0..count {
            let received = self.hours_ago(hours - n * 7);
            self.playground.deliver_at(address, incoming.next(received), received);
        }
    }

    fn hours_ago(&self, hours: i64) -> Timestamp {
        self.app.now().checked_sub(hours.hours()).unwrap_or(Timestamp::MIN)
    }

    fn by_password(&self, name: &str, address: &str, project: &str) -> MailboxInput {
        let auth = AuthInput {
            method: text("password"),
            username: text(address),
            password: Given::Value(SecretString::from(self.people.password.as_str())),
            ..AuthInput::default()
        };
        MailboxInput { auth: Given::Value(auth), ..self.place(name, project) }
    }

    /// Programs and people who sign in beside the administrator.
    async fn open_tokens(&self) -> Outcome {
        let opened = at(&self.app, days_ago(&self.app, 20));
        let ends = self.app.now().checked_add((40 * 24).hours()).unwrap_or(Timestamp::MAX);
        for (name, role, ends) in [(AGENT, "agent", None), ("Monthly report", "reader", Some(ends))] {
            let expires_at = ends.map_or(Given::Absent, |ends| text(&ends.to_string()));
            let input = TokenInput { name: text(name), role: text(role), expires_at };
            tokens::create(&opened, &self.actor, input, None).await?;
        }
        Ok(())
    }

    /// What an agent did to the issues of three weeks: old ones are closed, one is answered and worked on.
    async fn work_on_issues(&self) -> Outcome {
        let issues = self.issues(SHOPS_PROJECT).await?;
        let fresh = days_ago(&self.app, OPEN_DAYS);
        for issue in issues.iter().filter(|issue| issue.created_at < fresh) {
            let then = at(
                &self.app,
                issue.updated_at.checked_add(26.hours()).unwrap_or(fresh).min(self.hours_ago(20)),
            );
            self.change(&then, issue, IssueInput { status: text("closed"), ..IssueInput::default() }).await?;
        }
        let Some(issue) =
            issues.iter().filter(|issue| issue.created_at >= fresh).min_by_key(|issue| issue.created_at)
        else {
            return Ok(());
        };
        let then = at(&self.app, self.hours_ago(2));
        let input =
            IssueInput { status: text("in_progress"), assignee: text(AGENT), ..IssueInput::default() };
        self.change(&then, issue, input).await?;
        let said =
            CommentInput { body_text: text("I have asked the warehouse, and answer as soon as they do.") };
        comments::create(&then, &agent(), &issue.key, said, None).await?;
        Ok(())
    }

    async fn change(&self, then: &App, issue: &Issue, input: IssueInput) -> Outcome {
        issues::patch(then, &agent(), &issue.key, &Expect::any(), input).await?;
        Ok(())
    }

    /// The next mail to an address, now.
    pub(super) fn arrive(&self, address: &str, incoming: &mut Incoming) {
        let mail: Bytes = incoming.next(self.app.now());
        self.playground.deliver(address, mail);
    }
}

/// The person who works on issues, and mistyped a password.
fn agent() -> Actor {
    Actor { name: AGENT.to_owned(), role: Role::Administrator, ..Actor::system() }
}
