//! Integrations: create, list, read, change, delete, redirect URL, reveal.

mod address;
mod change;
mod endpoints;
mod input;
mod redirect;
mod secret_end;
mod told;

use futures::{TryStreamExt, future::ready};
use secrecy::SecretString;

pub use change::{generate_redirect_url, patch};
pub use endpoints::ProviderInput;
pub use input::IntegrationInput;
pub use redirect::{Generated, Warning, generate, is_stale, redirect_url};
pub(crate) use redirect::{read_place, warnings as redirect_warnings};
pub use secret_end::{SecretEnd, warn_of_ends};
pub use told::IntegrationTold;

use crate::{
    App, Error, Kind, Result,
    flows::{
        change::{Committed, Deed, Diff, Expect, Once, Undone, made_before, shown},
        grants, secrets,
    },
    lists,
    ports::{Change, Why, Write},
    types::{
        Page, PageRequest, audit::Actor, ids::IntegrationId, integration::Integration, secret::SecretName,
    },
};

/// An integration that was just written, with what is probably wrong about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// As it is stored.
    pub integration: Integration,
    /// What will probably not work.
    pub warnings: Vec<Warning>,
}

/// What is probably wrong about an integration, as far as its record tells.
pub fn warnings(integration: &Integration) -> Vec<Warning> {
    let mut warnings = redirect::warnings(integration.provider, &integration.redirect_url);
    warnings.extend(input::warnings(integration));
    warnings
}

/// Makes an integration. The secret goes first, under a version that nothing names yet: a crash in between leaves
/// nothing that anybody uses.
pub async fn create(app: &App, actor: &Actor, input: IntegrationInput, once: Option<&Once>) -> Result<Saved> {
    if let Some(object) = made_before(app, once).await? {
        return saved_before(app, &object).await;
    }
    let (integration, secret) = input::check(app, input, None).await?;
    let secret = secret.ok_or_else(|| Error::internal("a new client without a secret"))?;
    let name = SecretName::Integration(integration.id);
    let stored = secrets::store(app, name, &integration.client_secret_version, &secret).await?;
    let committed = Deed::new(app, actor, "integration.created", integration.id)
        .change(Change::Integration(Write::Create(integration.clone())))
        .tells(diff(None, &integration, true))
        .once(once)
        .commit()
        .await
        .map_err(Error::from);
    if let Ok(Committed::Before(object)) = &committed {
        stored.refused().await;
        return saved_before(app, object).await;
    }
    stored.settle(&committed, None).await;
    committed.map(|_| saved(integration))
}

async fn saved_before(app: &App, object: &str) -> Result<Saved> {
    let id = object.parse().map_err(|_| Error::not_found("integration"))?;
    Ok(saved(get(app, id).await?))
}

fn saved(integration: Integration) -> Saved {
    Saved { warnings: warnings(&integration), integration }
}

/// A client ID and secret for a provider where one makes them oneself, and enters the same on both sides.
#[derive(Debug, Clone)]
pub struct SuggestedClient {
    /// Says whose client it is.
    pub client_id: String,
    /// 256 random bits, in characters that every form accepts.
    pub client_secret: SecretString,
}

/// Makes a client up; nothing is saved.
pub fn suggest_client(app: &App) -> SuggestedClient {
    let id = hex::encode(app.random());
    SuggestedClient {
        client_id: format!("maildocket-{}", id.get(..12).unwrap_or(&id)),
        client_secret: app.random_text().into(),
    }
}

/// All integrations, newest first.
pub async fn list(app: &App, page: &PageRequest) -> Result<Page<Integration>> {
    app.store.integrations(page).await
}

/// One integration.
pub async fn get(app: &App, id: IntegrationId) -> Result<Integration> {
    app.store.integration(id).await?.ok_or_else(|| Error::not_found("integration"))
}

/// The client secret. Its reading is written into the audit trail before it is read.
pub async fn reveal(app: &App, actor: &Actor, id: IntegrationId) -> Result<SecretString> {
    let integration = get(app, id).await?;
    Deed::new(app, actor, "client_secret.revealed", id).commit().await?;
    app.vault.get(SecretName::Integration(id), &integration.client_secret_version).await
}

/// Deletes an integration that no mailbox uses, with its secret and its signed-in accounts.
pub async fn delete(app: &App, actor: &Actor, id: IntegrationId, expect: &Expect) -> Result<()> {
    let old = get(app, id).await?;
    expect.check(old.version)?;
    if is_used(app, id).await? {
        return Err(in_use());
    }
    for grant in lists::all(|page| async move { grants::list(app, Some(id), &page).await }).await? {
        grants::delete(app, actor, grant.id, &Expect::any()).await?;
    }
    Deed::new(app, actor, "integration.deleted", id)
        .tells(Diff::default().field("name", &old.name, ""))
        .change(Change::Integration(Write::Delete { old }))
        .commit()
        .await
        .map_err(|undone| if undone == Undone::Refused(Why::InUse) { in_use() } else { undone.into() })?;
    app.vault.delete(SecretName::Integration(id)).await
}

fn in_use() -> Error {
    Error::told(Kind::Conflict, "in_use.integration")
}

/// Asked before its accounts are deleted; the store decides at the end.
async fn is_used(app: &App, id: IntegrationId) -> Result<bool> {
    let mailboxes = lists::entries(200, |page| async move { app.store.mailboxes(&page).await });
    mailboxes.try_any(|mailbox| ready(mailbox.integration_id() == Some(id))).await
}

/// What changed, secrets masked.
fn diff(old: Option<&Integration>, new: &Integration, secret: bool) -> Diff {
    let revocation = |i: &Integration| shown(i.endpoints.revocation.as_ref());
    Diff::of(old.map(told_in_trail).as_ref(), &told_in_trail(new))
        .field("revocation_endpoint", shown(old.map(revocation)), revocation(new))
        .secret("client_secret", old.is_some(), secret)
}

/// A prompt that is left out is not the same as none that is set.
fn told_in_trail(integration: &Integration) -> IntegrationTold {
    let told = IntegrationTold::of(integration);
    let prompt = told.prompt.map(|prompt| if prompt.is_empty() { "(left out)".to_owned() } else { prompt });
    IntegrationTold { prompt, ..told }
}
