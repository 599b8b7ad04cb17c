//! Changing an integration: a stored secret or refresh token never goes to a new address.

use futures::TryStreamExt;
use secrecy::ExposeSecret;
use url::Url;

use super::{IntegrationInput, Saved, Settled, diff, get, input, redirect_url, saved};
use crate::{
    App, Error, Kind, Result, Sentence,
    error::FieldError,
    flows::{
        change::{Deed, Diff, Expect, Undone},
        secrets,
    },
    lists,
    ports::{Change, Rejection, StoreError, Why, Write},
    types::{
        audit::Actor,
        grant::{Grant, GrantStatus},
        ids::{GrantId, IntegrationId},
        integration::{Endpoints, Integration},
        secret::{SecretName, SecretVersion},
    },
};

/// How often a grant that is being refreshed is read again before giving up.
const ATTEMPTS: usize = 5;

/// A transaction has at most 80 actions; each grant is one, or two with its parent's counter.
const GRANTS_IN_ONE_COMMIT: usize = 30;

/// Changes what is given. Attempts that are open are void with every change, because they froze the version. A changed
/// token endpoint needs the client secret again, and all consents.
pub async fn patch(
    app: &App,
    actor: &Actor,
    id: IntegrationId,
    expect: &Expect,
    input: IntegrationInput,
) -> Result<Saved> {
    let old = get(app, id).await?;
    expect.check(old.version)?;
    let checked = input::check(app, input, Some(&old))?;
    let Settled { endpoints, issuer, iss_in_callback, authentication } =
        checked.place.settle(app, Some(&old)).await?;
    let moved = endpoints.token != old.endpoints.token;
    let endpoints = if moved { endpoints } else { with_known_revocation(&old.endpoints, endpoints) };
    if moved && checked.client_secret.is_none() {
        return Err(client_secret_required());
    }
    // What fitted the endpoint before says nothing of another one.
    let typed = checked.client_authentication.filter(|way| !moved || *way != old.client_authentication);
    let client_authentication = typed.or(authentication).or(checked.client_authentication);
    let version = checked.client_secret.as_ref().map(|_| SecretVersion::random(&app.random()));
    let new = Integration {
        version: old.version.next(),
        name: checked.name,
        description: checked.description,
        client_id: checked.client_id,
        client_secret_version: version.clone().unwrap_or_else(|| old.client_secret_version.clone()),
        client_secret_changed_at: version.as_ref().map_or(old.client_secret_changed_at, |_| Some(app.now())),
        client_secret_has_blanks: checked
            .client_secret
            .as_ref()
            .map_or(old.client_secret_has_blanks, |secret| input::is_padded(secret.expose_secret())),
        client_secret_expires_on: checked.client_secret_expires_on,
        scopes: checked.scopes,
        tenant: checked.place.tenant.clone(),
        issuer,
        endpoints,
        iss_in_callback,
        client_authentication: client_authentication.unwrap_or_default(),
        prompt: checked.prompt,
        updated_at: app.now(),
        ..old.clone()
    };
    if (Integration { version: old.version, updated_at: old.updated_at, ..new.clone() }) == old {
        return Ok(saved(old));
    }
    let stored = match (&version, &checked.client_secret) {
        (Some(version), Some(secret)) => {
            Some(secrets::store(app, SecretName::Integration(id), version, secret).await?)
        }
        _ => None,
    };
    let before = old.client_secret_version.clone();
    let diff = diff(Some(&old), &new, version.is_some());
    let committed = if moved {
        commit_moved(app, actor, &old, &new, diff).await
    } else {
        let deed = Deed::new(app, actor, "integration.changed", id).tells(diff);
        let change = Change::Integration(Write::Replace { new: new.clone(), old });
        deed.change(change).commit().await.map(drop).map_err(Error::from)
    };
    if let Some(stored) = stored {
        stored.settle(&committed, Some(&before)).await;
    }
    committed.map(|()| saved(new))
}

/// Secrets go to the revocation endpoint too: while the token endpoint stays, a new one at another origin is not used.
fn with_known_revocation(old: &Endpoints, new: Endpoints) -> Endpoints {
    let known = |url: &Url| Some(url) == old.revocation.as_ref() || url.origin() == new.token.origin();
    let revocation = new.revocation.clone().filter(known);
    Endpoints { revocation, ..new }
}

/// The new endpoint and the end of its consents are one transaction, as far as they fit; what does not fit is voided
/// before, so that whoever refreshes in between finds a grant that may not be refreshed.
async fn commit_moved(
    app: &App,
    actor: &Actor,
    old: &Integration,
    new: &Integration,
    diff: Diff,
) -> Result<()> {
    let mut outcome = Ok(());
    for _ in 0..ATTEMPTS {
        let grants = live_grants(app, old.id).await?;
        for grant in grants.iter().skip(GRANTS_IN_ONE_COMMIT) {
            void(app, grant.id).await?;
        }
        let together = grants
            .iter()
            .take(GRANTS_IN_ONE_COMMIT)
            .map(|old| Change::Grant(Write::Replace { new: voided(old), old: old.clone() }));
        let committed = Deed::new(app, actor, "integration.changed", old.id)
            .tells(diff.clone())
            .change(Change::Integration(Write::Replace { new: new.clone(), old: old.clone() }))
            .changes(together)
            .commit()
            .await;
        match committed {
            // Once more, for a consent that ended in between.
            Ok(_) => return void_all(app, old.id).await,
            Err(undone @ Undone::Refused(Why::Stale)) => outcome = Err(undone.into()),
            Err(undone) => return Err(undone.into()),
        }
        if get(app, old.id).await?.version != old.version {
            break;
        }
    }
    outcome
}

fn client_secret_required() -> Error {
    let detail = "must be given again when the token endpoint changes";
    Error {
        fields: Box::new([FieldError { pointer: "/client_secret".to_owned(), detail: detail.to_owned() }]),
        ..Error::new(
            Kind::Invalid,
            "client_secret_required",
            "A stored client secret never goes to a new address.",
        )
        .action("Type the client secret for the new token endpoint.")
    }
}

async fn live_grants(app: &App, id: IntegrationId) -> Result<Vec<Grant>> {
    let listed = lists::entries(100, |page| async move { app.store.grants(Some(id), &page).await });
    // Lists may lag: the record itself decides.
    let now =
        listed.try_filter_map(|listed| async move { Ok(app.store.grant(listed.id).await?.filter(is_live)) });
    now.try_collect().await
}

fn is_live(grant: &Grant) -> bool {
    !matches!(grant.status, GrantStatus::NeedsConsent | GrantStatus::Revoked)
}

async fn void_all(app: &App, id: IntegrationId) -> Result<()> {
    for grant in live_grants(app, id).await? {
        void(app, grant.id).await?;
    }
    Ok(())
}

/// Its tokens belong to the old endpoint: none of them counts any more, whatever still comes of a refresh under way. Nor
/// does its subject: another provider counts its accounts anew, and by its address this one is known again.
fn voided(old: &Grant) -> Grant {
    Grant {
        version: old.version.next(),
        status: GrantStatus::NeedsConsent,
        secret_version: None,
        subject: old.subject.clone().filter(|_| old.account.is_none()),
        next_refresh_at: None,
        last_error: Some(Error::told(Kind::NeedsConsent, Sentence::new("token_endpoint_changed")).problem()),
        ..old.clone()
    }
}

/// Makes one grant wait for a new consent, also while it is being refreshed.
async fn void(app: &App, id: GrantId) -> Result<()> {
    for _ in 0..ATTEMPTS {
        let Some(old) = app.store.grant(id).await?.filter(is_live) else { return Ok(()) };
        match app.store.commit(&[Change::Grant(Write::Replace { new: voided(&old), old })]).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Rejected(why)) if Rejection::of(&why, 0) == Some(&Why::Stale) => {}
            Err(StoreError::Fault(error)) => return Err(error),
            Err(StoreError::Rejected(_)) => break,
        }
    }
    Err(Error::new(Kind::Conflict, "changed_meanwhile", "A signed-in account is being refreshed right now.")
        .action("Try again in a minute."))
}

/// Generates the redirect URL again, after its endpoints or the base URL changed.
pub async fn generate_redirect_url(
    app: &App,
    actor: &Actor,
    id: IntegrationId,
    expect: &Expect,
) -> Result<Saved> {
    let old = get(app, id).await?;
    expect.check(old.version)?;
    let today = redirect_url(&app.settings.base_url, old.provider, &old.endpoints);
    if today == old.redirect_url {
        return Ok(saved(old));
    }
    let new = Integration {
        version: old.version.next(),
        redirect_url: today,
        updated_at: app.now(),
        ..old.clone()
    };
    Deed::new(app, actor, "redirect_url.generated", id)
        .tells(diff(Some(&old), &new, false))
        .change(Change::Integration(Write::Replace { new: new.clone(), old }))
        .commit()
        .await?;
    Ok(saved(new))
}
