//! The frame of all pages, and the policies under which they are answered.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use intake::types::Problem;
use maud::{DOCTYPE, Markup, html};

use super::words::{around, word};
use crate::{error::ApiError, language};

/// What pages may load: our own style sheet and pictures, nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn document(title: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language::present().tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Maildocket" }
                link rel="icon" type="image/svg+xml" href="/assets/icon.svg";
                link rel="stylesheet" href="/assets/style.css";
            }
            body { (body) }
        }
    }
}

/// A page for somebody who has not signed in.
pub(super) fn plain(title: &str, content: Markup) -> Markup {
    document(
        title,
        html! {
            main.narrow {
                a.brand href="/" { "Maildocket" }
                h1 { (title) }
                (content)
            }
        },
    )
}

/// A page of the console.
pub(super) fn console(title: &str, csrf_token: &str, content: Markup) -> Markup {
    document(
        title,
        html! {
            header.top {
                div {
                    a.brand href="/" { "Maildocket" }
                    form method="post" action="/sign-out" {
                        input type="hidden" name="csrf_token" value=(csrf_token);
                        button.quiet { (word("page.sign_out")) }
                    }
                }
            }
            main {
                h1 dir="auto" { (title) }
                (content)
            }
        },
    )
}

/// A page, with the policy that pages have.
pub(super) fn page(markup: Markup) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CONTENT_LANGUAGE, language::present().tag()),
        (header::VARY, "accept-language"),
    ];
    (headers, markup).into_response()
}

/// A page with a form: under the policy `no-referrer` browsers send `Origin: null` with every form (Fetch standard,
/// "append a request Origin header"), and then nobody could tell our own pages from another site's.
pub(super) fn page_with_form(markup: Markup) -> Response {
    let mut response = page(markup);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// What went wrong, in the language that there is for it, and its code.
pub(super) fn trouble(problem: &Problem) -> Markup {
    let language = language::present();
    let said = problem.say(language);
    html! {
        div lang=(problem.language(language).tag()) {
            p { (said.message) }
            @if !said.action.is_empty() { p { strong { (said.action) } } }
        }
        p.faint { (around("page.code", "code", html! { (problem.code) })) }
    }
}

/// An error as a page: its words for people, its status from the one place of status codes.
pub(super) fn error_page(error: impl Into<ApiError>) -> Response {
    let (status, problem) = error.into().told();
    let mut response = page(plain(&word("page.error"), trouble(&problem)));
    *response.status_mut() = status;
    response
}
