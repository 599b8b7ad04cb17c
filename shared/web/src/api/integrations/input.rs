//! What people send of an integration.

use intake::{
    flows::integrations::{IntegrationInput, ProviderInput},
    types::given::Given,
};

use crate::extract::{Secret, Words, request};

request! {
    /// Where a provider is.
    struct RedirectUrlRequest {
        /// `google`, `microsoft` or `custom`.
        #[schema(value_type = String, required)]
        provider: String,
        /// Custom only.
        #[schema(value_type = String, format = "uri")]
        authorization_endpoint: String,
        /// Custom only.
        #[schema(value_type = String, format = "uri")]
        token_endpoint: String,
        /// Microsoft only: `common` (default), `organizations`, `consumers`, a tenant id or a verified domain.
        #[schema(value_type = String)]
        tenant: String,
        /// Custom only: without endpoints they are discovered from it.
        #[schema(value_type = String, format = "uri")]
        issuer: String,
    }
}

impl From<RedirectUrlRequest> for ProviderInput {
    fn from(request: RedirectUrlRequest) -> Self {
        Self {
            provider: request.provider,
            authorization_endpoint: request.authorization_endpoint,
            token_endpoint: request.token_endpoint,
            tenant: request.tenant,
            issuer: request.issuer,
        }
    }
}

request! {
    /// What makes an integration.
    struct NewIntegration {
        /// `google`, `microsoft` or `custom`.
        #[schema(value_type = String, required)]
        provider: String,
        /// 1 to 100 characters; unique without regard to case and width.
        #[schema(value_type = String, required)]
        name: String,
        /// At most 2,000 characters.
        #[schema(value_type = Option<String>)]
        description: String,
        /// Kept byte for byte.
        #[schema(value_type = String, required)]
        client_id: String,
        /// Kept byte for byte, in the vault only.
        #[schema(value_type = String, required, format = Password)]
        client_secret: Secret,
        /// `2027-03-31`.
        #[schema(value_type = Option<String>, format = Date)]
        client_secret_expires_on: String,
        /// Prefilled for Google and Microsoft.
        #[schema(value_type = Option<Vec<String>>)]
        scopes: Words,
        /// Custom only.
        #[schema(value_type = Option<String>, format = "uri")]
        authorization_endpoint: String,
        /// Custom only.
        #[schema(value_type = Option<String>, format = "uri")]
        token_endpoint: String,
        /// Microsoft only: `common` (default), `organizations`, `consumers`, a tenant id or a verified domain.
        #[schema(value_type = Option<String>)]
        tenant: String,
        /// Custom only: without endpoints they are discovered from it.
        #[schema(value_type = Option<String>, format = "uri")]
        issuer: String,
        /// `client_secret_post` or `client_secret_basic`. Without it, as the issuer's metadata says, else
        /// `client_secret_post`; where a provider refuses one way, the other is tried once and kept if it is accepted.
        #[schema(value_type = Option<String>)]
        client_authentication: String,
        /// `none`, `login`, `consent`, `select_account`, several with a blank between them, or empty: `prompt` is left
        /// out, for providers that refuse it. Null: what the provider needs.
        #[schema(value_type = Option<String>)]
        prompt: String,
    }
}

request! {
    /// What changes an integration: absent fields stay, null removes.
    struct IntegrationPatch {
        #[schema(value_type = String)]
        name: String,
        #[schema(value_type = Option<String>)]
        description: String,
        #[schema(value_type = String)]
        client_id: String,
        /// Must be given when the token endpoint changes.
        #[schema(value_type = String, format = Password)]
        client_secret: Secret,
        #[schema(value_type = Option<String>, format = Date)]
        client_secret_expires_on: String,
        /// Null: the provider's own.
        #[schema(value_type = Option<Vec<String>>)]
        scopes: Words,
        #[schema(value_type = String, format = "uri")]
        authorization_endpoint: String,
        #[schema(value_type = String, format = "uri")]
        token_endpoint: String,
        #[schema(value_type = Option<String>)]
        tenant: String,
        #[schema(value_type = Option<String>, format = "uri")]
        issuer: String,
        #[schema(value_type = Option<String>)]
        client_authentication: String,
        /// Null: what the provider needs. Empty: it is left out.
        #[schema(value_type = Option<String>)]
        prompt: String,
    }
}

impl From<NewIntegration> for IntegrationInput {
    fn from(new: NewIntegration) -> Self {
        Self {
            place: ProviderInput {
                provider: new.provider,
                authorization_endpoint: new.authorization_endpoint,
                token_endpoint: new.token_endpoint,
                tenant: new.tenant,
                issuer: new.issuer,
            },
            name: new.name,
            description: new.description,
            client_id: new.client_id,
            client_secret: new.client_secret.map(|secret| secret.0),
            client_secret_expires_on: new.client_secret_expires_on,
            scopes: new.scopes,
            client_authentication: new.client_authentication,
            prompt: new.prompt,
        }
    }
}

impl From<IntegrationPatch> for IntegrationInput {
    fn from(patch: IntegrationPatch) -> Self {
        NewIntegration {
            provider: Given::Absent,
            name: patch.name,
            description: patch.description,
            client_id: patch.client_id,
            client_secret: patch.client_secret,
            client_secret_expires_on: patch.client_secret_expires_on,
            scopes: patch.scopes,
            authorization_endpoint: patch.authorization_endpoint,
            token_endpoint: patch.token_endpoint,
            tenant: patch.tenant,
            issuer: patch.issuer,
            client_authentication: patch.client_authentication,
            prompt: patch.prompt,
        }
        .into()
    }
}
