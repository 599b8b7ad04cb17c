//! What the commands ask that work with an installation: the API of the running process, or of the data folder where none
//! runs.

use std::{io::IsTerminal, path::PathBuf};

use comfy_table::{Table, presets};
use intake::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::{
    config::Settings,
    control::{self, client},
    failure::{Failure, Outcome},
    process::{offline::Offline, out},
    work::api::{self, Request},
};

/// The most entries of a list that are read: a list for people, not an export.
const MOST: usize = 1_000;

/// An installation, as commands work with it.
pub(crate) struct Desk {
    settings: Settings,
    data_dir: PathBuf,
    /// The data folder, once it was taken because nothing runs on it.
    offline: Option<Offline>,
}

impl Desk {
    pub(crate) fn new(settings: Settings) -> Outcome<Self> {
        Ok(Self { data_dir: settings.data_dir()?, settings, offline: None })
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether a process runs on the data folder.
    pub(crate) fn runs(&self) -> bool {
        self.offline.is_none()
    }

    pub(crate) async fn get(&mut self, path: &str) -> Outcome<Value> {
        self.ask(Request::Get(path.to_owned())).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: Value) -> Outcome<Value> {
        self.ask(Request::Post(path.to_owned(), body)).await
    }

    /// All entries of a list, page by page.
    pub(crate) async fn list(&mut self, path: &str, most: usize) -> Outcome<Vec<Value>> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let join = if path.contains('?') { '&' } else { '?' };
            let limit = (most - items.len()).min(100);
            let mut page = self.get(&format!("{path}{join}limit={limit}{cursor}")).await?;
            if let Value::Array(more) = page["items"].take() {
                items.extend(more);
            }
            match page["next_cursor"].as_str() {
                Some(next) if items.len() < most => cursor = format!("&cursor={next}"),
                _ => return Ok(items),
            }
        }
    }

    /// The mailbox of this name or identifier.
    pub(crate) async fn mailbox(&mut self, name: &str) -> Outcome<Value> {
        let mailboxes = self.mailboxes().await?;
        let is = |mailbox: &&Value| {
            let has = |field: &str| {
                mailbox[field].as_str().is_some_and(|text| text.to_lowercase() == name.to_lowercase())
            };
            has("id") || has("name")
        };
        let found = mailboxes.iter().find(is).cloned();
        found.ok_or_else(|| match mailboxes.is_empty() {
            true => Failure::new("There is no mailbox yet. `maildocket open /setup` connects one."),
            false => Failure::new(format!(
                "There is no mailbox named {name}. `maildocket mailbox list` shows all."
            )),
        })
    }

    pub(crate) async fn mailboxes(&mut self) -> Outcome<Vec<Value>> {
        self.list("/mailboxes", MOST).await
    }

    /// Says how it goes, where somebody wants to know.
    pub(crate) fn progress(&self, text: impl std::fmt::Display) {
        if !self.settings.talk.quiet && std::io::stderr().is_terminal() {
            out::tell(text);
        }
    }

    async fn ask(&mut self, request: Request) -> Outcome<Value> {
        let text = match &self.offline {
            Some(offline) => api::execute(&offline.app, offline.routes.clone(), request).await?,
            None => match client::ask(&self.data_dir, &control::Request::Api(request.clone())).await {
                Some(answer) => answer?,
                None if !self.data_dir.join("lock").exists() => {
                    return Err(Failure::new(format!(
                        "There is no Maildocket in {}. `maildocket serve` begins one; --data-dir FOLDER names another place.",
                        self.data_dir.display()
                    )));
                }
                None => {
                    let offline = self.offline.insert(Offline::open(&self.settings).await?);
                    api::execute(&offline.app, offline.routes.clone(), request).await?
                }
            },
        };
        serde_json::from_str(&text)
            .map_err(|error| Failure::because("The answer cannot be understood", error))
    }
}

/// The text of a field; empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// What is wrong and what to do, of a problem at this field; empty where there is none.
pub(crate) fn trouble(value: &Value, pointer: &str) -> String {
    let part = |name: &str| text(value, &format!("{pointer}/{name}"));
    line(&format!("{} {}", part("message"), part("action"))).trim().to_owned()
}

/// A number of a field.
pub(crate) fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

/// A time of a field, as this machine's clock shows it; `never` where there is none.
pub(crate) fn time(value: &Value, pointer: &str) -> String {
    match text(value, pointer).parse::<Timestamp>() {
        Ok(time) => time.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => "never".to_owned(),
    }
}

/// The words of a mail as a terminal may show them: they move no cursor, and turn no other words around.
pub(crate) fn plain(words: &str) -> String {
    words.chars().filter(|c| *c == '\n' || !(c.is_control() || turns_around(*c))).collect()
}

/// The same on one line.
pub(crate) fn line(words: &str) -> String {
    plain(&words.replace(['\n', '\t'], " "))
}

/// Unicode's marks of direction that reach beyond the words around them (UAX 9).
fn turns_around(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What is answered, for programs.
pub(crate) fn json(value: &Value) -> Outcome {
    out::print(format_args!("{value:#}"))
}

/// Lines with columns.
pub(crate) struct Columns(Table);

impl Columns {
    pub(crate) fn new(heads: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(heads.iter().map(|head| head.to_uppercase()));
        Self(table)
    }

    pub(crate) fn line(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.0.add_row(cells.into_iter().map(|cell| line(&cell.into())));
    }
}

impl std::fmt::Display for Columns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.trim_fmt())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_words_of_a_mail_do_nothing_to_a_terminal() {
        assert_eq!(super::plain("a\u{1b}[2J\nb\u{9b}31m\u{202e}c\r"), "a[2J\nb31mc");
        assert_eq!(super::line("a\nb\tc"), "a b c");
    }
}
