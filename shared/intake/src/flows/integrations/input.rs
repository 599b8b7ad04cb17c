//! What people type about an integration, and its checks.

use secrecy::{ExposeSecret, SecretString};

use super::{
    endpoints::{self, Place, ProviderInput},
    redirect::Warning,
};
use crate::{
    App, Error, Result,
    error::FieldErrors,
    types::{
        given::{self, Given},
        integration::{ClientAuthentication, Integration, Prompt, Provider},
        name::Name,
        presets,
    },
};

/// What a request says about an integration, unchecked. Used to create and to change.
#[derive(Debug, Default)]
pub struct IntegrationInput {
    /// Where the provider is.
    pub place: ProviderInput,
    /// Unique among integrations, without regard to case and width.
    pub name: Given<String>,
    /// At most 2,000 characters.
    pub description: Given<String>,
    /// Kept byte for byte; 1 to 1,000 bytes.
    pub client_id: Given<String>,
    /// Kept byte for byte; 1 to 4,000 bytes.
    pub client_secret: Given<SecretString>,
    /// `2027-03-31`.
    pub client_secret_expires_on: Given<String>,
    /// Prefilled for Google and Microsoft.
    pub scopes: Given<Vec<String>>,
    /// `client_secret_post` or `client_secret_basic`; where nothing is given, as the issuer's metadata says, else
    /// `client_secret_post`.
    pub client_authentication: Given<String>,
    /// `none`, `login`, `consent`, `select_account` or empty; where nothing is given, what the provider needs.
    pub prompt: Given<String>,
}

/// Everything that was typed, checked.
pub(super) struct Checked {
    pub(super) place: Place,
    pub(super) name: Name,
    pub(super) description: String,
    pub(super) client_id: String,
    pub(super) client_secret: Option<SecretString>,
    pub(super) client_secret_expires_on: Option<jiff::civil::Date>,
    pub(super) scopes: Vec<String>,
    /// Typed or there already.
    pub(super) client_authentication: Option<ClientAuthentication>,
    pub(super) prompt: Option<Prompt>,
}

const MAX_DESCRIPTION: usize = 2_000;
const MAX_CLIENT_ID: usize = 1_000;
const MAX_CLIENT_SECRET: usize = 4_000;
const MAX_SCOPES: usize = 50;

/// Checks everything, and tells everything that is wrong at once.
pub(super) fn check(app: &App, input: IntegrationInput, present: Option<&Integration>) -> Result<Checked> {
    let mut errors = FieldErrors::default();
    let e = &mut errors;
    let place = endpoints::read(app, input.place, present, e);
    let name = input.name.required(e, "/name", present.map(|p| p.name.clone()), |text| Name::new(&text));
    let description =
        input.description.optional(e, "/description", present.map(|p| p.description.clone()), |text| {
            given::text(&text, MAX_DESCRIPTION)
        });
    let client_id = input
        .client_id
        .required(e, "/client_id", present.map(|p| p.client_id.clone()), |text| exact(text, MAX_CLIENT_ID));
    let client_secret = client_secret(input.client_secret, present.is_some(), e);
    let expires = present.and_then(|p| p.client_secret_expires_on);
    let client_secret_expires_on =
        input.client_secret_expires_on.optional(e, "/client_secret_expires_on", expires, |text| {
            text.parse::<jiff::civil::Date>().map_err(|_| "must be a day such as 2027-03-31")
        });
    let provider = place.as_ref().map(|place| place.provider);
    let given_scopes = scopes(input.scopes, present, e);
    let authentication = input.client_authentication.optional(
        e,
        "/client_authentication",
        present.map(|p| p.client_authentication),
        |text| text.parse::<ClientAuthentication>(),
    );
    let present_prompt = present.and_then(|p| p.prompt.clone());
    let prompt = input.prompt.optional(e, "/prompt", present_prompt, |text| Prompt::new(&text));
    errors.finish()?;
    let (Some(place), Some(name), Some(client_id)) = (place, name, client_id) else {
        return Err(Error::internal("a required field without an error and without a value"));
    };
    Ok(Checked {
        place,
        name,
        description: description.unwrap_or_default(),
        client_id,
        client_secret,
        client_secret_expires_on,
        scopes: given_scopes.unwrap_or_else(|| provider.map(preset_scopes).unwrap_or_default()),
        client_authentication: authentication,
        prompt,
    })
}

fn preset_scopes(provider: Provider) -> Vec<String> {
    presets::scopes(provider).iter().map(ToString::to_string).collect()
}

fn exact(text: String, max_bytes: usize) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text.len() > max_bytes {
        return Err(format!("must have at most {max_bytes} bytes"));
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
        errors.add("/scopes", format!("must have at most {MAX_SCOPES} entries"));
        return None;
    }
    let mut scopes = Vec::<String>::with_capacity(list.len());
    for (n, scope) in list.into_iter().enumerate() {
        if !is_scope(&scope) {
            errors.add(&format!("/scopes/{n}"), "must be one word of printable ASCII characters");
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
pub(super) fn is_padded(text: &str) -> bool {
    text.trim() != text
}

/// What was probably pasted wrongly.
pub(super) fn warnings(integration: &Integration) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if is_padded(&integration.client_id) {
        warnings.push(Warning::new(
            "client_id_has_blanks",
            "The client ID begins or ends with blanks. They are kept; remove them unless the provider gave them.",
        ));
    }
    if integration.client_secret_has_blanks {
        warnings.push(Warning::new(
            "client_secret_has_blanks",
            "The client secret begins or ends with blanks. They are kept; remove them unless the provider gave them.",
        ));
    }
    warnings
}
