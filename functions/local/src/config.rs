//! The command line and the environment: read here, once, and nowhere else.

mod demo;
mod desk;
mod help;
mod listen;
mod rules;
mod settings;
mod talk;
mod variables;

use std::{ffi::OsStr, mem, path::PathBuf, sync::LazyLock};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind};
use clap_complete::Shell;
use intake::types::{audit::Role, host::AddressPolicy, identity::IdentityProvider, project::ProjectKey};
use playground::{Oddity, Pop3Oddity};

use crate::failure::Outcome;
pub(crate) use desk::{
    AuthorizeOptions, IssueCommand, MailboxCommand, RedirectUrlOptions, Since, StatusOptions, Which,
};
pub(crate) use listen::Listen;
pub(crate) use rules::{RulesCommand, RulesTestOptions};
pub(crate) use settings::Settings;
use settings::{Place, Server};
pub(crate) use talk::Talk;
use variables::blamed;
pub(crate) use variables::{log_targets, secret_variable};

/// The version, of which commit it was built, and the form of the data that it keeps.
pub(crate) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let (version, commit, form) = (env!("CARGO_PKG_VERSION"), env!("BUILT_OF_COMMIT"), store::FORMAT);
        format!("{version} (commit {commit}, data of form {form})")
    });
    &VERSION
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
    Doctor(DoctorOptions),
    /// How everything is: mailboxes, signed-in accounts, what waits, and what a person should look at.
    #[command(after_help = help::STATUS)]
    Status(StatusOptions),
    /// Whether the running process can do its work: for a container's health check.
    #[command(after_help = help::HEALTH)]
    Health,
    /// Mailboxes: looked at, tried out, polled now.
    #[command(subcommand, after_help = help::MAILBOX)]
    Mailbox(MailboxCommand),
    /// The redirect URL that is registered at a provider.
    #[command(after_help = help::REDIRECT_URL)]
    RedirectUrl(RedirectUrlOptions),
    /// Consent for a mailbox: prints the link that asks for it, and waits until it is given.
    #[command(after_help = help::AUTHORIZE)]
    Authorize(AuthorizeOptions),
    /// Issues that became of mail.
    #[command(subcommand, after_help = help::ISSUE)]
    Issue(IssueCommand),
    /// Opens the console in the browser.
    #[command(after_help = help::OPEN)]
    Open {
        /// A page of it, such as /mailboxes.
        #[arg(default_value = "/")]
        page: String,
    },
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
    /// What a shell needs to complete this command line, on standard output.
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// Whose.
        shell: Shell,
    },
    /// Writes the manual's pages, one for each command, into a folder.
    #[command(after_help = help::MAN)]
    Man {
        /// Made where it is not there.
        folder: PathBuf,
    },
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
    #[command(flatten)]
    server: Server,
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
    #[command(flatten)]
    server: Server,
}

/// `maildocket doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorOptions {
    /// For programs: one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    server: Server,
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
    #[command(flatten)]
    server: Server,
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
    List {
        /// For programs: a list of JSON objects, as `GET /tokens` has them.
        #[arg(long)]
        json: bool,
    },
}

/// Turns the mail that arrives in a mailbox into issues and comments.
#[derive(Debug, Parser)]
#[command(name = "maildocket", version = version(), after_help = help::EXAMPLES)]
struct Line {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    place: Place,
}

/// What to do, and with which installation.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) command: Command,
    pub(crate) settings: Settings,
}

impl Arguments {
    /// The command line, or clap's own answer to a wrong one.
    pub(crate) fn read() -> Self {
        let words: Vec<_> = std::env::args_os().collect();
        Self::of(&words).unwrap_or_else(|wrong| wrong.exit())
    }

    fn of<T: AsRef<OsStr>>(words: &[T]) -> Result<Self, clap::Error> {
        let words: Vec<_> = words.iter().map(|word| word.as_ref().to_owned()).collect();
        let blamed = |wrong| blamed(command(), wrong, &words);
        let matches = command().try_get_matches_from(&words).map_err(blamed)?;
        let Line { mut command, place } = Line::from_arg_matches(&matches)?;
        let server = command.server().map_or_else(|| Server::of_environment().map_err(blamed), Ok)?;
        let settings = Settings::new(place, server);
        let Some(typed) = matches.subcommand_matches("demo") else { return Ok(Self { command, settings }) };
        if let Some(why) = demo::refusal(typed, settings.said_to_listen()) {
            return Err(self::command().error(ErrorKind::ArgumentConflict, why));
        }
        Ok(Self { command, settings: settings.of_demo() })
    }
}

/// Variables of the environment that mean nothing, a sentence each.
pub(crate) fn unknown_variables() -> Vec<String> {
    variables::unknown(command)
}

/// The description of the whole command line: what it takes, its help, its completions and its pages.
pub(crate) fn command() -> clap::Command {
    Line::command()
}

impl Command {
    /// What was typed of the server, where the command takes it.
    fn server(&mut self) -> Option<Server> {
        match self {
            Self::Demo(options) => Some(mem::take(&mut options.server)),
            Self::Serve(options) => Some(mem::take(&mut options.server)),
            Self::Doctor(options) => Some(mem::take(&mut options.server)),
            Self::Apply(options) => Some(mem::take(&mut options.server)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_shows_examples() {
        fn check(command: &mut clap::Command) {
            let help = command.render_long_help().to_string();
            assert!(help.contains("Example"), "{help}");
            command.get_subcommands_mut().filter(|command| command.get_name() != "help").for_each(check);
        }
        check(&mut command());
    }

    #[test]
    fn what_is_not_a_url_is_told_in_words() {
        let wrong = Arguments::of(&["maildocket", "serve", "--base-url", "mail.example.com"]);
        assert!(wrong.unwrap_err().to_string().contains("such as https://"));
    }

    #[test]
    fn listen_takes_addresses_and_ports() {
        assert_eq!("0".parse::<Listen>().unwrap().addresses().len(), 2);
        assert_eq!("[::1]:80".parse::<Listen>().unwrap(), Listen::Address("[::1]:80".parse().unwrap()));
        assert!("example.com:80".parse::<Listen>().is_err());
    }
}
