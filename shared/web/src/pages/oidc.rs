//! Signing in at the company's identity provider: the way there, and the way back.

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use intake::{
    Kind, Settings,
    flows::people::{self, Return},
};
use url::form_urlencoded;

use super::frame::{
    page::{PageResult, error_page},
    visitor::own_page,
};
use crate::{Web, auth, client::Client, language};

/// The way there; a link and no form, because a form would lead to another site, which pages' policy forbids.
pub(super) async fn begin(State(web): State<Web>, RawQuery(query): RawQuery) -> PageResult {
    let query = query.unwrap_or_default();
    let then = value(&query, "then").unwrap_or_default();
    let begun = people::begin(&web.app, own_page(&then).unwrap_or("/")).await?;
    Ok(on(begun.url.as_str(), &[kept(&web.app.settings, &begun.cookie)]))
}

/// The way back.
pub(super) async fn callback(
    State(web): State<Web>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let (query, settings, visit) = (query.unwrap_or_default(), &web.app.settings, client.visit());
    let back = Return {
        cookie: language::cookie(&headers, &name(settings)).unwrap_or_default().to_owned(),
        state: value(&query, "state").unwrap_or_default(),
        code: value(&query, "code").map(Into::into),
        issuer: value(&query, "iss"),
        error: value(&query, "error"),
    };
    match people::finish(&web.app, back, &visit).await {
        Ok(done) => {
            let to = own_page(&done.wanted).unwrap_or("/");
            on(to, &[kept(settings, ""), auth::set_session_cookie(settings, &done.session)])
        }
        Err(error) => {
            if error.kind == Kind::Forbidden {
                web.refusals.note(&web.app, visit.from).await;
            }
            error_page(error)
        }
    }
}

fn value(query: &str, name: &str) -> Option<String> {
    let mut given = form_urlencoded::parse(query.as_bytes());
    given.find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.into_owned())
}

/// The name of the cookie that binds a sign-in to its browser: as that of sessions.
fn name(settings: &Settings) -> String {
    format!("{}-sign-in", auth::cookie_name(settings))
}

/// `Set-Cookie` until the browser comes back; an empty value takes it away.
fn kept(settings: &Settings, value: &str) -> HeaderValue {
    let seconds = if value.is_empty() { 0 } else { people::PATIENCE.as_secs() };
    auth::cookie(settings, &name(settings), value, seconds)
}

fn on(to: &str, cookies: &[HeaderValue]) -> Response {
    let mut response = Redirect::to(to).into_response();
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    response
}
