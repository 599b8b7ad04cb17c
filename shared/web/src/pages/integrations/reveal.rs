//! A client secret is shown to whoever types the token again that they signed in with.

use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use intake::{
    App, Error, Kind,
    flows::{integrations, tokens},
    types::integration::Integration,
};
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};

use super::one::id_of;
use crate::{
    Web,
    client::Client,
    pages::frame::{
        console::{console, csrf},
        form::{AdministratorForm, Form},
        page::{self, PageResult},
        parts::{Tone, copied, notice},
        visitor::{Administrator, Visitor},
        words::{with, word},
    },
};

/// Asks for the token.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(id): Path<String>,
) -> PageResult {
    let integration = read(&app, &id).await?;
    Ok(shown(&visitor, &integration, ask(&visitor, &integration, None)))
}

async fn read(app: &App, id: &str) -> Result<Integration, Error> {
    integrations::get(app, id_of(id)?).await
}

fn shown(visitor: &Visitor, integration: &Integration, content: Markup) -> Response {
    console(visitor, &with("page.connect.reveal.named", "name", &integration.name), content)
}

fn ask(visitor: &Visitor, integration: &Integration, wrong: Option<String>) -> Markup {
    let path = format!("/integrations/{}", integration.id);
    html! {
        p { (word("page.connect.reveal.what")) }
        form method="post" action={ (path) "/reveal" } {
            (csrf(visitor))
            div.field {
                label for="token" { (word("page.token")) }
                input #token type="password" name="token" autocomplete="current-password" required
                    aria-describedby=[wrong.as_ref().map(|_| "token-wrong")] aria-invalid=[wrong.as_ref().map(|_| "true")];
                @if let Some(wrong) = &wrong { p.wrong #token-wrong { (wrong) } }
            }
            div.actions { button { (word("page.connect.reveal")) } " " a href=(path) { (word("page.connect.cancel")) } }
        }
    }
}

/// Shows it, once, after noting in the audit trail who looked.
pub(super) async fn show(
    State(web): State<Web>,
    Extension(client): Extension<Client>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> PageResult {
    let integration = read(&web.app, &id).await?;
    match revealed(&web, &client, &sent, &integration).await {
        Ok(secret) => Ok(shown(&sent.visitor, &integration, secret_shown(&integration, &secret))),
        Err(error) if error.kind == Kind::Forbidden => {
            let wrong = Some(word("page.connect.reveal.wrong"));
            Ok(page::again(
                shown(&sent.visitor, &integration, ask(&sent.visitor, &integration, wrong)),
                error,
            ))
        }
        Err(error) => Err(error.into()),
    }
}

/// The token must be the one of this session: what somebody else has does not confirm who this is.
async fn revealed(
    web: &Web,
    client: &Client,
    sent: &Form,
    integration: &Integration,
) -> Result<SecretString, Error> {
    let app = &web.app;
    let found = tokens::recognise(app, sent.text("token").unwrap_or_default()).await?;
    let own = sent.visitor.actor.token_id;
    if own.is_none() || found.and_then(|(actor, _)| actor.token_id) != own {
        web.refusals.note(app, client.visit().from).await;
        return Err(Error::told(Kind::Forbidden, "unauthenticated.token"));
    }
    integrations::reveal(app, &sent.visitor.actor, integration.id).await
}

fn secret_shown(integration: &Integration, secret: &SecretString) -> Markup {
    html! {
        (notice(Tone::Warn, html! { p { (word("page.connect.reveal.noted")) } }))
        (copied(&word("page.field.client_secret"), secret.expose_secret()))
        p { a href={ "/integrations/" (integration.id) } { (word("page.connect.back")) } }
    }
}
