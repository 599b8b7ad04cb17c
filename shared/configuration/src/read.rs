//! From the entries of a document to the inputs of the flows, field by field against what is there.

use intake::{
    FieldError, Sentence,
    flows::{
        change::{Entry, without_nulls},
        integrations::IntegrationInput,
        mailboxes::{AuthInput, MailboxInput},
        projects::ProjectInput,
    },
    json::{part, pointer},
    types::{given::Given, request::Request},
};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    document::{below, wrong},
    export::STORED,
};

/// What is wrong with an entry; pointers begin at the entry.
pub(super) type Wrong = Vec<FieldError>;

/// Fields whose change sends the client secret to another address.
const ADDRESSES: [&str; 4] = ["authorization_endpoint", "token_endpoint", "issuer", "tenant"];

/// The fields that are given and not as they are there.
pub(super) fn differing(given: &Entry, present: &Entry) -> Entry {
    // An empty prompt is one that is left out, and none that is not set.
    let plain = |name: &str, value: Option<&Value>| {
        let mut value = value.cloned().unwrap_or_default();
        without_nulls(&mut value);
        if value == *"" && name != "prompt" { Value::Null } else { value }
    };
    let differs =
        |(name, value): &(&String, &Value)| plain(name, Some(value)) != plain(name, present.get(*name));
    given.iter().filter(differs).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A secret as a document that is to be applied gives it: `"stored"` and nothing mean that it stays.
pub(super) fn take_secret(
    given: &mut Entry,
    name: &str,
    at: &str,
    errors: &mut Wrong,
) -> Option<SecretString> {
    let text = match given.remove(name)? {
        Value::Null => return None,
        Value::String(word) if word == STORED => return None,
        Value::Object(mut source) => match (source.remove("value"), source.is_empty()) {
            (Some(Value::String(text)), true) => text,
            (None, _) if source.contains_key("env") || source.contains_key("file") => {
                let read = Sentence::new("field.secret_in_api").with("example", "{\"value\": …}");
                errors.push(wrong(at, read));
                return None;
            }
            _ => {
                errors.push(wrong(at, from_elsewhere("field.secret_source")));
                return None;
            }
        },
        _ => {
            errors.push(wrong(at, from_elsewhere("field.secret_source")));
            return None;
        }
    };
    Some(text.into())
}

/// A sentence that names the two places that a secret can be read from.
fn from_elsewhere(key: &'static str) -> Sentence {
    Sentence::new(key).with("env", "{env: NAME}").with("file", "{file: PATH}")
}

/// Of what is not there yet, and has no secret either.
pub(super) fn secret_required(pointer: &str) -> FieldError {
    wrong(pointer, from_elsewhere("field.secret_required"))
}

/// Takes out fields that nobody knows, and the name: it is the key.
fn check_fields<R: Request>(given: &mut Entry, errors: &mut Wrong) {
    given.retain(|name, _| {
        let detail = match name.as_str() {
            "name" => "field.entry_name",
            name if R::FIELDS.contains(&name) => return true,
            _ => "field.entry_field",
        };
        errors.push(wrong(&pointer([name]), detail));
        false
    });
}

/// Takes out what can be given once only; a changed one is another object.
fn check_fixed<R: Request>(changed: &mut Entry, errors: &mut Wrong) {
    changed.retain(|name, _| {
        let fits = !R::ONCE.contains(&name.as_str());
        if !fits {
            errors.push(wrong(&pointer([name]), "field.fixed"));
        }
        fits
    });
}

/// The fields as a request has them, without those that have another type.
fn typed<T: DeserializeOwned + Default>(mut fields: Entry, errors: &mut Wrong) -> T {
    loop {
        let error = match part(Value::Object(fields.clone())) {
            Ok(request) => return request,
            Err(error) => error,
        };
        let first = error.fields.first().and_then(|field| field.pointer.split('/').nth(1).map(str::to_owned));
        errors.extend(error.fields);
        if first.and_then(|name| fields.remove(&name)).is_none() {
            return T::default();
        }
    }
}

/// What an entry says, with what is wrong about it left out. None: nothing is to be changed.
pub(super) type Reading<T> = (Option<T>, Wrong);

pub(super) fn project(key: &str, given: &Entry) -> Reading<ProjectInput> {
    let mut errors = Wrong::new();
    for name in given.keys().filter(|name| *name != "name") {
        errors.push(wrong(&pointer([name]), "field.entry_field"));
    }
    let name = match given.get("name") {
        None | Some(Value::Null) => Given::Absent,
        Some(Value::String(name)) => Given::Value(name.clone()),
        Some(_) => {
            errors.push(wrong("/name", "field.a_string"));
            Given::Absent
        }
    };
    (Some(ProjectInput { key: Given::Value(key.to_owned()), name }), errors)
}

/// An integration that is not there yet.
pub(super) fn new_integration(name: &str, mut given: Entry) -> Reading<IntegrationInput> {
    let mut errors = Wrong::new();
    check_fields::<IntegrationInput>(&mut given, &mut errors);
    let secret = take_secret(&mut given, "client_secret", "/client_secret", &mut errors);
    if secret.is_none() && !errors.iter().any(|error| error.pointer == "/client_secret") {
        errors.push(secret_required("/client_secret"));
    }
    let input = IntegrationInput {
        name: Given::Value(name.to_owned()),
        client_secret: secret.into(),
        ..typed(given, &mut errors)
    };
    (Some(input), errors)
}

/// A change of an integration; its secret comes with whether it is the one that is stored already.
pub(super) fn integration_change(
    name: Option<&str>,
    mut given: Entry,
    present: &Entry,
    secret: Option<(SecretString, bool)>,
) -> Reading<IntegrationInput> {
    let mut errors = Wrong::new();
    check_fields::<IntegrationInput>(&mut given, &mut errors);
    let mut changed = differing(&given, present);
    check_fixed::<IntegrationInput>(&mut changed, &mut errors);
    let moved = ADDRESSES.iter().any(|name| changed.contains_key(*name));
    let secret = secret.filter(|(_, is_stored)| !is_stored || moved).map(|(secret, _)| secret);
    if changed.is_empty() && secret.is_none() && name.is_none() {
        return (None, errors);
    }
    let input = IntegrationInput {
        name: name.map(str::to_owned).into(),
        client_secret: secret.into(),
        ..typed(changed, &mut errors)
    };
    (Some(input), errors)
}

/// How an entry's `auth` names an integration, and whether a signed-in account of it is meant.
pub(super) struct AuthNames<'a> {
    /// The identifier of the integration of this name.
    pub(super) integration: &'a dyn Fn(&str) -> Option<String>,
    /// The identifier of the grant of this account under the integration of this identifier.
    pub(super) grant: &'a dyn Fn(&str, &str) -> Option<String>,
}

/// A mailbox, new or changed; its password comes with whether it is the one that is stored already.
pub(super) fn mailbox(
    name: Option<&str>,
    mut given: Entry,
    present: Option<&Entry>,
    names: &AuthNames<'_>,
    password: Option<(SecretString, bool)>,
) -> Reading<MailboxInput> {
    let mut errors = Wrong::new();
    check_fields::<MailboxInput>(&mut given, &mut errors);
    let auth = match given.remove("auth") {
        None | Some(Value::Null) => Entry::new(),
        Some(Value::Object(auth)) => auth,
        Some(_) => {
            errors.push(wrong("/auth", "field.entry"));
            Entry::new()
        }
    };
    let none = Entry::new();
    let was = present.and_then(|present| present.get("auth")).and_then(Value::as_object).unwrap_or(&none);
    let same_auth = differing(&auth, was).is_empty();
    let changed = match present {
        Some(present) => {
            let mut changed = differing(&given, present);
            check_fixed::<MailboxInput>(&mut changed, &mut errors);
            changed
        }
        None => given,
    };
    let moved = ["protocol", "host", "port", "tls"].iter().any(|name| changed.contains_key(*name));
    let password = password.filter(|(_, is_stored)| !is_stored || moved).map(|(secret, _)| secret);
    let auth = match (same_auth && password.is_none(), present) {
        (true, Some(_)) => Given::Absent,
        _ => auth_input(auth, was, names, password, &mut errors),
    };
    if changed.is_empty() && !auth.is_value() && name.is_none() {
        return (None, errors);
    }
    let input = MailboxInput { name: name.map(str::to_owned).into(), auth, ..typed(changed, &mut errors) };
    (Some(input), errors)
}

/// Absent where something is wrong with it.
fn auth_input(
    auth: Entry,
    was: &Entry,
    names: &AuthNames<'_>,
    password: Option<SecretString>,
    errors: &mut Wrong,
) -> Given<AuthInput> {
    let before = errors.len();
    let request = auth_request(auth, was, names, errors);
    if errors.len() > before {
        return Given::Absent;
    }
    let mut untyped = Wrong::new();
    let input: AuthInput = typed(request, &mut untyped);
    errors.extend(below("/auth", untyped));
    Given::Value(AuthInput { password: password.into(), ..input })
}

/// The request's `auth`: identifiers in the place of names.
fn auth_request(mut auth: Entry, was: &Entry, names: &AuthNames<'_>, errors: &mut Wrong) -> Entry {
    for name in auth.keys().filter(|name| *name != "integration") {
        if !AuthInput::FIELDS.contains(&name.as_str())
            || ["grant_id", "integration_id"].contains(&name.as_str())
        {
            errors.push(wrong(&pointer(["auth", name]), "field.entry_field"));
        }
    }
    let method = auth.get("method").or_else(|| was.get("method")).cloned().unwrap_or_default();
    let named = auth.remove("integration");
    if method != "oauth2" {
        if named.is_some_and(|named| !named.is_null()) {
            errors.push(wrong("/auth/integration", "field.oauth2_only"));
        }
        return auth;
    }
    let integration = match named.as_ref().or_else(|| was.get("integration")) {
        Some(Value::String(name)) => name.clone(),
        _ => {
            errors.push(wrong("/auth/integration", "field.integration_name"));
            return auth;
        }
    };
    let Some(id) = (names.integration)(&integration) else {
        errors.push(wrong("/auth/integration", "field.integration_here"));
        return auth;
    };
    let username = auth.get("username").and_then(Value::as_str);
    match username.and_then(|account| (names.grant)(&id, account)) {
        // Its account is the user name by default.
        Some(grant) => {
            auth.insert("grant_id".to_owned(), grant.into());
            auth.insert("username".to_owned(), Value::Null);
        }
        None => {
            auth.insert("integration_id".to_owned(), id.into());
        }
    }
    auth
}
