//! What domains tell everybody of their mail: by name servers, by a document for mail programs, and by Microsoft, who tells
//! the tenant of each domain that it knows.

mod autoconfig;

use async_trait::async_trait;
use futures::future::{join, join3};
use intake::{
    ports::{MailDiscovery, Untold},
    types::{
        host::MailHost,
        mailbox::{MailServer, Protocol, Tls},
        presets,
    },
};
use url::Url;

use crate::{HttpProvider, answer::Answer};

/// What OpenID Connect Discovery calls a tenant that Microsoft does not know comes back with this status.
const UNKNOWN_TENANT: u16 = 400;
/// The services of RFC 6186 and RFC 8314 that can be read from, the better ones first.
const SERVICES: [(&str, Protocol, Tls); 3] = [
    ("_imaps._tcp", Protocol::Imap, Tls::Implicit),
    ("_imap._tcp", Protocol::Imap, Tls::Starttls),
    ("_pop3s._tcp", Protocol::Pop3, Tls::Implicit),
];

#[async_trait]
impl MailDiscovery for HttpProvider {
    async fn mail_exchangers(&self, domain: &MailHost) -> Result<Vec<MailHost>, Untold> {
        let told = self.http.resolver().mail_exchangers(domain.as_str()).await.map_err(|_| Untold)?;
        Ok(told.iter().filter_map(|host| MailHost::new(host).ok()).collect())
    }

    async fn mail_servers(&self, domain: &MailHost) -> Result<Vec<MailServer>, Untold> {
        let (document, records) = join(self.documented(domain), self.recorded(domain)).await;
        match (document, records) {
            (Ok(document), _) if !document.is_empty() => Ok(document),
            (_, Ok(records)) => Ok(records),
            (document, Err(Untold)) => document,
        }
    }

    async fn tenant(&self, domain: &MailHost) -> Result<Option<String>, Untold> {
        let metadata =
            format!("https://login.microsoftonline.com/{domain}/v2.0/.well-known/openid-configuration");
        let answer = self.document(&metadata).await?;
        let issuer = answer.object()["issuer"].as_str().and_then(|issuer| Url::parse(issuer).ok());
        let tenant = issuer.as_ref().and_then(|issuer| issuer.path_segments()?.next());
        match tenant.filter(|tenant| presets::is_uuid(tenant)) {
            Some(tenant) => Ok(Some(tenant.to_owned())),
            None if answer.status == UNKNOWN_TENANT => Ok(None),
            None => Err(Untold),
        }
    }
}

impl HttpProvider {
    async fn document(&self, url: &str) -> Result<Answer, Untold> {
        let url = Url::parse(url).map_err(|_| Untold)?;
        self.http.get(&url, "read what a domain tells").await.map_err(|_| Untold)
    }

    /// The document lies at a host for it, or at the domain itself. Which mailbox is meant is nobody's business.
    async fn documented(&self, domain: &MailHost) -> Result<Vec<MailServer>, Untold> {
        let (own_host, well_known) = (
            format!("https://autoconfig.{domain}/mail/config-v1.1.xml"),
            format!("https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml"),
        );
        let (own_host, well_known) = join(self.document(&own_host), self.document(&well_known)).await;
        let read = |answer: Result<Answer, Untold>| {
            let answer = answer?;
            let found =
                if answer.is_success() { autoconfig::servers(&answer.body, domain) } else { Vec::new() };
            Ok(found)
        };
        match (read(own_host), read(well_known)) {
            (Ok(found), _) if !found.is_empty() => Ok(found),
            (first, second) => second.or(first),
        }
    }

    async fn recorded(&self, domain: &MailHost) -> Result<Vec<MailServer>, Untold> {
        let ask = |(service, protocol, tls): (&str, Protocol, Tls)| {
            let name = format!("{service}.{domain}");
            async move {
                let told = self.http.resolver().services(&name).await.map_err(|_| Untold)?;
                let server = |(host, port): (String, u16)| {
                    let host = MailHost::new(&host).ok().filter(|_| port > 0)?;
                    Some(MailServer { protocol, host, port, tls })
                };
                Ok::<_, Untold>(told.into_iter().filter_map(server).collect::<Vec<_>>())
            }
        };
        let [imaps, imap, pop3s] = SERVICES.map(ask);
        let (imaps, imap, pop3s) = join3(imaps, imap, pop3s).await;
        let told: Vec<_> = [imaps, imap, pop3s].into_iter().flatten().collect();
        if told.is_empty() { Err(Untold) } else { Ok(told.concat()) }
    }
}
