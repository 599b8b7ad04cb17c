//! The forecast of signed-in accounts, and the warnings of a person who should act.

use std::time::Duration;

use intake::{
    flows::{authorize::AuthorizationInput, refresher},
    ports::{Change, Write},
    types::integration::{Integration, Provider},
};
use playground::{Answer, Endpoint, MailFault, Options, Step};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Served, scene::ACCOUNT, served::Connected};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The playground, taken for this provider from now on.
async fn taken_for(served: &Served, connected: &Connected, provider: Provider) {
    let store = &served.inside.app.store;
    let old = store.integration(connected.integration).await.unwrap().unwrap();
    let new = Integration { provider, version: old.version.next(), ..old.clone() };
    store.commit(&[Change::Integration(Write::Replace { new, old })]).await.unwrap();
}

fn advance(served: &Served, by: Duration) {
    served.inside.clock.advance(by);
    served.playground.script().advance_clock(by);
}

async fn warnings(served: &Served, code: &str) -> Vec<Value> {
    let status = served.api.get("/status").await;
    let all = status["warnings"].as_array().unwrap().clone();
    all.into_iter().filter(|warning| warning["code"] == code).collect()
}

#[tokio::test]
async fn an_account_tells_how_long_it_lives_without_use() {
    let served = Served::new(Options::default()).await;
    let connected = served.connected().await;
    let health = served.api.get(&connected.grant).await["health"].clone();
    assert_eq!(
        (&health["days_left"], &health["inactivity_limit_days"]),
        (&Value::Null, &Value::Null),
        "{health}"
    );
    taken_for(&served, &connected, Provider::Microsoft).await;
    advance(&served, 80 * DAY);
    let health = served.api.get(&connected.grant).await["health"].clone();
    assert_eq!((&health["days_left"], &health["inactivity_limit_days"]), (&json!(9), &json!(90)), "{health}");
    assert_eq!(health["refresh_token_age_days"], 80, "{health}");
    let warned = warnings(&served, "grant_ends_soon").await;
    assert!(warned.len() == 1 && warned[0]["message"].to_string().contains("ends in 9 days"), "{warned:?}");
    let listed = served.api.list("/grants").await;
    assert_eq!(listed[0]["health"], health, "the list tells the same");
    served.api.post(&format!("{}/refresh", connected.grant), json!({})).await;
    let health = served.api.get(&connected.grant).await["health"].clone();
    assert!(health["days_left"].as_i64().unwrap() >= 89, "{health}");
    assert!(warnings(&served, "grant_ends_soon").await.is_empty());
}

#[tokio::test]
async fn the_end_that_google_names_is_warned_of_and_believed() {
    let served = Served::new(Options::default()).await;
    served.playground.script().tell_refresh_token_life(Some(7 * DAY));
    let connected = served.connected().await;
    taken_for(&served, &connected, Provider::Google).await;
    advance(&served, 2 * DAY + HOUR);
    let health = served.api.get(&connected.grant).await["health"].clone();
    assert_eq!((&health["days_left"], &health["testing_suspected"]), (&json!(4), &json!(true)), "{health}");
    assert!(health["action"].as_str().unwrap().contains("In production"), "{health}");
    let japanese = served.api.in_language("ja").get(&connected.grant).await["health"].clone();
    assert!(japanese["message"].as_str().unwrap().contains("あと 4 日"), "{japanese}");
    assert_eq!(warnings(&served, "grant_ends_soon").await.len(), 1);
}

#[tokio::test]
async fn a_death_after_seven_days_lets_the_next_consent_be_suspected() {
    let served = Served::new(Options::default()).await;
    let connected = served.connected().await;
    taken_for(&served, &connected, Provider::Google).await;
    let before = served.api.get(&connected.grant).await["health"].clone();
    assert_eq!(
        (&before["testing_suspected"], &before["days_left"]),
        (&json!(false), &json!(179)),
        "{before}"
    );
    advance(&served, 7 * DAY + HOUR);
    served.playground.script().revoke_grants(ACCOUNT);
    let pass = refresher::run(&served.inside.app, served.inside.app.after(HOUR)).await.unwrap();
    assert_eq!(pass.failed, 1);
    let dead = served.api.get(&connected.grant).await;
    assert_eq!(
        (&dead["status"], &dead["health"]["days_left"]),
        (&json!("needs_consent"), &Value::Null),
        "{dead}"
    );
    // The same account consents again, and its record is mended in place.
    taken_for(&served, &connected, Provider::Custom).await;
    let again =
        served.inside.consent(&served.playground, connected.integration, AuthorizationInput::default());
    assert_eq!(format!("/grants/{}", again.await.unwrap()), connected.grant);
    taken_for(&served, &connected, Provider::Google).await;
    let next = served.api.get(&connected.grant).await["health"].clone();
    assert_eq!((&next["testing_suspected"], &next["days_left"]), (&json!(true), &json!(6)), "{next}");
    advance(&served, 8 * DAY);
    let old = served.api.get(&connected.grant).await["health"].clone();
    assert_eq!(old["testing_suspected"], false, "it lived longer than a week: {old}");
}

#[tokio::test]
async fn a_dead_account_is_warned_of_once_and_mended_in_place() {
    let served = Served::new(Options::default()).await;
    let connected = served.connected().await;
    let mailbox = &connected.mailbox;
    served.playground.script().revoke_grants(ACCOUNT);
    advance(&served, HOUR);
    for _ in 0..3 {
        let (status, _) = served.api.attempt(Method::POST, &format!("{mailbox}/poll"), Some(json!({}))).await;
        assert_eq!(status.as_u16(), 409);
    }
    assert_eq!(warnings(&served, "grant_needs_consent").await.len(), 1);
    assert!(warnings(&served, "mailbox_needs_consent").await.is_empty(), "the account's warning says it");
    let japanese = served.api.in_language("ja").get("/status").await["warnings"].clone();
    assert!(japanese.to_string().contains("もう一度サインインする必要があります"), "{japanese}");
    let input = AuthorizationInput::default();
    let again = served.inside.consent(&served.playground, connected.integration, input).await.unwrap();
    assert_eq!(format!("/grants/{again}"), connected.grant);
    let status = served.api.get("/status").await;
    assert!(!status["warnings"].to_string().contains("consent"), "{status}");
    served.api.post(&format!("{mailbox}/poll"), json!({})).await;
    assert_eq!(served.api.get(mailbox).await["state"]["status"], "ok");
}

#[tokio::test]
async fn temporary_faults_are_counted_and_never_ask_for_consent() {
    let served = Served::new(Options::default()).await;
    let connected = served.connected().await;
    let (api, mailbox) = (&served.api, &connected.mailbox);
    for round in 1..=3 {
        served.playground.script().mail_fault(MailFault::says(Step::SignIn, "NO [UNAVAILABLE] Later."));
        api.attempt(Method::POST, &format!("{mailbox}/poll"), Some(json!({}))).await;
        assert_eq!(api.get(mailbox).await["state"]["consecutive_failures"], round);
    }
    let warned = warnings(&served, "mailbox_failing").await;
    assert!(warned[0]["message"].to_string().contains("3 times in a row"), "{warned:?}");
    served.playground.script().mail_fault(MailFault::exchange_throttles(Step::SignIn, 10 * HOUR / 60));
    api.attempt(Method::POST, &format!("{mailbox}/poll"), Some(json!({}))).await;
    assert!(warnings(&served, "mailbox_failing").await.is_empty());
    assert_eq!(warnings(&served, "mailbox_throttled").await.len(), 1);
    advance(&served, HOUR);
    for answer in [Answer::busy(1), Answer::dropped(), Answer::html(), Answer::new(500)] {
        served.playground.script().answer_next(Endpoint::Token, 1, &answer);
        api.attempt(Method::POST, &format!("{}/refresh", connected.grant), Some(json!({}))).await;
        assert_eq!(api.get(&connected.grant).await["status"], "failing");
    }
    assert!(!api.get("/status").await["warnings"].to_string().contains("consent"));
    api.post(&format!("{mailbox}/poll"), json!({})).await;
    let state = api.get(mailbox).await["state"].clone();
    assert_eq!((&state["status"], &state["consecutive_failures"]), (&json!("ok"), &json!(0)), "{state}");
}
