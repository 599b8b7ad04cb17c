//! Forgetting an account, back a page that says what that does.

use axum::{
    extract::{Path, State},
    response::Response,
};
use intake::{
    App, Error,
    flows::{change::Expect, grants},
};
use maud::html;

use super::told::{Told, account, mailboxes};
use crate::pages::frame::{
    console::{console, csrf},
    fields::Filled,
    form::AdministratorForm,
    page::{self, PageResult},
    parts::{Tone, notice, on_to, refused},
    visitor::{Administrator, Visitor},
    words::{with, word},
};

/// Asks.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(id): Path<String>,
) -> PageResult {
    let told = Told::read(&app, &id).await?;
    Ok(shown(&visitor, &told, None))
}

fn shown(visitor: &Visitor, told: &Told, error: Option<&Error>) -> Response {
    let path = format!("/accounts/{}", told.grant.id);
    let is_used = told.uses.mailboxes_with(told.grant.id).next().is_some();
    let content = html! {
        @if let Some(error) = error { (refused(error, &Filled::default(), &[])) }
        @if is_used {
            (notice(Tone::Warn, html! { p { (word("page.account.revoke.used")) } }))
            p { (mailboxes(&told.grant, &told.uses)) }
            p { a href=(path) { (word("page.connect.cancel")) } }
        } @else {
            p { (word("page.account.revoke.what")) }
            form method="post" action={ (path) "/revoke" } {
                (csrf(visitor))
                // Consent is what a person decides of an account: tokens are refreshed all the time.
                input type="hidden" name="consented" value=(told.grant.consented_at.as_millisecond());
                div.actions { button.danger { (word("page.account.revoke")) } " " a href=(path) { (word("page.connect.cancel")) } }
            }
        }
    };
    console(visitor, &with("page.connect.revoke.named", "name", account(&told.grant)), content)
}

/// Does it.
pub(super) async fn go(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> PageResult {
    let told = Told::read(&app, &id).await?;
    let seen = sent.text("consented").and_then(|text| text.parse::<i64>().ok());
    // Another consent since then: what is to be forgotten is not what was seen.
    let expect = match seen {
        Some(at) if at == told.grant.consented_at.as_millisecond() => Expect::any(),
        _ => Expect::one_of(Vec::new()),
    };
    match grants::delete(&app, &sent.visitor.actor, told.grant.id, &expect).await {
        Ok(()) => Ok(on_to("/accounts", "account_revoked")),
        Err(error) => Ok(page::again(shown(&sent.visitor, &told, Some(&error)), error)),
    }
}
