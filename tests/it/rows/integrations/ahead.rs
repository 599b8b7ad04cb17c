//! Rows 21 and 24: what must be so before anything is typed, and what is done at the provider.

use std::time::Duration;

use intake::{
    Language,
    flows::{
        integrations::ProviderInput,
        prerequisites::{self, Check, CheckStatus},
    },
    types::host::AddressPolicy,
};
use playground::{Options, Playground};
use serde_json::json;
use tests::{
    Servers,
    inside::{Inside, text},
};

use super::{docket, refused};

fn of<'a>(checks: &'a [Check], name: &str) -> &'a Check {
    checks.iter().find(|check| check.name == name).unwrap_or_else(|| panic!("no {name} in {checks:?}"))
}

#[tokio::test]
async fn row_21_prerequisites_are_shown_before_anything_is_typed() {
    let servers = Servers::get().await;
    let docket = docket().await;
    // Whether Google and Microsoft are there is the network's affair; that each check says something is ours.
    let known = docket.api.get("/prerequisites").await;
    let checks = known["checks"].as_array().unwrap();
    for (name, count) in [("https", 1), ("redirect_url", 2), ("reachability", 2), ("clock", 1)] {
        assert_eq!(checks.iter().filter(|check| check["name"] == name).count(), count, "{known}");
    }
    for check in checks {
        let failed = check["status"] == "failed";
        assert!(check["detail"].as_str().unwrap().ends_with('.'), "{check}");
        assert_eq!(check["action"].is_string() && check["code"].is_string(), failed, "{check}");
    }
    assert_eq!(known["ok"], !checks.iter().any(|check| check["status"] == "failed"));

    let typed = json!({
        "provider": "custom", "authorization_endpoint": servers.authority.url("/auth"),
        "token_endpoint": servers.authority.url("/token"),
    });
    let told = docket.api.post("/prerequisites", typed.clone()).await;
    assert_eq!(told["ok"], true, "{told}");
    assert!(told["checks"].as_array().unwrap().iter().all(|check| check["status"] == "ok"), "{told}");
    let mut nowhere = typed;
    nowhere["token_endpoint"] = json!("https://id.invalid/token");
    let told = docket.api.post("/prerequisites", nowhere).await;
    assert_eq!(told["ok"], false, "{told}");
    assert!(told.to_string().contains("does not resolve"), "{told}");
    assert_eq!(refused(&docket, "/prerequisites", json!({"provider": "custom"})).await.1.len(), 2);
}

#[tokio::test]
async fn row_21_each_prerequisite_that_is_missing_says_what_to_do() {
    let playground = Playground::start(Options::default()).await.unwrap();
    let mut inside = Inside::new(playground.ca_pem()).await;
    let endpoints = playground.endpoints();
    let typed = || ProviderInput {
        provider: text("custom"),
        authorization_endpoint: text(endpoints.authorization.as_str()),
        token_endpoint: text(endpoints.token.as_str()),
        ..ProviderInput::default()
    };
    let good = prerequisites::check_typed(&inside.app, typed()).await.unwrap();
    assert!(good.iter().all(|check| check.status == CheckStatus::Ok), "{good:?}");

    inside.clock.advance(Duration::from_secs(600));
    let checks = prerequisites::check_typed(&inside.app, typed()).await.unwrap();
    let clock = of(&checks, "clock");
    assert_eq!((clock.status, clock.code().as_deref()), (CheckStatus::Failed, Some("clock_wrong")));
    let said = clock.sentence.say(Language::English).unwrap();
    assert!(said.message.contains("seconds ahead of") && !said.action.is_empty(), "{clock:?}");

    inside.app.settings.base_url = "https://docket.internal".parse().unwrap();
    inside.app.settings.addresses = AddressPolicy { allow_private: false };
    let mut gate = machine::gate(AddressPolicy { allow_private: false });
    gate.resolver = std::sync::Arc::new(NoNames);
    let outside = oauth_provider::ProviderConfig::new(gate, None);
    inside.app.oauth = std::sync::Arc::new(oauth_provider::HttpProvider::new(outside).unwrap());
    let checks = prerequisites::check_known(&inside.app).await;
    let redirect = of(&checks, "redirect_url");
    assert_eq!(
        (redirect.status, redirect.code().as_deref()),
        (CheckStatus::Failed, Some("redirect_url_is_private"))
    );
    assert!(redirect.sentence.whole(Language::English).contains("external base URL"), "{redirect:?}");
    let reachability = of(&checks, "reachability");
    assert_eq!(
        (reachability.status, reachability.code().as_deref()),
        (CheckStatus::Failed, Some("provider_unreachable"))
    );
    assert!(reachability.sentence.whole(Language::English).contains("name servers"), "{reachability:?}");
    assert_eq!(of(&checks, "clock").status, CheckStatus::Skipped);
}

/// A name server that is not there.
struct NoNames;

#[async_trait::async_trait]
impl intake::ports::Resolve for NoNames {
    async fn resolve(&self, _: &str, _: u16) -> std::io::Result<Vec<std::net::SocketAddr>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

#[tokio::test]
async fn row_24_what_to_do_at_each_provider_is_told_with_links() {
    let docket = docket().await;
    for preset in docket.api.list("/presets").await {
        let id = preset["id"].as_str().unwrap();
        let steps = preset["steps"].as_array().unwrap();
        assert!(steps.len() >= 2, "{id}");
        for step in steps {
            assert!(step["text"].as_str().unwrap().ends_with('.'), "{id}: {step}");
            assert!(step["url"].as_str().is_none_or(|url| url.starts_with("https://")), "{id}: {step}");
        }
        assert!(id == "custom" || steps.iter().any(|step| step["url"].is_string()), "{id}");
        assert!(!preset["prerequisites"].as_array().unwrap().is_empty(), "{id}");
        let rules = preset["redirect_url_rules"].to_string();
        assert!(preset["provider"].is_null() || rules.contains("https"), "{id}");
    }
    let google = docket.api.list("/presets").await[0].to_string();
    assert!(google.contains("private names") && google.contains("loopback"), "{google}");
}
