//! What all handlers know, and what the process around them tells.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::extract::FromRef;
use intake::{App, flows::audit::Refusals};
use secrecy::SecretString;

use crate::budget::Budget;

/// What the HTTP side of a process is told at its start.
#[derive(Debug, Clone, Default)]
pub struct WebSettings {
    /// The addresses listened on: accepted in the Host header besides the base URL's.
    pub listen: Vec<SocketAddr>,
    /// `X-Forwarded-Host` and `X-Forwarded-For` count, because only a proxy of ours can reach us.
    pub trusted_proxy: bool,
    /// A link that signs in once, at the first start and for the demo: see [`OneTimeLink`].
    pub one_time_link: Option<OneTimeLink>,
}

/// Where it is told whether the installation can do its work.
pub(crate) const HEALTH: &str = "/healthz";

/// How a request is called, where the process is told it with the request (AWS Lambda): an extension of the request.
/// Everything that is logged for the request carries it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestId {
    /// By API Gateway, whose access log says it too.
    pub gateway: Option<String>,
    /// By Lambda.
    pub lambda: Option<String>,
}

/// The address of the client, where the process is told it with the request (AWS Lambda): an extension of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub std::net::IpAddr);

/// What handlers know.
#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) app: App,
    pub(crate) settings: Arc<WebSettings>,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) budget: Budget,
}

impl FromRef<Web> for App {
    fn from_ref(web: &Web) -> Self {
        web.app.clone()
    }
}

/// A link that signs in once: the first start and the demo tell it. Kept in memory only. Looking at it uses nothing up, so
/// that programs which look at links before people do leave it good.
#[derive(Debug, Clone)]
pub struct OneTimeLink {
    ticket: String,
    token: Arc<Mutex<Option<SecretString>>>,
    page: String,
}

impl OneTimeLink {
    /// A link with this ticket (random, 43 characters), which signs in with this token and leads to this page of ours.
    pub fn new(ticket: String, token: SecretString, page: String) -> Self {
        Self { ticket, token: Arc::new(Mutex::new(Some(token))), page }
    }

    /// The page that comes behind it, where this is its ticket.
    pub(crate) fn page(&self, ticket: &str) -> Option<&str> {
        let same =
            aws_lc_rs::constant_time::verify_slices_are_equal(ticket.as_bytes(), self.ticket.as_bytes());
        same.is_ok().then_some(&self.page)
    }

    /// Whether it was not used yet, and this is its ticket.
    pub(crate) fn is_good(&self, ticket: &str) -> bool {
        self.page(ticket).is_some() && self.held().is_some()
    }

    /// The token, the first time that it is taken with the ticket.
    pub(crate) fn take(&self, ticket: &str) -> Option<SecretString> {
        self.page(ticket)?;
        self.held().take()
    }

    fn held(&self) -> MutexGuard<'_, Option<SecretString>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
