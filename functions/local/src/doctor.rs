//! `maildocket doctor`: each check ok, or a sentence.

use std::{fs, time::Duration};

use intake::Timestamp;

use crate::{
    config::Settings,
    failure::{Failure, Outcome},
    serve::Service,
    wire::Extra,
};

/// Before this the clock is certainly wrong: the day on which this version was written.
const WRITTEN: &str = "2026-11-24T00:00:00Z";
/// Hosts of the providers, to see whether names resolve and connections leave this machine.
const OUTSIDE: [&str; 2] = ["accounts.google.com:443", "login.microsoftonline.com:443"];
/// How long a connection outside may take.
const TIME: Duration = Duration::from_secs(5);

pub(crate) async fn run(settings: Settings) -> Outcome {
    let mut checks = Checks::default();
    checks.note("settings", settings.admin_token().map(|_| "They can be used.".to_owned()));
    checks.note("data folder", settings.data_dir().map(|folder| folder.display().to_string()));
    checks.note("clock", clock());
    if let Some(path) = &settings.extra_ca_file {
        checks.note(
            "extra roots",
            fs::metadata(path)
                .map(|_| path.display().to_string())
                .map_err(|error| Failure::because(path.display(), error)),
        );
    }
    store(&settings, &mut checks).await;
    for host in OUTSIDE {
        checks.warn(host, reach(host).await);
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
            Ok(detail) => println!("ok       {name}: {detail}"),
            Err(failure) => {
                self.failed += 1;
                println!("failed   {name}: {failure}");
            }
        }
    }

    /// What may be as it is on this machine.
    fn warn(&mut self, name: &str, result: Outcome<String>) {
        match result {
            Ok(detail) => println!("ok       {name}: {detail}"),
            Err(failure) => println!("warning  {name}: {failure}"),
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
    let now = Timestamp::now();
    if now < written {
        return Err(Failure::new(format!(
            "It says {now}, which is in the past. Set it: sign-ins fail with a wrong clock."
        )));
    }
    Ok(now.to_string())
}

/// Opens the data folder as `serve` does, unless a running process holds it.
async fn store(settings: &Settings, checks: &mut Checks) {
    match Service::offline(settings, Extra::default()).await {
        Ok(service) => {
            checks.note(
                "store",
                service.app.store.check().await.map(|()| "It can be read.".to_owned()).map_err(Failure::from),
            );
            if settings.master_key_file().is_none() {
                checks.warn(
                    "master key",
                    Err(Failure::new(
                        "It lies in the data folder, so a backup holds lock and key. Give --master-key-file.",
                    )),
                );
            }
        }
        Err(failure) => checks.note("store", Err(failure)),
    }
}

async fn reach(host: &str) -> Outcome<String> {
    match tokio::time::timeout(TIME, tokio::net::TcpStream::connect(host)).await {
        Ok(Ok(_)) => Ok("It answers.".to_owned()),
        Ok(Err(error)) => Err(Failure::because(
            "It cannot be reached, so its accounts cannot be connected from here",
            error,
        )),
        Err(_) => Err(Failure::new("It does not answer, so its accounts cannot be connected from here.")),
    }
}
