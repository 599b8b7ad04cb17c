//! `maildocket export` and `maildocket apply`: configuration as a file, through the running process where there is one.

use std::{fs, path::Path, process::ExitCode};

use ::configuration::Document;

use super::document;
use crate::{
    config::{ApplyOptions, ExportOptions, Settings},
    control::{self, client},
    failure::{Failure, Outcome},
    process::{offline::Offline, out},
    work::configuration::{self, Request, Told},
};

/// How a dry run ends that would change something.
const WOULD_CHANGE: u8 = 3;

/// `maildocket export`.
pub(crate) async fn export(settings: Settings, options: ExportOptions) -> Outcome {
    let json = ask(&settings, Request::Export).await?;
    let document: Document = serde_json::from_str(&json)
        .map_err(|error| Failure::because("The configuration cannot be understood", error))?;
    let text = document::write(&document)?;
    match options.file.filter(|file| file != Path::new("-")) {
        Some(file) => fs::write(&file, text)
            .map_err(|error| Failure::because(format!("{} cannot be written", file.display()), error)),
        None => out::whole(format_args!("{text}")),
    }
}

/// `maildocket apply`.
pub(crate) async fn run(settings: Settings, options: ApplyOptions) -> Outcome<ExitCode> {
    let ApplyOptions { file, dry_run, prune, force, .. } = options;
    let document = document::read(&file)?;
    let told = ask(&settings, Request::Apply { document, dry_run, prune, force }).await?;
    let told: Told = serde_json::from_str(&told)
        .map_err(|error| Failure::because("The running maildocket answered something else", error))?;
    out::print(told.text)?;
    Ok(if dry_run && told.changed { ExitCode::from(WOULD_CHANGE) } else { ExitCode::SUCCESS })
}

/// The configuration that is stored, as JSON; None: nothing is, and nothing is made for it.
pub(crate) async fn stored(settings: &Settings) -> Outcome<Option<String>> {
    if !settings.data_dir()?.join("lock").exists() {
        return Ok(None);
    }
    ask(settings, Request::Export).await.map(Some)
}

async fn ask(settings: &Settings, request: Request) -> Outcome<String> {
    let asked = control::Request::Config(request.clone());
    match client::ask(&settings.data_dir()?, &asked).await {
        Some(answer) => answer,
        None => configuration::execute(&Offline::open(settings).await?.app, request).await,
    }
}
