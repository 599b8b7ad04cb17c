//! Changing an integration: a stored secret or refresh token never goes to a new address.

use futures::TryStreamExt;

use super::{IntegrationInput, Saved, diff, get, input, redirect_url, saved};
use crate::{
    App, Error, Kind, Result, Sentence,
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
        integration::Integration,
        secret::SecretName,
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
    let (new, secret) = input::check(app, input, Some(&old)).await?;
    if (Integration { version: old.version, updated_at: old.updated_at, ..new.clone() }) == old {
        return Ok(saved(old));
    }
    let stored = match &secret {
        Some(secret) => {
            let name = SecretName::Integration(id);
            Some(secrets::store(app, name, &new.client_secret_version, secret).await?)
        }
        None => None,
    };
    let before = old.client_secret_version.clone();
    let diff = diff(Some(&old), &new, secret.is_some());
    let committed = if old.endpoints.token != new.endpoints.token {
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
    Err(Error::told(Kind::Conflict, "changed_meanwhile.account"))
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
