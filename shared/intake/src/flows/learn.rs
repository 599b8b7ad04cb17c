//! What a provider taught us about an integration, without a person.

use crate::{
    App,
    ports::{Change, Write},
    types::{Version, ids::IntegrationId, integration::ClientAuthentication},
};

/// Keeps how the client was accepted, so that the refused way is not tried first again. No change by a person, so the
/// version stays, and with it the ETag and the attempts that are open. Where it cannot be kept, it is learned again.
pub(in crate::flows) async fn learn_authentication(
    app: &App,
    id: IntegrationId,
    version: Version,
    accepted: ClientAuthentication,
) {
    let Ok(Some(old)) = app.store.integration(id).await else { return };
    if old.version != version || old.client_authentication == accepted {
        return;
    }
    let mut new = old.clone();
    new.client_authentication = accepted;
    let kept = app.store.commit(&[Change::Integration(Write::Replace { new, old })]).await;
    let (way, kept) = (accepted.as_str(), kept.is_ok());
    tracing::info!(integration = %id, way, kept, "The provider accepts the client in another way than was set.");
}
