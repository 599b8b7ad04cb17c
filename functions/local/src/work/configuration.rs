//! The configuration as a document: given out, and applied.

use configuration::{Action, Applied, NotApplied, ObjectChange, Options};
use intake::{App, Error, json, types::audit::Actor};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::failure::{Failure, Outcome};

/// What is asked of the running process.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
pub(crate) struct Told {
    /// For the person at the terminal.
    pub(crate) text: String,
    pub(crate) changed: bool,
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
    let parts: Vec<String> = json::names(pointer).map(part).collect();
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
