//! A mail that is worked on again: first what that will do, with its text read in another charset beside that of today.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use intake::{
    App, Error,
    error::Result,
    flows::messages::{self, Look, Sample},
    types::message::{Message, MessageState},
};
use mail::Mail;
use maud::{Markup, html};
use url::form_urlencoded;

use super::{
    one::named,
    parts::{in_issue, refusal, text},
    told::{reason, subject},
};
use crate::{
    language,
    pages::frame::{
        console::{console, csrf},
        form::AdministratorForm,
        page::{PageResult, again},
        parts::{card, on_to},
        visitor::{Administrator, Visitor},
        words::{around, shown, with, word, word_for},
    },
};

/// Charsets that are offered; others may be typed.
const CHARSETS: [&str; 13] = [
    "utf-8",
    "windows-1252",
    "iso-8859-15",
    "windows-1250",
    "windows-1251",
    "koi8-r",
    "windows-1256",
    "shift_jis",
    "euc-jp",
    "iso-2022-jp",
    "gb18030",
    "big5",
    "euc-kr",
];

/// Says what working on it again will do, and shows its text in another charset where one is asked for.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> PageResult {
    let query = query.unwrap_or_default();
    let charset = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "charset");
    let charset = charset.map(|(_, value)| value.trim().to_owned()).filter(|charset| !charset.is_empty());
    Ok(asked(&app, &visitor, &id, charset.as_deref(), html! {}).await?)
}

async fn asked(
    app: &App,
    visitor: &Visitor,
    id: &str,
    charset: Option<&str>,
    first: Markup,
) -> Result<Response> {
    let message = messages::get(app, named(id)?).await?;
    let compared = match charset {
        Some(charset) => compared(app, visitor, &message, charset).await,
        None => Ok(None),
    };
    let (wrong, failure) = match &compared {
        Err(error) if error.fields.is_empty() => return Err(error.clone()),
        Err(error) => (wrong(error), Some(error.clone())),
        Ok(_) => (None, None),
    };
    let content = html! {
        (first)
        p { a dir="auto" href={ "/messages/" (message.id) } { (subject(&message)) } }
        (card(&word("page.redrive.what"), what(app, &message).await))
        (card(&word("page.redrive.charset"), charset_form(&message, charset, wrong.as_deref())))
        @if let (Ok(Some((before, after))), Some(charset)) = (&compared, charset) {
            div.columns {
                (card(&word("page.redrive.before"), sides(before)))
                (card(&with("page.redrive.after", "charset", charset), sides(after)))
            }
        }
        (deed(visitor, &message, charset.filter(|_| failure.is_none())))
    };
    let page = console(visitor, &word("page.redrive"), content);
    Ok(match failure {
        Some(error) => again(page, error),
        None => page,
    })
}

fn wrong(error: &Error) -> Option<String> {
    let field = error.fields.first()?.clone();
    Some(field.in_language(language::present()).detail.clone())
}

/// What it will become, as far as that is known before.
async fn what(app: &App, message: &Message) -> Markup {
    if message.state == MessageState::Applied && message.issue_key.is_some() {
        return html! { p { (in_issue("page.redrive.replaces", message)) } };
    }
    let rehearsed = messages::rehearse(app, message.mailbox_id, Sample::Message(message.id), None).await;
    html! {
        p { (word("page.redrive.anew")) }
        @match &rehearsed {
            Ok(would) => p {
                (word_for("page.redrive.would", would.decision))
                @if let Some(reason_of) = would.reason { " " (with("page.mail.why", "reason", reason(reason_of))) }
                @if let Some(key) = &would.issue_key { " " a href={ "/issues/" (key) } { (key) } }
            }
            Err(error) => (refusal(error)),
        }
    }
}

fn charset_form(message: &Message, charset: Option<&str>, wrong: Option<&str>) -> Markup {
    html! {
        form method="get" action={ "/messages/" (message.id) "/redrive" } {
            div.field {
                label for="charset" { (word("page.redrive.charset.name")) }
                input #charset name="charset" list="charsets" value=[charset] autocomplete="off" spellcheck="false"
                    aria-describedby={ "charset-hint" @if wrong.is_some() { " charset-wrong" } }
                    aria-invalid=[wrong.map(|_| "true")];
                datalist #charsets { @for charset in CHARSETS { option value=(charset) {} } }
                @if let Some(wrong) = wrong { p.wrong #charset-wrong { (wrong) } }
                p.hint #charset-hint { (word("page.hint.charset")) }
            }
            button.second { (word("page.redrive.compare")) }
        }
    }
}

/// What is understood of it now, and what would be with another charset.
async fn compared(
    app: &App,
    visitor: &Visitor,
    message: &Message,
    charset: &str,
) -> Result<Option<(Mail, Mail)>> {
    let Some(Look { mail: Some(after), .. }) = messages::look_on(app, message.id, Some(charset)).await?
    else {
        return Ok(None);
    };
    let before = messages::look(app, &visitor.actor, message.id).await?.and_then(|look| look.mail);
    Ok(before.map(|before| (before, after)))
}

fn sides(mail: &Mail) -> Markup {
    html! {
        p { strong dir="auto" { (shown(&mail.subject)) } }
        (text(&mail.body_text))
    }
}

fn deed(visitor: &Visitor, message: &Message, charset: Option<&str>) -> Markup {
    html! {
        form.actions method="post" action={ "/messages/" (message.id) "/redrive" } {
            (csrf(visitor))
            @if let Some(charset) = charset { input type="hidden" name="/charset" value=(charset); }
            button { @match charset {
                Some(charset) => (around("page.redrive.do_in", "charset", html! { (charset) })),
                None => (word("page.mail.redrive")),
            } }
            a.button.second href={ "/messages/" (message.id) } { (word("page.mails.cancel")) }
        }
    }
}

/// Works on it again.
pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let (of, charset) = (named(&id)?, form.text("/charset"));
    let error = match messages::redrive(&app, &form.visitor.actor, of, charset).await {
        Ok(message) => return Ok(on_to(&format!("/messages/{}", message.id), "redriven")),
        Err(error) => error,
    };
    let first = if error.fields.is_empty() {
        refusal(&error)
    } else {
        html! {}
    };
    match asked(&app, &form.visitor, &id, charset, first).await {
        Ok(page) => Ok(again(page, error)),
        // Why it was not done says more than why its page is not there.
        Err(_) => Err(error.into()),
    }
}
