//! An installation within the test's process, its API, and a playground beside it.

use intake::{
    flows::{authorize::AuthorizationInput, tokens},
    types::ids::IntegrationId,
};
use playground::{Options, Playground};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    Inside,
    maildocket::{Api, TOKEN},
};

/// The public API over an installation whose outside can be scripted.
pub struct Served {
    /// The installation.
    pub inside: Inside,
    /// The provider and mail server.
    pub playground: Playground,
    /// Its API, called as the administrator.
    pub api: Api,
    _stop: DropGuard,
}

/// An account that has consented for a mailbox, as paths of the API.
pub struct Connected {
    /// Under which.
    pub integration: IntegrationId,
    /// `/grants/…`
    pub grant: String,
    /// `/mailboxes/…`
    pub mailbox: String,
}

impl Served {
    /// With a playground of these options.
    pub async fn new(options: Options) -> Self {
        let playground = Playground::start(options).await.expect("a playground");
        let inside = Inside::new(playground.ca_pem()).await;
        let token = Some(SecretString::from(TOKEN));
        tokens::ensure_admin_token(&inside.app, token.as_ref()).await.expect("a store");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let settings = web::WebSettings { listen: vec![address], ..web::WebSettings::default() };
        let stop = CancellationToken::new();
        let router = web::router(inside.app.clone(), settings);
        tokio::spawn(web::serve(listener, router, stop.clone().cancelled_owned()));
        let api = Api::new(&format!("http://{address}"), playground.ca_pem());
        Self { inside, playground, api, _stop: stop.drop_guard() }
    }

    /// An integration, and an account that has consented for a mailbox.
    pub async fn connected(&self) -> Connected {
        let integration = self.inside.integration(&self.playground).await;
        let mailbox = self.inside.mailbox(&self.playground, integration).await;
        let input = AuthorizationInput { mailbox_id: Some(mailbox), ..AuthorizationInput::default() };
        let grant = self.inside.consent(&self.playground, integration, input).await.expect("a consent");
        Connected { integration, grant: format!("/grants/{grant}"), mailbox: format!("/mailboxes/{mailbox}") }
    }
}
