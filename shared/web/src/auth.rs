//! Who calls: a bearer token, or the console's session cookie with its protection against other sites.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use intake::{
    App, Sentence, Settings,
    flows::{sessions, tokens},
    types::audit::{Actor, Origin, Role, Via},
};

use crate::{
    Web,
    client::Client,
    command_line::CommandLine,
    error::{ApiError, ApiResult},
    language,
};

/// The header in which scripts send the session's CSRF token; forms send it as a field.
pub(crate) const CSRF_HEADER: &str = "x-csrf-token";

/// Lets only those in who have signed in, and notes who they are.
pub(crate) async fn require(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let client = request.extensions().get::<Client>().cloned().unwrap_or_default();
    let identified = match request.extensions().get::<CommandLine>() {
        Some(CommandLine) => Ok(Actor::command_line()),
        None => identify(&web, &method, &headers, &client).await,
    };
    match identified {
        Ok(mut actor) => {
            actor.from.address = client.address;
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

async fn identify(web: &Web, method: &Method, headers: &HeaderMap, client: &Client) -> ApiResult<Actor> {
    let app = &web.app;
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let token = bearer(value).ok_or_else(|| ApiError::unauthenticated("unauthenticated.not_bearer"))?;
        let known = tokens::recognise(app, token).await?;
        let Some((actor, _)) = known else {
            web.refusals.note(app, Origin::at(Via::ApiToken, client.address)).await;
            return Err(ApiError::unauthenticated("unauthenticated.token"));
        };
        return Ok(actor);
    }
    let cookie = session_cookie(&app.settings, headers)
        .ok_or_else(|| ApiError::unauthenticated("unauthenticated.nobody"))?;
    let actor = sessions::recognise(app, cookie)
        .await?
        .ok_or_else(|| ApiError::unauthenticated("unauthenticated.session"))?;
    if !matches!(*method, Method::GET | Method::HEAD) {
        let token = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
        check_same_site(app, headers, cookie, token)?;
    }
    Ok(actor)
}

fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether a change with a cookie comes from our own pages: the Origin is the base URL's, and the CSRF token the
/// session's.
pub(crate) fn check_same_site(
    app: &App,
    headers: &HeaderMap,
    cookie: &str,
    csrf_token: Option<&str>,
) -> ApiResult<()> {
    check_origin(app, headers)?;
    if csrf_token.is_some_and(|token| sessions::is_csrf_token(app, cookie, token)) {
        return Ok(());
    }
    Err(ApiError::forbidden("csrf_token_wrong"))
}

/// Whether the Origin is the base URL's. For forms without a session, such as signing in.
pub(crate) fn check_origin(app: &App, headers: &HeaderMap) -> ApiResult<()> {
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    let own = app.settings.base_url.origin().ascii_serialization();
    if origin == Some(own.as_str()) {
        return Ok(());
    }
    Err(ApiError::forbidden(Sentence::new("origin_not_allowed").with("own", own)))
}

/// The name of the session's cookie. Browsers keep `__Host-` cookies from being set by other hosts or without TLS;
/// on a loopback base URL without TLS the instance's id keeps two installations apart.
pub(crate) fn cookie_name(settings: &Settings) -> String {
    if is_secure(settings) {
        "__Host-maildocket".to_owned()
    } else {
        format!("maildocket-{}", settings.instance)
    }
}

fn is_secure(settings: &Settings) -> bool {
    settings.base_url.scheme() == "https"
}

/// The value of the session's cookie.
pub(crate) fn session_cookie<'a>(settings: &Settings, headers: &'a HeaderMap) -> Option<&'a str> {
    language::cookie(headers, &cookie_name(settings))
}

/// `Set-Cookie` for a session that begins; an empty value ends it.
pub(crate) fn set_session_cookie(settings: &Settings, value: &str) -> HeaderValue {
    let seconds = if value.is_empty() { 0 } else { sessions::LIFETIME.as_secs() };
    cookie(settings, &cookie_name(settings), value, seconds)
}

/// `Set-Cookie` for what no script reads and no other site's request carries.
pub(crate) fn cookie(settings: &Settings, name: &str, value: &str, seconds: u64) -> HeaderValue {
    let secure = if is_secure(settings) { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

macro_rules! callers {
    ($($(#[$doc:meta])* $name:ident = $role:path;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name(#[allow(dead_code, reason = "not every role's caller is named")] pub(crate) Actor);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
                caller(parts, $role).map(Self)
            }
        }
    )*};
}

callers! {
    /// A caller who may do everything.
    Administrator = Role::Administrator;
    /// A caller who may change issues.
    Agent = Role::Agent;
    /// A caller who may read issues.
    Reader = Role::Reader;
}

fn caller(parts: &Parts, least: Role) -> ApiResult<Actor> {
    let actor = parts.extensions.get::<Actor>();
    let actor = actor.ok_or_else(|| ApiError::unauthenticated("unauthenticated.nobody"))?;
    if actor.role >= least {
        return Ok(actor.clone());
    }
    let sentence = Sentence::new("role_missing").with("needed", least.as_str());
    Err(ApiError::forbidden(sentence.with("role", actor.role.as_str())))
}
