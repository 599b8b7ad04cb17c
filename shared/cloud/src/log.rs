//! One line of JSON for each thing that happened. Only our own crates speak: others log mail text.

use intake::{Error, Kind};
use tracing_subscriber::{filter::Targets, fmt, prelude::*};

pub(crate) fn start() {
    let ours = [
        "api",
        "cloud",
        "intake",
        "mail_source",
        "oauth_provider",
        "poller",
        "refresher",
        "store",
        "vault",
        "web",
    ];
    let filter = Targets::new().with_targets(ours.map(|name| (name, tracing::Level::INFO)));
    let layer = fmt::layer().json().flatten_event(true).with_ansi(false).without_time();
    // A second call in one process keeps the first.
    let _ = tracing_subscriber::registry().with(filter).with(layer).try_init();
}

/// The one line of a failure: what happened, its stable code, and what to do.
pub fn failed(error: &Error, what: &str) {
    tracing::error!(code = %error.code, kind = name_of(error.kind), detail = %error.message, action = %error.action, "{what}");
}

/// A word for a kind, for alarms to count by.
pub fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Retry { .. } => "retry",
        Kind::NeedsConsent => "needs_consent",
        Kind::NeedsAdministrator => "needs_administrator",
        Kind::Configuration => "configuration",
        Kind::Invalid => "invalid",
        Kind::NotFound => "not_found",
        Kind::Conflict => "conflict",
        Kind::Stale => "stale",
        Kind::LeaseLost => "lease_lost",
        Kind::Poisoned => "poisoned",
        Kind::Forbidden => "forbidden",
        Kind::Unauthenticated => "unauthenticated",
        Kind::TooLarge => "too_large",
        Kind::Internal => "internal",
    }
}
