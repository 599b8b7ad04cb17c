//! An integration as it is told: in answers, in the configuration as a file, and in the audit trail.

use serde::Serialize;
use utoipa::ToSchema;

use crate::types::integration::{ClientAuthentication, Integration, Provider};

/// What is configured of an integration: no state, and no secret.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = IntegrationSettings)]
pub struct IntegrationTold {
    /// Whose consent page is used.
    pub provider: Provider,
    /// Unique without regard to case and width.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Byte for byte as it was typed.
    pub client_id: String,
    /// The last day on which the provider accepts the client secret.
    #[schema(required, format = Date)]
    pub client_secret_expires_on: Option<String>,
    /// How the client authenticates at the token endpoint.
    pub client_authentication: ClientAuthentication,
    /// What the consent page is asked to show (`prompt` of OpenID Connect); empty: it is not said; null: what the provider
    /// needs, `consent` for google and custom, `select_account` for microsoft.
    #[schema(required)]
    pub prompt: Option<String>,
    /// What consent is asked for.
    pub scopes: Vec<String>,
    /// Microsoft only.
    #[schema(required)]
    pub tenant: Option<String>,
    /// Whom tokens are compared with.
    #[schema(required)]
    pub issuer: Option<String>,
    /// Where people consent.
    pub authorization_endpoint: String,
    /// Where tokens are made.
    pub token_endpoint: String,
    /// To be registered at the provider, exactly so.
    pub redirect_url: String,
}

impl IntegrationTold {
    /// What is configured of this one.
    pub fn of(integration: &Integration) -> Self {
        let i = integration.clone();
        Self {
            provider: i.provider,
            name: i.name.to_string(),
            description: i.description,
            client_id: i.client_id,
            client_secret_expires_on: i.client_secret_expires_on.map(|day| day.to_string()),
            client_authentication: i.client_authentication,
            prompt: i.prompt.map(|prompt| prompt.as_str().to_owned()),
            scopes: i.scopes,
            tenant: i.tenant,
            issuer: i.issuer,
            authorization_endpoint: i.endpoints.authorization.into(),
            token_endpoint: i.endpoints.token.into(),
            redirect_url: i.redirect_url.into(),
        }
    }
}
