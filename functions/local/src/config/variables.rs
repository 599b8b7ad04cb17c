//! Variables of the environment: those that there are, and those that somebody may have mistyped.

use std::{error::Error, ffi::OsString, str::FromStr};

use clap::{Command, error::ContextKind};
use secrecy::SecretString;
use tracing_subscriber::filter::Targets;

/// What all of ours begin with.
const PREFIX: &str = "MAILDOCKET_";
/// Those that no flag of the command line has, because they hold a secret or belong to one.
const OTHERS: [&str; 7] = [
    "MAILDOCKET_ADMIN_TOKEN",
    "MAILDOCKET_OIDC_ISSUER",
    "MAILDOCKET_OIDC_CLIENT_ID",
    "MAILDOCKET_OIDC_CLIENT_SECRET",
    "MAILDOCKET_OIDC_ADMINISTRATORS",
    "MAILDOCKET_OIDC_AGENTS",
    "MAILDOCKET_OIDC_READERS",
];
/// Of the build, the tests and the benchmarks, which start this program.
const DEVELOPERS: [&str; 3] = ["MAILDOCKET_BUILD_", "MAILDOCKET_TEST_", "MAILDOCKET_BENCH_"];
/// How alike two names are where one may stand for the other (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.9;

/// What is wrong with names of variables, a sentence each: they are set, and mean nothing.
#[expect(clippy::disallowed_methods, reason = "the owner")]
pub(crate) fn unknown(command: fn() -> Command) -> Vec<String> {
    told(command, std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))
}

fn told(command: fn() -> Command, set: impl Iterator<Item = String>) -> Vec<String> {
    let is_ours =
        |name: &str| name.starts_with(PREFIX) && !DEVELOPERS.iter().any(|theirs| name.starts_with(theirs));
    let mut wrong: Vec<_> = set.filter(|name| is_ours(name)).collect();
    if wrong.is_empty() {
        return wrong;
    }
    let known = known(&command());
    wrong.retain(|name| !known.contains(name));
    wrong.sort();
    wrong.iter().map(|name| sentence(name, &known)).collect()
}

fn sentence(name: &str, known: &[String]) -> String {
    let alike = known.iter().map(|known| (strsim::jaro_winkler(name, known), known));
    let nearest = alike.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(how, _)| *how > ALIKE);
    match nearest {
        Some((_, meant)) => format!("The variable {name} means nothing here; is {meant} meant?"),
        None => {
            format!("The variable {name} means nothing here; `maildocket serve --help` names those that do.")
        }
    }
}

/// All that mean something: those of flags, wherever they are, and the others.
fn known(command: &Command) -> Vec<String> {
    fn collect(command: &Command, names: &mut Vec<String>) {
        names.extend(
            command.get_arguments().filter_map(|argument| argument.get_env()?.to_str().map(str::to_owned)),
        );
        command.get_subcommands().for_each(|command| collect(command, names));
    }
    let mut names = OTHERS.map(str::to_owned).to_vec();
    collect(command, &mut names);
    names
}

/// A wrong value in words that name the variable which it is of, where nobody typed it.
pub(super) fn blamed(mut command: Command, wrong: clap::Error, words: &[OsString]) -> clap::Error {
    let told = |kind| wrong.get(kind).map(ToString::to_string).unwrap_or_default();
    let argument = told(ContextKind::InvalidArg);
    let flag = argument.split_whitespace().next().unwrap_or_default();
    let is_typed = words.iter().any(|word| word.to_string_lossy().starts_with(flag));
    let Some(variable) = variable_of(&command, flag).filter(|_| !is_typed) else { return wrong };
    let why = wrong.source().map_or_else(String::new, |why| format!(": {why}"));
    let told = format!("{variable} has a wrong value, '{}'{why}", told(ContextKind::InvalidValue));
    command.error(wrong.kind(), told)
}

/// The variable of a flag such as `--listen`.
fn variable_of(command: &Command, flag: &str) -> Option<String> {
    let is_it =
        |argument: &&clap::Arg| flag.strip_prefix("--").is_some_and(|long| argument.get_long() == Some(long));
    let own = command
        .get_arguments()
        .find(is_it)
        .and_then(|argument| argument.get_env()?.to_str().map(str::to_owned));
    own.or_else(|| command.get_subcommands().find_map(|command| variable_of(command, flag)))
}

/// A secret that a variable holds. None: there is no such variable.
#[expect(clippy::disallowed_methods, reason = "the owner")]
pub(crate) fn secret_variable(name: &str) -> Option<SecretString> {
    std::env::var(name).ok().map(SecretString::from)
}

/// What `RUST_LOG` asks for, in the form `level` or `crate=level,…`; None where it is not set or cannot be read.
#[expect(clippy::disallowed_methods, reason = "the owner")]
pub(crate) fn log_targets() -> Option<Targets> {
    Targets::from_str(&std::env::var("RUST_LOG").ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_means_nothing_is_told_with_what_may_be_meant() {
        let set = [
            "MAILDOCKET_DATADIR",
            "MAILDOCKET_LISTEN",
            "MAILDOCKET_TEST_BIN",
            "MAILDOCKET_OIDC_ISSUER",
            "PATH",
        ];
        let told = told(
            crate::config::command,
            set.iter().chain(&["MAILDOCKET_COLOUR_OF_ALL"]).map(|&name| name.to_owned()),
        );
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].contains("MAILDOCKET_COLOUR_OF_ALL means nothing here; `maildocket serve --help`"),
            "{told:?}"
        );
        assert!(told[1].ends_with("is MAILDOCKET_DATA_DIR meant?"), "{told:?}");
    }
}
