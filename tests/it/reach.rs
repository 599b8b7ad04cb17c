//! How far the way to a provider leads, as `maildocket doctor` tells it.

use intake::{
    ports::{OAuthProvider, Obstacle, Reached},
    types::host::AddressPolicy,
};
use oauth_provider::{HttpProvider, ProviderConfig};
use playground::{Options, Playground};
use tokio::net::TcpListener;
use url::Url;

type Way = Result<Reached, (Obstacle, String)>;

async fn playground(names: &[&str]) -> Playground {
    let certificate_names = names.iter().map(|name| (*name).to_owned()).collect();
    Playground::start(Options { certificate_names, ..Options::default() }).await.expect("a playground")
}

async fn reach(trusted: &Playground, allow_private: bool, url: &str) -> Way {
    let roots = trusted.ca_pem().as_bytes().to_vec();
    let config = ProviderConfig::new(machine::gate(AddressPolicy { allow_private }), Some(roots));
    let provider = HttpProvider::new(config).expect("a provider client");
    let url = Url::parse(url).expect("a URL");
    provider.reach(&url).await.map_err(|unreached| (unreached.obstacle, unreached.seen))
}

#[tokio::test]
async fn each_obstacle_on_the_way_is_told_apart() {
    let (good, other) = (playground(&["127.0.0.1"]).await, playground(&["id.example.test"]).await);
    let stranger = playground(&["127.0.0.1"]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let closed = format!("https://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    let plain = good.plain_provider_url().as_str().replace("http:", "https:");
    let told = |obstacle, seen: &str| -> Way { Err((obstacle, seen.to_owned())) };

    assert!(reach(&good, true, good.provider_url().as_str()).await.is_ok());
    let name = told(Obstacle::Name, "the host does not resolve");
    assert_eq!(reach(&good, true, "https://id.invalid/").await, name);
    let address = told(Obstacle::Address, "the address is not one that may be connected to");
    assert_eq!(reach(&good, false, "https://localhost/").await, address);
    let tcp = told(Obstacle::Tcp, "no connection could be made");
    assert_eq!(reach(&good, true, &closed).await, tcp);
    let tls = told(Obstacle::Tls, "no TLS connection could be made");
    assert_eq!(reach(&good, true, &plain).await, tls);
    let misnamed = told(Obstacle::Certificate, "the certificate is for another host");
    assert_eq!(reach(&other, true, other.provider_url().as_str()).await, misnamed);
    let why = "the certificate is not signed by an authority that this machine trusts; --extra-ca-file gives it yours";
    let untrusted = told(Obstacle::Certificate, why);
    assert_eq!(reach(&good, true, stranger.provider_url().as_str()).await, untrusted);
}
