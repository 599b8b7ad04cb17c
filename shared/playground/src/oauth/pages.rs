//! What a person sees.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::consent::first_choice;
use super::request::AuthorizeRequest;
use super::{provider::Provider, scopes::MAIL_SCOPE};

/// Nothing here may be kept by a cache.
pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

const STYLE: &str = include_str!("style.css");

/// A page with the headers that every page carries.
pub(crate) struct Page(Markup);

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'";
        let headers = [
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::CACHE_CONTROL, NO_STORE),
        ];
        (headers, self.0).into_response()
    }
}

/// The consent page. `query` is the request itself, which the buttons send back.
pub(crate) fn consent(provider: &Provider, request: &AuthorizeRequest, query: &str) -> Page {
    let first = first_choice(provider, request);
    let mut accounts: Vec<_> = provider.world.accounts.iter().collect();
    accounts.sort_by_key(|account| account.address != first);
    page(
        "Sign in",
        html! {
            h1 { "Choose an account" }
            p {
                strong { (request.client_id) } " wants to be connected, and will be answered at "
                strong { (request.redirect_uri.host_str().unwrap_or("an unknown host")) } "."
            }
            h2 { "It will be able to" }
            ul { @for scope in &request.scopes { li { (in_words(scope)) } } }
            form method="post" action=(format!("/authorize?{query}")) {
                @for account in accounts {
                    button.account type="submit" name="continue_as" value=(account.address) {
                        span.name { (account.name) }
                        span { "Continue as " (account.address) }
                    }
                }
                button.cancel type="submit" name="cancel" value="yes" { "Cancel" }
            }
        },
    )
}

/// A page without a way on.
pub(crate) fn error(text: &str) -> Page {
    page("Error", html! { h1 { "This sign-in cannot go on" } p { (text) } })
}

/// The provider's front page.
pub(crate) async fn front() -> Page {
    let text = "This is the playground's pretend provider. Its accounts and mails are made up.";
    page("Playground", html! { h1 { "Playground accounts" } p { (text) } })
}

pub(crate) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

fn page(title: &str, main: Markup) -> Page {
    Page(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Playground accounts" }
                link rel="stylesheet" href="/style.css";
            }
            body {
                main {
                    p.brand { "Playground accounts" }
                    (main)
                }
                footer { "A pretend provider on this machine. No password is asked for." }
            }
        }
    })
}

fn in_words(scope: &str) -> &str {
    match scope {
        "openid" => "know which account you chose",
        "email" => "see your mail address",
        "profile" => "see your name",
        "offline_access" => "stay connected while you are away",
        MAIL_SCOPE => "read the mail in your mailbox",
        other => other,
    }
}
