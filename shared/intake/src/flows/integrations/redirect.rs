//! Redirect URLs: a pure function of base URL, provider and endpoints, with what each provider thinks of them.

use aws_lc_rs::digest;
use url::{Host, Url};

use super::endpoints::{self, ProviderInput};
use crate::{
    App, Error, Result,
    error::FieldErrors,
    types::{
        host::MailHost,
        integration::{Endpoints, Integration, Provider},
        secret::hex,
    },
};

/// Something that will probably not work, though it can be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Stable, `snake_case`.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl Warning {
    /// A warning.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// A redirect URL before anything is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// To be copied to the provider.
    pub redirect_url: Url,
    /// What the provider will not like about it.
    pub warnings: Vec<Warning>,
}

/// The redirect URL of what was typed so far; nothing is written.
pub async fn generate(app: &App, input: ProviderInput) -> Result<Generated> {
    let mut errors = FieldErrors::default();
    let place = endpoints::read(app, input, None, &mut errors);
    errors.finish()?;
    let place = place.ok_or_else(|| Error::internal("a provider without an error and without a place"))?;
    let endpoints = place.endpoints(app).await?;
    let redirect_url = redirect_url(&app.settings.base_url, place.provider, &endpoints);
    let warnings = warnings(place.provider, &redirect_url);
    Ok(Generated { redirect_url, warnings })
}

/// The redirect URL: one path for Google, one for Microsoft, and one for each pair of endpoints of Custom, so that a
/// code can never be taken for one of another provider (RFC 9700 section 4.4).
pub fn redirect_url(base_url: &Url, provider: Provider, endpoints: &Endpoints) -> Url {
    let last = match provider {
        Provider::Google | Provider::Microsoft => provider.as_str().to_owned(),
        Provider::Custom => {
            let both = format!("{}\n{}", endpoints.authorization, endpoints.token);
            let digest = digest::digest(&digest::SHA256, both.as_bytes());
            format!("custom-{}", &hex(digest.as_ref())[..16])
        }
    };
    let mut url = base_url.clone();
    url.set_path(&format!("/oauth2/callback/{last}"));
    url
}

/// Whether the URL that was copied to the provider is no longer the one that we would use.
pub fn is_stale(app: &App, integration: &Integration) -> bool {
    let today = redirect_url(&app.settings.base_url, integration.provider, &integration.endpoints);
    integration.redirect_url != today
}

/// What a provider does not accept. Both accept `http` for `localhost` only.
pub(super) fn warnings(provider: Provider, url: &Url) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |code, message: &str| warnings.push(Warning::new(code, message));
    let (name, ip) = match url.host() {
        Some(Host::Domain(name)) => (Some(name), None),
        Some(Host::Ipv4(address)) => (None, Some(std::net::IpAddr::from(address))),
        Some(Host::Ipv6(address)) => (None, Some(std::net::IpAddr::from(address))),
        None => (None, None),
    };
    let loopback = name == Some("localhost") || ip.is_some_and(|ip| ip.is_loopback());
    match provider {
        Provider::Google if ip.is_some() && !loopback => warn(
            "redirect_url_is_address",
            "Google does not accept addresses in redirect URLs. Give Maildocket a base URL with a public name.",
        ),
        Provider::Google if !loopback && name.is_some_and(is_private_name) => warn(
            "redirect_url_is_private",
            "Google accepts only names under a public domain in redirect URLs. \
             Give Maildocket an external base URL.",
        ),
        Provider::Microsoft if ip.is_some() && loopback => warn(
            "redirect_url_is_address",
            "Microsoft's form does not accept 127.0.0.1 in redirect URLs. \
             Start Maildocket with a base URL of http://localhost and its port.",
        ),
        Provider::Microsoft if url.as_str().len() > 256 => warn(
            "redirect_url_too_long",
            "Microsoft accepts redirect URLs of at most 256 characters. Use a shorter base URL.",
        ),
        _ => {}
    }
    if url.scheme() == "http" && !loopback {
        warn("redirect_url_not_https", "Providers accept only https here. Set an https base URL.");
    }
    warnings
}

fn is_private_name(name: &str) -> bool {
    MailHost::new(name).is_ok_and(|host| host.is_local_name())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn custom(base: &str, authorization: &str, token: &str) -> String {
        let url = |text: &str| Url::parse(text).unwrap();
        let endpoints = Endpoints { authorization: url(authorization), token: url(token), revocation: None };
        redirect_url(&url(base), Provider::Custom, &endpoints).to_string()
    }

    #[test]
    fn a_custom_url_depends_on_both_exact_endpoints_and_the_base_url() {
        let one = custom("https://md.example.com", "https://a.example/auth", "https://a.example/token");
        assert_eq!(
            one,
            custom("https://md.example.com/", "https://a.example/auth", "https://a.example/token")
        );
        assert!(one.starts_with("https://md.example.com/oauth2/callback/custom-"), "{one}");
        let others = [
            ("https://md.example.com", "https://a.example/auth/", "https://a.example/token"),
            ("https://md.example.com", "https://a.example/auth", "https://a.example/token2"),
            ("https://md2.example.com", "https://a.example/auth", "https://a.example/token"),
        ];
        for (base, authorization, token) in others {
            assert_ne!(one, custom(base, authorization, token));
        }
    }

    #[test]
    fn each_provider_has_its_own_rules() {
        let codes = |provider, url: &str| {
            let url = Url::parse(url).unwrap();
            warnings(provider, &url).into_iter().map(|w| w.code).collect::<Vec<_>>()
        };
        use Provider::{Google, Microsoft};
        assert!(codes(Google, "http://localhost:8025/x").is_empty());
        assert!(codes(Google, "http://127.0.0.1:8025/x").is_empty());
        assert_eq!(codes(Google, "https://10.0.0.1/x"), ["redirect_url_is_address"]);
        assert_eq!(codes(Google, "https://docket.internal/x"), ["redirect_url_is_private"]);
        assert!(codes(Microsoft, "https://docket.internal/x").is_empty());
        assert_eq!(codes(Microsoft, "http://127.0.0.1:8025/x"), ["redirect_url_is_address"]);
        let long = format!("https://example.com/{}", "x".repeat(300));
        assert_eq!(codes(Microsoft, &long), ["redirect_url_too_long"]);
    }
}
