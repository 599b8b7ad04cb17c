//! `maildocket doctor`: each check ok, or a sentence.

use intake::{
    Language, Timestamp,
    flows::prerequisites::{self, CheckStatus},
};

use serde::Serialize;

use super::{
    desk::{Desk, json, text, trouble},
    status::notices,
};
use crate::{
    config::{self, DoctorOptions, Settings},
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

pub(crate) async fn run(settings: Settings, options: DoctorOptions) -> Outcome {
    let mut checks = Checks { told: Vec::new(), as_json: options.json };
    checks.note("version", Ok(config::version().to_owned()));
    for wrong in config::unknown_variables() {
        checks.warn("settings", Err(Failure::new(wrong)));
    }
    checks.note("settings", settings.admin_token().map(|_| "They can be used.".to_owned()));
    checks.note("base URL", base_url(&settings));
    checks.note("data folder", settings.data_dir().map(|folder| folder.display().to_string()));
    checks.note("clock", clock());
    if settings.extra_ca_file().is_some() {
        let roots = wire::extra_roots(&settings);
        checks.note("extra roots", roots.map(|n| format!("{n} certificates can be used.")));
    }
    checks.note("disk", settings.data_dir().and_then(|folder| disk::checked(&folder)));
    // Before the store is opened, which makes what is missing.
    let key = wire::key_checked(&settings);
    let is_in_data = key.is_ok() && settings.master_key_file().is_none();
    checks.note("master key", key);
    if is_in_data {
        checks.warn("master key", Err(Failure::new(KEY_IN_DATA)));
    }
    let mut desk = Desk::new(settings)?;
    let store = store(&desk).await;
    let opened = store.is_ok();
    checks.note("store", store);
    if opened {
        work(&mut checks, &mut desk).await;
    }
    for host in OUTSIDE {
        let reached = wire::reach(desk.settings(), host).await;
        let date = reached.as_ref().ok().and_then(|reached| reached.date);
        checks.warn(host, reached.map(|_| "It answers, and its certificate is good.".to_owned()));
        if let Some(date) = date {
            checks.warn("clock", clock_against(host, date));
        }
    }
    checks.end()
}

/// Whether something runs, and how its work goes.
async fn work(checks: &mut Checks, desk: &mut Desk) {
    let status = match desk.get("/status").await {
        Ok(status) => status,
        Err(failure) => return checks.note("work", Err(failure)),
    };
    let not_running = Failure::new("Nothing runs on this data folder: `maildocket serve` fetches mail.");
    checks.warn("process", if desk.runs() { Ok("It runs.".to_owned()) } else { Err(not_running) });
    let mailboxes = status["mailboxes"].as_array().map_or(&[][..], Vec::as_slice);
    for mailbox in mailboxes {
        let well = Ok(text(mailbox, "/status").to_owned());
        let wrong = trouble(mailbox, "/last_error");
        let state = if wrong.is_empty() { well } else { Err(Failure::new(wrong)) };
        checks.note(&format!("mailbox {}", text(mailbox, "/name")), state);
    }
    for notice in notices(&status) {
        checks.warn("status", Err(Failure::new(notice)));
    }
}

/// What was looked at so far.
struct Checks {
    told: Vec<Check>,
    as_json: bool,
}

/// One check.
#[derive(Serialize)]
struct Check {
    name: String,
    /// `ok`, `failed`, or `warning`: what may be as it is on this machine.
    status: &'static str,
    detail: String,
}

impl Checks {
    fn note(&mut self, name: &str, result: Outcome<String>) {
        self.tell(name, "failed", result);
    }

    /// What may be as it is on this machine.
    fn warn(&mut self, name: &str, result: Outcome<String>) {
        self.tell(name, "warning", result);
    }

    fn tell(&mut self, name: &str, otherwise: &'static str, result: Outcome<String>) {
        let (status, detail) = match result {
            Ok(detail) => ("ok", detail),
            Err(failure) => (otherwise, failure.to_string()),
        };
        if !self.as_json {
            out::say(format_args!("{status:<8} {name}: {detail}"));
        }
        self.told.push(Check { name: name.to_owned(), status, detail });
    }

    fn end(self) -> Outcome {
        let failed = self.told.iter().filter(|check| check.status == "failed").count();
        if self.as_json {
            json(&serde_json::json!({ "ok": failed == 0, "checks": self.told }))?;
        }
        match failed {
            0 => Ok(()),
            1 => Err(Failure::new("One of the checks failed.")),
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
async fn store(desk: &Desk) -> Outcome<String> {
    if let Some(told) = client::ask(&desk.settings().data_dir()?, &control::Request::CheckStore).await {
        return told;
    }
    let service = Offline::open(desk.settings()).await?;
    service.app.store.check().await?;
    Ok("It can be read.".to_owned())
}
