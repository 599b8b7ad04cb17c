//! One line of JSON for each thing that happened. Only our own crates speak: others log mail text.
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
    let layer = fmt::layer().json().flatten_event(true).with_span_list(false).with_ansi(false).without_time();
    // A second call in one process keeps the first.
    let _ = tracing_subscriber::registry().with(filter).with(layer).try_init();
}

/// What everything that is logged in one call of a function carries: Lambda's id of the call.
pub fn invocation(request_id: &str) -> tracing::Span {
    tracing::info_span!("invocation", lambda_request = request_id)
}
