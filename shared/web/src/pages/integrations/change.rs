//! Changing an integration.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use intake::{
    App, Error,
    flows::integrations,
    types::{
        Version,
        integration::{Integration, Provider},
    },
};
use maud::html;

use super::{form, one::id_of};
use crate::pages::frame::{
    console::{console, csrf},
    fields::Filled,
    form::{AdministratorForm, Form},
    page::{self, error_page},
    parts::{after, card, refused, version},
    visitor::{Administrator, Visitor},
    words::{with, word},
};

/// The form with what is there.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(id): Path<String>,
) -> Response {
    match read(&app, &id).await {
        Ok(i) => shown(&visitor, &i, i.version, &form::of(&i), &form::prompt_of(&i), None),
        Err(error) => error_page(error),
    }
}

async fn read(app: &App, id: &str) -> Result<Integration, Error> {
    integrations::get(app, id_of(id)?).await
}

/// `seen`: the version that the form was made from, which a form that is shown again keeps.
fn shown(
    visitor: &Visitor,
    integration: &Integration,
    seen: Version,
    filled: &Filled,
    prompt: &str,
    error: Option<&Error>,
) -> Response {
    let path = format!("/integrations/{}", integration.id);
    let provider = integration.provider;
    let content = html! {
        @if let Some(error) = error { (refused(error, filled, &form::SHOWN)) }
        form method="post" action=(path) {
            (csrf(visitor)) (version(seen))
            (card(&word("page.integration.client"), html! {
                (form::client(filled, None))
                p.hint { (word("page.integration.keeps_secret")) }
            }))
            @if provider != Provider::Google { (card(&word("page.integration.place"), html! {
                p.hint { (word("page.integration.moves")) }
                (form::place(filled, provider))
            })) }
            (card(&word("page.integration.more"), form::more(filled, provider, prompt)))
            div.actions { button { (word("page.integration.save")) } " " a href=(path) { (word("page.connect.cancel")) } }
        }
    };
    console(visitor, &with("page.connect.edit.named", "name", &integration.name), content)
}

/// Saves what was changed; nothing is overwritten that was not seen.
pub(super) async fn save(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> Response {
    let integration = match read(&app, &id).await {
        Ok(integration) => integration,
        Err(error) => return error_page(error),
    };
    match changed(&app, &sent, &integration).await {
        Ok(()) => Redirect::to(&after(&format!("/integrations/{}", integration.id), "saved")).into_response(),
        Err(error) => {
            let (filled, prompt) = (Filled::again(&sent, &error), form::prompt_sent(&sent));
            let seen = sent.text("version").and_then(|text| text.parse().ok()).map(Version);
            let seen = seen.unwrap_or(integration.version);
            page::again(shown(&sent.visitor, &integration, seen, &filled, &prompt, Some(&error)), error)
        }
    }
}

async fn changed(app: &App, sent: &Form, integration: &Integration) -> Result<(), Error> {
    let input = sent.request()?;
    integrations::patch(app, &sent.visitor.actor, integration.id, &sent.expect(), input).await?;
    Ok(())
}
