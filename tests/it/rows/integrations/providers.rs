//! Rows 1 to 3, 5 and 10: what an integration connects to, and how.

use std::{collections::BTreeMap, process::Command};

use reqwest::Method;
use serde_json::json;
use tests::{Browser, Person, Servers, maildocket::id, mails::mail};

use super::{custom, docket, google, refused};

#[tokio::test]
async fn row_01_one_integration_serves_many_mailboxes() {
    let servers = Servers::get().await;
    let docket = docket().await;
    let (integration, _) = docket.api.integration(servers).await;
    for n in 1..=2 {
        let account = servers.dovecot.account();
        account.deliver(&mail(&n.to_string(), "A mail", "", "text"));
        let auth = json!({ "method": "oauth2", "integration_id": integration });
        let input = json!({
            "name": format!("Mailbox {n}"), "protocol": "imap", "host": "localhost",
            "port": servers.dovecot.imaps, "tls": "implicit", "auth": auth, "start": { "mode": "all" },
            "project": "SUP",
        });
        let mailbox = id(&docket.api.post("/mailboxes", input).await);
        let mut browser = Browser::new(&servers.identity.ca_pem);
        let person = Person::Agrees(&account.address);
        let input = json!({ "mailbox_id": mailbox });
        let (attempt, _) = docket.api.consent(&mut browser, &integration, input, person).await;
        assert_eq!(attempt["status"], "done", "{attempt}");
        assert_eq!(docket.api.poll(&mailbox).await["created"], 1);
    }
    let grants = docket.api.list(&format!("/grants?integration_id={integration}")).await;
    assert_eq!(grants.len(), 2);
    let path = format!("/integrations/{integration}");
    let (status, problem) = docket.api.attempt(Method::DELETE, &path, None).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("in_use")));
}

#[tokio::test]
async fn row_02_people_sign_in_at_the_provider_with_a_code_and_pkce() {
    let servers = Servers::get().await;
    let docket = docket().await;
    let (integration, client) = docket.api.integration(servers).await;
    let begun = docket.api.post(&format!("/integrations/{integration}/authorizations"), json!({})).await;
    let mut challenges = Vec::new();
    for _ in 0..2 {
        let mut browser = Browser::new(&servers.identity.ca_pem);
        let consent_page = servers.authority.url("/auth");
        let start = begun["start_url"].as_str().unwrap();
        let page = browser.walk(start, Person::Cancels, Some(consent_page.as_str())).await;
        let asked: BTreeMap<String, String> = page.url.query_pairs().into_owned().collect();
        let is = |name: &str, value: &str| assert_eq!(asked.get(name).map(String::as_str), Some(value));
        is("response_type", "code");
        is("code_challenge_method", "S256");
        is("client_id", &client.id);
        assert_eq!(asked["code_challenge"].len(), 43, "a SHA-256 in base64url");
        assert!(asked["redirect_uri"].starts_with(&docket.api.base));
        assert!(!asked.contains_key("client_secret"));
        challenges.push(asked["code_challenge"].clone());
    }
    assert_ne!(challenges[0], challenges[1], "each opening has its own");
}

#[tokio::test]
async fn row_03_nothing_goes_over_the_network_in_clear_text() {
    let docket = docket().await;
    for (pointer, endpoint) in
        [("/token_endpoint", "http://login.example.com/t"), ("/token_endpoint", "http://8.8.8.8/t")]
    {
        let mut body = custom("Plain");
        body["token_endpoint"] = json!(endpoint);
        let (code, pointers) = refused(&docket, "/integrations", body).await;
        assert_eq!((code.as_str(), pointers), ("validation_failed", vec![pointer.to_owned()]), "{endpoint}");
    }
    let mailbox = json!({
        "name": "Plain", "protocol": "imap", "host": "imap.example.com", "port": 143, "tls": "none",
        "auth": { "method": "password", "username": "a", "password": "b" }, "project": "SUP",
    });
    let (code, pointers) = refused(&docket, "/mailboxes", mailbox).await;
    assert_eq!((code.as_str(), pointers), ("clear_text_not_allowed", vec!["/tls".to_owned()]));
    // Without https only this machine can be meant.
    let folder = tempfile::tempdir().unwrap();
    let started = Command::new(std::env::var("MAILDOCKET_TEST_BIN").unwrap())
        .args(["serve", "--listen", "0", "--base-url", "http://docket.example.com", "--data-dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(!started.status.success());
    let told = String::from_utf8_lossy(&started.stderr).into_owned();
    assert!(told.contains("must begin with https://"), "{told}");
}

#[tokio::test]
async fn row_05_providers_are_google_microsoft_and_custom_with_presets_for_mail_hosts() {
    let docket = docket().await;
    for (n, provider) in ["google", "microsoft", "custom"].into_iter().enumerate() {
        let mut body = if provider == "custom" { custom("x") } else { google("x") };
        (body["provider"], body["name"]) = (json!(provider), json!(format!("Provider {n}")));
        assert_eq!(docket.api.post("/integrations", body).await["provider"], provider);
    }
    let mut body = google("Another");
    body["provider"] = json!("yahoo");
    assert_eq!(refused(&docket, "/integrations", body).await.1, ["/provider"]);

    let presets = docket.api.list("/presets").await;
    let of = |id: &str| presets.iter().find(|preset| preset["id"] == id).unwrap_or_else(|| panic!("{id}"));
    let imap = |id: &str| {
        let servers = of(id)["mail_servers"].as_array().unwrap();
        let imap = servers.iter().find(|server| server["protocol"] == "imap").unwrap();
        assert_eq!((&imap["port"], &imap["tls"]), (&json!(993), &json!("implicit")), "{id}");
        imap["host"].as_str().unwrap().to_owned()
    };
    for (id, host) in [
        ("google", "imap.gmail.com"),
        ("microsoft", "outlook.office365.com"),
        ("yahoo", "imap.mail.yahoo.com"),
        ("aol", "imap.aol.com"),
        ("yandex", "imap.yandex.com"),
        ("fastmail", "imap.fastmail.com"),
        ("icloud", "imap.mail.me.com"),
    ] {
        assert_eq!(imap(id), host);
    }
    // What a preset says can be saved as it is.
    for preset in &presets {
        let (Some("custom"), Some(authorization)) =
            (preset["provider"].as_str(), preset["authorization_endpoint"].as_str())
        else {
            continue;
        };
        let mut body = custom(preset["name"].as_str().unwrap());
        body["authorization_endpoint"] = json!(authorization);
        body["token_endpoint"] = preset["token_endpoint"].clone();
        body["scopes"] = preset["scopes"].clone();
        let made = docket.api.post("/integrations", body).await;
        assert_eq!(made["scopes"], preset["scopes"], "{made}");
    }
    let first = docket.api.get("/presets?limit=3").await;
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    let next = first["next_cursor"].as_str().unwrap();
    let rest = docket.api.get(&format!("/presets?cursor={next}")).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), presets.len() - 3);
    assert_eq!(rest["next_cursor"], json!(null));
}

#[tokio::test]
async fn row_10_endpoints_are_computed_typed_or_discovered() {
    let servers = Servers::get().await;
    let docket = docket().await;
    for (n, tenant) in
        ["organizations", "9188040d-6c67-4c5b-b112-36a304b66dad", "contoso.example"].into_iter().enumerate()
    {
        let mut body = google(&format!("Tenant {n}"));
        (body["provider"], body["tenant"]) = (json!("microsoft"), json!(tenant));
        let made = docket.api.post("/integrations", body).await;
        let base = format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0");
        assert_eq!(made["authorization_endpoint"], format!("{base}/authorize"));
        assert_eq!(made["token_endpoint"], format!("{base}/token"));
    }
    for tenant in ["contoso", "a/b", "..", "", "192.168.0.1", "common.", "a b.example"] {
        let mut body = google("Wrong tenant");
        (body["provider"], body["tenant"]) = (json!("microsoft"), json!(tenant));
        assert_eq!(refused(&docket, "/integrations", body).await.1, ["/tenant"], "{tenant:?}");
    }

    let issuer = servers.authority.issuer.as_str().trim_end_matches('/');
    let (found, _) = docket.api.integration_at(servers, &format!("{issuer}/"), false).await;
    let found = docket.api.get(&format!("/integrations/{found}")).await;
    assert_eq!(found["token_endpoint"], servers.authority.url("/token").as_str());
    assert_eq!(found["issuer"], issuer, "as the provider writes it: callbacks name it so");
    for issuer in [format!("{issuer}/realms/a"), issuer.replace("localhost", "127.0.0.1")] {
        let body = json!({"provider": "custom", "issuer": issuer});
        let (code, pointers) = refused(&docket, "/redirect-urls", body).await;
        assert_eq!((code.as_str(), pointers), ("discovery_failed", vec!["/issuer".to_owned()]));
    }

    for (authorization, token) in [
        ("https://accounts.google.com/o/oauth2/v2/auth", "https://login.example.com/token"),
        ("https://login.example.com/auth", "https://login.microsoftonline.com/common/oauth2/v2.0/token"),
    ] {
        let mut body = custom("Mixed");
        (body["authorization_endpoint"], body["token_endpoint"]) = (json!(authorization), json!(token));
        let (code, pointers) = refused(&docket, "/integrations", body).await;
        assert_eq!((code.as_str(), pointers), ("endpoints_mixed", vec!["/token_endpoint".to_owned()]));
    }
}

/// A shared mailbox is opened by a person who signs in under another address.
#[tokio::test]
async fn row_05_who_signs_in_and_what_is_opened_are_two_fields() {
    let servers = Servers::get().await;
    let docket = docket().await;
    let (integration, _) = docket.api.integration(servers).await;
    let person = servers.dovecot.account();
    let auth = json!({"method": "oauth2", "integration_id": integration, "username": "shared@example.com"});
    let mailbox = docket.api.mailbox(servers.dovecot.imaps, auth).await;
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let input = json!({ "mailbox_id": mailbox });
    let agrees = Person::Agrees(&person.address);
    let (attempt, _) = docket.api.consent(&mut browser, &integration, input, agrees).await;
    let grant = docket.api.get(&format!("/grants/{}", attempt["grant_id"].as_str().unwrap())).await;
    assert_eq!(grant["account"], person.address.as_str());
    let read = docket.api.get(&format!("/mailboxes/{mailbox}")).await;
    assert_eq!(read["auth"]["username"], "shared@example.com", "{read}");
    // This person may not open it, and the server was asked for just that mailbox.
    let test = docket.api.post(&format!("/mailboxes/{mailbox}/test"), json!({})).await;
    assert_eq!(test["ok"], false, "{test}");
}
