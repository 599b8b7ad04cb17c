//! HTTP with limits, to checked addresses.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use intake::{
    Error, Kind, Timestamp,
    ports::{Closed, OAuthError, OAuthFault, Obstacle, Reached, Resolve, Unreached},
};
use reqwest::{
    Certificate, RequestBuilder, Response,
    header::{ACCEPT, ACCEPT_ENCODING, DATE, RETRY_AFTER},
    redirect::Policy,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    answer::Answer,
    config::ProviderConfig,
    failure::fault,
    gate::{Kind as UrlKind, Resolver},
};

/// The largest answer that is read, bytes.
const MAX_BODY: usize = 64 * 1024;
const UNUSABLE_ROOTS: &str = "the trusted certificates of this machine cannot be used";

/// The clients.
pub(crate) struct Http {
    config: ProviderConfig,
    /// One for each kind of URL, made at its first call: reading the platform's roots takes longer than all else in the
    /// start of a function.
    clients: Mutex<BTreeMap<UrlKind, reqwest::Client>>,
}

impl Http {
    pub(crate) fn new(config: ProviderConfig) -> intake::Result<Self> {
        let unusable = |_| Error::told(Kind::Installation, "extra_ca_unusable");
        let http = Self { config, clients: Mutex::default() };
        // A wrong file is told at the start, and not by the first person who signs in.
        if http.config.extra_roots_pem.is_some() {
            http.client_of(UrlKind::default()).map_err(unusable)?;
        }
        Ok(http)
    }

    /// What names are resolved by.
    pub(crate) fn resolver(&self) -> &dyn Resolve {
        &*self.config.gate.resolver
    }

    /// The client for a URL that may be connected to, as far as that can be told before its name is resolved.
    fn client(&self, url: &Url, context: &str) -> Result<reqwest::Client, OAuthError> {
        let kind = UrlKind::of(url, &self.config.gate);
        let kind = kind.map_err(|closed| closed_by(&closed).to_error(context, host(url)))?;
        self.client_of(kind)
            .map_err(|_| fault(OAuthFault::Configuration, &format!("{context}: {UNUSABLE_ROOTS}")))
    }

    fn client_of(&self, kind: UrlKind) -> reqwest::Result<reqwest::Client> {
        let clients = || self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients().get(&kind) {
            return Ok(client.clone());
        }
        let made = self.made(kind)?;
        Ok(clients().entry(kind).or_insert(made).clone())
    }

    fn made(&self, kind: UrlKind) -> reqwest::Result<reqwest::Client> {
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(self.config.connect_time)
            .timeout(self.config.total_time)
            .user_agent(concat!("Maildocket/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(Resolver { gate: self.config.gate.clone(), kind }));
        if let Some(pem) = &self.config.extra_roots_pem {
            builder = builder.tls_certs_merge(Certificate::from_pem_bundle(pem)?);
        }
        builder.build()
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
            .client(url, context)?
            .post(url.clone())
            .body(body)
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some((id, secret)) = basic {
            // RFC 6749 section 2.3.1: both are form-encoded first.
            let encoded =
                |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request = request.basic_auth(encoded(id), Some(encoded(secret.expose_secret())));
        }
        send(request, context).await
    }

    /// Reads a document.
    pub(crate) async fn get(&self, url: &Url, context: &str) -> Result<Answer, OAuthError> {
        send(self.client(url, context)?.get(url.clone()), context).await
    }

    /// Asks for the head of a page, whatever comes of it.
    pub(crate) async fn reach(&self, url: &Url) -> Result<Reached, Unreached> {
        let kind = UrlKind::of(url, &self.config.gate).map_err(|closed| closed_by(&closed))?;
        let client = self.client_of(kind).map_err(|_| unreached_by(Obstacle::Certificate, UNUSABLE_ROOTS))?;
        match client.head(url.clone()).send().await.map_err(|error| unreached(&error)) {
            Ok(answer) => Ok(Reached { date: date(&answer) }),
            // The way there is free; what is wrong with the answer is not asked here.
            Err(Unreached { obstacle: Obstacle::Answer, .. }) => Ok(Reached { date: None }),
            Err(unreached) => Err(unreached),
        }
    }
}

/// RFC 9110 section 6.6.1.
fn date(answer: &Response) -> Option<Timestamp> {
    let text = answer.headers().get(DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp())
}

async fn send(request: RequestBuilder, context: &str) -> Result<Answer, OAuthError> {
    let request = request.header(ACCEPT, "application/json").header(ACCEPT_ENCODING, "identity");
    let response = request.send().await.map_err(|error| match error.is_builder() {
        true => fault(OAuthFault::Configuration, context),
        false => network(&error, context),
    })?;
    let status = response.status().as_u16();
    let retry_after =
        response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let date = date(&response);
    let host = response.url().host_str().map(str::to_owned);
    let body = body(response, context).await?;
    Ok(Answer { host, status, retry_after, date, body })
}

async fn body(mut response: Response, context: &str) -> Result<Vec<u8>, OAuthError> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_BODY => body.extend_from_slice(&chunk),
            Ok(Some(_)) => {
                return Err(fault(
                    OAuthFault::NotAnEndpoint,
                    &format!("{context}: more than 64 KiB came back"),
                ));
            }
            Ok(None) => return Ok(body),
            Err(error) => return Err(network(&error, context)),
        }
    }
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// A failure below HTTP, as the port tells it.
fn network(error: &reqwest::Error, context: &str) -> OAuthError {
    let host = error.url().map(|url| host(url).to_owned());
    unreached(error).to_error(context, host.as_deref().unwrap_or("the provider"))
}

fn unreached_by(obstacle: Obstacle, seen: &str) -> Unreached {
    Unreached { obstacle, seen: seen.to_owned() }
}

/// The gate let nothing through.
fn closed_by(closed: &Closed) -> Unreached {
    let obstacle = match closed {
        Closed::NotResolved => Obstacle::Name,
        Closed::Refused(_) => Obstacle::Address,
    };
    unreached_by(obstacle, &closed.to_string())
}

/// reqwest tells the layer only in the texts of its causes. Its own text may hold the URL, and with it a query.
fn unreached(error: &reqwest::Error) -> Unreached {
    let chain = || std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let causes: Vec<String> = chain().map(ToString::to_string).collect();
    let told = |words: &[&str]| causes.iter().any(|cause| words.iter().any(|word| cause.contains(word)));
    if let Some(closed) = chain().find_map(|cause| cause.downcast_ref::<Closed>()) {
        return closed_by(closed);
    }
    if told(&["certificate"]) {
        let why = [
            (["NotValidForName", "not valid for name"], "the certificate is for another host"),
            (["Expired", "expired"], "the certificate has expired"),
            (["NotValidYet", "not valid yet"], "the certificate is not valid yet"),
            (
                // Bad: of another authority that has the name of a trusted one.
                ["UnknownIssuer", "BadSignature"],
                "the certificate is not signed by an authority that this machine trusts; --extra-ca-file gives it yours",
            ),
        ];
        let why = why.iter().find(|(words, _)| told(words)).map(|(_, why)| *why);
        return unreached_by(Obstacle::Certificate, why.unwrap_or("the certificate is not valid"));
    }
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => unreached_by(Obstacle::Tcp, "no connection could be made in time"),
        (true, false) if told(&["tcp connect error"]) => {
            unreached_by(Obstacle::Tcp, "no connection could be made")
        }
        (true, false) => unreached_by(Obstacle::Tls, "no TLS connection could be made"),
        (false, true) => unreached_by(Obstacle::Answer, "no answer in time"),
        (false, false) => unreached_by(Obstacle::Answer, "the connection broke"),
    }
}
