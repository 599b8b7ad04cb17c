//! `maildocket doctor`: each check ok, or a sentence.

use intake::{
    Language, Timestamp,
    flows::prerequisites::{self, CheckStatus},
};

use crate::{
    config::Settings,
    control::{self, client},
    failure::{Failure, Outcome},
    process::{disk, offline::Offline, out, wire},
};

/// Before this the clock is certainly wrong: the day on which this version was written.
const WRITTEN: &str = "2026-11-24T00:00:00Z";
/// Hosts of the providers, to see whether names resolve, connections leave this machine, and certificates are good.
const OUTSIDE: [&str; 2] = ["accounts.google.com", "login.microsoftonline.com"];
/// What a key in the data folder means.
const KEY_IN_DATA: &str = "It lies in the data folder, so a backup holds lock and key. Move it elsewhere and set MAILDOCKET_MASTER_KEY_FILE.";

pub(crate) async fn run(settings: Settings) -> Outcome {
    let mut checks = Checks::default();
    checks.note("settings", settings.admin_token().map(|_| "They can be used.".to_owned()));
    checks.note("base URL", base_url(&settings));
    checks.note("data folder", settings.data_dir().map(|folder| folder.display().to_string()));
    checks.note("clock", clock());
    if settings.extra_ca_file.is_some() {
        let roots = wire::extra_roots(&settings);
        checks.note("extra roots", roots.map(|n| format!("{n} certificates can be used.")));
    }
    checks.note("disk", settings.data_dir().and_then(|folder| disk::checked(&folder)));
    // Before the store is opened, which makes what is missing.
    checks.note("master key", wire::key_checked(&settings));
    if settings.master_key_file().is_none() {
        checks.warn("master key", Err(Failure::new(KEY_IN_DATA)));
    }
    checks.note("store", store(&settings).await);
    for host in OUTSIDE {
        let reached = wire::reach(&settings, host).await;
        let date = reached.as_ref().ok().and_then(|reached| reached.date);
        checks.warn(host, reached.map(|_| "It answers, and its certificate is good.".to_owned()));
        if let Some(date) = date {
            checks.warn("clock", clock_against(host, date));
        }
    }
    checks.end()
}

#[derive(Default)]
struct Checks {
    failed: usize,
}

impl Checks {
    fn note(&mut self, name: &str, result: Outcome<String>) {
        match result {
            Ok(detail) => out::say(format_args!("ok       {name}: {detail}")),
            Err(failure) => {
                self.failed += 1;
                out::say(format_args!("failed   {name}: {failure}"));
            }
        }
    }

    /// What may be as it is on this machine.
    fn warn(&mut self, name: &str, result: Outcome<String>) {
        match result {
            Ok(detail) => out::say(format_args!("ok       {name}: {detail}")),
            Err(failure) => out::say(format_args!("warning  {name}: {failure}")),
        }
    }

    fn end(self) -> Outcome {
        match self.failed {
            0 => Ok(()),
            n => Err(Failure::new(format!("{n} of the checks failed."))),
        }
    }
}

fn clock() -> Outcome<String> {
    let written: Timestamp =
        WRITTEN.parse().map_err(|error| Failure::because("the built-in time cannot be read", error))?;
    let now = wire::now();
    if now < written {
        return Err(Failure::new(format!(
            "It says {now}, which is in the past. Set it: sign-ins fail with a wrong clock."
        )));
    }
    Ok(now.to_string())
}

/// Whether the clock agrees with that of a provider, which looks at times in what it signs.
fn clock_against(host: &str, date: Timestamp) -> Outcome<String> {
    let check = prerequisites::clock(host, date, wire::now());
    let told = check.sentence.whole(Language::English);
    match check.status {
        CheckStatus::Failed => Err(Failure::new(told)),
        CheckStatus::Ok | CheckStatus::Skipped => Ok(told),
    }
}

/// Where people and providers will find us.
fn base_url(settings: &Settings) -> Outcome<String> {
    let addresses = settings.listen().addresses();
    let first = addresses.first().ok_or_else(|| Failure::new("There is nothing to listen on."))?;
    settings.base_url(*first).map(|url| url.to_string())
}

/// Asks the running process, or opens the data folder as `serve` does.
async fn store(settings: &Settings) -> Outcome<String> {
    if let Some(told) = client::ask(&settings.data_dir()?, &control::Request::CheckStore).await {
        return told;
    }
    let service = Offline::open(settings).await?;
    service.app.store.check().await?;
    Ok("It can be read.".to_owned())
}
