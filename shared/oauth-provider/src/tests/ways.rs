//! What is tried in another way: how the client signs in, and the scope of a refresh.

use super::*;

/// A server that answers one request after the other, and what it was asked.
async fn in_turn(answers: Vec<String>) -> (Url, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let (asked, requests) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !is_whole(&request) {
                let read = stream.read_buf(&mut request).await.unwrap();
                assert!(read > 0, "a whole request");
            }
            asked.send(String::from_utf8(request).unwrap()).unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url.parse().unwrap(), requests)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
    length.and_then(|length| length.parse().ok()).is_some_and(|length: usize| body.len() >= length)
}

fn refused(error: &str, description: &str) -> String {
    let body = format!(r#"{{"error":"{error}","error_description":"{description}"}}"#);
    http("400 Bad Request", "", &body).unwrap()
}

fn good() -> String {
    http("200 OK", "", r#"{"access_token":"a","expires_in":60}"#).unwrap()
}

#[tokio::test]
async fn a_refresh_names_its_scope_where_the_provider_wants_it() {
    let scopes = ["mail".to_owned(), "offline_access".to_owned()];
    for (error, description) in [
        ("invalid_request", "AADSTS900144: The request body must contain the following parameter: 'scope'."),
        ("invalid_request", "Missing parameter: scope"),
        ("invalid_scope", "No scope was given"),
        ("missing_scope", ""),
    ] {
        let (url, mut asked) = in_turn(vec![refused(error, description), good()]).await;
        let client = client(Provider::Custom, url);
        provider(true).refresh(&client, &"CANARY-refresh".into(), &scopes).await.unwrap();
        assert!(!asked.recv().await.unwrap().contains("scope="), "as granted");
        assert!(asked.recv().await.unwrap().contains("scope=mail+offline_access"), "{description}");
    }
    // Another mistake is not tried again, and neither is a grant that ended.
    for (error, description) in [("invalid_request", "odd"), ("invalid_grant", "scope of the token ended")] {
        let (url, _asked) = in_turn(vec![refused(error, description), good()]).await;
        let client = client(Provider::Custom, url);
        let told = provider(true).refresh(&client, &"CANARY-refresh".into(), &scopes).await.unwrap_err();
        assert_eq!(told.error.as_deref(), Some(error));
    }
}

use ClientAuthentication::{ClientSecretBasic as Basic, ClientSecretPost as Post};

fn signed_in_by(request: &str) -> ClientAuthentication {
    let basic = request.to_ascii_lowercase().contains("authorization: basic");
    assert_ne!(basic, request.contains("client_secret="), "one way, and not both");
    if basic { Basic } else { Post }
}

#[tokio::test]
async fn a_refused_client_signs_in_the_other_way_once() {
    for (status, error, description) in [
        ("401 Unauthorized", "invalid_client", "Client authentication failed"),
        ("400 Bad Request", "invalid_client", ""),
        ("401 Unauthorized", "unauthorized_client", "Invalid client or Invalid client credentials"),
        ("400 Bad Request", "invalid_request", "Missing Authorization header"),
    ] {
        for first in [Post, Basic] {
            let body = format!(r#"{{"error":"{error}","error_description":"{description}"}}"#);
            let (url, mut asked) = in_turn(vec![http(status, "", &body).unwrap(), good()]).await;
            let client = Client { authentication: first, ..client(Provider::Custom, url) };
            let answer = provider(true).refresh(&client, &"CANARY-refresh".into(), &[]).await.unwrap();
            assert_eq!(answer.authentication, first.other(), "what was accepted is told");
            assert_eq!(signed_in_by(&asked.recv().await.unwrap()), first);
            assert_eq!(signed_in_by(&asked.recv().await.unwrap()), first.other());
        }
    }
    let twice = vec![refused("invalid_client", "x"), refused("invalid_client", "y")];
    let (url, _asked) = in_turn(twice).await;
    let client = client(Provider::Custom, url);
    let error = provider(true).refresh(&client, &"CANARY-refresh".into(), &[]).await.unwrap_err();
    assert_eq!((error.fault, error.tried), (OAuthFault::ClientRefused, vec![Post, Basic]));
}

#[tokio::test]
async fn what_the_metadata_say_of_the_way_is_not_tried_otherwise() {
    let refresh = async |told: &[ClientAuthentication], error: &str, description: &str| {
        let (url, _asked) = in_turn(vec![refused(error, description), good()]).await;
        let mut client = client(Provider::Custom, url);
        client.endpoints.authentication = told.to_vec();
        provider(true)
            .refresh(&client, &"CANARY-refresh".into(), &[])
            .await
            .map(|answer| answer.authentication)
    };
    for told in [&[Post][..], &[Post, Basic]] {
        let error = refresh(told, "invalid_client", "x").await.unwrap_err();
        assert_eq!(error.tried, [Post], "the secret is wrong");
    }
    assert_eq!(refresh(&[Basic], "invalid_client", "x").await, Ok(Basic));
    let named = "The client supports client_secret_basic, but client_secret_post was requested";
    assert_eq!(refresh(&[Post, Basic], "invalid_client", named).await, Ok(Basic), "each client has one");
    assert!(refresh(&[], "invalid_grant", "x").await.unwrap_err().tried.is_empty());
    let secret = "AADSTS7000215: Invalid client secret provided.";
    assert!(refresh(&[], "invalid_client", secret).await.is_err(), "it says what is wrong");
}

#[tokio::test]
async fn metadata_tell_how_clients_sign_in() {
    let ways = |list: &str| {
        let issuer: Url = "https://id.example".parse().unwrap();
        let body = format!(
            r#"{{"issuer":"https://id.example","authorization_endpoint":"https://id.example/a","token_endpoint":"https://id.example/t"{list}}}"#
        );
        let answer = crate::answer::Answer {
            host: None,
            status: 200,
            retry_after: None,
            date: None,
            body: body.into_bytes(),
        };
        crate::metadata::metadata(&issuer, &answer, "x").unwrap().endpoints.authentication
    };
    let list = |words: &str| ways(&format!(r#","token_endpoint_auth_methods_supported":{words}"#));
    assert_eq!(list(r#"["private_key_jwt","client_secret_basic"]"#), [Basic]);
    assert_eq!(list(r#"["client_secret_post"]"#), [Post]);
    assert_eq!(list(r#""client_secret_post""#), []);
    // What is odd beside it.
    let odd = r#","revocation_endpoint":"","authorization_response_iss_parameter_supported":"true""#;
    assert_eq!(list(&format!(r#"["client_secret_post"]{odd}"#)), [Post]);
    assert_eq!(ways(""), []);
}

#[test]
fn national_clouds_are_microsofts() {
    for host in [
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.chinacloudapi.cn",
    ] {
        let url = format!("https://{host}/organizations/oauth2/v2.0/token").parse().unwrap();
        assert!(is_microsoft(&client(Provider::Custom, url)), "{host}");
    }
    let other = "https://login.microsoftonline.us.example/token".parse().unwrap();
    assert!(!is_microsoft(&client(Provider::Custom, other)));
}
