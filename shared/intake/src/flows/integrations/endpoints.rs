//! Where a provider is: computed for Google and Microsoft, typed or discovered for Custom.

use url::Url;

use super::address::{Shape, endpoint, is_mixed};
use crate::{
    App, Error, Kind, Result, Sentence,
    error::FieldErrors,
    ports::{Discovered, OAuthError, OAuthFault},
    request,
    types::{
        given::Given,
        host::MailHost,
        integration::{ClientAuthentication, Endpoints, Integration, Provider},
        presets,
    },
};

request! {
    /// Where a provider is.
    pub struct ProviderInput {
        /// Whose consent page is used.
        #[schema(value_type = Provider, required)]
        provider: String,
        /// Custom only.
        #[schema(value_type = String, format = "uri")]
        authorization_endpoint: String,
        /// Custom only.
        #[schema(value_type = String, format = "uri")]
        token_endpoint: String,
        /// Microsoft only: `common` (default), `organizations`, `consumers`, a tenant id or a verified domain.
        #[schema(value_type = String, min_length = 1, max_length = 253)]
        tenant: String,
        /// Custom only: without endpoints they are discovered from it.
        #[schema(value_type = String, format = "uri")]
        issuer: String,
    }
}

/// Where a provider is, checked as far as no call is needed.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) provider: Provider,
    pub(super) tenant: Option<String>,
    pub(super) issuer: Option<String>,
    issuer_given: bool,
    endpoints: Wanted,
}

/// What is saved of a place: typed, or told by the issuer.
pub(super) struct Settled {
    pub(super) endpoints: Endpoints,
    /// To the letter as the issuer's metadata writes it, where they were read: callbacks and ID tokens name it so.
    pub(super) issuer: Option<String>,
    pub(super) iss_in_callback: bool,
    /// How clients authenticate there, where metadata were read.
    pub(super) authentication: Option<ClientAuthentication>,
}

#[derive(Debug, Clone)]
enum Wanted {
    Known(Endpoints),
    Discover(Url),
}

/// Reads a place; `present` is what a change starts from.
pub(super) fn read(
    app: &App,
    input: ProviderInput,
    present: Option<&Integration>,
    errors: &mut FieldErrors,
) -> Option<Place> {
    let provider =
        input
            .provider
            .clone()
            .required(errors, "/provider", present.map(|p| p.provider), |text| text.parse::<Provider>())?;
    if provider == Provider::Custom {
        custom(app, input, present, errors)
    } else {
        preset(provider, input, present, errors)
    }
}

fn preset(
    provider: Provider,
    input: ProviderInput,
    present: Option<&Integration>,
    errors: &mut FieldErrors,
) -> Option<Place> {
    let typed = [
        ("/authorization_endpoint", input.authorization_endpoint.is_value()),
        ("/token_endpoint", input.token_endpoint.is_value()),
        ("/issuer", input.issuer.is_value()),
    ];
    for (pointer, _) in typed.iter().filter(|(_, typed)| *typed) {
        errors.add(pointer, Sentence::new("field.known_place").with("provider", provider.as_str()));
    }
    if provider == Provider::Google && input.tenant.is_value() {
        errors.add("/tenant", "field.microsoft_only");
        return None;
    }
    let present_tenant = present.and_then(|p| p.tenant.clone());
    let typed = input.tenant.optional(errors, "/tenant", present_tenant, |text| tenant(&text));
    let tenant = (provider == Provider::Microsoft).then(|| typed.unwrap_or_else(|| "common".to_owned()));
    let endpoints = presets::endpoints(provider, tenant.as_deref())?;
    let issuer = presets::issuer(provider, tenant.as_deref());
    Some(Place { provider, tenant, issuer, issuer_given: false, endpoints: Wanted::Known(endpoints) })
}

/// One of the words, a tenant's id, or a domain that it has proved to be its own. Lower case: they have none.
fn tenant(text: &str) -> Result<String, &'static str> {
    let text = text.trim().to_ascii_lowercase();
    let word = presets::TENANT_WORDS.iter().any(|(word, _)| *word == text);
    let domain =
        || MailHost::new(&text).is_ok_and(|h| h.as_str() == text && h.ip().is_none() && text.contains('.'));
    if word || presets::is_uuid(&text) || domain() {
        return Ok(text);
    }
    Err("field.tenant")
}

fn custom(
    app: &App,
    input: ProviderInput,
    present: Option<&Integration>,
    errors: &mut FieldErrors,
) -> Option<Place> {
    if input.tenant.is_value() {
        errors.add("/tenant", "field.microsoft_only");
    }
    let issuer_given = input.issuer.is_value();
    let present_issuer = present.and_then(|p| p.issuer.clone());
    let issuer = input.issuer.optional(errors, "/issuer", present_issuer, |text| {
        endpoint(app, &text, Shape::Issuer).map(|_| text)
    });
    let untouched = |given: &Given<String>| matches!(given, Given::Absent | Given::Null);
    let none_typed =
        untouched(&input.authorization_endpoint) && untouched(&input.token_endpoint) && present.is_none();
    if none_typed && issuer_given {
        let url = Url::parse(issuer.as_deref()?).ok()?;
        let endpoints = Wanted::Discover(url);
        return Some(Place { provider: Provider::Custom, tenant: None, issuer, issuer_given, endpoints });
    }
    let mut read = |given: Given<String>, pointer: &str, present: Option<Url>| {
        let mut refused = false;
        let url = given.required(errors, pointer, present, |text| {
            endpoint(app, &text, Shape::Endpoint).inspect_err(|e| refused = e.not_allowed)
        });
        if refused {
            errors.name("address_not_allowed");
        }
        url
    };
    let present = present.map(|p| &p.endpoints);
    let authorization = read(
        input.authorization_endpoint,
        "/authorization_endpoint",
        present.map(|p| p.authorization.clone()),
    );
    let token = read(input.token_endpoint, "/token_endpoint", present.map(|p| p.token.clone()));
    let endpoints = Endpoints {
        authorization: authorization?,
        token: token?,
        revocation: None,
        authentication: Vec::new(),
    };
    if is_mixed(&endpoints) {
        errors.refuse("/token_endpoint", "endpoints_mixed", "field.mixed");
        return None;
    }
    let endpoints = Wanted::Known(endpoints);
    Some(Place { provider: Provider::Custom, tenant: None, issuer, issuer_given, endpoints })
}

impl Place {
    /// The endpoints; asks the issuer where only that was typed.
    pub(super) async fn endpoints(&self, app: &App) -> Result<Endpoints> {
        match &self.endpoints {
            Wanted::Known(endpoints) => Ok(endpoints.clone()),
            Wanted::Discover(issuer) => Ok(discover(app, issuer).await?.endpoints),
        }
    }

    /// What to save, with what the issuer tells beside typed endpoints. `present` is what a change starts from: as long
    /// as issuer and endpoints stay, so does what is known of them, unless the issuer is given again and tells more.
    pub(super) async fn settle(&self, app: &App, present: Option<&Integration>) -> Result<Settled> {
        let typed = match &self.endpoints {
            Wanted::Known(endpoints) => endpoints,
            Wanted::Discover(issuer) => return discover(app, issuer).await,
        };
        let known = present.filter(|present| self.is_at(present, typed)).map(|present| Settled {
            endpoints: present.endpoints.clone(),
            issuer: present.issuer.clone(),
            iss_in_callback: present.iss_in_callback,
            authentication: None,
        });
        let asked = self.provider == Provider::Custom && (known.is_none() || self.issuer_given);
        let told = if asked { self.told(app, typed).await } else { None };
        Ok(told.or(known).unwrap_or_else(|| Settled {
            endpoints: typed.clone(),
            issuer: self.issuer.clone(),
            iss_in_callback: false,
            authentication: None,
        }))
    }

    fn is_at(&self, present: &Integration, typed: &Endpoints) -> bool {
        let same = |field: fn(&Endpoints) -> &Url| field(&present.endpoints) == field(typed);
        present.issuer == self.issuer && same(|e| &e.authorization) && same(|e| &e.token)
    }

    /// Typed endpoints with what the issuer's metadata adds to them. None where it cannot be read, because people type
    /// endpoints for such issuers. What it says of other endpoints is not about this provider.
    async fn told(&self, app: &App, typed: &Endpoints) -> Option<Settled> {
        let issuer = Url::parse(self.issuer.as_deref()?).ok()?;
        let Discovered { endpoints: found, issuer, iss_in_callback, .. } =
            app.oauth.discover(&issuer).await.ok()?;
        let is_about_it = found.token == typed.token;
        let authentication = if is_about_it { found.authentication } else { Vec::new() };
        let revocation = found.revocation.filter(|_| is_about_it);
        let revocation = revocation.and_then(|url| endpoint(app, url.as_str(), Shape::Endpoint).ok());
        Some(Settled {
            authentication: is_about_it.then(|| ClientAuthentication::of_metadata(&authentication)),
            endpoints: Endpoints { revocation, authentication, ..typed.clone() },
            issuer: Some(issuer),
            iss_in_callback: iss_in_callback && found.authorization == typed.authorization,
        })
    }
}

async fn discover(app: &App, issuer: &Url) -> Result<Settled> {
    let Discovered { endpoints, issuer, iss_in_callback, .. } =
        app.oauth.discover(issuer).await.map_err(|error| discovery_failed(error, issuer))?;
    let mut errors = FieldErrors::default();
    for url in [&endpoints.authorization, &endpoints.token].into_iter().chain(&endpoints.revocation) {
        errors.check("/issuer", endpoint(app, url.as_str(), Shape::Endpoint));
    }
    if is_mixed(&endpoints) {
        errors.add("/issuer", "field.mixed.issuer");
    }
    errors.finish()?;
    let authentication = Some(ClientAuthentication::of_metadata(&endpoints.authentication));
    Ok(Settled { endpoints, issuer: Some(issuer), iss_in_callback, authentication })
}

fn discovery_failed(error: OAuthError, issuer: &Url) -> Error {
    let after = match error.fault {
        OAuthFault::Temporary { after } => Some(after),
        OAuthFault::AnswerLost => Some(None),
        _ => None,
    };
    let host = issuer.host_str().unwrap_or_default();
    if let Some(after) = after {
        return Error::told(
            Kind::Retry { after },
            Sentence::new("provider_unreachable.issuer").with("host", host),
        );
    }
    let detail = match (&error.fault, error.context.rsplit_once(": ")) {
        (OAuthFault::Address, Some((_, why))) => {
            Sentence::new("field.discovery_address").with("host", host).with("why", why)
        }
        (OAuthFault::Configuration, _) if error.description.is_some() => {
            Sentence::new("field.discovery_issuer").with("why", error.description.unwrap_or_default())
        }
        _ => Sentence::new("field.discovery_silent"),
    };
    Error::told(Kind::Invalid, "discovery_failed").at("/issuer", detail)
}
