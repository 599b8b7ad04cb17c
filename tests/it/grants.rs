//! Grants at the certified OAuth server, over the program itself: refused, misused, expired, revoked, rotated.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Browser, Maildocket, Person, Servers, authority::OAuthClient, dovecot::Account, mails::mail};

/// An installation whose mailbox was signed in by its owner.
struct Signed {
    docket: Maildocket,
    account: Account,
    client: OAuthClient,
    integration: String,
    mailbox: String,
    grant: String,
}

async fn signed(servers: &Servers, access_ttl: u32, rotate: bool) -> Signed {
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    let (integration, client) = docket.api.integration(servers).await;
    servers.authority.configure(&client, access_ttl, rotate).await;
    let mailbox = docket.api.oauth_mailbox(servers, &integration).await;
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let person = Person::Agrees(&account.address);
    let input = json!({ "mailbox_id": mailbox });
    let (attempt, _) = docket.api.consent(&mut browser, &integration, input, person).await;
    assert_eq!(attempt["status"], "done", "{attempt}");
    let grant = attempt["grant_id"].as_str().unwrap().to_owned();
    Signed { docket, account, client, integration, mailbox, grant }
}

impl Signed {
    async fn grant(&self) -> Value {
        self.docket.api.get(&format!("/grants/{}", self.grant)).await
    }

    async fn mailbox_state(&self) -> Value {
        self.docket.api.get(&format!("/mailboxes/{}", self.mailbox)).await["state"].clone()
    }
}

#[tokio::test]
async fn a_refused_consent_says_so_and_can_be_tried_again() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    let (integration, _) = docket.api.integration(servers).await;
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let (attempt, page) = docket.api.consent(&mut browser, &integration, json!({}), Person::Cancels).await;
    assert_eq!(attempt["status"], "failed");
    assert_eq!(attempt["error"]["code"], "access_denied");
    for field in ["message", "action"] {
        let sentence = attempt["error"][field].as_str().unwrap();
        assert!(sentence.ends_with('.') && page.text.contains(sentence), "{sentence} on {}", page.text);
    }
    let person = Person::Agrees(&account.address);
    let (attempt, _) = docket.api.consent(&mut browser, &integration, json!({}), person).await;
    assert_eq!(attempt["status"], "done", "{attempt}");
}

#[tokio::test]
async fn a_failure_of_a_known_sign_in_ends_with_a_clean_address_that_tells_it() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let (integration, _) = docket.api.integration(servers).await;
    let account = servers.dovecot.account();
    let callback = format!("{}/oauth2/callback/", docket.api.base);
    let agrees = Person::Agrees(&account.address);
    let cases = [
        (Person::Cancels, "access_denied", "", ""),
        (agrees, "wrong_redirect_url", "/oauth2/callback/custom-", "/oauth2/callback/x"),
        (agrees, "issuer_mismatch", "iss=https", "iss=http"),
        (agrees, "code_missing", "code=", "nothing="),
        (agrees, "grant_refused", "code=", "code=x"),
    ];
    for (person, code, from, to) in cases {
        let begun = docket.api.post(&format!("/integrations/{integration}/authorizations"), json!({})).await;
        let mut browser = Browser::new(&servers.identity.ca_pem);
        let start = begun["start_url"].as_str().unwrap();
        let back = browser.walk(start, person, Some(&callback)).await.url;
        let back = back.as_str().replace(from, to);
        let attempt = begun["id"].as_str().unwrap();
        let result = format!("{}/oauth2/result/{attempt}", docket.api.base);
        let answer = browser.walk(&back, person, Some(&result)).await;
        assert_eq!((answer.status.as_u16(), answer.url.as_str()), (303, result.as_str()), "{code}");
        let state = docket.api.get(&format!("/authorizations/{attempt}")).await;
        assert_eq!((&state["status"], &state["error"]["code"]), (&json!("failed"), &json!(code)), "{state}");
        let page = browser.walk(&result, person, None).await;
        assert!(page.status.is_success(), "{page:?}");
        let told = state["error"]["message"].as_str().unwrap();
        assert!(page.text.contains(told), "{told} on {}", page.text);
    }
}

#[tokio::test]
async fn a_callback_that_does_not_name_the_announced_issuer_is_refused() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let issuer = servers.authority.issuer.as_str().trim_end_matches('/');
    let (integration, client) = docket.api.integration_at(servers, issuer, false).await;
    let account = servers.dovecot.account();
    let begun = docket.api.post(&format!("/integrations/{integration}/authorizations"), json!({})).await;
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let callback = format!("{}/oauth2/callback/", docket.api.base);
    let person = Person::Agrees(&account.address);
    let mut back = browser.walk(begun["start_url"].as_str().unwrap(), person, Some(&callback)).await.url;
    let pairs: Vec<(String, String)> = back.query_pairs().into_owned().collect();
    assert!(pairs.iter().any(|(name, value)| name == "iss" && value == issuer), "{back}");
    back.query_pairs_mut().clear().extend_pairs(pairs.iter().filter(|(name, _)| name != "iss"));
    browser.walk(back.as_str(), person, None).await;
    let attempt = docket.api.get(&format!("/authorizations/{}", begun["id"].as_str().unwrap())).await;
    assert_eq!(attempt["error"]["code"], "issuer_missing", "{attempt}");
    assert_eq!(servers.authority.token_requests(&client).await, 0, "the code stays here");
}

#[tokio::test]
async fn a_callback_counts_once_and_in_its_own_browser() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    let (integration, client) = docket.api.integration(servers).await;
    let begun = docket.api.post(&format!("/integrations/{integration}/authorizations"), json!({})).await;
    let start = begun["start_url"].as_str().unwrap();
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let callback = format!("{}/oauth2/callback/", docket.api.base);
    let person = Person::Agrees(&account.address);
    let back = browser.walk(start, person, Some(&callback)).await.url;

    let mut stranger = Browser::new(&servers.identity.ca_pem);
    let refused = stranger.walk(back.as_str(), person, None).await;
    assert!(refused.status.is_client_error(), "another browser: {refused:?}");
    let mut forged = back.clone();
    forged.set_query(Some(&back.query().unwrap().replace("state=", "state=x")));
    let refused = browser.walk(forged.as_str(), person, None).await;
    assert!(refused.status.is_client_error(), "a forged state: {refused:?}");
    assert_eq!(servers.authority.token_requests(&client).await, 0, "a code was sent for a refused callback");

    let accepted = browser.walk(back.as_str(), person, None).await;
    assert!(accepted.status.is_success(), "{accepted:?}");
    let again = browser.walk(back.as_str(), person, None).await;
    assert!(again.status.is_client_error(), "the second time: {again:?}");
    let attempt = docket.api.get(&format!("/authorizations/{}", begun["id"].as_str().unwrap())).await;
    assert_eq!(attempt["status"], "done", "{attempt}");
    assert_eq!(servers.authority.token_requests(&client).await, 1);
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    assert!(!docket.log().contains(&code), "the code is in the log");
}

#[tokio::test]
async fn another_account_is_refused_on_consent_for_a_grant_and_both_are_named() {
    let servers = Servers::get().await;
    let signed = signed(servers, 3600, false).await;
    let other = servers.dovecot.account();
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let input = json!({ "grant_id": signed.grant });
    let person = Person::Agrees(&other.address);
    let (attempt, _) =
        signed.docket.api.consent(&mut browser, &signed.integration, input.clone(), person).await;
    assert_eq!(attempt["status"], "failed");
    let message = attempt["error"]["message"].as_str().unwrap();
    assert!(message.contains(&other.address) && message.contains(&signed.account.address), "{message}");
    assert_eq!(signed.grant().await["account"], signed.account.address.as_str());

    browser.forget();
    let person = Person::Agrees(&signed.account.address);
    let (attempt, _) = signed.docket.api.consent(&mut browser, &signed.integration, input, person).await;
    assert_eq!(attempt["grant_id"], signed.grant.as_str(), "{attempt}");
}

#[tokio::test]
async fn a_token_that_ended_is_refreshed_once_and_the_poll_goes_on() {
    let servers = Servers::get().await;
    for rotate in [false, true] {
        let signed = signed(servers, 3600, rotate).await;
        signed.account.deliver(&mail("1", "Before", "", "text"));
        assert_eq!(signed.docket.api.poll(&signed.mailbox).await["created"], 1);
        for round in 1..=3 {
            servers.authority.expire(&signed.account.address).await;
            signed.account.deliver(&mail(&format!("after-{round}"), "After", "", "text"));
            assert_eq!(signed.docket.api.poll(&signed.mailbox).await["created"], 1);
            assert_eq!(servers.authority.token_requests(&signed.client).await, 1 + round);
        }
        assert_eq!(signed.grant().await["status"], "active");
    }
}

#[tokio::test]
async fn a_revoked_grant_asks_for_consent_once_and_is_mended_in_place() {
    let servers = Servers::get().await;
    let signed = signed(servers, 3600, false).await;
    servers.authority.revoke(&signed.account.address).await;
    let path = format!("/mailboxes/{}/poll", signed.mailbox);
    let (status, problem) = signed.docket.api.attempt(Method::POST, &path, Some(json!({}))).await;
    assert_eq!(status.as_u16(), 409, "{problem}");
    let state = signed.mailbox_state().await;
    assert_eq!(state["status"], "needs_consent", "{state}");
    let grant = signed.grant().await;
    assert_eq!(grant["status"], "needs_consent", "{grant}");
    assert!(grant["last_error"]["action"].as_str().unwrap().ends_with('.'), "{grant}");
    let asked = servers.authority.token_requests(&signed.client).await;
    let (status, _) = signed.docket.api.attempt(Method::POST, &path, Some(json!({}))).await;
    assert_eq!(status.as_u16(), 409);
    assert_eq!(servers.authority.token_requests(&signed.client).await, asked, "a dead grant was tried again");

    signed.account.deliver(&mail("1", "While it was dead", "", "text"));
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let input = json!({ "grant_id": signed.grant });
    let person = Person::Agrees(&signed.account.address);
    let (attempt, _) = signed.docket.api.consent(&mut browser, &signed.integration, input, person).await;
    assert_eq!(attempt["status"], "done", "{attempt}");
    assert_eq!(signed.docket.api.poll(&signed.mailbox).await["created"], 1);
    assert_eq!(signed.mailbox_state().await["status"], "ok");
}

#[tokio::test]
async fn a_deleted_grant_is_dead_at_the_provider() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let issuer = servers.authority.issuer.as_str().trim_end_matches('/');
    for typed in [true, false] {
        let (integration, _) = docket.api.integration_at(servers, issuer, typed).await;
        let account = servers.dovecot.account();
        let mut browser = Browser::new(&servers.identity.ca_pem);
        let person = Person::Agrees(&account.address);
        let (attempt, _) = docket.api.consent(&mut browser, &integration, json!({}), person).await;
        assert_eq!(servers.authority.refresh_tokens(&account.address).await, 1, "{attempt}");
        let grant = format!("/grants/{}", attempt["grant_id"].as_str().unwrap());
        docket.api.call(Method::DELETE, &grant, None).await;
        assert_eq!(servers.authority.refresh_tokens(&account.address).await, 0, "endpoints typed: {typed}");
        assert_eq!(docket.api.attempt(Method::GET, &grant, None).await.0.as_u16(), 404);
    }
}

#[tokio::test]
async fn refreshing_by_hand_keeps_the_rotated_token() {
    let servers = Servers::get().await;
    let signed = signed(servers, 3600, true).await;
    for _ in 0..3 {
        let grant = signed.docket.api.post(&format!("/grants/{}/refresh", signed.grant), json!({})).await;
        assert_eq!(grant["status"], "active", "{grant}");
    }
    assert_eq!(servers.authority.token_requests(&signed.client).await, 4);
}

#[tokio::test]
async fn secrets_are_in_no_log_and_no_file() {
    let servers = Servers::get().await;
    let signed = signed(servers, 3600, false).await;
    signed.docket.api.poll(&signed.mailbox).await;
    let mut docket = signed.docket;
    docket.stop();
    let log = docket.log();
    for (name, secret) in
        [("the client secret", &signed.client.secret), ("an address", &signed.account.address)]
    {
        assert!(!log.contains(secret.as_str()), "{name} is in the log");
    }
    assert!(
        !tests::process::holds(&docket.data_dir(), signed.client.secret.as_bytes()),
        "a file holds the client secret"
    );
}
