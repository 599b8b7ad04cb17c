//! The command line and the environment: read here, once, and nowhere else.

mod demo;
mod help;
mod listen;
mod rules;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind};
use intake::types::{audit::Role, host::AddressPolicy, identity::IdentityProvider, project::ProjectKey};
use playground::{Oddity, Pop3Oddity};
use secrecy::SecretString;
use url::Url;

use crate::failure::{Failure, Outcome};
pub(crate) use listen::Listen;
pub(crate) use rules::{RulesCommand, RulesTestOptions};

/// The port that is listened on when nothing else is said.
const DEFAULT_PORT: u16 = 8025;
/// The fewest characters of an administrator's token that somebody chose.
const MIN_TOKEN_CHARS: usize = 32;

/// Turns the mail that arrives in a mailbox into issues and comments.
#[derive(Debug, Parser)]
#[command(name = "maildocket", version, after_help = help::EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole product with a pretend provider and mailbox inside, in a temporary folder.
    #[command(after_help = help::DEMO)]
    Demo(DemoOptions),
    /// The API, the console, the refresher and the poller, over an embedded store.
    #[command(after_help = help::SERVE)]
    Serve(ServeOptions),
    /// What is understood of raw mails, as JSON.
    #[command(after_help = help::PARSE)]
    Parse(ParseOptions),
    /// Makes issues and comments of mails in files: a folder of *.eml, a Maildir, an mbox.
    #[command(after_help = help::IMPORT)]
    Import(ImportOptions),
    /// Checks settings, store, clock, certificates and reachability.
    #[command(after_help = help::DOCTOR)]
    Doctor,
    /// Writes the configuration as a file, without secrets.
    #[command(after_help = help::EXPORT)]
    Export(ExportOptions),
    /// Makes the installation as a file says.
    #[command(after_help = help::APPLY)]
    Apply(ApplyOptions),
    /// Handlers, tried out over mails in files.
    #[command(subcommand, after_help = help::RULES)]
    Rules(RulesCommand),
    /// API tokens.
    #[command(subcommand, after_help = help::TOKEN)]
    Token(TokenCommand),
}

/// `maildocket demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoOptions {
    /// Consent by itself instead of waiting for a click.
    #[arg(long)]
    pub(crate) yes: bool,
    /// End after the first import instead of serving until Ctrl-C.
    #[arg(long, requires = "yes")]
    pub(crate) once: bool,
    /// The pretend mail server is read by IMAP and has this defect.
    #[arg(long, value_name = "DEFECT", conflicts_with = "odd_pop3")]
    pub(crate) odd_imap: Option<Oddity>,
    /// The pretend mail server is read by POP3 and has this defect.
    #[arg(long, value_name = "DEFECT")]
    pub(crate) odd_pop3: Option<Pop3Oddity>,
}

impl DemoOptions {
    /// Whether something is to go wrong.
    pub(crate) fn is_odd(&self) -> bool {
        self.odd_imap.is_some() || self.odd_pop3.is_some()
    }
}

/// `maildocket serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// Go on without the master key of before, which is lost: all secrets must be typed or consented to again.
    #[arg(long)]
    pub(crate) forget_secrets: bool,
}

/// `maildocket parse`.
#[derive(Debug, Args)]
pub(crate) struct ParseOptions {
    /// Raw mails (RFC 5322); `-` is standard input, and so is nothing.
    pub(crate) files: Vec<PathBuf>,
    /// Read lines `{"id", "path"}` from standard input and write one line of JSON for each.
    #[arg(long, conflicts_with = "files")]
    pub(crate) jsonl: bool,
    /// Print each decision with its evidence in words instead of JSON: what kind of mail it is, what was cut.
    #[arg(long, conflicts_with = "jsonl")]
    pub(crate) why: bool,
    /// Also tell what these handlers say of each mail: a list, YAML or JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) handlers: Option<PathBuf>,
    /// A receiving server whose Authentication-Results count for `sender_verdict`; may be given several times.
    #[arg(long, value_name = "ID", requires = "handlers")]
    pub(crate) trusted_authserv_id: Vec<String>,
}

/// `maildocket import`.
#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// Where the issues are made, such as SUP.
    #[arg(long, value_name = "KEY")]
    pub(crate) project: ProjectKey,
    /// A folder, an mbox or a single mail.
    pub(crate) path: PathBuf,
}

/// `maildocket export`.
#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// Where to write it; `-` is standard output, and so is nothing.
    pub(crate) file: Option<PathBuf>,
}

/// `maildocket apply`.
#[derive(Debug, Args)]
pub(crate) struct ApplyOptions {
    /// YAML or JSON; `-` is standard input.
    pub(crate) file: PathBuf,
    /// Only tell what would change.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Delete mailboxes and integrations that the file does not list.
    #[arg(long)]
    pub(crate) prune: bool,
    /// Also what breaks a mailbox that is polled.
    #[arg(long)]
    pub(crate) force: bool,
}

/// A secret that a file says to take from a variable of the environment. None: there is no such variable.
#[expect(clippy::disallowed_methods, reason = "the owner")]
pub(crate) fn secret_variable(name: &str) -> Option<SecretString> {
    std::env::var(name).ok().map(SecretString::from)
}

/// Where people of the company sign in, where that is set up. By the environment alone, as all that holds a secret.
pub(crate) fn identity_provider(addresses: AddressPolicy) -> Outcome<Option<IdentityProvider>> {
    Ok(IdentityProvider::from_settings(&secret_variable, addresses)?)
}

/// `maildocket token`.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Makes a token and prints it once.
    #[command(after_help = help::CREATE)]
    Create {
        /// Its name.
        name: String,
        /// What its bearer may do.
        #[arg(long, default_value = "administrator")]
        role: Role,
        /// After how many days it is refused. Never, when not given.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
        expires_in_days: Option<u32>,
    },
    /// Makes a token useless, at once.
    #[command(after_help = help::REVOKE)]
    Revoke {
        /// Its name.
        name: String,
    },
    /// Lists names, roles and ends of all tokens.
    #[command(after_help = help::LIST)]
    List,
}

fn url(text: &str) -> Result<Url, String> {
    Url::parse(text).map_err(|_| "must be scheme, host and port, such as https://mail.example.com".to_owned())
}

/// What every command may be told.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// ADDRESS:PORT or PORT; port 0 takes a free one [default: 8025 on both loopback addresses].
    #[arg(long, global = true, env = "MAILDOCKET_LISTEN", value_name = "ADDRESS")]
    listen: Option<Listen>,
    /// Where everything is kept [default: the platform's data folder].
    #[arg(long, global = true, env = "MAILDOCKET_DATA_DIR", value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Under which browsers and providers reach us [default: http://localhost:PORT].
    #[arg(long, global = true, env = "MAILDOCKET_BASE_URL", value_name = "URL", value_parser = url)]
    base_url: Option<Url>,
    /// The key that seals secrets [default: a file in the data folder].
    #[arg(long, global = true, env = "MAILDOCKET_MASTER_KEY_FILE", value_name = "FILE", hide = true)]
    master_key_file: Option<PathBuf>,
    /// Also connect to loopback and private addresses.
    #[arg(long, global = true, env = "MAILDOCKET_ALLOW_PRIVATE_NETWORK", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) allow_private_network: bool,
    /// Further trusted roots (PEM) for Custom providers and their mail servers.
    #[arg(long, global = true, env = "MAILDOCKET_EXTRA_CA_FILE", value_name = "FILE")]
    pub(crate) extra_ca_file: Option<PathBuf>,
    /// Believe X-Forwarded-Host and X-Forwarded-For: only where nobody but your reverse proxy can connect.
    #[arg(long, global = true)]
    pub(crate) trusted_proxy: bool,
}

impl Arguments {
    /// The command line, or clap's own answer to a wrong one.
    pub(crate) fn read() -> Self {
        let matches = Self::command().get_matches();
        let read = Self::from_arg_matches(&matches).unwrap_or_else(|wrong| wrong.exit());
        if !matches!(read.command, Command::Demo(_)) {
            return read;
        }
        if let Some(why) = demo::refusal(&matches, read.settings.listen) {
            Self::command().error(ErrorKind::ArgumentConflict, why).exit();
        }
        Self { settings: read.settings.of_demo(), ..read }
    }
}

impl Settings {
    /// What a shell's variables say of the real installation is none of the demo's.
    fn of_demo(self) -> Self {
        Self {
            listen: self.listen.filter(|listen| demo::is_here(*listen)),
            data_dir: None,
            base_url: None,
            master_key_file: None,
            allow_private_network: true,
            extra_ca_file: None,
            trusted_proxy: false,
        }
    }

    /// Where to listen.
    pub(crate) fn listen(&self) -> Listen {
        self.listen.unwrap_or(Listen::Loopback(DEFAULT_PORT))
    }

    /// Listens here instead: for the demo.
    pub(crate) fn listen_on(&mut self, listen: Listen) {
        self.listen.get_or_insert(listen);
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
        let url = match &self.base_url {
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
        Arguments::try_parse_from([&["maildocket", "serve"], arguments].concat()).unwrap().settings
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
    fn every_command_shows_examples() {
        fn check(command: &mut clap::Command) {
            let help = command.render_long_help().to_string();
            assert!(help.contains("Example"), "{help}");
            command.get_subcommands_mut().filter(|command| command.get_name() != "help").for_each(check);
        }
        check(&mut <Arguments as clap::CommandFactory>::command());
    }

    #[test]
    fn what_is_not_a_url_is_told_in_words() {
        let wrong = Arguments::try_parse_from(["maildocket", "serve", "--base-url", "mail.example.com"]);
        assert!(wrong.unwrap_err().to_string().contains("such as https://"));
    }

    #[test]
    fn listen_takes_addresses_and_ports() {
        assert_eq!("0".parse::<Listen>().unwrap().addresses().len(), 2);
        assert_eq!("[::1]:80".parse::<Listen>().unwrap(), Listen::Address("[::1]:80".parse().unwrap()));
        assert!("example.com:80".parse::<Listen>().is_err());
    }
}
