//! Signing in to the console with a token, and out of it.

use axum::{
    Extension, Form,
    extract::{Path, RawQuery, State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use intake::{App, Error, Kind, Sentence, flows::sessions};
use maud::html;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::form_urlencoded;

use super::frame::{
    page::{self, PageResult, page_with_form},
    visitor::{own_page, role_of},
    words::word,
};
use crate::{
    Web, auth,
    budget::MAX_SIGN_IN,
    client::Client,
    error::{self, ApiError},
};

/// The form's fields.
#[derive(Deserialize)]
pub(super) struct SignIn {
    token: SecretString,
    /// The page that was wanted.
    #[serde(default)]
    then: String,
}

/// The form's fields.
#[derive(Deserialize)]
pub(super) struct SignOut {
    csrf_token: String,
}

/// Asks for a token.
pub(super) async fn form(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let then = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "then");
    ask(&app, None, then.as_ref().map_or("", |(_, value)| value))
}

fn ask(app: &App, wrong: Option<&str>, then: &str) -> Response {
    let there = form_urlencoded::Serializer::new(String::new()).append_pair("then", then).finish();
    page_with_form(page::plain(
        &word("page.sign_in"),
        html! {
            @if app.settings.identity.is_some() {
                p { a.button href={ "/sign-in/oidc?" (there) } { (word("page.sign_in.provider")) } }
                p.faint { (word("page.sign_in.or_token")) }
            }
            form method="post" action="/sign-in" {
                @if let Some(then) = own_page(then) { input type="hidden" name="then" value=(then); }
                @if let Some(wrong) = wrong { p.bad #wrong role="alert" { (wrong) } }
                label for="token" { (word("page.token")) }
                input #token type="password" name="token" autocomplete="current-password" required autofocus
                    aria-describedby=[wrong.map(|_| "wrong")];
                button { (word("page.sign_in")) }
            }
            p.faint { (word("page.token_place")) }
        },
    ))
}

/// Signs in. With a wrong token the form comes again and says so.
pub(super) async fn submit(
    State(web): State<Web>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    form: Result<Form<SignIn>, FormRejection>,
) -> PageResult {
    auth::check_origin(&web.app, &headers)?;
    let Form(sign_in) = form.map_err(|rejection| unreadable(&rejection))?;
    match begin(&web, &client, sign_in.token.expose_secret().trim(), &sign_in.then).await? {
        Some(response) => Ok(response),
        None => {
            let (status, problem) = unknown_token().told();
            let mut again = ask(&web.app, Some(&problem.message), &sign_in.then);
            *again.status_mut() = status;
            Ok(again)
        }
    }
}

/// A link that signs in once: the button that does it. What only looks at links, such as a preview, uses nothing up; and
/// whoever comes again with the session that it began is led on.
pub(super) async fn link(
    State(web): State<Web>,
    headers: HeaderMap,
    Path(ticket): Path<String>,
) -> PageResult {
    let link = web.settings.one_time_link.as_ref();
    if link.is_some_and(|link| link.is_good(&ticket)) {
        return Ok(page_with_form(page::plain(
            &word("page.sign_in"),
            html! {
                p { (word("page.link")) }
                form method="post" action={ "/sign-in/once/" (ticket) } { button autofocus { (word("page.sign_in")) } }
            },
        )));
    }
    match link.and_then(|link| link.page(&ticket)) {
        Some(page) if role_of(&web.app, &headers).await.is_some() => Ok(Redirect::to(page).into_response()),
        _ => Err(link_used().into()),
    }
}

/// Signs in by the link, and uses it up.
pub(super) async fn once(
    State(web): State<Web>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    Path(ticket): Path<String>,
) -> PageResult {
    auth::check_origin(&web.app, &headers)?;
    let link = web.settings.one_time_link.as_ref().ok_or_else(link_used)?;
    let (token, page) = link.take(&ticket).zip(link.page(&ticket)).ok_or_else(link_used)?;
    Ok(begin(&web, &client, token.expose_secret(), page).await?.ok_or_else(unknown_token)?)
}

fn link_used() -> Error {
    Error::told(Kind::Forbidden, Sentence::new("link_used"))
}

fn unreadable(rejection: &FormRejection) -> ApiError {
    if rejection.status() == error::status::TOO_LARGE {
        return ApiError::too_large(MAX_SIGN_IN);
    }
    Error::told(Kind::Invalid, Sentence::new("form_unreadable")).into()
}

fn unknown_token() -> ApiError {
    ApiError::unauthenticated("unauthenticated.token")
}

/// On to the wanted page with a new session; None when the token is not good.
async fn begin(web: &Web, client: &Client, token: &str, then: &str) -> Result<Option<Response>, Error> {
    let (app, visit) = (&web.app, client.visit());
    let Some(cookie) = sessions::sign_in(app, token, &visit).await? else {
        web.refusals.note(app, visit.from).await;
        return Ok(None);
    };
    Ok(Some(on(own_page(then).unwrap_or("/"), auth::set_session_cookie(&app.settings, &cookie))))
}

/// Signs out.
pub(super) async fn sign_out(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    form: Result<Form<SignOut>, FormRejection>,
) -> PageResult {
    let Form(form) = form.map_err(|rejection| unreadable(&rejection))?;
    if let Some(cookie) = auth::session_cookie(&app.settings, &headers) {
        auth::check_same_site(&app, &headers, cookie, Some(&form.csrf_token))?;
        sessions::sign_out(&app, cookie, &client.visit().from).await?;
    }
    Ok(on("/", auth::set_session_cookie(&app.settings, "")))
}

fn on(to: &str, cookie: HeaderValue) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}
