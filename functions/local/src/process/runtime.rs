//! The process around the roles: runtime, logging, signals.

use std::{io::IsTerminal, process::ExitCode};

use tokio_util::sync::CancellationToken;
use tracing::Level;
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    prelude::*,
};

use crate::{
    config::{self, Talk},
    failure::{Failure, Outcome},
};

/// Runs a command on a runtime of its own; where it does not fail, it succeeds.
pub(crate) fn run(command: impl Future<Output = Outcome>) -> Outcome<ExitCode> {
    on_runtime(command).map(|()| ExitCode::SUCCESS)
}

/// Runs a command on a runtime of its own.
pub(crate) fn on_runtime<T>(command: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().thread_stack_size(intake::app::STACK).build();
    let runtime = runtime.map_err(|error| Failure::because("The process cannot start its threads", error))?;
    let outcome = runtime.block_on(command);
    // A blocking call that hangs must not keep a process that has said good-bye.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    outcome
}

/// Logs to standard error, as long as somebody reads there: for people at a terminal, else as JSON. Only our own crates:
/// others log mail text.
pub(crate) fn log(talk: Talk) {
    log_from(match talk {
        Talk { quiet: true, .. } => Level::WARN,
        Talk { verbose: true, .. } => Level::DEBUG,
        Talk { .. } => Level::INFO,
    });
}

/// The same of faults alone: for the demo, where requests and a mailbox that fails on purpose are no news.
pub(crate) fn log_faults() {
    log_from(Level::ERROR);
}

fn log_from(level: Level) {
    let ours = ["intake", "mail_source", "maildocket", "oauth_provider", "store", "vault", "web", "embedded"];
    let ours = Targets::new().with_targets(ours.map(|name| (name, LevelFilter::TRACE)));
    // What `RUST_LOG` says chooses among these only.
    let wanted = config::log_targets().unwrap_or_else(|| Targets::new().with_default(level));
    let terminal = std::io::stderr().is_terminal();
    let people = terminal
        .then(|| fmt::layer().with_writer(std::io::stderr).with_target(false).log_internal_errors(false));
    let machines = (!terminal).then(|| {
        let json = fmt::layer().json().flatten_event(true).with_span_list(false);
        json.with_writer(std::io::stderr).log_internal_errors(false)
    });
    // A second call in one process (tests) keeps the first.
    let _ = tracing_subscriber::registry().with(ours).with(wanted).with(people).with(machines).try_init();
}

/// Cancelled by Ctrl-C or SIGTERM; a second signal ends the process at once.
pub(crate) fn stop_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let asked = stop.clone();
    tokio::spawn(async move {
        signalled().await;
        asked.cancel();
        signalled().await;
        std::process::exit(130);
    });
    stop
}

async fn signalled() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => return,
                _ = tokio::signal::ctrl_c() => return,
            }
        }
    }
    // Without signals the process ends as it is: nothing is lost by that either.
    let _ = tokio::signal::ctrl_c().await;
}
