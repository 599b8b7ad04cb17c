//! What `maildocket rules` may be told.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::help;

/// `maildocket rules`.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// What handlers would make of the mails of a folder, and what that changes against the rules of now.
    #[command(after_help = help::RULES_TEST)]
    Test(RulesTestOptions),
}

/// `maildocket rules test`.
#[derive(Debug, Args)]
pub(crate) struct RulesTestOptions {
    /// What is tried: a list of handlers, or a configuration with a mailbox that has some; YAML or JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) handlers: PathBuf,
    /// Whose rules are meant, in the configuration and here; need not be said where there is one only.
    #[arg(long, value_name = "NAME")]
    pub(crate) mailbox: Option<String>,
    /// The rules of now, from a file in the place of those that are stored here.
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,
    /// A receiving server whose Authentication-Results count for `sender_verdict`; may be given several times.
    #[arg(long, value_name = "ID")]
    pub(crate) trusted_authserv_id: Vec<String>,
    /// Also tell of mails that stay as they are.
    #[arg(long)]
    pub(crate) all: bool,
    /// For programs: one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// A folder of *.eml, a Maildir, an mbox or a single mail.
    pub(crate) path: PathBuf,
}
