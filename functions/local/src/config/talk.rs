//! How much is said beside what was asked for.

use clap::Args;

/// How much is said beside what was asked for.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Talk {
    /// Only what was asked for: no progress, and of the log warnings and errors only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Also log what is done in detail, on standard error.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}
