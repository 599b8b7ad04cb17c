//! A page: its document, the policies under which it is answered, and what it says of an error.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use intake::types::Problem;
use maud::{DOCTYPE, Markup, html};

use super::words::{around, word};
use crate::{error::ApiError, language};

/// What pages may load: our own style sheet, script, pictures and frames, nothing else; and nothing within the page itself.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
     frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(super) fn document(title: &str, body: Markup) -> Markup {
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
                script src="/assets/console.js" defer {}
            }
            body { (body) }
        }
    }
}

/// A page for somebody who has not signed in.
pub(crate) fn plain(title: &str, content: Markup) -> Markup {
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

/// A page, with the policy that pages have.
pub(crate) fn page(markup: Markup) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CONTENT_LANGUAGE, language::present().tag()),
        (header::VARY, "accept-language, cookie"),
    ];
    (headers, markup).into_response()
}

/// A page with a form: under the policy `no-referrer` browsers send `Origin: null` with every form (Fetch standard,
/// "append a request Origin header"), and then nobody could tell our own pages from another site's.
pub(crate) fn page_with_form(markup: Markup) -> Response {
    let mut response = page(markup);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// What went wrong, in the language that there is for it, and its code.
pub(crate) fn trouble(problem: &Problem) -> Markup {
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
pub(crate) fn error_page(error: impl Into<ApiError>) -> Response {
    let (status, problem) = error.into().told();
    let mut response = page(plain(&word("page.error"), trouble(&problem)));
    *response.status_mut() = status;
    response
}

/// A page, or why there is none: handlers end in an error by themselves, and the error is told as a page.
pub(crate) type PageResult = Result<Response, Trouble>;

/// Why a page is not shown.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// An error, which is told as a page.
    Told(ApiError),
    /// Something is to be done first, at this address of ours: to sign in, or to answer a question that is open.
    Elsewhere(String),
}

impl<E: Into<ApiError>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Told(error.into())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match self {
            Self::Told(error) => error_page(error),
            Self::Elsewhere(address) => Redirect::to(&address).into_response(),
        }
    }
}

/// The same page again with what was wrong, under the status of the error.
pub(crate) fn again(mut page: Response, error: impl Into<ApiError>) -> Response {
    let (status, _) = error.into().told();
    *page.status_mut() = status;
    page
}
