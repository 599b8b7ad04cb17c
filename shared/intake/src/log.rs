//! The one way to log a failure: [`failed!`](crate::failed) writes its code, its kind, what happened and what to do.
//!
//! What a person reads may name accounts and quote what others said. A log must not: it gets our own words, with those
//! values only that name nobody.

use crate::{Error, Kind, types::name::Name};

/// Values of sentences that name nobody and quote nobody: numbers, times, hosts and the words of protocols.
const NAMES_NOBODY: [&str; 30] = [
    "all",
    "bucket",
    "bytes",
    "column",
    "count",
    "date",
    "days",
    "done",
    "fence",
    "file",
    "folder",
    "host",
    "idle",
    "io_error",
    "key",
    "limit",
    "line",
    "needed",
    "offered",
    "port",
    "protocol",
    "provider",
    "record",
    "role",
    "seconds",
    "secret_name",
    "setting",
    "tls",
    "until",
    "version",
];
/// In the place of an address.
const ADDRESS: &str = "(address)";

/// What a log says of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What happened.
    pub detail: String,
    /// What to do; never empty.
    pub action: String,
}

impl Told {
    /// Of this error.
    pub fn of(error: &Error) -> Self {
        let said = error.sentence.as_ref().and_then(|sentence| sentence.say_of_nobody(&NAMES_NOBODY));
        let (detail, action) = match &said {
            Some(said) => (said.message.as_str(), said.action.as_str()),
            None => (error.message.as_str(), error.action.as_str()),
        };
        let action = if action.is_empty() { otherwise(error.kind) } else { action };
        Self { detail: without_addresses(detail), action: without_addresses(action) }
    }
}

/// What to do where the error itself does not say it.
fn otherwise(kind: Kind) -> &'static str {
    match kind {
        Kind::Retry { .. } => "Nothing, unless it goes on: it is tried again by itself.",
        Kind::LeaseLost | Kind::Stale | Kind::Conflict => {
            "Nothing: another run was faster, and the next one goes on."
        }
        Kind::NeedsConsent => "Have the account sign in again, in the console.",
        Kind::NeedsAdministrator => "Ask the provider's administrator.",
        Kind::Configuration => "Correct the integration or mailbox, in the console.",
        Kind::Installation => "Correct the settings, the permissions or the resources of the installation.",
        Kind::Internal => "Open an issue with this line.",
        Kind::Poisoned | Kind::TooLarge => "Look at the mail, in the console.",
        Kind::Invalid | Kind::NotFound | Kind::Forbidden | Kind::Unauthenticated => {
            "Nothing: whoever asked was told."
        }
    }
}

/// What people call a thing, such as a mailbox: for whoever reads the log beside its identifier.
pub fn name(name: &Name) -> String {
    without_addresses(name.as_str())
}

/// Words around an at sign are addresses, Message-IDs or worse.
fn without_addresses(text: &str) -> String {
    let words = text.split(' ').map(|word| if word.contains('@') { ADDRESS } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// Logs a failure: its level, the error, further fields, and a sentence that can be read alone.
///
/// ```
/// let error = intake::Error::retry("store_busy");
/// intake::failed!(warn, error, failures = 3, "The poll failed.");
/// ```
#[macro_export]
macro_rules! failed {
    ($level:ident, $error:expr, $($more:tt)+) => {{
        let error: &$crate::Error = &$error;
        let told = $crate::log::Told::of(error);
        tracing::$level!(
            code = %error.code,
            kind = error.kind.word(),
            detail = %told.detail,
            action = %told.action,
            $($more)+
        );
    }};
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sentence;

    #[test]
    fn a_log_names_no_account_and_quotes_nobody() {
        let quoted =
            Sentence::new("test_timed_out").with("seconds", 24).seen(Some("user ann@example.com unknown"));
        let told = Told::of(&Error::told(Kind::Configuration, quoted));
        assert!(told.detail.contains("24") && !told.detail.contains("ann"), "{told:?}");
        let named = Sentence::new("step.consent").with("account", "ann");
        assert!(!Told::of(&Error::told(Kind::Invalid, named)).detail.contains("ann"));
        let free = Error::internal("it names ann@example.com, and <b@x.y>");
        assert_eq!(Told::of(&free).detail, "Maildocket made a mistake: it names (address) and (address)");
    }

    #[test]
    fn a_name_that_is_an_address_is_none_in_a_log() {
        let told = |text: &str| name(&Name::new(text).unwrap());
        assert_eq!(
            (told("Support"), told("ann@example.com mail")),
            ("Support".to_owned(), "(address) mail".to_owned())
        );
    }

    #[test]
    fn every_failure_says_what_to_do() {
        for kind in Kind::ALL {
            assert!(Told::of(&Error::told(kind, "validation_failed")).action.ends_with('.'), "{kind:?}");
        }
        let own = Error::told(Kind::Installation, "table_missing");
        assert_eq!(Told::of(&own).action, "Check the table's name and region.");
    }
}
