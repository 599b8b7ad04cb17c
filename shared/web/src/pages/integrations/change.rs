//! Changing an integration.

use axum::{
    extract::{Path, State},
    response::Response,
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
    page::{self, PageResult},
    parts::{card, on_to, refused, version},
    visitor::{Administrator, Visitor},
    words::{with, word},
};

/// The form with what is there.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(id): Path<String>,
) -> PageResult {
    let i = read(&app, &id).await?;
    Ok(shown(&visitor, &i, i.version, &form::of(&i), &form::prompt_of(&i), None))
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
) -> PageResult {
    let integration = read(&app, &id).await?;
    match changed(&app, &sent, &integration).await {
        Ok(()) => Ok(on_to(&format!("/integrations/{}", integration.id), "saved")),
        Err(error) => {
            let (filled, prompt) = (Filled::again(&sent, &error), form::prompt_sent(&sent));
            let seen = sent.text("version").and_then(|text| text.parse().ok()).map(Version);
            let seen = seen.unwrap_or(integration.version);
            Ok(page::again(shown(&sent.visitor, &integration, seen, &filled, &prompt, Some(&error)), error))
        }
    }
}

async fn changed(app: &App, sent: &Form, integration: &Integration) -> Result<(), Error> {
    let input = sent.request()?;
    integrations::patch(app, &sent.visitor.actor, integration.id, &sent.expect(), input).await?;
    Ok(())
}
