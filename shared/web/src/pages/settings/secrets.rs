//! Secrets in a configuration that somebody pastes: they are typed once more where it is applied, because no page shows a
//! secret again.

use intake::json::{names, pointer};
use serde_json::{Value, json};

use super::super::frame::form::Form;

/// How the names of the fields begin in which secrets are typed.
const FIELD: &str = "secret";

/// A secret that is to be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Where it belongs in the document.
    pub(super) pointer: String,
    /// Of which integration or mailbox.
    pub(super) name: String,
}

impl Wanted {
    /// The name of its field.
    pub(super) fn field(&self) -> String {
        format!("{FIELD}{}", self.pointer)
    }
}

/// Takes all secrets out of a document, and tells which there were.
pub(super) fn take_out(document: &mut Value) -> Vec<Wanted> {
    let mut found = Vec::new();
    for (section, path) in [("integrations", &["client_secret"][..]), ("mailboxes", &["auth", "password"])] {
        let Some(entries) = document.get_mut(section).and_then(Value::as_object_mut) else { continue };
        for (name, entry) in entries {
            let secret = path.iter().try_fold(entry, |at, part| at.get_mut(*part));
            if let Some(secret) = secret.filter(|secret| secret.is_object()) {
                *secret = json!({ "value": "" });
                let all = [section, name.as_str()].into_iter().chain(path.iter().copied());
                found.push(Wanted { pointer: pointer(all), name: name.clone() });
            }
        }
    }
    found
}

/// A document without them, as it was written where there are none. What cannot be read, and may hold one, is left out.
pub(super) fn without(text: &str) -> String {
    let Ok(mut document) = serde_json::from_str::<Value>(text) else {
        return if text.contains("\"value\"") { String::new() } else { text.to_owned() };
    };
    match take_out(&mut document).is_empty() {
        true => text.to_owned(),
        false => serde_json::to_string_pretty(&document).unwrap_or_default(),
    }
}

/// Puts those in that were typed.
pub(super) fn put_in(document: &mut Value, form: &Form) {
    for Wanted { pointer, .. } in take_out(&mut document.clone()) {
        let typed = form.all(&format!("{FIELD}{pointer}")).last().unwrap_or_default();
        let place = names(&pointer).try_fold(&mut *document, |at, name| at.get_mut(name));
        // What is not typed is told as missing by whoever applies it.
        if let Some(place) = place.filter(|_| !typed.is_empty()) {
            *place = json!({ "value": typed });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_and_told() {
        let mut document = json!({
            "integrations": { "A/B": { "client_secret": { "value": "canary" } }, "C": { "client_secret": "stored" } },
            "mailboxes": { "Box": { "auth": { "method": "password", "password": { "value": "canary" } } } },
        });
        let found = take_out(&mut document);
        let pointers: Vec<_> = found.iter().map(|wanted| wanted.pointer.as_str()).collect();
        assert_eq!(pointers, ["/integrations/A~1B/client_secret", "/mailboxes/Box/auth/password"]);
        assert_eq!(found[0].name, "A/B");
        assert!(!document.to_string().contains("canary"));
        assert_eq!(document["integrations"]["C"]["client_secret"], "stored");
        assert_eq!(without("{ \"format\": 1 }"), "{ \"format\": 1 }");
        assert_eq!(without("{ \"client_secret\": { \"value\": \"canary\""), "");
        assert_eq!(without("{ \"format\": "), "{ \"format\": ");
    }
}
