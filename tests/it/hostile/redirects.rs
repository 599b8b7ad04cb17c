//! Redirects are answers, and lead nowhere.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use intake::{
    ports::{Client, OAuthFault, OAuthProvider},
    types::integration::{ClientAuthentication, Endpoints, Provider},
};
use playground::Identity;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

use super::{NameServer, Outside};

/// A server that answers every request with this, and counts its visitors.
async fn server(answer: String) -> (Url, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap()).parse().unwrap();
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = visits.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let answer = answer.clone();
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (url, visits)
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let names = NameServer::answering(&[&["127.0.0.1"]]);
    let outside = Outside::new(true, &Identity::new().unwrap().ca_pem, &names, &[]);
    let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}".to_owned();
    let (target, visits) = server(ok).await;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let answer = format!(
            "HTTP/1.1 {status}\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let (url, asked) = server(answer).await;
        let endpoints = Endpoints {
            authorization: url.clone(),
            token: url.clone(),
            revocation: Some(url.clone()),
            authentication: Vec::new(),
        };
        let client = Client {
            provider: Provider::Custom,
            endpoints,
            id: "id".to_owned(),
            secret: "secret".into(),
            authentication: ClientAuthentication::default(),
        };
        let refreshed = outside.provider.refresh(&client, &"token".into(), &[]).await.map(|_| ());
        assert_eq!(refreshed.unwrap_err().fault, OAuthFault::NotAnEndpoint, "{status}");
        assert!(outside.provider.revoke(&client, &"token".into()).await.is_err(), "{status}");
        assert!(outside.provider.discover(&url).await.is_err(), "{status}");
        assert!(outside.provider.reach(&url).await.is_ok(), "{status}");
        assert!(asked.load(Ordering::Relaxed) >= 4, "{status}");
    }
    assert_eq!(visits.load(Ordering::Relaxed), 0);
}
