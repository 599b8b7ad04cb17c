//! Rows 11 to 13: the redirect URL, before saving, after a change, and by each provider's rules.

use intake::flows::integrations::{self, ProviderInput};
use playground::Identity;
use reqwest::Method;
use serde_json::json;
use tests::inside::{Inside, text};

use super::{custom, docket, google, refused, warnings};

#[tokio::test]
async fn row_11_the_redirect_url_is_generated_before_anything_is_saved() {
    let docket = docket().await;
    let place = json!({
        "provider": "custom", "authorization_endpoint": "https://login.example.com/auth",
        "token_endpoint": "https://login.example.com/token",
    });
    let before = docket.api.post("/redirect-urls", place.clone()).await;
    assert_eq!(docket.api.post("/redirect-urls", place).await, before, "the same in, the same out");
    assert!(docket.api.list("/integrations").await.is_empty());
    let made = docket.api.post("/integrations", custom("Mail")).await;
    assert_eq!(made["redirect_url"], before["redirect_url"]);
    let url = made["redirect_url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{}/oauth2/callback/", docket.api.base)), "{url}");
    for provider in ["google", "microsoft"] {
        let told = docket.api.post("/redirect-urls", json!({ "provider": provider })).await;
        assert_eq!(told["redirect_url"], format!("{}/oauth2/callback/{provider}", docket.api.base));
    }
}

#[tokio::test]
async fn row_12_a_changed_endpoint_or_base_url_makes_the_redirect_url_stale() {
    let mut docket = docket().await;
    let made = docket.api.post("/integrations", custom("Mail")).await;
    let path = format!("/integrations/{}", made["id"].as_str().unwrap());
    let begin = format!("{path}/authorizations");
    docket.api.post(&begin, json!({})).await;

    let moved = json!({ "authorization_endpoint": "https://login.example.com/v2/auth" });
    let moved = docket.api.call(Method::PATCH, &path, Some(moved)).await;
    assert_eq!((&moved["redirect_url_stale"], &moved["redirect_url"]), (&json!(true), &made["redirect_url"]));
    assert_eq!(refused(&docket, &begin, json!({})).await.0, "redirect_url_stale");
    let again = docket.api.post(&format!("{path}/redirect-url"), json!({})).await;
    assert_eq!(again["redirect_url_stale"], false);
    assert_ne!(again["redirect_url"], made["redirect_url"]);
    docket.api.post(&begin, json!({})).await;

    docket.stop();
    // Another port of localhost, and so another base URL.
    docket.api.base.clear();
    docket.start_again().await;
    let read = docket.api.get(&path).await;
    assert_eq!((&read["redirect_url_stale"], &read["redirect_url"]), (&json!(true), &again["redirect_url"]));
    assert_eq!(refused(&docket, &begin, json!({})).await.0, "redirect_url_stale");
    let status = docket.api.get("/status").await["warnings"].to_string();
    assert!(status.contains("redirect_url_stale"), "{status}");
    let today = docket.api.post(&format!("{path}/redirect-url"), json!({})).await;
    assert!(today["redirect_url"].as_str().unwrap().starts_with(&docket.api.base));
    docket.api.post(&begin, json!({})).await;
}

#[tokio::test]
async fn row_13_each_provider_s_own_rules_are_told_at_once() {
    let docket = docket().await;
    for provider in ["google", "microsoft"] {
        let mut body = google(provider);
        body["provider"] = json!(provider);
        let made = docket.api.post("/integrations", body).await;
        assert!(warnings(&made).is_empty(), "loopback is accepted: {made}");
    }
    let long = format!("https://{}example.com", "a-long-name.".repeat(20));
    let mut inside = Inside::new(&Identity::new().unwrap().ca_pem).await;
    for (base_url, provider, code, word) in [
        ("https://docket.internal", "google", "redirect_url_is_private", "external"),
        ("https://docket", "google", "redirect_url_is_private", "external"),
        ("https://10.0.0.5", "google", "redirect_url_is_address", "public name"),
        ("https://8.8.8.8", "google", "redirect_url_is_address", "public name"),
        ("http://docket.example.com", "google", "redirect_url_not_https", "https"),
        ("http://127.0.0.1:8025", "google", "", ""),
        ("https://docket.example.com", "google", "", ""),
        ("http://127.0.0.1:8025", "microsoft", "redirect_url_is_address", "localhost"),
        (&long, "microsoft", "redirect_url_too_long", "shorter"),
        ("http://docket.example.com", "microsoft", "redirect_url_not_https", "https"),
        ("https://docket.internal", "microsoft", "", ""),
        ("http://localhost:8025", "microsoft", "", ""),
    ] {
        inside.app.settings.base_url = base_url.parse().unwrap();
        let input = ProviderInput { provider: text(provider), ..ProviderInput::default() };
        let told = integrations::generate(&inside.app, input).await.unwrap().warnings;
        let codes: Vec<_> = told.iter().map(|warning| warning.0.code()).collect();
        let wanted = if code.is_empty() { Vec::new() } else { vec![code] };
        assert_eq!(codes, wanted, "{provider} at {base_url}");
        assert!(
            told.iter().all(|warning| warning.0.whole(intake::Language::English).contains(word)),
            "{told:?}"
        );
    }
}
