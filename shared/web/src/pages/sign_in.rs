//! Signing in to the console with a token, and out of it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use intake::{App, Error, Kind, flows::sessions};
use maud::html;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{error_page, layout, page};
use crate::{Web, auth};

/// A link that signs in once: the demo prints it. Kept in memory only.
#[derive(Debug, Clone)]
pub struct OneTimeLink {
    ticket: String,
    token: Arc<Mutex<Option<SecretString>>>,
}

impl OneTimeLink {
    /// A link with this ticket (random, 43 characters), which signs in with this token.
    pub fn new(ticket: String, token: SecretString) -> Self {
        Self { ticket, token: Arc::new(Mutex::new(Some(token))) }
    }

    fn take(&self, ticket: &str) -> Option<SecretString> {
        let same =
            aws_lc_rs::constant_time::verify_slices_are_equal(ticket.as_bytes(), self.ticket.as_bytes())
                .is_ok();
        same.then(|| self.token.lock().unwrap_or_else(PoisonError::into_inner).take())?
    }
}

/// The form's fields.
#[derive(Deserialize)]
pub(super) struct SignIn {
    token: SecretString,
}

/// The form's fields.
#[derive(Deserialize)]
pub(super) struct SignOut {
    csrf_token: String,
}

/// Asks for a token.
pub(super) async fn form() -> Response {
    page(layout::plain(
        "Sign in",
        html! {
            form method="post" action="/sign-in" {
                label for="token" { "Token" }
                input #token type="password" name="token" autocomplete="current-password" required autofocus;
                button { "Sign in" }
            }
            p.faint { "The administrator's token was shown at the first start, or lies in the file admin-token of the data folder." }
        },
    ))
}

/// Signs in.
pub(super) async fn submit(
    State(web): State<Web>,
    headers: HeaderMap,
    Form(sign_in): Form<SignIn>,
) -> Response {
    if let Err(error) = auth::check_origin(&web.app, &headers) {
        return error.into_response();
    }
    begin(&web.app, sign_in.token.expose_secret().trim()).await
}

/// Signs in by a link, once.
pub(super) async fn once(State(web): State<Web>, Path(ticket): Path<String>) -> Response {
    match web.settings.one_time_link.as_ref().and_then(|link| link.take(&ticket)) {
        Some(token) => begin(&web.app, token.expose_secret()).await,
        None => error_page(
            Error::new(Kind::Forbidden, "link_used", "This link is not known or was used already.")
                .action("Sign in with a token instead."),
        ),
    }
}

async fn begin(app: &App, token: &str) -> Response {
    match sessions::sign_in(app, token).await {
        Ok(Some(cookie)) => to_home(auth::set_session_cookie(&app.settings, &cookie)),
        Ok(None) => error_page(
            Error::new(
                Kind::Unauthenticated,
                "unauthenticated",
                "This token is unknown, was revoked or has expired.",
            )
            .action("Go back and try another."),
        ),
        Err(error) => error_page(error),
    }
}

/// Signs out.
pub(super) async fn sign_out(
    State(app): State<App>,
    headers: HeaderMap,
    Form(form): Form<SignOut>,
) -> Response {
    if let Some(cookie) = auth::session_cookie(&app.settings, &headers) {
        if let Err(error) = auth::check_same_site(&app, &headers, cookie, Some(&form.csrf_token)) {
            return error.into_response();
        }
        if let Err(error) = sessions::sign_out(&app, cookie).await {
            return error_page(error);
        }
    }
    to_home(auth::set_session_cookie(&app.settings, ""))
}

fn to_home(cookie: HeaderValue) -> Response {
    let mut response = Redirect::to("/").into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}
