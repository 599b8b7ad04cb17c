//! What people give of an integration, and its checks.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    endpoints::{self, ProviderInput},
    redirect::{Warning, redirect_url},
};
use crate::{
    App, Error, Kind, Result, Sentence,
    error::FieldErrors,
    request,
    types::{
        Version,
        given::{self, Given},
        ids::IntegrationId,
        integration::{ClientAuthentication, Endpoints, Integration, Prompt, Provider},
        name::Name,
        presets,
        secret::SecretVersion,
    },
};

request! {
    /// What makes an integration, and what changes it: then absent fields stay, and null removes.
    #[schema(as = NewIntegration)]
    pub struct IntegrationInput {
        @once {
            /// Whose consent page is used.
            #[schema(value_type = Provider, required)]
            provider: String,
        }
        /// 1 to 100 characters; unique without regard to case and width.
        #[schema(value_type = String, required, min_length = 1, max_length = 100)]
        name: String,
        /// At most 2,000 characters.
        #[schema(value_type = Option<String>, max_length = 2000)]
        description: String,
        /// 1 to 1,000 bytes, kept byte for byte.
        #[schema(value_type = String, required, min_length = 1, max_length = 1000)]
        client_id: String,
        /// 1 to 4,000 bytes, kept byte for byte, in the vault only. Must be given again when the token endpoint changes.
        #[schema(value_type = String, required, format = Password, min_length = 1, max_length = 4000)]
        client_secret: SecretString,
        /// `2027-03-31`.
        #[schema(value_type = Option<String>, format = Date)]
        client_secret_expires_on: String,
        /// Prefilled for Google and Microsoft; null: the provider's own.
        #[schema(value_type = Option<Vec<String>>, max_items = 50)]
        scopes: Vec<String>,
        /// Custom only.
        #[schema(value_type = Option<String>, format = "uri")]
        authorization_endpoint: String,
        /// Custom only.
        #[schema(value_type = Option<String>, format = "uri")]
        token_endpoint: String,
        /// Microsoft only: `common` (default), `organizations`, `consumers`, a tenant id or a verified domain.
        #[schema(value_type = Option<String>, min_length = 1, max_length = 253)]
        tenant: String,
        /// Custom only: without endpoints they are discovered from it.
        #[schema(value_type = Option<String>, format = "uri")]
        issuer: String,
        /// Without it, as the issuer's metadata says, else `client_secret_post`; where a provider refuses one way, the other
        /// is tried once and kept if it is accepted.
        #[schema(value_type = Option<ClientAuthentication>)]
        client_authentication: String,
        /// `none`, `login`, `consent`, `select_account`, several with a blank between them, or empty: `prompt` is left
        /// out, for providers that refuse it. Null: what the provider needs.
        #[schema(value_type = Option<String>,
            pattern = "^(none|((login|consent|select_account)( (login|consent|select_account))*)?)$")]
        prompt: String,
    }
}

const MAX_DESCRIPTION: usize = 2_000;
const MAX_CLIENT_ID: usize = 1_000;
const MAX_CLIENT_SECRET: usize = 4_000;
const MAX_SCOPES: usize = 50;

/// The integration that is meant, with a secret that was typed; `present` is what a change starts from. Tells everything
/// that is wrong at once, and asks an issuer then.
pub(super) async fn check(
    app: &App,
    input: IntegrationInput,
    present: Option<&Integration>,
) -> Result<(Integration, Option<SecretString>)> {
    let mut errors = FieldErrors::default();
    let e = &mut errors;
    let place = ProviderInput {
        provider: input.provider,
        authorization_endpoint: input.authorization_endpoint,
        token_endpoint: input.token_endpoint,
        tenant: input.tenant,
        issuer: input.issuer,
    };
    let place = endpoints::read(app, place, present, e);
    let name = input.name.required(e, "/name", present.map(|p| p.name.clone()), |text| Name::new(&text));
    let description = present.map(|p| p.description.clone());
    let description =
        input.description.optional(e, "/description", description, |t| given::text(&t, MAX_DESCRIPTION));
    let client_id = present.map(|p| p.client_id.clone());
    let client_id = input.client_id.required(e, "/client_id", client_id, client_id_of);
    let secret = client_secret(input.client_secret, present.is_some(), e);
    let expires = present.and_then(|p| p.client_secret_expires_on);
    let expires = input.client_secret_expires_on.optional(e, "/client_secret_expires_on", expires, |text| {
        text.parse::<jiff::civil::Date>().map_err(|_| "field.day")
    });
    let scopes = scopes(input.scopes, present, e);
    let way = present.map(|p| p.client_authentication);
    let way = input.client_authentication.optional(e, "/client_authentication", way, |text| text.parse());
    let prompt = present.and_then(|p| p.prompt.clone());
    let prompt = input.prompt.optional(e, "/prompt", prompt, |text| Prompt::new(&text));
    let typed = secret.as_ref().map(|_| SecretVersion::random(&app.random()));
    let version = typed.clone().or_else(|| present.map(|p| p.client_secret_version.clone()));
    let needed = || Some((place?, name?, client_id?, version?));
    let needed = needed();
    let (place, name, client_id, client_secret_version) = errors.finish_with(needed)?;
    let settled = place.settle(app, present).await?;
    let moved = present.filter(|old| settled.endpoints.token != old.endpoints.token);
    if moved.is_some() && secret.is_none() {
        return Err(client_secret_required());
    }
    // What fitted the endpoint before says nothing of another one.
    let fitting = way.filter(|way| moved.is_none_or(|old| *way != old.client_authentication));
    let endpoints = match present {
        Some(old) if moved.is_none() => with_known_revocation(&old.endpoints, settled.endpoints),
        _ => settled.endpoints,
    };
    let now = app.now();
    let redirect = || redirect_url(&app.settings.base_url, place.provider, &endpoints);
    let integration = Integration {
        id: present.map_or_else(|| IntegrationId::from_parts(now, app.id_bits()), |p| p.id),
        version: present.map_or(Version::FIRST, |p| p.version.next()),
        provider: place.provider,
        name,
        description: description.unwrap_or_default(),
        client_id,
        client_secret_version,
        client_secret_changed_at: typed
            .map_or(present.and_then(|p| p.client_secret_changed_at), |_| Some(now)),
        client_secret_has_blanks: secret.as_ref().map_or_else(
            || present.is_some_and(|p| p.client_secret_has_blanks),
            |secret| is_padded(secret.expose_secret()),
        ),
        client_secret_expires_on: expires,
        scopes: scopes.unwrap_or_else(|| preset_scopes(place.provider)),
        tenant: place.tenant,
        issuer: settled.issuer,
        redirect_url: present.map_or_else(redirect, |p| p.redirect_url.clone()),
        endpoints,
        iss_in_callback: settled.iss_in_callback,
        client_authentication: fitting.or(settled.authentication).or(way).unwrap_or_default(),
        prompt,
        created_at: present.map_or(now, |p| p.created_at),
        updated_at: now,
    };
    Ok((integration, secret))
}

/// Secrets go to the revocation endpoint too: while the token endpoint stays, a new one at another origin is not used.
fn with_known_revocation(old: &Endpoints, new: Endpoints) -> Endpoints {
    let known = |url: &Url| Some(url) == old.revocation.as_ref() || url.origin() == new.token.origin();
    let revocation = new.revocation.clone().filter(known);
    Endpoints { revocation, ..new }
}

fn client_secret_required() -> Error {
    Error::told(Kind::Invalid, "client_secret_required").at("/client_secret", "field.secret_again")
}

fn preset_scopes(provider: Provider) -> Vec<String> {
    presets::scopes(provider).iter().map(ToString::to_string).collect()
}

fn exact(text: String, max_bytes: usize) -> Result<String, Sentence> {
    if text.trim().is_empty() {
        return Err(Sentence::new("field.empty"));
    }
    if text.len() > max_bytes {
        return Err(Sentence::new("field.at_most_bytes").with("max", max_bytes));
    }
    Ok(text)
}

/// What guides and examples have in its place is refused: it would fail at the provider only.
fn client_id_of(text: String) -> Result<String, Sentence> {
    let text = exact(text, MAX_CLIENT_ID)?;
    let small = text.to_ascii_lowercase();
    let says_what =
        small.contains("client") && (small.starts_with("your") || small.starts_with(['<', '{', '[']));
    if says_what || !text.chars().any(char::is_alphanumeric) {
        return Err(Sentence::new("field.client_id_placeholder"));
    }
    Ok(text)
}

fn client_secret(
    given: Given<SecretString>,
    present: bool,
    errors: &mut FieldErrors,
) -> Option<SecretString> {
    let check =
        |secret: SecretString| exact(secret.expose_secret().to_owned(), MAX_CLIENT_SECRET).map(|_| secret);
    if present && matches!(given, Given::Absent) {
        return None;
    }
    given.required(errors, "/client_secret", None, check)
}

/// Null and absent mean the provider's own where nothing is there yet.
fn scopes(
    given: Given<Vec<String>>,
    present: Option<&Integration>,
    errors: &mut FieldErrors,
) -> Option<Vec<String>> {
    let list = match given {
        Given::Absent => return present.map(|p| p.scopes.clone()),
        Given::Null => return None,
        Given::Value(list) => list,
    };
    if list.len() > MAX_SCOPES {
        errors.add("/scopes", Sentence::new("field.at_most_entries").with("max", MAX_SCOPES));
        return None;
    }
    let mut scopes = Vec::<String>::with_capacity(list.len());
    for (n, scope) in list.into_iter().enumerate() {
        if !is_scope(&scope) {
            errors.add(&format!("/scopes/{n}"), "field.scope");
        } else if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Some(scopes)
}

/// RFC 6749 section 3.3.
fn is_scope(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
    !text.is_empty() && text.len() <= 500 && text.bytes().all(fits)
}

/// Whether blanks are around a text: kept, because some providers give such ones, and told.
fn is_padded(text: &str) -> bool {
    text.trim() != text
}

/// What was probably pasted wrongly.
pub(super) fn warnings(integration: &Integration) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if integration.client_id.contains('@') && integration.provider != Provider::Custom {
        warnings.push(Warning::new(Sentence::variant("client_id_form", integration.provider.as_str())));
    }
    if is_padded(&integration.client_id) {
        warnings.push(Warning::new("client_id_has_blanks"));
    }
    if integration.client_secret_has_blanks {
        warnings.push(Warning::new("client_secret_has_blanks"));
    }
    warnings
}
