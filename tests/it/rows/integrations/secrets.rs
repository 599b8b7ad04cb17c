//! Rows 6 to 9, 14 and 23: names, descriptions, client secrets, scopes, and what is refused.

use futures::future::join_all;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Browser, Maildocket, Person, Servers, process::holds};

use super::{custom, docket, google, refused, warnings};

#[tokio::test]
async fn row_06_a_name_is_unique_without_case_and_width_under_concurrent_creation() {
    let docket = docket().await;
    let names = ["Support", "SUPPORT", "ｓｕｐｐｏｒｔ", "ＳＵＰＰＯＲＴ", " support "];
    let create = |n: usize| docket.api.attempt(Method::POST, "/integrations", Some(google(names[n % 5])));
    let mut statuses: Vec<_> = join_all((0..20).map(create)).await.iter().map(|a| a.0.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (201, [409; 19].as_slice()));
    assert_eq!(docket.api.list("/integrations").await.len(), 1);
    let (code, pointers) = refused(&docket, "/integrations", google("Support")).await;
    assert_eq!((code.as_str(), pointers), ("name_taken", vec!["/name".to_owned()]));
}

#[tokio::test]
async fn row_07_a_description_may_be_left_out() {
    let docket = docket().await;
    let made = docket.api.post("/integrations", google("Without")).await;
    assert_eq!(made["description"], "");
    let mut body = google("With");
    body["description"] = json!("問い合わせ用");
    assert_eq!(docket.api.post("/integrations", body).await["description"], "問い合わせ用");
    let mut body = google("Too long");
    body["description"] = json!("あ".repeat(2_001));
    assert_eq!(refused(&docket, "/integrations", body).await.1, ["/description"]);
}

async fn revealed(docket: &Maildocket, path: &str) -> Value {
    docket.api.post(&format!("{path}/client-secret/reveal"), json!({})).await["client_secret"].clone()
}

#[tokio::test]
async fn row_08_the_client_secret_is_masked_and_shown_on_an_audited_request() {
    let docket = docket().await;
    let mut body = custom("Mail");
    body["client_secret_expires_on"] = json!("2099-12-31");
    let made = docket.api.post("/integrations", body).await;
    let path = format!("/integrations/{}", made["id"].as_str().unwrap());
    assert_eq!(
        (&made["client_secret_set"], &made["client_secret_expires_on"]),
        (&json!(true), &json!("2099-12-31"))
    );
    let time = |object: &Value| -> Timestamp {
        object["client_secret_changed_at"].as_str().unwrap().parse().unwrap()
    };
    let change = json!({ "client_id": "another" });
    let renamed = docket.api.call(Method::PATCH, &path, Some(change)).await;
    assert_eq!(time(&renamed), time(&made), "only the secret's own change counts");

    assert_eq!(revealed(&docket, &path).await, "CANARY-secret");
    let seen = docket.api.get("/audit?limit=1").await["items"][0].clone();
    assert_eq!(
        (&seen["action"], &seen["subject"]),
        (&json!("client_secret.revealed"), &made["id"]),
        "{seen}"
    );
    let change = json!({ "client_secret": "CANARY-another" });
    let replaced = docket.api.call(Method::PATCH, &path, Some(change)).await;
    assert!(time(&replaced) > time(&made), "{replaced}");
    assert_eq!(revealed(&docket, &path).await, "CANARY-another");

    for read in [&path, "/integrations", "/audit", "/status"] {
        let text = docket.api.get(read).await.to_string();
        assert!(!text.contains("CANARY"), "{read}: {text}");
    }
    assert!(!docket.log().contains("CANARY"));
    assert!(!holds(&docket.data_dir(), b"CANARY"), "it is on the disk in clear text");
}

#[tokio::test]
async fn row_08_a_replaced_client_secret_keeps_the_signed_in_accounts() {
    let servers = Servers::get().await;
    let docket = docket().await;
    let account = servers.dovecot.account();
    let (integration, client) = docket.api.integration(servers).await;
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let person = Person::Agrees(&account.address);
    let (attempt, _) = docket.api.consent(&mut browser, &integration, json!({}), person).await;
    let grant = format!("/grants/{}", attempt["grant_id"].as_str().unwrap());
    let path = format!("/integrations/{integration}");
    let secret = |secret: &str| Some(json!({ "client_secret": secret }));
    docket.api.call(Method::PATCH, &path, secret("not the one")).await;
    let refresh = docket.api.attempt(Method::POST, &format!("{grant}/refresh"), Some(json!({}))).await;
    assert_eq!(refresh.1["code"], "client_refused", "{}", refresh.1);
    assert_ne!(docket.api.get(&grant).await["status"], "needs_consent");
    docket.api.call(Method::PATCH, &path, secret(&client.secret)).await;
    let refreshed = docket.api.post(&format!("{grant}/refresh"), json!({})).await;
    assert_eq!(refreshed["status"], "active", "{refreshed}");
}

#[tokio::test]
async fn row_08_a_client_secret_that_ends_is_told_in_the_status_and_once_in_the_log() {
    let mut docket = docket().await;
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    for (name, days) in [("Far", 75), ("Near", 13), ("Gone", -3)] {
        let mut body = google(name);
        body["client_secret_expires_on"] = json!(today.saturating_add(days.days()).to_string());
        docket.api.post("/integrations", body).await;
    }
    let warnings = docket.api.get("/status").await["warnings"].clone();
    let told = |code: &str| -> Vec<_> {
        let of = warnings.as_array().unwrap().iter().filter(|warning| warning["code"] == code);
        of.map(|warning| warning["message"].as_str().unwrap().to_owned()).collect()
    };
    let soon = told("client_secret_expires_soon");
    assert!(soon.len() == 1 && soon[0].contains("Near") && soon[0].contains(" days"), "{warnings}");
    assert!(told("client_secret_expired")[0].contains("Gone"), "{warnings}");

    // The refresher looks at them when it starts; a second look tells nothing new.
    let told = |log: &str| log.lines().filter(|line| line.contains("A client secret ends")).count();
    for _ in 0..2 {
        docket.stop();
        docket.start_again().await;
        let begun = std::time::Instant::now();
        while told(&docket.log()) < 2 {
            assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{}", docket.log());
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    docket.stop();
    let log = docket.log();
    assert_eq!(told(&log), 2, "{log}");
    assert!(log.contains("client_secret_expires_soon") && log.contains("client_secret_expired"), "{log}");
    assert!(!log.contains("CANARY"));
}

#[tokio::test]
async fn row_09_scopes_are_prefilled_editable_and_not_compared_strictly() {
    let servers = Servers::get().await;
    let docket = docket().await;
    let made = docket.api.post("/integrations", google("Google")).await;
    assert_eq!(made["scopes"], json!(["https://mail.google.com/", "openid", "email"]));
    let mut body = google("Microsoft");
    body["provider"] = json!("microsoft");
    let made = docket.api.post("/integrations", body).await;
    assert!(made["scopes"].as_array().unwrap().contains(&json!("offline_access")), "{made}");
    let path = format!("/integrations/{}", made["id"].as_str().unwrap());
    let edited = json!({ "scopes": ["https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access"] });
    let changed = docket.api.call(Method::PATCH, &path, Some(edited.clone())).await;
    assert_eq!(changed["scopes"], edited["scopes"]);
    let again = docket.api.call(Method::PATCH, &path, Some(json!({ "scopes": null }))).await;
    assert_eq!(again["scopes"], made["scopes"], "null is the provider's own");

    // Asked for with offline_access; what the provider grants is kept as it tells it.
    let account = servers.dovecot.account();
    let (integration, _) = docket.api.integration(servers).await;
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let person = Person::Agrees(&account.address);
    let (attempt, _) = docket.api.consent(&mut browser, &integration, json!({}), person).await;
    assert_eq!(attempt["status"], "done", "{attempt}");
    let grant = attempt["grant_id"].as_str().unwrap();
    let test = docket.api.post(&format!("/grants/{grant}/test"), json!({})).await;
    assert_eq!(test["ok"], true, "{test}");
}

#[tokio::test]
async fn row_14_everything_that_is_wrong_is_told_field_by_field() {
    let docket = docket().await;
    let body = json!({
        "provider": "custom", "name": " ", "client_id": "", "client_secret": "",
        "client_secret_expires_on": "2027-02-30", "scopes": ["a b"],
        "authorization_endpoint": "login.example.com", "token_endpoint": "https://u:p@login.example.com/",
    });
    let (code, pointers) = refused(&docket, "/integrations", body).await;
    assert_eq!(code, "validation_failed");
    let wanted = [
        "/authorization_endpoint",
        "/client_id",
        "/client_secret",
        "/client_secret_expires_on",
        "/name",
        "/scopes/0",
        "/token_endpoint",
    ];
    assert_eq!(pointers, wanted);
    let mut unknown = google("x");
    unknown["redirect_uri"] = json!("https://x.example.com/");
    let (code, pointers) = refused(&docket, "/integrations", unknown).await;
    assert_eq!((code.as_str(), pointers), ("unknown_field", vec!["/redirect_uri".to_owned()]));
    assert!(docket.api.list("/integrations").await.is_empty());
}

#[tokio::test]
async fn row_23_a_client_is_suggested_and_kept_byte_for_byte() {
    let docket = docket().await;
    let one = docket.api.post("/client-credentials", json!({})).await;
    let two = docket.api.post("/client-credentials", json!({})).await;
    for field in ["client_id", "client_secret"] {
        assert_ne!(one[field], two[field]);
        assert!(
            one[field].as_str().unwrap().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        );
    }
    assert!(one["client_secret"].as_str().unwrap().len() >= 43, "256 bits");
    let mut body = custom("Own");
    (body["client_id"], body["client_secret"]) = (one["client_id"].clone(), one["client_secret"].clone());
    let made = docket.api.post("/integrations", body).await;
    assert!(warnings(&made).is_empty(), "{made}");
    let path = format!("/integrations/{}", made["id"].as_str().unwrap());
    assert_eq!(revealed(&docket, &path).await, one["client_secret"]);

    let padded = json!({ "client_id": " id\t", "client_secret": "\u{a0}sécret \n" });
    let changed = docket.api.call(Method::PATCH, &path, Some(padded.clone())).await;
    assert_eq!(warnings(&changed), ["client_id_has_blanks", "client_secret_has_blanks"]);
    assert_eq!(warnings(&docket.api.get(&path).await), warnings(&changed), "told until it is changed");
    assert_eq!(changed["client_id"], padded["client_id"]);
    assert_eq!(revealed(&docket, &path).await, padded["client_secret"]);
    let clean = json!({ "client_id": "id", "client_secret": "secret" });
    assert!(warnings(&docket.api.call(Method::PATCH, &path, Some(clean)).await).is_empty());
}
