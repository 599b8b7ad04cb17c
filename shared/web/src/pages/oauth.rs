//! The way to the provider's consent page and back.

use axum::{
    Extension,
    extract::{OriginalUri, Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use intake::{
    App, Error, Kind, Sentence, Settings,
    flows::{
        authorize::{self, AttemptState},
        callback::{self, CallbackRequest},
        mailboxes,
    },
    types::{
        attempt::{Attempt, AttemptStatus},
        audit::Role,
        ids::{GrantId, MailboxId},
        project::ProjectKey,
    },
};
use maud::{Markup, html};
use secrecy::SecretString;
use url::form_urlencoded;

use super::frame::{
    page::{PageResult, page, plain, trouble},
    visitor::role_of,
    words::{around, word},
};
use crate::{client::Client, language};

/// The longest query that a callback is read from, bytes: codes of Microsoft have a few thousand.
const MAX_QUERY: usize = 16 * 1024;

/// On to the provider, with a cookie for this browser.
pub(super) async fn start(State(app): State<App>, Path(ticket): Path<String>) -> PageResult {
    let start = authorize::start(&app, &ticket).await?;
    let seconds = start.cookie_life.as_secs();
    let name = cookie_name(&app.settings, &start.cookie_tag);
    let mut response = Redirect::to(start.consent_url.as_str()).into_response();
    set_cookie(&mut response, &app.settings, &format!("{name}={}; Max-Age={seconds}", start.cookie));
    Ok(response)
}

/// Back from the provider: ends with a clean address, so that the code leaves the address bar.
pub(super) async fn callback(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    RawQuery(query): RawQuery,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
) -> PageResult {
    let request = match read(&app, uri.path(), &query.unwrap_or_default(), &headers) {
        Ok(request) => CallbackRequest { address: client.address, ..request },
        Err(error) => return Err(error.into()),
    };
    let name = cookie_name(&app.settings, &authorize::cookie_tag(&request.state));
    let id = callback::finish(&app, request).await?;
    let mut response = Redirect::to(&format!("/oauth2/result/{id}")).into_response();
    set_cookie(&mut response, &app.settings, &format!("{name}=; Max-Age=0"));
    Ok(response)
}

fn read(app: &App, path: &str, query: &str, headers: &HeaderMap) -> Result<CallbackRequest, Error> {
    let malformed = |key| Error::told(Kind::Forbidden, Sentence::new(key));
    if query.len() > MAX_QUERY {
        return Err(malformed("callback_malformed.long"));
    }
    let one = |name: &str| {
        let mut values = form_urlencoded::parse(query.as_bytes())
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned());
        match (values.next(), values.next()) {
            // RFC 6749 section 3.1: no parameter more than once.
            (_, Some(_)) => Err(malformed("callback_malformed.twice")),
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
        }
    };
    let state = one("state")?.ok_or_else(|| malformed("callback_malformed.state"))?;
    let url = app.settings.base_url.join(path).map_err(|_| malformed("callback_malformed.address"))?;
    let name = cookie_name(&app.settings, &authorize::cookie_tag(&state));
    Ok(CallbackRequest {
        url,
        cookie: language::cookie(headers, &name).map(str::to_owned),
        state,
        code: one("code")?.map(SecretString::from),
        error: one("error")?,
        error_description: one("error_description")?,
        issuer: one("iss")?,
        address: None,
    })
}

/// What happened, for the person who consented.
pub(super) async fn result(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> PageResult {
    let Ok(id) = id.parse() else { return Err(Error::not_found("sign-in").into()) };
    let (attempt, state) = authorize::get(&app, id).await?;
    let on = ways_on(&app, &headers, &attempt).await;
    let content = match state {
        AttemptState::Recorded(AttemptStatus::Done { grant_id }) => html! {
            p.good { (word("page.consent.done")) }
            // Whoever signed in as somebody else than they thought sees it here.
            @if let Some(account) = account(&app, grant_id).await {
                p { (around("page.consent.account", "account", html! { strong { (account) } })) }
            }
            @if attempt.mailbox_id.is_some() { p { (word("page.consent.mailbox")) } }
            @if let Some((mailbox, project)) = &on {
                p { a.button href={ "/projects/" (project) } { (word("page.consent.issues")) } }
                p { a href={ "/mailboxes/" (mailbox) } { (word("page.consent.to_mailbox")) } }
            } @else {
                p { (word("page.consent.close")) }
            }
        },
        AttemptState::Recorded(AttemptStatus::Failed { error }) => html! {
            p.bad { (word("page.consent.failed")) }
            (trouble(&error))
            (again(on.as_ref()))
        },
        AttemptState::Recorded(AttemptStatus::Pending) => html! {
            p { (word("page.consent.pending")) }
            p { strong { (word("page.consent.pending.action")) } }
        },
        AttemptState::Expired => html! {
            p.bad { (word("page.consent.expired")) }
            p { strong { (word("page.consent.expired.action")) } }
            (again(on.as_ref()))
        },
    };
    Ok(page(plain(&word("page.consent"), content)))
}

/// The mailbox that waited for this and its project, for whoever has signed in and may see it: the owner of a mailbox, who
/// only got a link, may close the window.
async fn ways_on(app: &App, headers: &HeaderMap, attempt: &Attempt) -> Option<(MailboxId, ProjectKey)> {
    role_of(app, headers).await.filter(|role| *role == Role::Administrator)?;
    let mailbox = mailboxes::get(app, attempt.mailbox_id?).await.ok()?.mailbox;
    Some((mailbox.id, mailbox.project))
}

/// The page on which the sign-in begins anew.
fn again(on: Option<&(MailboxId, ProjectKey)>) -> Markup {
    html! { @if let Some((mailbox, _)) = on { p { a.button href={ "/mailboxes/" (mailbox) } { (word("page.consent.again")) } } } }
}

/// The address of the account that consented, where the provider told it.
async fn account(app: &App, grant: GrantId) -> Option<String> {
    app.store.grant(grant).await.ok().flatten()?.account
}

/// Browsers keep `__Host-` cookies from being set by other hosts or without TLS.
fn cookie_name(settings: &Settings, tag: &str) -> String {
    match settings.base_url.scheme() {
        "https" => format!("__Host-maildocket-oauth-{tag}"),
        _ => format!("maildocket-oauth-{}-{tag}", settings.instance),
    }
}

/// Lax, not Strict: the cookie has to come along when the provider sends the browser back.
fn set_cookie(response: &mut Response, settings: &Settings, pair: &str) {
    let secure = if settings.base_url.scheme() == "https" { "; Secure" } else { "" };
    if let Ok(value) = HeaderValue::from_str(&format!("{pair}; Path=/; HttpOnly; SameSite=Lax{secure}")) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
