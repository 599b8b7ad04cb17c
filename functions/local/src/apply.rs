//! `maildocket export` and `maildocket apply`: configuration as a file, through the running process where there is one.

use std::{fs, path::Path, process::ExitCode};

use intake::{App, Error, types::audit::Actor};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use web::{
    config::{self as configuration, Action, Applied, Document, NotApplied, ObjectChange, Options},
    pointer,
};

use crate::{
    config::{ApplyOptions, ExportOptions, Settings},
    control, document,
    failure::{Failure, Outcome},
    out,
    serve::Service,
    wire::Extra,
};

/// How a dry run ends that would change something.
const WOULD_CHANGE: u8 = 3;

/// What is asked of the running process.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// The configuration, as JSON.
    Export,
    /// Makes the installation as the document says.
    Apply {
        /// JSON, with secrets: the socket is its owner's alone.
        #[serde(serialize_with = "exposed")]
        document: SecretString,
        dry_run: bool,
        prune: bool,
        force: bool,
    },
}

fn exposed<S: Serializer>(document: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(document.expose_secret())
}

/// What came of an application.
#[derive(Serialize, Deserialize)]
struct Told {
    /// For the person at the terminal.
    text: String,
    changed: bool,
}

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
    let ApplyOptions { file, dry_run, prune, force } = options;
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
    let request = control::Request::Config(request);
    match (control::ask(&settings.data_dir()?, &request).await, request) {
        (Some(answer), _) => answer,
        (None, control::Request::Config(request)) => {
            let offline = Service::offline(settings, Extra::default()).await?;
            execute(&offline.app, request).await
        }
        (None, _) => Err(Failure::new("There is nothing to ask.")),
    }
}

/// Carries out a request: JSON for the command.
pub(crate) async fn execute(app: &App, request: Request) -> Outcome<String> {
    let unwritable = |error| Failure::because("The answer cannot be written", error);
    match request {
        Request::Export => {
            let document = configuration::export(app).await?;
            serde_json::to_string(&document).map_err(unwritable)
        }
        Request::Apply { document, dry_run, prune, force } => {
            let document = serde_json::from_str(document.expose_secret())
                .map_err(|_| Failure::new("The document is not JSON."))?;
            let actor = Actor::command_line();
            let options = Options { dry_run, prune, force };
            let applied = configuration::apply(app, &actor, document, options).await.map_err(explained)?;
            let told = Told { changed: !applied.changes.is_empty(), text: told(&applied, dry_run) };
            serde_json::to_string(&told).map_err(unwritable)
        }
    }
}

/// What changed, object by object and field by field.
fn told(applied: &Applied, dry_run: bool) -> String {
    if applied.changes.is_empty() {
        return "Nothing changes: everything is as the file says.".to_owned();
    }
    let mut lines: Vec<String> = applied.changes.iter().flat_map(lines_of).collect();
    if !applied.risks.is_empty() {
        lines.push(String::new());
        lines.push("This breaks what is running, and needs --force:".to_owned());
        lines.extend(applied.risks.iter().map(|risk| format!("  {}: {}", place(&risk.pointer), risk.detail)));
    }
    let count = |n: usize| if n == 1 { "1 change".to_owned() } else { format!("{n} changes") };
    let number = count(applied.changes.len());
    lines.push(String::new());
    lines.push(if dry_run { format!("{number} would be made.") } else { format!("{number} made.") });
    lines.join("\n")
}

fn lines_of(change: &ObjectChange) -> Vec<String> {
    let sign = match change.action {
        Action::Create => '+',
        Action::Change => '~',
        Action::Delete => '-',
    };
    let shown = |value: &str| if value.is_empty() { "(nothing)".to_owned() } else { value.to_owned() };
    let field = |field: &intake::types::audit::FieldChange| match change.action {
        Action::Create => format!("    {}: {}", field.field, field.after),
        _ => format!("    {}: {} -> {}", field.field, shown(&field.before), shown(&field.after)),
    };
    let title = format!("{sign} {} {}", change.kind, change.name);
    std::iter::once(title).chain(change.fields.iter().map(field)).collect()
}

/// Everything that is wrong, a line each.
fn explained(refused: NotApplied) -> Failure {
    let breaks = matches!(refused, NotApplied::WouldBreak(_));
    let error = Error::from(refused);
    if error.fields.is_empty() {
        return error.into();
    }
    let lines = error.fields.iter().map(|field| format!("\n  {}: {}", place(&field.pointer), field.detail));
    let action = if breaks { "Give --force, if that is meant." } else { error.action.as_str() };
    let text = format!("{}{}\n{action}", error.message, lines.collect::<String>());
    Failure::new(text.trim_end())
}

/// A JSON pointer as people write places: `mailboxes."Support 2".host`.
fn place(pointer: &str) -> String {
    let part = |part: String| {
        let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if part.chars().all(plain) { part } else { format!("\"{part}\"") }
    };
    let parts: Vec<String> = pointer::names(pointer).map(part).collect();
    if parts.is_empty() { "the file".to_owned() } else { parts.join(".") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_as_people_write_them() {
        assert_eq!(place("/mailboxes/Support/host"), "mailboxes.Support.host");
        assert_eq!(place("/mailboxes/Support 2~1a/auth/password"), "mailboxes.\"Support 2/a\".auth.password");
        assert_eq!(place(""), "the file");
    }
}
