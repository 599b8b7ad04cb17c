//! The pretend provider and a server over an empty folder, and how both speak with whoever looks.

use std::{fmt, sync::atomic::AtomicBool, time::Instant};

use intake::{
    App,
    types::{audit::Actor, given::Given},
};
use playground::{Account, Options, Playground, SHOP};
use tokio_util::sync::CancellationToken;

use crate::{
    commands::serve::Service,
    config::{DemoOptions, Settings},
    failure::{Failure, Outcome},
    process::{
        out, runtime,
        wire::{self, Extra},
    },
};

/// Whose mailbox it is, unless whoever consents chooses another account.
pub(super) const OWNER: &str = "support@example.test";
/// Whose mailbox is connected already.
pub(super) const SALES: &str = "sales@example.test";
/// Whose mailbox fails.
pub(super) const RETURNS: &str = "returns@example.test";
/// Whose mailbox waits until somebody signs in.
pub(super) const WAREHOUSE: &str = "warehouse@example.test";

/// What the demo is made of.
pub(super) struct Demo {
    pub(super) app: App,
    pub(super) playground: Playground,
    pub(super) people: People,
    /// Who sets everything up.
    pub(super) actor: Actor,
    pub(super) begun: Instant,
    pub(super) options: DemoOptions,
    pub(super) stop: CancellationToken,
    /// Whether the first import is done.
    pub(super) connected: AtomicBool,
}

impl Demo {
    /// The pretend provider, and a server over an empty data folder.
    pub(super) async fn prepare(settings: &Settings, options: DemoOptions) -> Outcome<(Self, Service)> {
        let begun = Instant::now();
        let stop = runtime::stop_signal();
        let people = People::new();
        let playground = Playground::start(people.options()).await;
        let playground =
            playground.map_err(|error| Failure::because("The pretend provider cannot start", error))?;
        let extra = Extra { roots_pem: Some(playground.ca_pem().to_owned()), forget_secrets: false };
        let service = Service::prepare(settings, extra).await?;
        let actor = Actor { name: "demo".to_owned(), ..Actor::system() };
        let (app, connected) = (service.app.clone(), AtomicBool::default());
        let demo = Self { app, playground, people, actor, begun, options, stop, connected };
        demo.be_odd();
        Ok((demo, service))
    }

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

    pub(super) fn say(&self, what: &str) {
        self.tell(format_args!("{:5.1} s  {what}", self.begun.elapsed().as_secs_f32()));
    }

    /// Says something; the demo ends once nobody reads it any more, as `head` does.
    pub(super) fn tell(&self, what: fmt::Arguments<'_>) {
        if !out::heard(what) {
            self.stop.cancel();
        }
    }
}

/// A field of a request.
pub(super) fn text(value: &str) -> Given<String> {
    Given::Value(value.to_owned())
}

/// Who has a mailbox at the pretend provider, and the passwords of those who have one.
pub(super) struct People {
    pub(super) password: String,
}

impl People {
    /// New passwords.
    fn new() -> Self {
        Self { password: wire::random_text() }
    }

    /// The pretend provider's accounts. Whichever is chosen, there is mail in its mailbox.
    fn options(&self) -> Options {
        let accounts = [
            Account::new(OWNER, "Customer support"),
            Account::new(SALES, "Sales"),
            Account::new(SHOP, "Web shop").with_password(&self.password),
            Account::new(RETURNS, "Returns").with_password(&self.password),
            Account::new(WAREHOUSE, "Warehouse"),
        ];
        Options { accounts: accounts.into(), ..Options::default() }
    }
}
