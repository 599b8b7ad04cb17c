//! Against small servers on loopback that answer as providers do on bad days.

use std::{sync::Arc, time::Duration};

use intake::{ports::Resolve, types::host::AddressPolicy};
use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

mod consent;
mod ways;

/// A server that reads a request and gives each connection this answer; `None`: never.
async fn server(answer: Option<String>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                match answer {
                    Some(answer) => drop(stream.write_all(answer.as_bytes()).await),
                    None => std::future::pending().await,
                }
            });
        }
    });
    url.parse().unwrap()
}

fn http(status: &str, headers: &str, body: &str) -> Option<String> {
    Some(format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ))
}

fn provider(allow_private: bool) -> HttpProvider {
    let mut config = ProviderConfig::new(machine::gate(AddressPolicy { allow_private }), None);
    config.total_time = Duration::from_millis(500);
    HttpProvider::new(config).unwrap()
}

fn client(provider: Provider, token: Url) -> Client {
    let endpoints = intake::types::integration::Endpoints {
        authorization: token.clone(),
        revocation: Some(token.clone()),
        authentication: Vec::new(),
        token,
    };
    Client {
        provider,
        endpoints,
        id: "id".to_owned(),
        secret: "CANARY".into(),
        authentication: ClientAuthentication::default(),
    }
}

async fn refresh_of(kind: Provider, answer: Option<String>) -> Result<TokenAnswer, OAuthError> {
    let client = client(kind, server(answer).await);
    provider(true).refresh(&client, &SecretString::from("CANARY-refresh"), &[]).await
}

#[tokio::test]
async fn tokens_are_read_as_providers_write_them() {
    let body = r#"{"access_token":"a","expires_in":"1800","token_type":"BEARER","scope":"x,y z","refresh_token":""}"#;
    let answer = refresh_of(Provider::Custom, http("200 OK", "", body)).await.unwrap();
    assert_eq!(answer.expires_in, Duration::from_secs(1800));
    assert_eq!(answer.scopes.unwrap(), ["x", "y", "z"]);
    assert!(answer.refresh_token.is_none());
    let bare = refresh_of(Provider::Custom, http("200 OK", "", r#"{"access_token":"a","expires_in":-5}"#))
        .await
        .unwrap();
    assert_eq!(bare.expires_in, DEFAULT_LIFE);
}

#[tokio::test]
async fn any_success_with_tokens_in_it_is_accepted() {
    let json = r#"{"access_token":"a","token_type":"Bearer","expires_in":60,"refresh_token":"r"}"#;
    let form = "access_token=a&expires_in=60&refresh_token=r&scope=x%2Cy&token_type=bearer";
    for (status, body) in
        [("201 Created", json), ("203 Other", json), ("200 OK", form), ("202 Accepted", form)]
    {
        let answer = refresh_of(Provider::Custom, http(status, "", body)).await.unwrap();
        assert_eq!(answer.expires_in, Duration::from_secs(60), "{status} {body}");
        assert!(answer.refresh_token.is_some_and(|token| token.expose_secret() == "r"), "{status} {body}");
    }
    let github = "access_token=gho_x&scope=repo%2Cgist&token_type=bearer\n";
    let answer = refresh_of(Provider::Custom, http("200 OK", "", github)).await.unwrap();
    assert_eq!(answer.scopes.unwrap(), ["repo", "gist"]);
    assert_eq!(answer.access_token.expose_secret(), "gho_x");
    for (status, body) in
        [("204 No Content", ""), ("201 Created", "<html>access_token</html>"), ("300 Many", json)]
    {
        let error = refresh_of(Provider::Custom, http(status, "", body)).await.unwrap_err();
        assert_eq!(error.fault, OAuthFault::NotAnEndpoint, "{status} {body}");
    }
}

#[tokio::test]
async fn a_dead_grant_is_known_in_other_words_and_a_short_problem_ends_none() {
    use OAuthFault::{ClientRefused, Configuration, GrantRefused};
    let short = OAuthFault::Temporary { after: None };
    for (status, body, fault) in [
        ("401 No", r#"{"error":"invalid_token"}"#, GrantRefused.clone()),
        ("403 No", r#"{"error":"invalid_grant"}"#, GrantRefused.clone()),
        ("200 OK", r#"{"ok":false,"error":"invalid_refresh_token"}"#, GrantRefused.clone()),
        ("200 OK", r#"{"access_token":"","error":"token_expired"}"#, GrantRefused.clone()),
        ("200 OK", "error=bad_refresh_token&error_description=It+has+expired.", GrantRefused.clone()),
        ("400 No", r#"{"error":"INVALID_REFRESH_TOKEN"}"#, GrantRefused.clone()),
        ("400 No", r#"{"error":"InvalidGrant"}"#, GrantRefused.clone()),
        ("400 No", r#"{"error":"token not found","error_code":6}"#, GrantRefused.clone()),
        ("400 No", r#"{"error":{"code":"invalid_grant","message":"gone"}}"#, GrantRefused.clone()),
        ("400 No", r#"{"errors":[{"code":"invalid_grant"}]}"#, GrantRefused.clone()),
        ("400 No", r#"{"errorCode":"token_revoked","errorMessage":"x"}"#, GrantRefused.clone()),
        (
            "400 No",
            r#"{"error":"invalid_request","error_description":"The refresh token is invalid, expired or revoked"}"#,
            GrantRefused.clone(),
        ),
        (
            "400 No",
            r#"{"error":"invalid_request","error_description":"refresh_token is missing"}"#,
            Configuration.clone(),
        ),
        (
            "401 No",
            r#"{"error":"unauthorized_client","error_description":"Invalid client or Invalid client credentials"}"#,
            ClientRefused.clone(),
        ),
        ("400 No", r#"{"error":"Access Denied","error_description":"too many requests"}"#, short.clone()),
        (
            "400 No",
            r#"{"error":"invalid_grant","error_description":"Temporarily locked, try again later"}"#,
            short.clone(),
        ),
        ("400 No", r#"{"error":"invalid_grant","error_description":"Internal error"}"#, short.clone()),
        ("400 No", r#"{"error":"access_denied","error_description":"Too many requests"}"#, short.clone()),
        ("403 No", r#"{"error":"internal_failure"}"#, short.clone()),
        ("500 No", r#"{"error":"invalid_grant"}"#, short.clone()),
        ("400 No", r#"{"error":null,"error_code":"invalid_grant"}"#, GrantRefused.clone()),
        // No word of the standard, and words for people.
        ("400 No", r#"{"error":400,"message":"The refresh token has expired"}"#, GrantRefused.clone()),
        ("200 OK", r#"{"errcode":40029,"errmsg":"refresh_token is invalid"}"#, GrantRefused.clone()),
        ("401 No", r#"{"message":"Client is unknown"}"#, Configuration.clone()),
        ("403 No", r#"{"title":"Forbidden","detail":["Too many requests"]}"#, short.clone()),
        ("404 No", r#"{"message":"Not found"}"#, OAuthFault::NotAnEndpoint),
        ("429 No", r#"{"error":"invalid_grant"}"#, short.clone()),
    ] {
        let error = refresh_of(Provider::Custom, http(status, "", body)).await.unwrap_err();
        assert_eq!(error.fault, fault, "{status} {body}");
    }
}

#[tokio::test]
async fn words_in_another_charset_hide_nothing() {
    let body = |words: &[u8]| crate::answer::Answer {
        host: None,
        status: 400,
        retry_after: None,
        date: None,
        body: [br#"{"error":"invalid_grant","error_description":""#, words, br#""}"#].concat(),
    };
    let error = failure::of_answer(&body(b"Ung\xfcltig"), "x");
    assert_eq!(error.fault, OAuthFault::GrantRefused);
    assert!(error.description.is_some_and(|words| words.starts_with("Ung")));
}

#[tokio::test]
async fn a_providers_words_are_kept_without_what_we_sent() {
    let body = r#"{"error":"invalid_request","error_description":"CANARY-refresh of CANARY is odd: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"}"#;
    let error = refresh_of(Provider::Custom, http("400 No", "", body)).await.unwrap_err();
    assert_eq!(error.description.as_deref(), Some("… of … is odd: …"));
}

const DEFAULT_LIFE: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn failures_say_what_to_do() {
    let oauth = |error: &str| format!(r#"{{"error":"{error}","error_description":"d"}}"#);
    let aadsts = |n: u32| format!(r#"{{"error":"invalid_grant","error_description":"AADSTS{n}: text"}}"#);
    let temporary = |s: Option<u64>| OAuthFault::Temporary { after: s.map(Duration::from_secs) };
    let cases = [
        (http("400 Bad Request", "", &oauth("invalid_grant")), OAuthFault::GrantRefused),
        (http("401 Unauthorized", "", &oauth("invalid_client")), OAuthFault::ClientRefused),
        (http("400 Bad Request", "", &oauth("invalid_scope")), OAuthFault::Configuration),
        (http("400 Bad Request", "", &aadsts(53003)), OAuthFault::Administrator),
        (http("400 Bad Request", "", &aadsts(90033)), temporary(None)),
        (http("400 Bad Request", "", &aadsts(7_000_222)), OAuthFault::ClientRefused),
        (http("400 Bad Request", "", &aadsts(700_082)), OAuthFault::GrantRefused),
        (http("503 Busy", "retry-after: 7\r\n", "busy"), temporary(Some(7))),
        (
            http(
                "503 Busy",
                "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: Sun, 06 Nov 1994 08:51:07 GMT\r\n",
                "",
            ),
            temporary(Some(90)),
        ),
        (http("503 Busy", "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n", ""), temporary(None)),
        (http("429 Slow", "retry-after: 99999\r\n", ""), temporary(Some(3600))),
        (http("200 OK", "", &oauth("invalid_code")), OAuthFault::GrantRefused),
        (http("400 Bad Request", "", "error=invalid_grant&error_description=x"), OAuthFault::GrantRefused),
        (http("200 OK", "content-type: text/html\r\n", "<html>Sign in</html>"), OAuthFault::NotAnEndpoint),
        (http("302 Found", "location: http://169.254.169.254/\r\n", ""), OAuthFault::NotAnEndpoint),
        (http("200 OK", "", &"x".repeat(3_000_000)), OAuthFault::NotAnEndpoint),
        (Some(String::new()), OAuthFault::AnswerLost),
        (None, OAuthFault::AnswerLost),
    ];
    for (answer, fault) in cases {
        let shown = answer.clone().map(|a| a.chars().take(80).collect::<String>());
        let error = refresh_of(Provider::Custom, answer).await.unwrap_err();
        assert_eq!(error.fault, fault, "{shown:?}");
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{error:?}");
    }
    for nonsense in ["<html>".to_owned(), "x".repeat(3_000_000)] {
        let error = refresh_of(Provider::Google, http("200 OK", "", &nonsense)).await.unwrap_err();
        assert_eq!(error.fault, temporary(None), "a known provider has a bad day");
    }
    let nobody = client(Provider::Custom, "http://127.0.0.1:1/token".parse().unwrap());
    let error = provider(true).refresh(&nobody, &"x".into(), &[]).await.unwrap_err();
    assert_eq!(error.fault, temporary(None), "nothing was sent");
}

#[tokio::test]
async fn a_token_is_revoked_where_the_provider_can() {
    let oauth = |error: &str| format!(r#"{{"error":"{error}"}}"#);
    let token = SecretString::from("CANARY-refresh");
    let revoke = async |answer| {
        let client = client(Provider::Custom, server(answer).await);
        provider(true).revoke(&client, &token).await.map_err(|error| error.fault)
    };
    let revoked = Ok(true);
    assert_eq!(revoke(http("200 OK", "", "")).await, revoked);
    assert_eq!(
        revoke(http("400 Bad Request", "", &oauth("invalid_token"))).await,
        revoked,
        "it is not known"
    );
    let unsupported = http("400 Bad Request", "", &oauth("unsupported_token_type"));
    assert_eq!(revoke(unsupported).await, Err(OAuthFault::Configuration));
    let refused = http("401 Unauthorized", "", &oauth("invalid_client"));
    assert_eq!(revoke(refused).await, Err(OAuthFault::ClientRefused));
    assert_eq!(revoke(http("503 Busy", "", "")).await, Err(OAuthFault::Temporary { after: None }));
    let mut without = client(Provider::Custom, "https://id.example/token".parse().unwrap());
    without.endpoints.revocation = None;
    assert_eq!(provider(true).revoke(&without, &token).await, Ok(false));
    let microsoft = Client { provider: Provider::Microsoft, ..without };
    assert_eq!(provider(true).revoke(&microsoft, &token).await, Ok(false));
}

#[tokio::test]
async fn only_permitted_addresses_are_connected_to() {
    let open = server(http("200 OK", "", "{}")).await;
    for url in [
        open.as_str(),
        "http://localhost:1/t",
        "https://127.0.0.1/t",
        "https://169.254.169.254/t",
        "https://[::1]/t",
        "http://8.8.8.8/t",
    ] {
        let error = provider(false)
            .refresh(&client(Provider::Custom, url.parse().unwrap()), &"x".into(), &[])
            .await
            .unwrap_err();
        assert_eq!(error.fault, OAuthFault::Address, "{url}");
    }
    let metadata = client(Provider::Custom, "http://169.254.169.254/t".parse().unwrap());
    assert_eq!(
        provider(true).refresh(&metadata, &"x".into(), &[]).await.unwrap_err().fault,
        OAuthFault::Address
    );
}

/// A server that has one document, at this path; everywhere else it shows a page, as some do.
async fn documents(path: &'static str, issuer: &'static str) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let at = |path: &str| base.join(path).unwrap().to_string();
    let document = format!(
        r#"{{"issuer":"{}","authorization_endpoint":"{}","token_endpoint":"{}"}}"#,
        at(issuer),
        at("/auth"),
        at("/token")
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let read = stream.read(&mut request).await.unwrap_or(0);
            let asked = String::from_utf8_lossy(&request[..read]).into_owned();
            let found = asked.starts_with(&format!("GET {path} "));
            let answer = http("200 OK", "", if found { &document } else { "<html>Not here</html>" });
            let _ = stream.write_all(answer.unwrap().as_bytes()).await;
        }
    });
    base
}

#[tokio::test]
async fn metadata_is_found_in_each_of_its_places() {
    let discover = async |path, issuer, asked: &str| {
        let base = documents(path, issuer).await;
        provider(true).discover(&base.join(asked).unwrap()).await.map_err(|error| error.fault)
    };
    for (path, issuer) in [
        ("/.well-known/openid-configuration", "/"),
        ("/.well-known/oauth-authorization-server", "/"),
        ("/realms/a/.well-known/openid-configuration", "/realms/a"),
        ("/.well-known/oauth-authorization-server/realms/a", "/realms/a"),
        ("/.well-known/openid-configuration/realms/a", "/realms/a"),
    ] {
        let found = discover(path, issuer, issuer).await.unwrap();
        assert!(found.issuer.ends_with(issuer) && found.endpoints.token.path() == "/token", "{path}");
    }
    let root = "/.well-known/oauth-authorization-server";
    assert_eq!(discover(root, "/", "/realms/a").await, Err(OAuthFault::NotAnEndpoint), "of another issuer");
    let other = "/.well-known/oauth-authorization-server/realms/a";
    for issuer in ["/", "/realms/b", "/realms/a/"] {
        let told = discover(other, issuer, "/realms/a").await;
        assert_eq!(told, Err(OAuthFault::Configuration), "it says that it is {issuer}");
    }
}

/// Names that have these addresses, in this order.
struct Named(Vec<std::net::SocketAddr>);

#[async_trait]
impl Resolve for Named {
    async fn resolve(&self, _: &str, _: u16) -> std::io::Result<Vec<std::net::SocketAddr>> {
        Ok(self.0.clone())
    }
}

/// An address at which nobody answers comes first, of IPv6 where this machine has it (RFC 8305).
#[tokio::test]
async fn a_dead_address_does_not_use_up_all_the_time() {
    let mut url = server(http("200 OK", "", r#"{"access_token":"a","expires_in":1}"#)).await;
    let port = url.port().unwrap();
    let dead = |host: &str| {
        let socket = if host.contains(':') {
            tokio::net::TcpSocket::new_v6()
        } else {
            tokio::net::TcpSocket::new_v4()
        };
        let at: std::net::SocketAddr = format!("{host}:{port}").parse().unwrap();
        let socket = socket?;
        socket.bind(at)?;
        Ok::<_, std::io::Error>((at, socket.listen(1)?))
    };
    let (at, _listener) = dead("[::1]").or_else(|_| dead("127.0.0.2")).unwrap();
    // Its queue is full: connections are neither taken nor refused.
    let mut queued = Vec::new();
    let connect = || tokio::net::TcpStream::connect(at);
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(200), connect()).await {
        queued.push(stream.unwrap());
    }
    url.set_host(Some("idp.lan")).unwrap();
    let alive = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let mut config = ProviderConfig::new(machine::gate(AddressPolicy { allow_private: true }), None);
    config.connect_time = Duration::from_secs(4);
    config.gate.resolver = Arc::new(Named(vec![at, alive]));
    let provider = HttpProvider::new(config).unwrap();
    let answer = provider.refresh(&client(Provider::Custom, url), &"r".into(), &[]).await;
    assert!(answer.is_ok(), "{answer:?}");
}
