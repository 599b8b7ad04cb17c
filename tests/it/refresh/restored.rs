//! In the cloud the table can be restored to a moment before, and the vault cannot.

use std::sync::Arc;

use intake::{
    flows::{integrations, refresh::Reason},
    ports::{Change, Write},
    types::{
        grant::{Grant, GrantStatus},
        secret::SecretName,
    },
};
use playground::{Options, Rotation};
use secrecy::SecretString;
use tests::{Scene, inside::CLIENT_SECRET, moto::Moto};
use vault::SecretsManagerVault;

#[tokio::test]
async fn a_grant_of_a_restored_table_goes_on_with_the_tokens_of_today() {
    let moto = Moto::start().await;
    let mut scene = Scene::new(Options { rotation: Rotation::Strict, ..Options::default() }).await;
    let integration = integrations::get(scene.app(), scene.integration).await.unwrap();
    scene.inside.app.vault = Arc::new(SecretsManagerVault::new(moto.secrets_manager(), "maildocket/test"));
    let (name, secret) = (SecretName::Integration(scene.integration), SecretString::from(CLIENT_SECRET));
    scene.app().vault.put(name, &integration.client_secret_version, &secret).await.unwrap();
    let id = scene.consent().await;
    let of_before = scene.grant(id).await;
    for _ in 0..4 {
        scene.refresh(id, Reason::OnDemand).await.expect("a refresh");
    }
    let of_today = scene.grant(id).await;
    assert_ne!(of_before.secret_version, of_today.secret_version);
    let restored = Grant { version: of_today.version.next(), ..of_before };
    let restore = Change::Grant(Write::Replace { new: restored, old: of_today });
    scene.app().store.commit(&[restore]).await.expect("a record of before");
    // The refresh token of then was spent: who comes with it loses the grant.
    let grant = scene.refresh(id, Reason::OnDemand).await.expect("the tokens of today");
    assert_eq!(grant.status, GrantStatus::Active);
    scene.refresh(id, Reason::OnDemand).await.expect("and those of now");
}
