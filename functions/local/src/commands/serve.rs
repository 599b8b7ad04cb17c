//! `maildocket serve`: the API, the console, the refresher and the poller.

use std::{
    io::{ErrorKind, IsTerminal},
    net::SocketAddr,
    time::Duration,
};

use intake::{App, flows, types::host::OwnListener};
use secrecy::{ExposeSecret, SecretString};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    config::{ServeOptions, Settings},
    control::server,
    failure::{Failure, Outcome},
    process::{
        data::DataFolder,
        disk, out, runtime,
        scheduler::{self, Rhythm},
        wire::{self, Extra, Wired},
    },
};

/// What is written into the data folder for whoever looks for the running process.
const LISTEN_FILE: &str = "listen";
/// Where the administrator's token goes when nobody sits at a terminal.
const TOKEN_FILE: &str = "admin-token";
/// Where the link of the first start goes then: it signs in once, while this process runs.
const LINK_FILE: &str = "setup-link";
/// Where it lies until it has been shown.
const PENDING_TOKEN_FILE: &str = "admin-token.pending";

pub(crate) async fn run(settings: Settings, options: ServeOptions) -> Outcome {
    runtime::log(settings.talk);
    let stop = runtime::stop_signal();
    let given = settings.admin_token()?;
    let extra = Extra { forget_secrets: options.forget_secrets, ..Extra::default() };
    let mut service = Service::prepare(&settings, extra).await?;
    // Of a process that was killed: nobody answers to it any more.
    service.data.remove(LINK_FILE);
    service.show_token(given.as_ref()).await?;
    out::say(format_args!("Maildocket is at {} (listening on {}).", service.base_url, service.address));
    service.run(Rhythm::default(), stop).await
}

/// Everything that runs, ready but not yet answering.
pub(crate) struct Service {
    pub(crate) app: App,
    pub(crate) base_url: Url,
    address: SocketAddr,
    data: DataFolder,
    wired: Wired,
    listeners: Vec<TcpListener>,
}

impl Service {
    pub(crate) async fn prepare(settings: &Settings, extra: Extra) -> Outcome<Self> {
        let data = DataFolder::open(&settings.data_dir()?)?;
        let listeners = bind(&settings.listen().addresses()).await?;
        let address = listeners.first().map(TcpListener::local_addr).transpose();
        let address = address.map_err(|error| Failure::because("The listener has no address", error))?;
        let address = address.ok_or_else(|| Failure::new("There is nothing to listen on."))?;
        let base_url = settings.base_url(address)?;
        let own = OwnListener::new(addresses(&listeners));
        let wired = wire::build(settings, &data, base_url.clone(), own, extra).await?;
        Ok(Self { app: wired.app.clone(), base_url, address, data, wired, listeners })
    }

    /// Makes the administrator's token at the first start, and shows it where only its owner looks.
    async fn show_token(&mut self, given: Option<&SecretString>) -> Outcome {
        if given.is_some() {
            flows::tokens::ensure_admin_token(&self.app, given).await?;
            return Ok(());
        }
        let Some(token) = self.first_token().await? else { return Ok(()) };
        let link = self.sign_in_link(token.clone(), "/setup".to_owned());
        if std::io::stdout().is_terminal() {
            out::say(format_args!("The administrator's token, shown this once: {}", token.expose_secret()));
            out::say(format_args!("Connect a mailbox in the browser (this link works once): {link}"));
            self.data.remove(PENDING_TOKEN_FILE);
            return Ok(());
        }
        self.data.write(LINK_FILE, &link)?;
        self.data.rename(PENDING_TOKEN_FILE, TOKEN_FILE)?;
        out::say(format_args!("The administrator's token is in {}.", self.data.file(TOKEN_FILE).display()));
        let file = self.data.file(LINK_FILE);
        out::say(format_args!("A link that signs in once, to connect a mailbox, is in {}.", file.display()));
        Ok(())
    }

    /// A link that signs in once with this token, and leads to this page.
    pub(crate) fn sign_in_link(&mut self, token: SecretString, page: String) -> String {
        let ticket = wire::random_text();
        let link = format!("{}sign-in/once/{ticket}", self.base_url);
        self.wired.one_time_link = Some(web::OneTimeLink::new(ticket, token, page));
        link
    }

    /// The administrator's token of the first start, in the store and in a file until it has been shown: whatever ends the
    /// process in between, the next start shows it.
    async fn first_token(&self) -> Outcome<Option<SecretString>> {
        if let Some(pending) = self.data.read(PENDING_TOKEN_FILE).map(SecretString::from)
            && flows::tokens::is_admin_token(&self.app, &pending).await?
        {
            return Ok(Some(pending));
        }
        let Some(token) = flows::tokens::propose_admin_token(&self.app).await? else { return Ok(None) };
        self.data.write(PENDING_TOKEN_FILE, token.expose_secret())?;
        flows::tokens::ensure_admin_token(&self.app, Some(&token)).await?;
        Ok(Some(token))
    }

    /// Answers, polls and refreshes until it is asked to stop; then ends what is under way.
    pub(crate) async fn run(self, rhythm: Rhythm, stop: CancellationToken) -> Outcome {
        let Self { app, data, wired, listeners, address, .. } = self;
        // Before anything can poll: the data folder's lock says that nobody holds these leases.
        flows::poll::end_leases(&app).await?;
        let router = wired.router(addresses(&listeners));
        let control = server::listen(&data, app.clone(), router.clone(), stop.clone());
        // Last: whoever waits for this file finds everything else done.
        data.write(LISTEN_FILE, &address.to_string())?;
        let mut doors = JoinSet::new();
        for listener in listeners {
            doors.spawn(web::serve(listener, router.clone(), stop.clone().cancelled_owned()));
        }
        let sweep = wired.sweeper();
        let disk = app.disk.clone();
        let disk = disk::watch(&disk, data.path().to_owned(), stop.clone());
        let background = scheduler::run(app, sweep, rhythm, stop.clone());
        let answering = async {
            let mut outcome = Ok(());
            while let Some(done) = doors.join_next().await {
                if let Ok(Err(error)) = done {
                    outcome = Err(Failure::because("The server stopped answering", error));
                    stop.cancel();
                }
            }
            outcome
        };
        let (answered, (), (), ()) = tokio::join!(answering, background, control, disk);
        data.remove(LISTEN_FILE);
        data.remove(LINK_FILE);
        answered
    }
}

fn addresses(listeners: &[TcpListener]) -> Vec<SocketAddr> {
    listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
}

/// Binds the first address, and the others on the same port where the machine has their family.
async fn bind(addresses: &[SocketAddr]) -> Outcome<Vec<TcpListener>> {
    const TRIES: u32 = 20;
    let Some((first, others)) = addresses.split_first() else { return Ok(Vec::new()) };
    for _ in 0..TRIES {
        let listener = TcpListener::bind(first).await.map_err(|error| cannot_listen(*first, &error))?;
        let port = listener.local_addr().map_err(|error| cannot_listen(*first, &error))?.port();
        let mut listeners = vec![listener];
        let mut taken = None;
        for other in others {
            let other = SocketAddr::new(other.ip(), port);
            match TcpListener::bind(other).await {
                Ok(listener) => listeners.push(listener),
                Err(error) if error.kind() == ErrorKind::AddrInUse => taken = Some((other, error)),
                // No such family on this machine.
                Err(_) => {}
            }
        }
        match taken {
            None => return Ok(listeners),
            // A free port was asked for, and it is free on one family only: another.
            Some(_) if first.port() == 0 => tokio::time::sleep(Duration::from_millis(1)).await,
            Some((other, error)) => return Err(cannot_listen(other, &error)),
        }
    }
    Err(Failure::new("No free port was found. Give one with --listen PORT."))
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::AddrInUse => Failure::new(format!(
            "Port {} is taken by another program. Stop it, or give another port with --listen PORT.",
            address.port()
        )),
        ErrorKind::PermissionDenied => {
            Failure::new(format!("This user may not listen on {address}. Give a port above 1023."))
        }
        _ => Failure::because(format!("Cannot listen on {address}"), error),
    }
}
