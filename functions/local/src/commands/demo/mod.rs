//! `maildocket demo`: the whole product, with a pretend provider and mailboxes in the same process.

mod connect;
mod history;
mod showroom;
mod stage;

use std::{sync::atomic::Ordering, time::Duration};

use intake::{
    flows::{poll::PollReport, tokens},
    types::ids::MailboxId,
};
use playground::{Incoming, Sample};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    commands::serve::Service,
    config::{DemoOptions, Listen, Settings},
    failure::{Failure, Outcome},
    process::{out, runtime, scheduler::Rhythm, wire},
};
use connect::Waiting;
use showroom::Shop;
use stage::{Demo, OWNER};

/// The first import is the demo's own, so that it can tell of it: the schedule waits that long.
const REST: Duration = Duration::from_secs(30);
/// How many of the samples arrive while somebody watches.
const LATER: usize = 4;
/// How often a mail arrives at first, and how many do.
const SOON: Duration = Duration::from_secs(5);
const QUICK: u64 = 8;
/// How often a mail arrives afterwards, as long as the demo runs.
const FROM_TIME_TO_TIME: Duration = Duration::from_secs(20);

pub(crate) async fn run(mut settings: Settings, options: DemoOptions) -> Outcome {
    runtime::log_faults();
    let folder = tempfile::Builder::new().prefix("maildocket-demo-").tempdir();
    let folder = folder.map_err(|error| Failure::because("No temporary folder can be made", error))?;
    settings.keep_in(folder.path().join("data"));
    settings.listen_on(Listen::Loopback(0));
    let (demo, mut service) = Demo::prepare(&settings, options).await?;
    let waiting = demo.set_up().await?;
    demo.welcome(&mut service, settings.admin_token()?, &waiting).await?;
    let stop = demo.stop.clone();
    let serving = tokio::spawn(service.run(Rhythm { rest: REST, ..Rhythm::default() }, stop.clone()));
    let shown = tokio::select! {
        shown = demo.show(&waiting) => shown,
        () = stop.cancelled() => Ok(()),
    };
    stop.cancel();
    demo.app.stop.request();
    let served = serving.await.map_err(|error| Failure::because("The server ended unexpectedly", error));
    demo.playground.shutdown().await;
    out::say(format_args!("The demo has ended; its folder is removed."));
    shown.and(served?)
}

impl Demo {
    /// Tells the two ways in: a link, which leads to where the mailbox is connected, and a token.
    async fn welcome(
        &self,
        service: &mut Service,
        given: Option<SecretString>,
        waiting: &Waiting,
    ) -> Outcome {
        let made = given.is_none().then(|| SecretString::from(wire::random_text()));
        let Some(token) = given.as_ref().or(made.as_ref()) else { return Ok(()) };
        tokens::ensure_admin_token(&self.app, Some(token)).await?;
        let page = if self.options.yes { "/".to_owned() } else { waiting.page() };
        let link = service.sign_in_link(token.clone(), page);
        let place = &service.base_url;
        self.tell(format_args!("Maildocket's demo runs at {place} and forgets everything when it ends.\n"));
        self.tell(format_args!("  Sign in (works once): {link}"));
        if let Some(token) = &made {
            self.tell(format_args!("  Or with the token:    {}", token.expose_secret()));
        }
        self.tell(format_args!(""));
        Ok(())
    }

    async fn show(&self, waiting: &Waiting) -> Outcome {
        let later = self.deliver_samples();
        let main = waiting.mailbox;
        if self.options.yes {
            self.consent(waiting).await?;
        } else {
            self.say("A mailbox waits to be connected: open the link above.");
        }
        if self.options.yes || self.options.is_odd() {
            self.connect(main).await?;
            if self.options.once {
                return Ok(());
            }
            return self.surround(waiting, later).await;
        }
        tokio::join!(self.told(self.connect(main)), self.surround(waiting, later)).1
    }

    /// Puts the first mails into the mailbox that is connected; those that come later.
    fn deliver_samples(&self) -> Vec<Sample> {
        let mut samples = playground::samples();
        let later = samples.split_off(samples.len().saturating_sub(LATER));
        self.say(&format!("{} mails wait in the pretend mailbox.", samples.len()));
        for Sample { raw, user, received, .. } in samples {
            self.playground.deliver_at(user, raw, received);
        }
        self.deliver_to_others();
        later
    }

    /// Everything around the mailbox, and what goes on happening. An odd mail server is looked at alone.
    async fn surround(&self, waiting: &Waiting, later: Vec<Sample>) -> Outcome {
        let shop = match self.options.is_odd() {
            true => None,
            false => self.told(self.furnish(waiting.integration)).await,
        };
        self.tell(format_args!("\nMore mail arrives from time to time. Ctrl-C ends the demo."));
        self.go_on(waiting.mailbox, shop, later).await
    }

    /// Mails arrive, now here and now there, and are imported at once.
    async fn go_on(&self, main: MailboxId, mut shop: Option<Shop>, later: Vec<Sample>) -> Outcome {
        let mut later = later.into_iter();
        let mut others: Option<(String, Incoming)> = None;
        for turn in 0_u64.. {
            tokio::time::sleep(if turn < QUICK { SOON } else { FROM_TIME_TO_TIME }).await;
            let account = match self.connected.load(Ordering::Relaxed) {
                true => self.account(main).await.unwrap_or_default(),
                false => None,
            };
            match (account, &mut shop) {
                (account, Some(shop)) if account.is_none() || turn % 2 == 1 => {
                    self.arrive(playground::SHOP, &mut shop.incoming);
                    self.look(shop.mailbox).await;
                }
                (Some(account), _) => {
                    match later.next().filter(|_| account == OWNER) {
                        Some(Sample { raw, user, .. }) => drop(self.playground.deliver(user, raw)),
                        None => self.arrive_at(&account, &mut others),
                    }
                    self.look(main).await;
                }
                (None, _) => {}
            }
        }
        Ok(())
    }

    /// The next mail to the account that somebody has chosen.
    fn arrive_at(&self, account: &str, others: &mut Option<(String, Incoming)>) {
        if others.as_ref().is_none_or(|(known, _)| known != account) {
            *others = Some((account.to_owned(), Incoming::later_to(account)));
        }
        if let Some((_, incoming)) = others {
            self.arrive(account, incoming);
        }
    }

    /// Imports what has arrived. People may have paused, changed or deleted the mailbox: its page tells what is wrong then.
    async fn look(&self, mailbox: MailboxId) {
        if let Ok(report) = self.import(mailbox).await
            && report.fetched > 0
        {
            self.say(&format!("New mail: {}.", parts(&report)));
        }
    }

    /// Does what people may come in the way of, who can change everything here: then it is told, and the demo goes on.
    async fn told<T>(&self, work: impl Future<Output = Outcome<T>>) -> Option<T> {
        work.await.map_err(|failure| self.say(&failure.to_string())).ok()
    }
}

/// What became of mails: `1 issue, 2 comments`.
fn parts(report: &PollReport) -> String {
    let of =
        |n: u64, one: &str, many: &str| (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { many }));
    let parts = [
        of(report.created, "issue", "issues"),
        of(report.commented, "comment", "comments"),
        of(report.skipped, "left out", "left out"),
        of(report.held, "held", "held"),
        of(report.failed, "failed", "failed"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
