//! The servers that all tests share: each test has an account and a client of its own there.

use std::{fs, path::PathBuf};

use playground::Identity;
use reqwest::{Certificate, Client, redirect::Policy};
use tokio::sync::OnceCell;

use crate::{authority::Authority, dovecot::Dovecot};

static SERVERS: OnceCell<Servers> = OnceCell::const_new();

/// A certificate authority, an OAuth server and a mail server.
pub struct Servers {
    /// Whose certificates the servers show.
    pub identity: Identity,
    /// The authority's certificate, as a PEM file.
    pub ca_file: PathBuf,
    /// The OAuth server.
    pub authority: Authority,
    /// The mail server.
    pub dovecot: Dovecot,
}

impl Servers {
    /// The servers of this test run, started by whoever asks first. They end when this process ends.
    pub async fn get() -> &'static Self {
        SERVERS.get_or_init(Self::start).await
    }

    async fn start() -> Self {
        // Removed by Dovecot's keeper, which outlives us.
        let folder =
            tempfile::Builder::new().prefix("maildocket-servers-").tempdir().expect("a folder").keep();
        let identity = Identity::new().expect("certificates");
        let file = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).expect("a file");
            path
        };
        let ca_file = file("ca.pem", &identity.ca_pem);
        let (certificate, key) =
            (file("server.pem", identity.certificate_pem()), file("server.key", identity.key_pem()));
        let authority = Authority::start(&certificate, &key, http(&identity.ca_pem));
        let dovecot = Dovecot::start(&folder, &certificate, &key, &authority).await;
        println!("OAuth server: {}; IMAP with TLS: localhost:{}", authority.issuer, dovecot.imaps);
        Self { identity, ca_file, authority, dovecot }
    }
}

/// A client that trusts this authority and follows nothing by itself.
pub(crate) fn http(ca_pem: &str) -> Client {
    let roots = Certificate::from_pem_bundle(ca_pem.as_bytes()).expect("a certificate");
    // Each test has a runtime of its own: a connection that another one left would end with it.
    let client = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .tls_certs_merge(roots)
        .pool_max_idle_per_host(0);
    client.build().expect("an HTTP client")
}
