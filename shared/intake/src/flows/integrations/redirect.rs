//! Redirect URLs: a pure function of base URL, provider and endpoints, with what each provider thinks of them.

use aws_lc_rs::digest;
use url::Url;

use super::endpoints::{self, ProviderInput};
use crate::{
    App, Result, Sentence,
    error::FieldErrors,
    types::{
        host::MailHost,
        integration::{Endpoints, Integration, Provider},
    },
};

/// Something that will probably not work, though it can be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning(
    /// What is wrong and what to do, under a stable code.
    pub Sentence,
);

impl Warning {
    pub(super) fn new(sentence: impl Into<Sentence>) -> Self {
        Self(sentence.into())
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
    let (provider, endpoints) = read_place(app, input).await?;
    let redirect_url = redirect_url(&app.settings.base_url, provider, &endpoints);
    let warnings = warnings(provider, &redirect_url);
    Ok(Generated { redirect_url, warnings })
}

/// Where the provider is that was typed so far; asks the issuer where only that was typed.
pub(crate) async fn read_place(app: &App, input: ProviderInput) -> Result<(Provider, Endpoints)> {
    let mut errors = FieldErrors::default();
    let place = endpoints::read(app, input, None, &mut errors);
    let place = errors.finish_with(place)?;
    let endpoints = place.endpoints(app).await?;
    Ok((place.provider, endpoints))
}

/// The redirect URL: one path for Google, one for Microsoft, and one for each pair of endpoints of Custom, so that a
/// code can never be taken for one of another provider (RFC 9700 section 4.4).
pub fn redirect_url(base_url: &Url, provider: Provider, endpoints: &Endpoints) -> Url {
    let last = match provider {
        Provider::Google | Provider::Microsoft => provider.as_str().to_owned(),
        Provider::Custom => {
            let both = format!("{}\n{}", endpoints.authorization, endpoints.token);
            let digest = digest::digest(&digest::SHA256, both.as_bytes());
            format!("custom-{}", &hex::encode(digest)[..16])
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

/// The most characters of a redirect URL at Microsoft.
const MICROSOFT_LONGEST: usize = 256;
/// What Microsoft does not accept anywhere in a redirect URL.
const MICROSOFT_SPECIAL: [char; 10] = ['!', '$', '\'', '(', ')', ',', ';', '*', '@', '\\'];

/// What a provider does not accept. All of them accept `http` for `localhost` only.
pub(crate) fn warnings(provider: Provider, url: &Url) -> Vec<Warning> {
    let host = url.host_str().and_then(|host| MailHost::new(host).ok());
    let ip = host.as_ref().and_then(MailHost::ip);
    let loopback = ip.map_or(url.host_str() == Some("localhost"), |ip| ip.is_loopback());
    let mut warnings = match provider {
        Provider::Google if loopback => Vec::new(),
        Provider::Google => google(ip.is_some(), host.as_ref()),
        Provider::Microsoft => microsoft(loopback && ip.is_some(), url),
        Provider::Custom => Vec::new(),
    };
    if url.scheme() == "http" && !loopback {
        warnings.push(Warning::new("redirect_url_not_https"));
    }
    warnings
}

fn google(is_address: bool, host: Option<&MailHost>) -> Vec<Warning> {
    if is_address {
        return vec![Warning::new("redirect_url_is_address.google")];
    }
    if host.is_none_or(is_private_name) {
        return vec![Warning::new("redirect_url_is_private")];
    }
    Vec::new()
}

fn microsoft(is_loopback_address: bool, url: &Url) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if is_loopback_address {
        warnings.push(Warning::new("redirect_url_is_address.microsoft"));
    }
    if url.as_str().chars().count() > MICROSOFT_LONGEST {
        warnings.push(Warning::new("redirect_url_too_long"));
    }
    if url.as_str().contains(MICROSOFT_SPECIAL) {
        warnings.push(Warning::new("redirect_url_has_special_characters"));
    }
    warnings
}

/// Names that are not below a public domain (RFC 2606, RFC 6761, RFC 7686 beside the local ones).
fn is_private_name(host: &MailHost) -> bool {
    const RESERVED: [&str; 4] = ["test", "example", "invalid", "onion"];
    host.is_local_name() || host.as_str().rsplit('.').next().is_some_and(|top| RESERVED.contains(&top))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(base: &str, authorization: &str, token: &str) -> String {
        let url = |text: &str| Url::parse(text).unwrap();
        let endpoints = Endpoints {
            authorization: url(authorization),
            token: url(token),
            revocation: None,
            authentication: Vec::new(),
        };
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
            warnings(provider, &url).into_iter().map(|w| w.0.code()).collect::<Vec<_>>()
        };
        use Provider::{Google, Microsoft};
        assert!(codes(Google, "http://localhost:8025/x").is_empty());
        assert!(codes(Google, "http://127.0.0.1:8025/x").is_empty());
        assert_eq!(codes(Google, "https://10.0.0.1/x"), ["redirect_url_is_address"]);
        assert!(codes(Google, "http://[::1]:8025/x").is_empty());
        assert!(codes(Google, "https://docket.example.com/x").is_empty());
        for private in ["docket.internal", "docket.local", "docket", "docket.test", "docket.corp"] {
            assert_eq!(codes(Google, &format!("https://{private}/x")), ["redirect_url_is_private"]);
            assert!(codes(Microsoft, &format!("https://{private}/x")).is_empty());
        }
        assert_eq!(codes(Google, "http://docket.example.com/x"), ["redirect_url_not_https"]);
        assert_eq!(codes(Microsoft, "http://localhost:8025/x"), [""; 0]);
        assert_eq!(codes(Microsoft, "http://[::1]:8025/x"), ["redirect_url_is_address"]);
        assert_eq!(codes(Microsoft, "http://127.0.0.1:8025/x"), ["redirect_url_is_address"]);
        let of_length = |n: usize| format!("https://example.com/{}", "x".repeat(n - 20));
        assert!(codes(Microsoft, &of_length(256)).is_empty());
        let long = of_length(257);
        assert_eq!(codes(Microsoft, &long), ["redirect_url_too_long"]);
        assert!(codes(Google, &long).is_empty());
        for special in ["!", "$", "'", "(", ")", ",", ";"] {
            let url = format!("https://example.com/{special}");
            assert_eq!(codes(Microsoft, &url), ["redirect_url_has_special_characters"], "{special}");
        }
    }
}
