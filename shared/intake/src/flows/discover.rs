//! From an address alone to the provider that keeps its mail, the tenant there, and the server to read from. Every guess comes
//! with what was seen, so that somebody can judge and correct it.

use std::time::Duration;

use futures::future::join3;

use crate::{
    App, Sentence,
    ports::Untold,
    types::{
        host::MailHost,
        integration::Provider,
        mailbox::{MailServer, Protocol, Tls},
        presets::{self, Preset},
    },
};

/// The longest that a domain is asked: somebody waits for the page.
const TIME: Duration = Duration::from_secs(5);

/// What an address tells.
#[derive(Debug, Clone)]
pub struct Found {
    /// Whose the mail most likely is.
    pub preset: Option<Preset>,
    /// Whether that was told, and is not only likely.
    pub is_told: bool,
    /// The domain's tenant at Microsoft.
    pub tenant: Option<String>,
    /// The server to read from. A guess where nobody told one.
    pub server: MailServer,
    /// What was seen, most telling first.
    pub evidence: Vec<Sentence>,
}

/// What the domain of an address tells. None: it is no address.
pub async fn of_address(app: &App, address: &str) -> Option<Found> {
    let domain = presets::domain_of(address)?;
    if let Some(preset) = presets::of_address(address) {
        let told = Sentence::new("discover.domain").with("domain", &domain).with("provider", preset.name);
        let server = preset.mail_server().or_else(|| guessed(&domain))?;
        return Some(Found {
            preset: Some(preset),
            is_told: true,
            tenant: None,
            server,
            evidence: vec![told],
        });
    }
    let (exchangers, servers, tenant) = join3(
        in_time(app, app.discovery.mail_exchangers(&domain)),
        in_time(app, app.discovery.mail_servers(&domain)),
        in_time(app, app.discovery.tenant(&domain)),
    )
    .await;
    judged(&domain, exchangers, servers, tenant)
}

async fn in_time<T>(app: &App, call: impl Future<Output = Result<T, Untold>>) -> Result<T, Untold> {
    app.within(TIME, call).await.unwrap_or(Err(Untold))
}

/// Who takes the mail says most; then who is to be read from; a tenant alone may be one without mailboxes.
fn judged(
    domain: &MailHost,
    exchangers: Result<Vec<MailHost>, Untold>,
    servers: Result<Vec<MailServer>, Untold>,
    tenant: Result<Option<String>, Untold>,
) -> Option<Found> {
    let mut evidence = vec![of_exchangers(domain, &exchangers)];
    let servers = servers.unwrap_or_default();
    let tenant = tenant.unwrap_or_default();
    if let Some(server) = servers.first() {
        let told = Sentence::new("discover.server").with("domain", domain);
        evidence.push(told.with("host", &server.host).with("port", server.port));
    }
    if let Some(tenant) = &tenant {
        evidence.push(Sentence::new("discover.tenant").with("domain", domain).with("tenant", tenant));
    }
    let by_exchanger = exchangers.unwrap_or_default().iter().find_map(presets::of_exchanger);
    let by_server = || servers.iter().find_map(|server| presets::of_server(&server.host));
    let told = by_exchanger.or_else(by_server);
    let is_told = told.is_some();
    let by_tenant = || tenant.as_ref().and_then(|_| presets::of_id(Provider::Microsoft.as_str()));
    let preset = told.or_else(by_tenant);
    let known = preset.as_ref().filter(|_| is_told).and_then(Preset::mail_server);
    let server = match known.or_else(|| servers.into_iter().next()) {
        Some(server) => server,
        None => {
            let server = preset.as_ref().and_then(Preset::mail_server).or_else(|| guessed(domain))?;
            let told = Sentence::new("discover.server.guessed").with("domain", domain);
            evidence.push(told.with("host", &server.host));
            server
        }
    };
    Some(Found { preset, is_told, tenant, server, evidence })
}

fn of_exchangers(domain: &MailHost, told: &Result<Vec<MailHost>, Untold>) -> Sentence {
    match told.as_deref() {
        Ok([first, ..]) => Sentence::new("discover.mx").with("domain", domain).with("host", first),
        Ok([]) => Sentence::new("discover.mx.none").with("domain", domain),
        Err(Untold) => Sentence::new("discover.mx.untold").with("domain", domain),
    }
}

/// Named as most are.
fn guessed(domain: &MailHost) -> Option<MailServer> {
    let host = MailHost::new(&format!("imap.{domain}")).ok()?;
    Some(MailServer { protocol: Protocol::Imap, host, port: 993, tls: Tls::Implicit })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    const TENANT: &str = "6babcaad-604b-40ac-a9d7-9fd97c0b779f";

    fn host(name: &str) -> MailHost {
        MailHost::new(name).unwrap()
    }

    fn server(name: &str) -> MailServer {
        MailServer { protocol: Protocol::Imap, host: host(name), port: 143, tls: Tls::Starttls }
    }

    fn told(
        exchangers: &[&str],
        servers: &[&str],
        tenant: Option<&str>,
    ) -> (String, bool, String, Vec<String>) {
        let exchangers = exchangers.iter().map(|name| host(name)).collect();
        let servers = servers.iter().map(|name| server(name)).collect();
        let found = judged(&host("example.com"), Ok(exchangers), Ok(servers), Ok(tenant.map(str::to_owned)));
        let found = found.unwrap();
        let preset = found.preset.map_or("-", |preset| preset.id).to_owned();
        let server = format!("{}:{}", found.server.host, found.server.port);
        let evidence = found.evidence.iter().map(|sentence| sentence.message(Language::English)).collect();
        (preset, found.is_told, server, evidence)
    }

    #[test]
    fn who_takes_the_mail_says_whose_it_is() {
        for (exchanger, preset, server) in [
            ("aspmx.l.google.com", "google", "imap.gmail.com:993"),
            ("smtp.google.com", "google", "imap.gmail.com:993"),
            ("example-com.mail.protection.outlook.com", "microsoft", "outlook.office365.com:993"),
            ("example-com.o-v1.mx.microsoft", "microsoft", "outlook.office365.com:993"),
            ("in1-smtp.messagingengine.com", "fastmail", "imap.fastmail.com:993"),
            ("mx01.mail.icloud.com", "icloud", "imap.mail.me.com:993"),
        ] {
            let (found, is_told, from, _) = told(&[exchanger], &["mail.example.com"], None);
            assert_eq!((found.as_str(), is_told, from.as_str()), (preset, true, server), "{exchanger}");
        }
    }

    #[test]
    fn a_filter_in_front_leaves_what_else_is_told() {
        let filter = "eu-smtp-inbound-1.mimecast.com";
        let (preset, is_told, server, evidence) = told(&[filter], &[], Some(TENANT));
        assert_eq!(
            (preset.as_str(), is_told, server.as_str()),
            ("microsoft", false, "outlook.office365.com:993")
        );
        assert_eq!(evidence.len(), 3, "{evidence:?}");
        assert!(evidence[0].contains(filter) && evidence[1].contains(TENANT), "{evidence:?}");
        let (preset, is_told, ..) = told(&[filter], &["outlook.office365.com"], None);
        assert_eq!((preset.as_str(), is_told), ("microsoft", true), "what it tells mail programs");
    }

    #[test]
    fn a_server_of_ones_own_is_told_or_guessed() {
        let (preset, is_told, server, _) = told(&["mx.example.com"], &["mail.example.com"], None);
        assert_eq!((preset.as_str(), is_told, server.as_str()), ("-", false, "mail.example.com:143"));
        let (_, _, server, evidence) = told(&[], &[], None);
        assert_eq!(server, "imap.example.com:993");
        assert!(evidence.last().is_some_and(|told| told.contains("imap.example.com")), "{evidence:?}");
        let untold = judged(&host("example.com"), Err(Untold), Err(Untold), Err(Untold)).unwrap();
        assert_eq!(untold.evidence.len(), 2);
    }
}
