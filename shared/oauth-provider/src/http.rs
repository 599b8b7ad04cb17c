//! HTTP with limits, to checked addresses.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
};

use intake::{
    Error, Kind,
    ports::{OAuthError, OAuthFault},
    types::host::{AddressPolicy, Network, network_of},
};
use reqwest::{
    Certificate, Request, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{ACCEPT, ACCEPT_ENCODING, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::{Obstacle, ProviderConfig, Unreached, failure};

/// The largest answer that is read, bytes.
const MAX_BODY: usize = 64 * 1024;

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// The client.
pub(crate) struct Http {
    config: ProviderConfig,
    /// Made at the first call: reading the platform's roots takes longer than all else in the start of a function.
    client: OnceLock<reqwest::Client>,
}

/// Resolves names and gives out only checked addresses, so that the one connected to is the one that was looked at.
struct Checked(AddressPolicy);

/// The name resolves, but not to addresses that may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("its address is not one that may be connected to")]
struct Refused;

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().any(|address| !policy.permits(address.ip())) {
                return Err(Refused.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl Http {
    pub(crate) fn new(config: ProviderConfig) -> intake::Result<Self> {
        let unusable = |_| {
            Error::new(
                Kind::Configuration,
                "extra_ca_unusable",
                "The extra trusted roots are not certificates in PEM form.",
            )
            .action("Check the file given with --extra-ca-file.")
        };
        let http = Self { config, client: OnceLock::new() };
        // A wrong file is told at the start, and not by the first person who signs in.
        if http.config.extra_roots_pem.is_some() {
            http.made().map_err(unusable)?;
        }
        Ok(http)
    }

    fn made(&self) -> reqwest::Result<&reqwest::Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(self.config.connect_time)
            .timeout(self.config.total_time)
            .user_agent(concat!("Maildocket/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(Checked(self.config.addresses)));
        if let Some(pem) = &self.config.extra_roots_pem {
            builder = builder.tls_certs_merge(Certificate::from_pem_bundle(pem)?);
        }
        let client = builder.build()?;
        Ok(self.client.get_or_init(|| client))
    }

    fn client(&self, context: &str) -> Result<&reqwest::Client, OAuthError> {
        self.made().map_err(|_| {
            let why = format!("{context}: the trusted certificates of this machine cannot be used");
            failure::fault(OAuthFault::Configuration, &why)
        })
    }

    /// Posts a form, with the client's credentials in a header where wanted.
    pub(crate) async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, String)],
        basic: Option<(&str, &SecretString)>,
        context: &str,
    ) -> Result<Answer, OAuthError> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = self
            .client(context)?
            .post(url.clone())
            .body(body)
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some((id, secret)) = basic {
            // RFC 6749 section 2.3.1: both are form-encoded first.
            let encoded =
                |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request = request.basic_auth(encoded(id), Some(encoded(secret.expose_secret())));
        }
        let request = request.build().map_err(|_| failure::fault(OAuthFault::Configuration, context))?;
        self.send(request, context).await
    }

    /// Reads a document.
    pub(crate) async fn get(&self, url: &Url, context: &str) -> Result<Answer, OAuthError> {
        let request = self
            .client(context)?
            .get(url.clone())
            .build()
            .map_err(|_| failure::fault(OAuthFault::Configuration, context))?;
        self.send(request, context).await
    }

    /// Asks for the head of a page, whatever comes of it.
    pub(crate) async fn reach(&self, url: &Url) -> Result<(), Unreached> {
        let refused = || Unreached {
            obstacle: Obstacle::Address,
            seen: "the address is not one that may be connected to".to_owned(),
        };
        self.check(url, "reach").map_err(|_| refused())?;
        let unusable = |_| Unreached {
            obstacle: Obstacle::Certificate,
            seen: "the trusted certificates of this machine cannot be used".to_owned(),
        };
        let client = self.made().map_err(unusable)?;
        match client.head(url.clone()).send().await.map_err(|error| unreached(&error)) {
            // The way there is free; what is wrong with the answer is not asked here.
            Ok(_) | Err(Unreached { obstacle: Obstacle::Answer, .. }) => Ok(()),
            Err(unreached) => Err(unreached),
        }
    }

    async fn send(&self, mut request: Request, context: &str) -> Result<Answer, OAuthError> {
        self.check(request.url(), context)?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let response =
            self.client(context)?.execute(request).await.map_err(|error| network(&error, context))?;
        let status = response.status().as_u16();
        let retry_after =
            response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = body(response, context).await?;
        Ok(Answer { status, retry_after, body })
    }

    /// Addresses in a URL are not resolved, so they are checked here; clear text goes to private addresses only.
    fn check(&self, url: &Url, context: &str) -> Result<(), OAuthError> {
        let refused = || {
            failure::fault(
                OAuthFault::Address,
                &format!("{context}: the address is not one that may be connected to"),
            )
        };
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => None,
            None => return Err(refused()),
        };
        if literal.is_some_and(|ip| !self.config.addresses.permits(ip)) {
            return Err(refused());
        }
        let private = literal.is_some_and(|ip| network_of(ip) == Network::Private)
            || url.host_str() == Some("localhost");
        match url.scheme() {
            "https" => Ok(()),
            "http" if private && self.config.addresses.allow_private => Ok(()),
            _ => Err(refused()),
        }
    }
}

async fn body(mut response: Response, context: &str) -> Result<Vec<u8>, OAuthError> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_BODY => body.extend_from_slice(&chunk),
            Ok(Some(_)) => {
                return Err(failure::fault(
                    OAuthFault::NotAnEndpoint,
                    &format!("{context}: more than 64 KiB came back"),
                ));
            }
            Ok(None) => return Ok(body),
            Err(error) => return Err(network(&error, context)),
        }
    }
}

/// A failure below HTTP, as the port tells it.
fn network(error: &reqwest::Error, context: &str) -> OAuthError {
    let Unreached { obstacle, seen } = unreached(error);
    let fault = match obstacle {
        Obstacle::Name | Obstacle::Address | Obstacle::Certificate => OAuthFault::Address,
        Obstacle::Tcp | Obstacle::Tls => OAuthFault::Temporary { after: None },
        Obstacle::Answer => OAuthFault::AnswerLost,
    };
    failure::fault(fault, &format!("{context}: {seen}"))
}

/// reqwest tells the layer only in the texts of its causes. Its own text may hold the URL, and with it a query.
fn unreached(error: &reqwest::Error) -> Unreached {
    let causes: Vec<String> = std::iter::successors(std::error::Error::source(error), |cause| cause.source())
        .map(ToString::to_string)
        .collect();
    let told = |words: &[&str]| causes.iter().any(|cause| words.iter().any(|word| cause.contains(word)));
    let is = |obstacle, seen: &str| Unreached { obstacle, seen: seen.to_owned() };
    if told(&["may be connected to"]) {
        return is(Obstacle::Address, "the address is not one that may be connected to");
    }
    if told(&["failed to lookup address", "Name or service not known", "No address associated"]) {
        return is(Obstacle::Name, "the host does not resolve");
    }
    if told(&["certificate"]) {
        let why = [
            (["NotValidForName", "not valid for name"], "the certificate is for another host"),
            (["Expired", "expired"], "the certificate has expired"),
            (["NotValidYet", "not valid yet"], "the certificate is not valid yet"),
            (
                // Bad: of another authority that has the name of a trusted one.
                ["UnknownIssuer", "BadSignature"],
                "the certificate is not signed by an authority that this machine trusts",
            ),
        ];
        let why = why.iter().find(|(words, _)| told(words)).map(|(_, why)| *why);
        return is(Obstacle::Certificate, why.unwrap_or("the certificate is not valid"));
    }
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => is(Obstacle::Tcp, "no connection could be made in time"),
        (true, false) if told(&["tcp connect error"]) => is(Obstacle::Tcp, "no connection could be made"),
        (true, false) => is(Obstacle::Tls, "no TLS connection could be made"),
        (false, true) => is(Obstacle::Answer, "no answer in time"),
        (false, false) => is(Obstacle::Answer, "the connection broke"),
    }
}
