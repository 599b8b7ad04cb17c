//! The frame of a mail's HTML: the document that is shown in it, and its place on a page.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use intake::App;
use mail::html::{Canvas, Clean};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use url::form_urlencoded;

use super::{super::frame::words::word, signed};
use crate::language;

/// How the document looks where the mail says nothing: a sheet of white paper, whatever the page around it is.
const STYLE: &str = include_str!("mail.css");
/// What a frame may do, beside showing: its links open elsewhere.
const SANDBOX: &str = "allow-popups allow-popups-to-escape-sandbox";
/// How the sanitiser leaves a picture of elsewhere, and how it is once it may be loaded. Quotation marks of mails are
/// escaped, so this stands in no text and in no value.
const REMOTE: [&str; 2] = [" data-src=\"https://", " src=\"https://"];
/// The parameter by which pictures of elsewhere are loaded for this view.
const PICTURES: &str = "pictures=remote";

/// What a frame shows.
pub(super) struct Framed {
    /// Sanitised; never as it was sent.
    pub(super) html: Clean,
    /// The colours of the page.
    pub(super) canvas: Canvas,
    /// Whether pictures of elsewhere are loaded.
    pub(super) remote: bool,
}

impl Framed {
    /// Whether the query wants pictures of elsewhere.
    pub(super) fn wants_remote(query: &str) -> bool {
        query.split('&').any(|pair| pair == PICTURES)
    }

    /// The document, under the policy of frames.
    pub(super) fn answer(self, app: &App) -> Response {
        let remote = if self.remote { " https:" } else { "" };
        let base = signed::base(app);
        let policy = format!(
            "sandbox {SANDBOX}; default-src 'none'; img-src {base}{remote}; style-src 'unsafe-inline'; \
             frame-ancestors 'self'"
        );
        let headers = [
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::X_FRAME_OPTIONS, "SAMEORIGIN".to_owned()),
            (header::VARY, "accept-language, cookie".to_owned()),
        ];
        (headers, self.document()).into_response()
    }

    fn document(self) -> Markup {
        let mail = if self.remote { self.html.html.replace(REMOTE[0], REMOTE[1]) } else { self.html.html };
        html! {
            (DOCTYPE)
            html lang=(language::present().tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light";
                    title { (word("page.mail_html")) }
                    style { (PreEscaped(STYLE)) }
                }
                body style=[colours(&self.canvas)] {
                    (PreEscaped(mail))
                    @if self.html.cut { hr; p { (word("page.cut")) } }
                }
            }
        }
    }
}

/// The colours that the mail's page has.
fn colours(canvas: &Canvas) -> Option<String> {
    let background = canvas.background.as_ref()?;
    let text = canvas.text.as_ref().map(|text| format!("; color: {text}")).unwrap_or_default();
    Some(format!("background: {background}{text}"))
}

/// The frame on a page that shows the HTML at this address of ours, with the ways to see it with the pictures of
/// elsewhere, and alone.
pub(crate) fn frame_for(url: &str) -> Markup {
    let name: String =
        url.split('?').next().unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    let sign = if url.contains('?') { '&' } else { '?' };
    html! {
        div.mail-html {
            iframe name=(name) title=(word("page.mail_html")) src=(url) sandbox=(SANDBOX)
                referrerpolicy="no-referrer" loading="lazy" {}
            p.faint {
                a href={ (url) (sign) (PICTURES) } target=(name) { (word("page.mail_html.pictures")) }
                " " a href=(url) target="_blank" rel="noopener noreferrer" { (word("page.mail_html.alone")) }
            }
        }
    }
}

/// A parameter of a query.
pub(super) fn parameter(query: &str, wanted: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}
