//! Forms that were sent. A field is named by a JSON pointer (RFC 6901) into the body that the API would get for the same,
//! so that one description of a request serves both, and an error is told at its field.
//!
//! Behind the pointer a colon may say what the text stands for: `/port:number`, `/enabled:bool`, `/scopes:lines`,
//! `/description:text` (kept when empty), `/tenant:null` (null when empty), `/handlers:json`, `/expires_at:end` (the end of
//! a day). A field without it is left out when it is empty. Where a name comes twice, the last one counts: a hidden `false` stands before a check box.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
};
use intake::{
    App, Error, Kind,
    flows::change::{Expect, Once},
    json::{self, Unread},
    types::{Version, audit::Role},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{days, page::Trouble, visitor::Visitor};
use crate::{Web, auth, budget::most_of_form, error::ApiError};

/// The field that says which form of a page was sent, and which version of the object it was made from.
const VERSION: &str = "version";
/// The field that makes a form that is sent twice one request.
const ONCE: &str = "once";

/// A form that a visitor sent from one of our pages.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// Who sent it.
    pub(crate) visitor: Visitor,
    pairs: Vec<(String, String)>,
}

impl Form {
    async fn read(request: Request, web: &Web) -> Result<Self, Trouble> {
        let (parts, body) = request.into_parts();
        let visitor = Visitor::read(&parts, web).await?;
        let most = most_of_form(parts.uri.path());
        let bytes = to_bytes(body, most).await.map_err(|_| ApiError::too_large(most))?;
        let pairs: Vec<(String, String)> = form_urlencoded::parse(&bytes).into_owned().collect();
        let form = Self { visitor, pairs };
        let app = &web.app;
        let cookie = auth::session_cookie(&app.settings, &parts.headers).unwrap_or_default();
        auth::check_same_site(app, &parts.headers, cookie, form.text("csrf_token"))?;
        Ok(form)
    }

    /// The text of a field that is no part of a body; None where it was not sent or is empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let sent = self.pairs.iter().rev().find(|(key, _)| key == name);
        sent.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// All texts of a field that comes several times.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// What the visitor saw of the object: nothing is overwritten that they did not see.
    pub(crate) fn expect(&self) -> Expect {
        let version = self.text(VERSION).and_then(|text| text.parse().ok());
        version.map_or_else(Expect::any, |version| Expect::one_of(vec![Version(version)]))
    }

    /// The key by which this form makes nothing twice.
    pub(crate) fn once(&self, app: &App, call: &str) -> Result<Option<Once>, Error> {
        let key = self.text(ONCE);
        key.map(|key| Once::new(app, &self.visitor.actor, call, key, &self.body().to_string())).transpose()
    }

    /// What the fields make: the body that the API would get.
    pub(crate) fn body(&self) -> Value {
        let mut body = Value::Object(Map::new());
        for (name, text) in &self.pairs {
            let Some(pointer) = name.strip_prefix('/') else { continue };
            let (pointer, kind) = pointer.split_once(':').unwrap_or((pointer, ""));
            let path: Vec<_> = json::names(&format!("/{pointer}")).collect();
            match value_of(kind, text) {
                Some(value) => put(&mut body, &path, value),
                None => remove(&mut body, &path),
            }
        }
        body
    }

    /// The body as a request of the core, with every error at its field.
    pub(crate) fn request<T: DeserializeOwned>(&self) -> Result<T, Error> {
        json::strictly(&self.body().to_string()).map_err(|unread| match unread {
            Unread::Unwanted(error) => error,
            Unread::Malformed(_) => Error::told(Kind::Invalid, "form_unreadable"),
        })
    }
}

/// What a text stands for; None where the field is as good as not there.
fn value_of(kind: &str, text: &str) -> Option<Value> {
    let trimmed = text.trim();
    match (kind, trimmed) {
        // A number that is none stays a text, and is told as such.
        ("number", text) if !text.is_empty() => {
            Some(text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from))
        }
        // A day stands for its end; what is no day stays a text, and is told as such.
        ("end", day) if !day.is_empty() => {
            Some(days::end(day).map_or_else(|| Value::from(day), |end| Value::from(end.to_string())))
        }
        ("bool", text) => Some(Value::from(text == "true")),
        ("lines", _) => Some(text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()),
        ("json", text) => Some(serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))),
        ("text", _) => Some(Value::from(text.replace("\r\n", "\n"))),
        ("null", "") => Some(Value::Null),
        (_, "") => None,
        // Secrets are kept byte for byte.
        ("secret", _) => Some(Value::from(text)),
        (_, text) => Some(Value::from(text)),
    }
}

fn put(at: &mut Value, path: &[String], value: Value) {
    match (path, at) {
        ([], at) => *at = value,
        ([name, rest @ ..], Value::Object(fields)) => {
            put(fields.entry(name.clone()).or_insert_with(|| Value::Object(Map::new())), rest, value);
        }
        _ => {}
    }
}

fn remove(at: &mut Value, path: &[String]) {
    match (path, at) {
        ([name], Value::Object(fields)) => drop(fields.remove(name)),
        ([name, rest @ ..], Value::Object(fields)) => {
            if let Some(inner) = fields.get_mut(name) {
                remove(inner, rest);
            }
        }
        _ => {}
    }
}

macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident = $role:path;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name(pub(crate) Form);

        impl FromRequest<Web> for $name {
            type Rejection = Trouble;

            async fn from_request(request: Request, web: &Web) -> Result<Self, Trouble> {
                let Form { visitor, pairs } = Form::read(request, web).await?;
                let visitor = visitor.with_role($role)?;
                Ok(Self(Form { visitor, pairs }))
            }
        }
    )*};
}

forms! {
    /// A form of somebody who may do everything.
    AdministratorForm = Role::Administrator;
    /// A form of somebody who may change issues.
    AgentForm = Role::Agent;
    /// A form of anybody who has signed in.
    ReaderForm = Role::Reader;
}

#[cfg(test)]
mod tests {
    use intake::types::audit::Actor;
    use serde_json::json;

    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Form {
        let visitor = Visitor { actor: Actor::system(), csrf_token: String::new(), address: String::new() };
        let pairs = pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Form { visitor, pairs }
    }

    #[test]
    fn fields_make_the_body_that_the_api_would_get() {
        let form = form(&[
            ("csrf_token", "x"),
            ("/name", " Support "),
            ("/port:number", "993"),
            ("/auth/method", "password"),
            ("/auth/password:secret", " blanks "),
            ("/enabled:bool", "false"),
            ("/enabled:bool", "true"),
            ("/scopes:lines", "a\r\n\r\n b \n"),
            ("/tenant:null", ""),
            ("/folder", ""),
            ("/description:text", ""),
            ("/expires_at:end", "2026-12-31"),
            ("/ends_at:end", "soon"),
        ]);
        let body = json!({
            "name": "Support", "port": 993, "auth": { "method": "password", "password": " blanks " },
            "enabled": true, "scopes": ["a", "b"], "tenant": null, "description": "",
            "expires_at": "2027-01-01T00:00:00Z", "ends_at": "soon",
        });
        assert_eq!(form.body(), body);
    }

    #[test]
    fn odd_names_do_no_harm() {
        let form = form(&[
            ("/", "x"),
            ("/a", "1"),
            ("/a/b", "2"),
            ("/c:odd", "3"),
            ("//d", "4"),
            ("/n:number", "x"),
        ]);
        assert_eq!(form.body(), json!({ "": "x", "a": "1", "c": "3", "n": "x" }));
    }
}
