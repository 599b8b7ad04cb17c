//! What the commands may be told that work with a running installation: its mailboxes, accounts and issues.

use clap::{Args, Subcommand};
use intake::{
    Timestamp,
    types::{integration::Provider, project::ProjectKey},
};

use super::help;

/// `maildocket status`.
#[derive(Debug, Args)]
pub(crate) struct StatusOptions {
    /// For programs: the JSON of `GET /status`.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The mailbox that is meant.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Its name or identifier.
    #[arg(value_name = "MAILBOX")]
    pub(crate) name: String,
    /// For programs: the JSON of the API.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `maildocket mailbox`.
#[derive(Debug, Subcommand)]
pub(crate) enum MailboxCommand {
    /// Lists all mailboxes with their state.
    #[command(after_help = help::MAILBOX_LIST)]
    List {
        /// For programs: a list of JSON objects, as `GET /mailboxes` has them.
        #[arg(long)]
        json: bool,
    },
    /// Shows what is set up for a mailbox, and how it is.
    #[command(after_help = help::MAILBOX_SHOW)]
    Show(Which),
    /// Tries a mailbox out, step by step, and changes nothing.
    #[command(after_help = help::MAILBOX_TEST)]
    Test(Which),
    /// Polls a mailbox now, until all its mails are imported.
    #[command(after_help = help::MAILBOX_POLL)]
    Poll(Which),
    /// Counts what a first import would bring, and changes nothing.
    #[command(after_help = help::MAILBOX_PREVIEW)]
    Preview {
        #[command(flatten)]
        which: Which,
        /// With this start instead of the mailbox's own: everything since then.
        #[arg(long, value_name = "TIME", conflicts_with = "everything")]
        since: Option<Since>,
        /// With this start instead: everything.
        #[arg(long)]
        everything: bool,
    },
    /// Imports mails that the mailbox's start left out.
    #[command(after_help = help::MAILBOX_BACKFILL)]
    Backfill {
        #[command(flatten)]
        which: Which,
        /// Received at or after this time, by the server's date.
        #[arg(long, value_name = "TIME")]
        since: Since,
        /// And before this one.
        #[arg(long, value_name = "TIME")]
        before: Option<Since>,
    },
}

/// `maildocket redirect-url`.
#[derive(Debug, Args)]
pub(crate) struct RedirectUrlOptions {
    /// google, microsoft or custom.
    pub(crate) provider: Provider,
    /// Of a custom provider: where its endpoints are discovered.
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// Of a custom provider without discovery.
    #[arg(long, value_name = "URL", requires = "token_endpoint")]
    pub(crate) authorization_endpoint: Option<String>,
    /// Of a custom provider without discovery.
    #[arg(long, value_name = "URL", requires = "authorization_endpoint")]
    pub(crate) token_endpoint: Option<String>,
}

/// `maildocket authorize`.
#[derive(Debug, Args)]
pub(crate) struct AuthorizeOptions {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Also open the link in this machine's browser.
    #[arg(long)]
    pub(crate) open: bool,
    /// For how many days the link is good, where it is sent to the mailbox's owner [default: 15 minutes].
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=7))]
    pub(crate) valid_for_days: Option<u64>,
    /// Do not wait for the consent.
    #[arg(long)]
    pub(crate) no_wait: bool,
}

/// `maildocket issue`.
#[derive(Debug, Subcommand)]
pub(crate) enum IssueCommand {
    /// Lists the issues of a project, newest first.
    #[command(after_help = help::ISSUE_LIST)]
    List {
        /// Whose; need not be said where there is one project only.
        #[arg(long, value_name = "KEY")]
        project: Option<ProjectKey>,
        /// Only these: open, in_progress or closed.
        #[arg(long)]
        status: Option<intake::types::issue::IssueStatus>,
        /// How many at most.
        #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// For programs: a list of JSON objects, as `GET /issues` has them.
        #[arg(long)]
        json: bool,
    },
    /// Shows an issue with its comments.
    #[command(after_help = help::ISSUE_SHOW)]
    Show {
        /// Such as SUP-42.
        key: String,
        /// For programs: the JSON of the API, with the comments in `comments`.
        #[arg(long)]
        json: bool,
    },
}

/// A time as people type it: a day of this machine's time zone, or RFC 3339.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since(pub(crate) Timestamp);

impl std::str::FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(time) = text.parse() {
            return Ok(Self(time));
        }
        let day: jiff::civil::Date = text
            .parse()
            .map_err(|_| "must be a day such as 2026-11-01, or a time such as 2026-11-01T08:00:00Z")?;
        let begins =
            day.to_zoned_datetime(jiff::tz::TimeZone::system()).map_err(|error| error.to_string())?;
        Ok(Self(begins.timestamp()))
    }
}
