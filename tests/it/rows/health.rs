//! Rows about tests of connections, refreshes and troubleshooting.

use std::time::Duration;

use futures::future::try_join_all;
use intake::{
    flows::{refresh::Reason, refresher},
    types::grant::GrantStatus,
};
use playground::{Options, Rotation};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Browser, Maildocket, Person, Scene, Servers,
    maildocket::{PROJECT, id},
    mails::mail,
    process::timed,
};
use tokio::net::TcpListener;

/// An HTTP API gateway gives up after 30 seconds.
const LONGEST: Duration = Duration::from_secs(25);

#[track_caller]
fn step<'a>(test: &'a Value, name: &str) -> &'a Value {
    let steps = test["steps"].as_array().unwrap();
    steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no {name} in {test}"))
}

#[track_caller]
fn detail<'a>(test: &'a Value, name: &str) -> &'a str {
    step(test, name)["detail"].as_str().unwrap()
}

/// That the steps before the failed one are good, those after it skipped, and that the summary says what to do.
#[track_caller]
fn ends_at(test: &Value, name: &str, code: &str, action: &str) {
    assert_eq!((&test["ok"], &step(test, name)["code"]), (&json!(false), &json!(code)), "{test}");
    let steps = test["steps"].as_array().unwrap();
    let (before, after): (Vec<_>, Vec<_>) = {
        let at = steps.iter().position(|step| step["name"] == name).unwrap();
        (steps[..at].iter().collect(), steps[at + 1..].iter().collect())
    };
    assert!(before.iter().all(|step| step["status"] != "failed"), "{test}");
    assert!(after.iter().all(|step| step["status"] == "skipped"), "{test}");
    assert!(test["summary"].as_str().unwrap().contains(action), "{test}");
}

#[tokio::test]
async fn row_15_test_connection_ends_in_one_sentence() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let api = &docket.api;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "The lamp flickers", "", "It began yesterday."));

    // An integration, without any account yet.
    let (integration, _) = api.integration(servers).await;
    let test = api.post(&format!("/integrations/{integration}/test"), json!({})).await;
    assert_eq!(
        (&test["ok"], &test["summary"]),
        (&json!(true), &json!("The provider accepts this integration.")),
        "{test}"
    );
    let names: Vec<_> = test["steps"].as_array().unwrap().iter().map(|step| &step["name"]).collect();
    let wanted =
        ["settings", "redirect_url", "client_secret", "authorization_endpoint", "token_endpoint", "client"];
    assert_eq!(names, wanted);
    let wrong = json!({ "client_secret": "not-the-secret" });
    api.call(Method::PATCH, &format!("/integrations/{integration}"), Some(wrong)).await;
    let test = api.post(&format!("/integrations/{integration}/test"), json!({})).await;
    ends_at(&test, "client", "client_refused", "Enter the current values");

    // A mailbox whose account consented, down to one header.
    let (integration, _) = {
        let issuer = servers.authority.issuer.as_str().trim_end_matches('/').to_owned();
        api.integration_at(servers, &issuer, false).await
    };
    let mailbox = format!("/mailboxes/{}", api.oauth_mailbox(servers, &integration).await);
    let test = api.post(&format!("{mailbox}/test"), json!({})).await;
    ends_at(&test, "consent", "consent_missing", "sign in with the account");
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let person = Person::Agrees(&account.address);
    let asked = json!({ "mailbox_id": mailbox.rsplit('/').next() });
    let (attempt, _) = api.consent(&mut browser, &integration, asked, person).await;
    let grant = attempt["grant_id"].as_str().unwrap();
    let test = api.post(&format!("/grants/{grant}/test"), json!({})).await;
    assert_eq!((&test["ok"], &step(&test, "client")["status"]), (&json!(true), &json!("ok")), "{test}");
    let test = api.post(&format!("{mailbox}/test"), json!({})).await;
    assert_eq!((&test["ok"], &test["summary"]), (&json!(true), &json!("The mailbox can be read.")), "{test}");
    assert!(detail(&test, "account").contains(&account.address), "{test}");
    assert!(detail(&test, "dns").starts_with("localhost resolves to 127.0.0.1"), "{test}");
    let tls = detail(&test, "tls");
    assert!(tls.starts_with("TLS 1.3; the certificate for") && tls.contains("localhost"), "{tls}");
    assert!(tls.contains(" days"), "{tls}");
    let sasl = detail(&test, "sasl");
    assert!(
        sasl.contains("XOAUTH2") && sasl.contains("PLAIN") && sasl.ends_with("XOAUTH2 is used."),
        "{sasl}"
    );
    assert_eq!(detail(&test, "folder"), "INBOX holds 1 mails.");
    assert!(detail(&test, "header").starts_with("The header of one mail was read"), "{test}");
    assert_eq!(account.flags(), Vec::<String>::new(), "a mail was touched");
    let japanese = api.in_language("ja").post(&format!("{mailbox}/test"), json!({})).await;
    assert_eq!(japanese["summary"], "メールボックスを読めます。");

    // What goes wrong with a mail server, each at its step, each with what to do, each in time.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port_of = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let closed = port_of(&TcpListener::bind("127.0.0.1:0").await.unwrap());
    let dovecot = (servers.dovecot.imaps, servers.dovecot.imap);
    for (host, port, tls, name, code, action) in [
        ("mail.invalid", 993, "implicit", "dns", "mail_host_unknown", "Check the host"),
        ("localhost", closed, "implicit", "tcp", "mail_server_unreachable", "Check host and port"),
        ("localhost", port_of(&silent), "implicit", "tls", "mail_server_slow", "check host, port"),
        ("127.0.0.1", port_of(&silent), "none", "sasl", "mail_server_slow", "Check host and port"),
        ("localhost", dovecot.1, "implicit", "tls", "mail_tls_failed", "Choose STARTTLS"),
        ("localhost", dovecot.1, "starttls", "sign_in", "mail_sign_in_refused", "Check the user name"),
        ("localhost", dovecot.0, "implicit", "sign_in", "mail_sign_in_refused", "Check the user name"),
    ] {
        let body = json!({ "name": format!("{host} {port} {tls}"), "protocol": "imap", "host": host, "port": port,
            "tls": tls, "project": PROJECT,
            "auth": { "method": "password", "username": account.address, "password": "not the password" } });
        let made = id(&api.post("/mailboxes", body).await);
        let (test, time) = timed(api.post(&format!("/mailboxes/{made}/test"), json!({}))).await;
        ends_at(&test, name, code, action);
        assert!(time < LONGEST, "{host}:{port} took {time:?}");
        if tls == "starttls" {
            assert!(detail(&test, "tls").contains("the certificate for"), "{test}");
        }
    }
    let nowhere = json!({ "folder": "Nowhere" });
    api.call(Method::PATCH, &mailbox, Some(nowhere)).await;
    let test = api.post(&format!("{mailbox}/test"), json!({})).await;
    ends_at(&test, "folder", "folder_missing", "INBOX always exists");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_16_tokens_are_refreshed_before_they_expire_by_exactly_one_refresher() {
    let life = Duration::from_secs(3600);
    // A second use of a spent refresh token would end its grant.
    let options = Options { rotation: Rotation::Strict, access_token_life: life, ..Options::default() };
    let scene = Scene::new(options).await;
    let (mailbox, id) = scene.mailbox().await;
    for round in 1..=5 {
        scene.advance(life.mul_f64(0.76));
        assert!(scene.grant(id).await.access_token_expires_at.unwrap() > scene.app().now(), "still good");
        let passes = (0..4).map(|_| {
            let app = scene.another_process();
            tokio::spawn(async move { refresher::run(&app, app.after(Duration::from_secs(60))).await })
        });
        for pass in try_join_all(passes).await.unwrap() {
            assert_eq!(pass.unwrap().failed, 0);
        }
        assert_eq!(scene.refreshes(), round, "one of four asked");
        let grant = scene.grant(id).await;
        assert_eq!(grant.status, GrantStatus::Active);
        let left = grant.access_token_expires_at.unwrap().duration_since(scene.app().now());
        assert!(left.as_secs() > 3500, "{left:?}");
        scene.poll(mailbox).await.unwrap();
        assert_eq!(scene.refreshes(), round, "the poll used what the refresher got");
    }
    scene.refresh(id, Reason::OnDemand).await.unwrap();
    assert_eq!(scene.refreshes(), 6, "on demand too");
}

#[tokio::test]
async fn row_25_provider_and_server_texts_become_plain_sentences() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let api = &docket.api;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "The lamp flickers", "", "It began yesterday."));
    let mailbox = format!("/mailboxes/{}", api.password_mailbox(servers, &account).await);

    // The mail server's words, translated, with what it said in brackets.
    let auth = json!({ "auth": { "method": "password", "username": account.address, "password": "wrong" } });
    api.call(Method::PATCH, &mailbox, Some(auth)).await;
    let (status, problem) = api.attempt(Method::POST, &format!("{mailbox}/poll"), Some(json!({}))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("mail_sign_in_refused")), "{problem}");
    let told = problem["detail"].as_str().unwrap();
    assert!(
        told.starts_with("The mail server refuses the sign-in (") && told.contains("Authentication failed"),
        "{told}"
    );
    assert!(told.contains("Check the user name, the password"), "{told}");
    let state = |language| {
        let api = api.in_language(language);
        let mailbox = mailbox.clone();
        async move { api.get(&mailbox).await["state"].clone() }
    };
    let english = state("en-GB").await;
    assert_eq!(
        (&english["status"], &english["last_error"]["class"]),
        (&json!("needs_attention"), &json!("configuration"))
    );
    let japanese = state("ja").await["last_error"].clone();
    assert!(
        japanese["message"].as_str().unwrap().starts_with("メールサーバーがサインインを拒否しました（"),
        "{japanese}"
    );
    let (_, problem) =
        api.in_language("ja").attempt(Method::POST, &format!("{mailbox}/poll"), Some(json!({}))).await;
    assert!(problem["detail"].as_str().unwrap().contains("パスワード"), "{problem}");
    let warned = api.get("/status").await["warnings"].to_string();
    assert!(warned.contains("mailbox_needs_attention") && warned.contains("cannot be read"), "{warned}");

    // The provider's words: what a person declines is told to that person and to the administrator.
    let (integration, _) = api.integration(servers).await;
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let (attempt, page) = api.consent(&mut browser, &integration, json!({}), Person::Cancels).await;
    assert_eq!(
        (&attempt["status"], &attempt["error"]["code"]),
        (&json!("failed"), &json!("access_denied")),
        "{attempt}"
    );
    assert!(page.text.contains("The sign-in was cancelled or refused."), "{}", page.text);

    // And each mail tells what became of it, and why.
    let auth = json!({ "auth": { "method": "password", "username": account.address,
        "password": tests::dovecot::PASSWORD } });
    api.call(Method::PATCH, &mailbox, Some(auth)).await;
    let bare = mailbox.rsplit('/').next().unwrap();
    api.poll(bare).await;
    let message = &api.list(&format!("/messages?mailbox_id={bare}")).await[0];
    assert_eq!((&message["state"], &message["issue_key"]), (&json!("applied"), &json!("SUP-1")), "{message}");
    assert_eq!((&message["reason"], &message["attempts"]), (&json!("created"), &json!(1)), "{message}");
}
