//! What a command may be told of the installation: where it lies, how it is reached, and what it may reach.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser};
use intake::types::host::AddressPolicy;
use secrecy::SecretString;
use url::Url;

use super::{demo, listen::Listen, talk::Talk, variables::secret_variable};
use crate::failure::{Failure, Outcome};

/// The port that is listened on when nothing else is said.
const DEFAULT_PORT: u16 = 8025;
/// The fewest characters of an administrator's token that somebody chose.
const MIN_TOKEN_CHARS: usize = 32;

/// What every command may be told.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Where everything is kept [default: the platform's data folder].
    #[arg(long, global = true, env = "MAILDOCKET_DATA_DIR", value_name = "FOLDER")]
    pub(super) data_dir: Option<PathBuf>,
    /// The key that seals secrets [default: a file in the data folder].
    #[arg(long, global = true, env = "MAILDOCKET_MASTER_KEY_FILE", value_name = "FILE", hide = true)]
    pub(super) master_key_file: Option<PathBuf>,
    // What may be reached is of use wherever nothing runs; shown with the commands that are mostly given it.
    #[arg(long, global = true, hide = true, env = "MAILDOCKET_ALLOW_PRIVATE_NETWORK", value_parser = switch)]
    allow_private_network: bool,
    #[arg(long, global = true, hide = true, env = "MAILDOCKET_EXTRA_CA_FILE", value_name = "FILE")]
    extra_ca_file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) talk: Talk,
}

/// How a process is reached, and what it may reach. Where a command has no such options, the environment says it.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct Server {
    /// ADDRESS:PORT or PORT; port 0 takes a free one [default: 8025 on both loopback addresses].
    #[arg(long, env = "MAILDOCKET_LISTEN", value_name = "ADDRESS")]
    pub(super) listen: Option<Listen>,
    /// Under which browsers and providers reach us [default: http://localhost:PORT].
    #[arg(long, env = "MAILDOCKET_BASE_URL", value_name = "URL", value_parser = url)]
    base_url: Option<Url>,
    /// Also connect to loopback and private addresses.
    #[arg(long, env = "MAILDOCKET_ALLOW_PRIVATE_NETWORK", value_parser = switch)]
    allow_private_network: bool,
    /// Further trusted roots (PEM) for Custom providers and their mail servers.
    #[arg(long, env = "MAILDOCKET_EXTRA_CA_FILE", value_name = "FILE")]
    extra_ca_file: Option<PathBuf>,
    /// Believe X-Forwarded-Host and X-Forwarded-For: only where nobody but your reverse proxy can connect.
    #[arg(long, env = "MAILDOCKET_TRUSTED_PROXY", value_parser = switch)]
    trusted_proxy: bool,
}

impl Server {
    /// What the environment says.
    pub(super) fn of_environment() -> Result<Self, clap::Error> {
        #[derive(Parser)]
        struct Variables {
            #[command(flatten)]
            server: Server,
        }
        Variables::try_parse_from(["maildocket"]).map(|variables| variables.server)
    }
}

/// The installation that is meant.
#[derive(Debug)]
pub(crate) struct Settings {
    data_dir: Option<PathBuf>,
    master_key_file: Option<PathBuf>,
    server: Server,
    /// How much is said beside what was asked for.
    pub(crate) talk: Talk,
}

/// What a variable says of a flag. An empty one says nothing, as where a file of settings names it only.
fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "" | "false" | "no" | "off" | "0" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

fn url(text: &str) -> Result<Url, String> {
    Url::parse(text).map_err(|_| "must be scheme, host and port, such as https://mail.example.com".to_owned())
}

impl Settings {
    pub(super) fn new(place: Place, server: Server) -> Self {
        let Place { data_dir, master_key_file, allow_private_network, extra_ca_file, talk } = place;
        let server = Server {
            allow_private_network: server.allow_private_network || allow_private_network,
            extra_ca_file: server.extra_ca_file.or(extra_ca_file),
            ..server
        };
        Self { data_dir, master_key_file, server, talk }
    }

    /// Which addresses may be connected to.
    pub(crate) fn addresses(&self) -> AddressPolicy {
        AddressPolicy { allow_private: self.server.allow_private_network }
    }

    /// The file of further trusted roots.
    pub(crate) fn extra_ca_file(&self) -> Option<&PathBuf> {
        self.server.extra_ca_file.as_ref()
    }

    /// Whether `X-Forwarded-*` counts.
    pub(crate) fn trusted_proxy(&self) -> bool {
        self.server.trusted_proxy
    }

    /// Where it was said to listen.
    pub(super) fn said_to_listen(&self) -> Option<Listen> {
        self.server.listen
    }

    /// What a shell's variables say of the real installation is none of the demo's.
    pub(super) fn of_demo(self) -> Self {
        let listen = self.server.listen.filter(|listen| demo::is_here(*listen));
        let server = Server { listen, allow_private_network: true, ..Server::default() };
        Self { server, data_dir: None, master_key_file: None, talk: self.talk }
    }

    /// Where to listen.
    pub(crate) fn listen(&self) -> Listen {
        self.server.listen.unwrap_or(Listen::Loopback(DEFAULT_PORT))
    }

    /// Listens here instead: for the demo.
    pub(crate) fn listen_on(&mut self, listen: Listen) {
        self.server.listen.get_or_insert(listen);
    }

    /// Where everything is kept.
    pub(crate) fn data_dir(&self) -> Outcome<PathBuf> {
        if let Some(folder) = &self.data_dir {
            return Ok(folder.clone());
        }
        let folders = directories::ProjectDirs::from("", "", "maildocket");
        let folder = folders.map(|folders| folders.data_dir().to_owned());
        folder.ok_or_else(|| {
            Failure::new("This user has no home folder. Say where to keep data with --data-dir FOLDER.")
        })
    }

    /// Keeps everything here instead: for the demo.
    pub(crate) fn keep_in(&mut self, folder: PathBuf) {
        self.data_dir = Some(folder);
    }

    /// The base URL for this port, checked against where we listen.
    pub(crate) fn base_url(&self, listening: SocketAddr) -> Outcome<Url> {
        let default = format!("http://localhost:{}", listening.port());
        let url = match &self.server.base_url {
            Some(url) => url.clone(),
            None => Url::parse(&default)
                .map_err(|error| Failure::because("The base URL cannot be made", error))?,
        };
        check_base_url(&url)?;
        if !listening.ip().is_loopback() && url.scheme() != "https" {
            return Err(Failure::new(format!(
                "Listening on {listening} lets other machines in, and that needs an https base URL: give --base-url https://… (behind a reverse proxy), or listen on loopback."
            )));
        }
        Ok(url)
    }

    /// The administrator's token, where one was given. By the environment alone: every user of the machine sees the
    /// arguments of a process.
    pub(crate) fn admin_token(&self) -> Outcome<Option<SecretString>> {
        use secrecy::ExposeSecret;
        match secret_variable("MAILDOCKET_ADMIN_TOKEN") {
            Some(token) if token.expose_secret().chars().count() < MIN_TOKEN_CHARS => Err(Failure::new(
                format!("MAILDOCKET_ADMIN_TOKEN must have at least {MIN_TOKEN_CHARS} characters."),
            )),
            token => Ok(token),
        }
    }

    /// Where the master key is, if not in the data folder.
    pub(crate) fn master_key_file(&self) -> Option<&PathBuf> {
        self.master_key_file.as_ref()
    }
}

fn check_base_url(url: &Url) -> Outcome {
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let bare =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !bare || url.password().is_some() {
        return Err(Failure::new(format!(
            "The base URL {url} must be scheme, host and port only, such as https://mail.example.com."
        )));
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        _ => Err(Failure::new(format!(
            "The base URL {url} must begin with https:// (http:// only for localhost)."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(arguments: &[&str]) -> Settings {
        crate::config::Arguments::of(&[&["maildocket", "serve"], arguments].concat()).unwrap().settings
    }

    #[test]
    fn the_base_url_follows_the_port_and_must_be_safe() {
        let here: SocketAddr = "127.0.0.1:9000".parse().unwrap();
        let outside: SocketAddr = "0.0.0.0:9000".parse().unwrap();
        assert_eq!(settings(&[]).base_url(here).unwrap().as_str(), "http://localhost:9000/");
        assert!(settings(&[]).base_url(outside).is_err());
        assert!(settings(&["--base-url", "https://mail.example.com"]).base_url(outside).is_ok());
        for bad in [
            "http://mail.example.com",
            "https://mail.example.com/x",
            "ftp://localhost",
            "https://u@mail.example.com",
        ] {
            assert!(settings(&["--base-url", bad]).base_url(here).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_flag_s_variable_is_a_switch() {
        assert_eq!(
            (switch("TRUE"), switch("1"), switch(""), switch("off")),
            (Ok(true), Ok(true), Ok(false), Ok(false))
        );
        assert!(switch("perhaps").is_err());
    }
}
