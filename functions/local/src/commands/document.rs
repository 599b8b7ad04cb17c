//! The configuration as a YAML file: written in an order that people read, and read with its secrets, which lie
//! elsewhere.

use std::{fs, io::Read, path::Path};

use configuration::Document;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use serde_norway::{Mapping, Value as Yaml};

use crate::{
    config,
    failure::{Failure, Outcome},
};

/// The most bytes of a file, and of a file with a secret.
const MAX_FILE: u64 = 1024 * 1024;

/// What stands at the beginning of each file.
const HEADER: &str =
    "# Maildocket's configuration. `maildocket apply --dry-run FILE` tells what would change.\n";

/// What is written first, in this order; other fields follow by name.
const ORDER: [&str; 21] = [
    "provider",
    "name",
    "description",
    "client_id",
    "client_secret",
    "client_secret_expires_on",
    "scopes",
    "tenant",
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "protocol",
    "host",
    "port",
    "tls",
    "folder",
    "auth",
    "method",
    "integration",
    "username",
    "password",
];

/// The file of a document.
pub(crate) fn write(document: &Document) -> Outcome<String> {
    let section = |entries: &std::collections::BTreeMap<String, Map<String, Value>>| {
        let entries = entries.iter().map(|(name, fields)| (Yaml::from(name.as_str()), ordered(fields)));
        Yaml::Mapping(entries.collect())
    };
    let parts = [
        ("format", Yaml::from(document.format)),
        ("projects", section(&document.projects)),
        ("integrations", section(&document.integrations)),
        ("mailboxes", section(&document.mailboxes)),
    ];
    let whole: Mapping = parts.into_iter().map(|(name, part)| (Yaml::from(name), part)).collect();
    let text = serde_norway::to_string(&whole);
    text.map(|text| format!("{HEADER}{text}"))
        .map_err(|error| Failure::because("The configuration cannot be written", error))
}

fn ordered(fields: &Map<String, Value>) -> Yaml {
    let place = |name: &str| ORDER.iter().position(|first| *first == name).unwrap_or(ORDER.len());
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_by_key(|(name, _)| (place(name), *name));
    let value = |value: &Value| match value {
        Value::Object(fields) => ordered(fields),
        other => serde_norway::to_value(other).unwrap_or(Yaml::Null),
    };
    Yaml::Mapping(sorted.into_iter().map(|(name, field)| (Yaml::from(name.as_str()), value(field))).collect())
}

/// A document with its secrets, as JSON: what the API's call takes.
pub(crate) fn read(file: &Path) -> Outcome<SecretString> {
    let mut document = value_of(file)?;
    let folder = if file == Path::new("-") { Path::new("") } else { file.parent().unwrap_or(Path::new("")) };
    let mut wrong = Vec::new();
    fill_in(&mut document, folder, &mut wrong);
    if wrong.is_empty() {
        return Ok(document.to_string().into());
    }
    Err(Failure::new(format!("Some secrets of {} cannot be read.\n  {}", file.display(), wrong.join("\n  "))))
}

/// What a YAML or JSON file says; `-` is standard input.
pub(crate) fn value_of(file: &Path) -> Outcome<Value> {
    let text = text_of(file)?;
    let wrong = |error| Failure::because(format!("{} is not YAML", file.display()), error);
    let yaml: Yaml = serde_norway::from_str(&text).map_err(wrong)?;
    serde_json::to_value(yaml)
        .map_err(|error| Failure::because(format!("{} is no configuration", file.display()), error))
}

fn text_of(file: &Path) -> Outcome<String> {
    let mut text = String::new();
    let done = if file == Path::new("-") {
        std::io::stdin().take(MAX_FILE).read_to_string(&mut text)
    } else {
        fs::File::open(file).and_then(|open| open.take(MAX_FILE).read_to_string(&mut text))
    };
    done.map_err(|error| Failure::because(format!("{} cannot be read", file.display()), error))?;
    if u64::try_from(text.len()).is_ok_and(|bytes| bytes >= MAX_FILE) {
        return Err(Failure::new(format!("{} has more than {MAX_FILE} bytes.", file.display())));
    }
    Ok(text)
}

/// Reads the secrets that the document says where to find.
fn fill_in(document: &mut Value, folder: &Path, wrong: &mut Vec<String>) {
    let sections: [(&str, &[&str]); 2] =
        [("integrations", &["client_secret"]), ("mailboxes", &["auth", "password"])];
    for (section, way) in sections {
        let Some(entries) = document.get_mut(section).and_then(Value::as_object_mut) else { continue };
        for (name, entry) in entries {
            let place = way.iter().try_fold(entry, |entry, field| entry.get_mut(*field));
            let Some(secret) = place else { continue };
            match secret.as_object().map(source) {
                None => {}
                Some(Ok(source)) => match source.read(folder) {
                    Ok(text) => *secret = serde_json::json!({ "value": text.expose_secret() }),
                    Err(why) => wrong.push(format!("{section}.{name}.{}: {why}", way.join("."))),
                },
                Some(Err(why)) => wrong.push(format!("{section}.{name}.{}: {why}", way.join("."))),
            }
        }
    }
}

/// Where a secret lies.
enum Source<'a> {
    Env(&'a str),
    File(&'a str),
}

fn source(given: &Map<String, Value>) -> Result<Source<'_>, String> {
    let mut fields = given.iter();
    match (fields.next(), fields.next()) {
        (Some((key, Value::String(name))), None) if key == "env" => Ok(Source::Env(name)),
        (Some((key, Value::String(path))), None) if key == "file" => Ok(Source::File(path)),
        _ => Err("must be stored, {env: NAME} or {file: PATH}: a secret itself does not belong in a file"
            .to_owned()),
    }
}

impl Source<'_> {
    fn read(&self, folder: &Path) -> Result<SecretString, String> {
        match self {
            Self::Env(name) => {
                config::secret_variable(name).ok_or_else(|| format!("the variable {name} is not set"))
            }
            Self::File(path) => {
                let mut text = String::new();
                let open = fs::File::open(folder.join(path));
                open.and_then(|file| file.take(MAX_FILE).read_to_string(&mut text))
                    .map_err(|error| format!("the file {path} cannot be read: {error}"))?;
                // Editors end the last line; nothing else is cut, because secrets count byte for byte.
                let line =
                    text.strip_suffix('\n').map_or(text.as_str(), |t| t.strip_suffix('\r').unwrap_or(t));
                Ok(line.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Outcome<Value> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "a secret \n").unwrap();
        let file = folder.path().join("maildocket.yaml");
        std::fs::write(&file, text).unwrap();
        read(&file).map(|json| serde_json::from_str(json.expose_secret()).unwrap())
    }

    #[test]
    fn secrets_are_read_from_where_the_file_says() {
        let json =
            read_text("integrations:\n  A: {client_secret: {file: secret}}\n  B: {client_secret: stored}\n");
        let json = json.unwrap();
        assert_eq!(json["integrations"]["A"]["client_secret"], serde_json::json!({"value": "a secret "}));
        assert_eq!(json["integrations"]["B"]["client_secret"], "stored");
        let told = read_text(concat!(
            "integrations:\n  A: {client_secret: {env: MAILDOCKET_TEST_NO_SUCH_VARIABLE}}\n",
            "  B: {client_secret: {value: CANARY}}\n",
            "mailboxes:\n  M: {auth: {password: {file: nowhere}}}\n",
        ));
        let told = told.unwrap_err().to_string();
        for part in [
            "integrations.A.client_secret: the variable MAILDOCKET_TEST_NO_SUCH_VARIABLE is not set",
            "integrations.B.client_secret: must be stored, {env: NAME} or {file: PATH}",
            "mailboxes.M.auth.password: the file nowhere cannot be read",
        ] {
            assert!(told.contains(part), "{told}");
        }
        assert!(!told.contains("CANARY"), "{told}");
    }

    #[test]
    fn what_is_written_twice_or_no_yaml_is_told_with_its_place() {
        for (text, place) in [("format: 1\nformat: 1\n", "\"format\""), ("format: [\n", "line")] {
            let told = read_text(text).unwrap_err().to_string();
            assert!(told.contains("is not YAML") && told.contains(place), "{told}");
        }
    }

    #[test]
    fn a_file_is_in_the_order_in_which_people_think() {
        let fields = serde_json::json!({"after_import": "keep", "host": "h", "auth": {"username": "u", "method": "oauth2"}, "protocol": "imap"});
        let document = Document {
            format: 1,
            mailboxes: [("no".to_owned(), fields.as_object().unwrap().clone())].into(),
            ..Document::default()
        };
        let text = write(&document).unwrap();
        let names: Vec<_> = text.lines().filter_map(|line| line.trim().split(':').next()).collect();
        let wanted =
            ["format", "projects", "integrations", "mailboxes", "no", "protocol", "host", "auth", "method"];
        assert_eq!(
            names.iter().filter(|name| wanted.contains(name)).copied().collect::<Vec<_>>(),
            wanted,
            "{text}"
        );
        assert!(text.ends_with("    after_import: keep\n"), "{text}");
    }
}
