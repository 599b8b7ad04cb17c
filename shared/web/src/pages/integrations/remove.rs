//! Deleting an integration, back a page that says what that does.

use axum::{
    extract::{Path, State},
    response::Response,
};
use intake::{
    App, Error,
    flows::{
        integrations,
        uses::{self, Uses},
    },
    types::integration::Integration,
};
use maud::html;

use super::one::id_of;
use crate::pages::frame::{
    console::{console, csrf},
    fields::Filled,
    form::AdministratorForm,
    page::{self, PageResult},
    parts::{Tone, notice, on_to, refused, version},
    visitor::{Administrator, Visitor},
    words::{counted, with, word},
};

/// Asks.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(id): Path<String>,
) -> PageResult {
    let (integration, uses) = read(&app, &id).await?;
    Ok(shown(&visitor, &integration, &uses, None))
}

async fn read(app: &App, id: &str) -> Result<(Integration, Uses), Error> {
    Ok((integrations::get(app, id_of(id)?).await?, uses::all(app).await?))
}

fn shown(visitor: &Visitor, integration: &Integration, uses: &Uses, error: Option<&Error>) -> Response {
    let path = format!("/integrations/{}", integration.id);
    let accounts: Vec<_> = uses.accounts_of(integration.id).collect();
    let mailboxes: Vec<_> = uses.mailboxes_of(integration.id).collect();
    let count = u64::try_from(accounts.len()).unwrap_or(u64::MAX);
    let content = html! {
        @if let Some(error) = error { (refused(error, &Filled::default(), &[])) }
        @if mailboxes.is_empty() {
            p { (word("page.integration.delete.what")) }
            @if !accounts.is_empty() {
                p { (counted("page.integration.delete.accounts", count)) }
                ul.plain { @for grant in &accounts { li { bdi { (grant.account.as_deref().unwrap_or("–")) } } } }
            }
            p { (word("page.integration.delete.provider")) }
            form method="post" action={ (path) "/delete" } {
                (csrf(visitor)) (version(integration.version))
                div.actions { button.danger { (word("page.connect.delete")) } " " a href=(path) { (word("page.connect.cancel")) } }
            }
        } @else {
            (notice(Tone::Warn, html! { p { (word("page.integration.delete.used")) } }))
            ul.plain { @for mailbox in &mailboxes { li { a href={ "/mailboxes/" (mailbox.id) } { bdi { (mailbox.name) } } } } }
            p { a href=(path) { (word("page.connect.cancel")) } }
        }
    };
    console(visitor, &with("page.connect.delete.named", "name", &integration.name), content)
}

/// Does it.
pub(super) async fn go(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> PageResult {
    let (integration, uses) = read(&app, &id).await?;
    match integrations::delete(&app, &sent.visitor.actor, integration.id, &sent.expect()).await {
        Ok(()) => Ok(on_to("/integrations", "deleted")),
        Err(error) => Ok(page::again(shown(&sent.visitor, &integration, &uses, Some(&error)), error)),
    }
}
