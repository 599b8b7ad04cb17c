//! The three functions as processes, against AWS stand-ins, a real Dovecot and a certified OAuth server.

mod key;
mod logs;
mod people;
mod roles;

use intake::{
    Timestamp,
    ports::{Change, Consents, RunChange, Store, Write},
    types::{grant::Grant, ids::GrantId},
};
use serde_json::{Value, json};
use store::DynamoStore;
use tests::{
    Api, Browser, Person, Servers,
    authority::OAuthClient,
    aws::{Aws, PREFIX, TABLE},
    lambda::{Function, Gateway},
    maildocket::PROJECT,
    mails::{mail, with_attachment},
    recorder::Recorder,
};

/// An installation in the stand-in for AWS, with the API up.
struct Cloud {
    servers: &'static Servers,
    aws: Aws,
    environment: Vec<(&'static str, String)>,
    base_url: String,
    /// What the API asks AWS for.
    asked_by_api: Recorder,
    api: Api,
    function: Function,
    /// What the API is at the company's identity provider.
    client: OAuthClient,
}

/// The same, with AWS behind a recorder.
fn through(recorder: &Recorder, environment: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let moved = |(name, value): &(&'static str, String)| {
        let value = if *name == "AWS_ENDPOINT_URL" { &recorder.endpoint } else { value };
        (*name, value.clone())
    };
    environment.iter().map(moved).collect()
}

impl Cloud {
    async fn start() -> Self {
        let servers = Servers::get().await;
        let aws = Aws::start(&servers.identity.ca_pem).await;
        let gateway = Gateway::new().await;
        let api = Api::new(&gateway.base_url, &servers.identity.ca_pem);
        let base_url = gateway.base_url.clone();
        let mut environment = aws.environment(&base_url, &servers.ca_file.display().to_string());
        let client = servers.authority.register_console(&base_url).await;
        environment.extend(people::settings(servers, &client));
        let asked_by_api = Recorder::before(&aws.endpoint()).await;
        let function = Function::start("api", &through(&asked_by_api, &environment)).await;
        function.behind(gateway);
        Self { servers, aws, environment, base_url, asked_by_api, api, function, client }
    }

    /// A function whose calls are noted.
    async fn recorded(&self, name: &str) -> (Function, Recorder) {
        let recorder = Recorder::before(&self.aws.endpoint()).await;
        (Function::start(name, &through(&recorder, &self.environment)).await, recorder)
    }

    fn store(&self) -> DynamoStore {
        DynamoStore::new(
            self.aws.dynamodb(),
            TABLE,
            std::sync::Arc::new(machine::SystemEntropy),
            std::sync::Arc::new(machine::SystemClock),
        )
    }

    /// Consents, and gives the mailbox and the grant.
    async fn connected(&self, address: &str) -> (String, String) {
        let project = json!({ "key": PROJECT, "name": "Support" });
        self.api.post("/projects", project).await;
        let (integration, _) = self.api.integration(self.servers).await;
        let mailbox = self.api.oauth_mailbox(self.servers, &integration).await;
        let mut browser = Browser::new(&self.servers.identity.ca_pem);
        let input = json!({ "mailbox_id": mailbox });
        let (attempt, page) =
            self.api.consent(&mut browser, &integration, input, Person::Agrees(address)).await;
        assert_eq!(attempt["status"], "done", "{attempt} {page:?}");
        (mailbox, attempt["grant_id"].as_str().unwrap().to_owned())
    }

    /// As if the mailbox had waited for its first turn.
    async fn due(&self, mailbox: &str) {
        let change =
            RunChange { not_before: Some(Timestamp::UNIX_EPOCH), ..RunChange::of(mailbox.parse().unwrap()) };
        self.store().commit(&[Change::Run(change)]).await.unwrap();
    }

    async fn grant(&self, id: &str) -> Grant {
        let id: GrantId = id.parse().unwrap();
        self.store().grant(id).await.unwrap().unwrap()
    }
}

fn scheduled() -> Value {
    json!({ "version": "0", "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": {} })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_consent_over_plan_and_queue_to_issues() {
    let cloud = Cloud::start().await;
    let account = cloud.servers.dovecot.account();
    account.deliver(&mail("1", "The lamp flickers", "", "It began yesterday."));
    account.deliver(&with_attachment("2", "A large file", &vec![7; 5_000_000]));
    let (mailbox, _) = cloud.connected(&account.address).await;
    let trail = cloud.api.get("/audit?action=mailbox.created").await;
    assert_eq!(trail["items"][0]["from"]["address"], "127.0.0.1", "the gateway names the client: {trail}");
    cloud.due(&mailbox).await;

    let poller = Function::start("poller", &cloud.environment).await;
    let plan = poller.invoke(scheduled()).await.unwrap();
    assert_eq!(plan, json!({ "hints": 1 }));
    let mut records = cloud.aws.take_messages().await;
    assert_eq!(records.len(), 1);
    records.push(json!({ "messageId": "poisoned", "body": "not a hint", "eventSource": "aws:sqs" }));
    let answer = poller.invoke(json!({ "Records": records })).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "poisoned" }] }));
    assert!(poller.log().contains("hint_unreadable"), "{}", poller.log());

    let issues = cloud.api.issues().await;
    assert_eq!(issues.len(), 2, "{issues:?} {}", poller.log());
    let large = issues.iter().find(|issue| issue["summary"] == "A large file").unwrap();
    let files = cloud.api.list(&format!("/issues/{}/attachments", large["key"].as_str().unwrap())).await;
    let file = format!("/attachments/{}", files[0]["id"].as_str().unwrap());
    // Above 4 MB: a link to the bucket, followed here as a browser does.
    let link = cloud.api.location(&file).await;
    assert!(
        link.contains("X-Amz-Signature=") && link.contains("response-content-disposition=attachment"),
        "{link}"
    );
    assert_eq!(cloud.api.fetch(&link).await, vec![7; 5_000_000]);

    // Of what changed later only that is told.
    let noted = Timestamp::now();
    assert_eq!(cloud.api.changed_since(&mailbox, noted).await, (Vec::new(), 0));
    cloud.api.call(reqwest::Method::PATCH, "/issues/SUP-1", Some(json!({ "status": "closed" }))).await;
    assert_eq!(cloud.api.changed_since(&mailbox, noted).await, (vec!["SUP-1".to_owned()], 0));

    cloud.api.a_project_comes_and_goes().await;

    // A second poll of the same hint finds nothing.
    let again = poller.invoke(json!({ "Records": records[..1] })).await.unwrap();
    assert_eq!(again, json!({ "batchItemFailures": [] }));
    assert_eq!(cloud.api.issues().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_refresher_writes_a_new_version_and_keeps_the_one_before() {
    let cloud = Cloud::start().await;
    let account = cloud.servers.dovecot.account();
    let (mailbox, grant_id) = cloud.connected(&account.address).await;
    let old = cloud.grant(&grant_id).await;
    let due = Grant { version: old.version.next(), next_refresh_at: Some(Timestamp::now()), ..old.clone() };
    cloud.store().commit(&[Change::Grant(Write::Replace { new: due, old: old.clone() })]).await.unwrap();

    let refresher = Function::start("refresher", &cloud.environment).await;
    let counts = refresher.invoke(scheduled()).await.unwrap();
    assert_eq!(counts, json!({ "refreshed": 1, "failed": 0, "left": 0 }));
    let new = cloud.grant(&grant_id).await;
    assert_ne!(new.secret_version, old.secret_version);

    let secret =
        cloud.aws.secrets_manager().describe_secret().secret_id(format!("{PREFIX}/grant/{grant_id}"));
    let stages = secret.send().await.unwrap().version_ids_to_stages.unwrap();
    let has = |version: &Option<intake::types::secret::SecretVersion>, stage: &str| {
        let version = version.as_ref().unwrap().as_str();
        stages.get(version).is_some_and(|stages| stages.iter().any(|one| one == stage))
    };
    assert!(has(&new.secret_version, "AWSCURRENT"), "{stages:?}");
    assert!(has(&old.secret_version, "AWSPREVIOUS"), "{stages:?}");
    // Its next pass finds nothing due.
    let counts = refresher.invoke(scheduled()).await.unwrap();
    assert_eq!(counts["refreshed"], 0);
    account.deliver(&mail("1", "After the refresh", "", "text"));
    assert_eq!(cloud.api.poll(&mailbox).await["created"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_speaks_cookies_and_bytes() {
    let cloud = Cloud::start().await;
    let mut browser = Browser::new(&cloud.servers.identity.ca_pem);
    let page = browser.walk(&cloud.api.base, Person::Cancels, None).await;
    assert!(page.text.contains("name=\"token\""), "{page:?}");
    let (status, problem) = cloud.api.attempt(reqwest::Method::GET, "/projects/none/none", None).await;
    assert_eq!((status.as_u16(), &problem["status"]), (404, &json!(404)));
    let document = cloud.api.get("/openapi.json").await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3."), "{document}");
}

#[tokio::test]
async fn a_wrong_setting_is_one_line_with_a_code() {
    let servers = Servers::get().await;
    let aws = Aws::start(&servers.identity.ca_pem).await;
    let environment = aws.environment("https://mail.example.com", &servers.ca_file.display().to_string());
    for name in ["api", "refresher", "poller"] {
        let without = |wrong: &str| {
            let all = environment.iter().filter(|(name, _)| *name != wrong);
            all.cloned().collect::<Vec<_>>()
        };
        let mut function = Function::start(name, &without("MAILDOCKET_TABLE")).await;
        assert!(!function.ended().await.success());
        let log = function.log();
        assert_eq!(log.lines().count(), 1, "{log}");
        let line: Value = serde_json::from_str(&log).unwrap();
        assert_eq!((&line["code"], &line["level"]), (&json!("setting_wrong"), &json!("ERROR")), "{line}");
        assert!(log.contains("MAILDOCKET_TABLE") && !log.contains("panicked"), "{log}");
    }
}

#[tokio::test]
async fn a_missing_table_or_secret_and_an_odd_event_lose_no_message() {
    let servers = Servers::get().await;
    let aws = Aws::start(&servers.identity.ca_pem).await;
    let ca_file = servers.ca_file.display().to_string();
    let with = |name: &str, value: &str| {
        let mut environment = aws.environment("https://mail.example.com", &ca_file);
        environment
            .iter_mut()
            .filter(|(other, _)| *other == name)
            .for_each(|(_, old)| *old = value.to_owned());
        environment
    };
    let hint = json!({ "mailbox_ids": ["mbx_01M892B4C59G8WSG4QTD67RP35"], "planned_at": Timestamp::now(), "rescan": false });
    let event =
        json!({ "Records": [{ "messageId": "one", "body": hint.to_string(), "eventSource": "aws:sqs" }] });

    let poller = Function::start("poller", &with("MAILDOCKET_TABLE", "another")).await;
    let answer = poller.invoke(event).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "one" }] }));
    assert!(poller.log().contains("table_missing"), "{}", poller.log());
    let error = poller.invoke(json!({ "what": "is this" })).await.unwrap_err();
    assert_eq!(error["errorType"], "event_unknown", "{error}");

    let api = Function::start("api", &with("MAILDOCKET_SECRET_PREFIX", "nothing/here")).await;
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/healthz", "rawQueryString": "", "headers": {"host": "x"},
        "isBase64Encoded": false,
        "requestContext": {
            "accountId": "1", "apiId": "x", "domainName": "x", "domainPrefix": "x", "requestId": "x", "routeKey": "$default",
            "stage": "$default", "time": "25/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_608_000_000_u64,
            "http": {"method": "GET", "path": "/healthz", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "x"},
        },
    });
    let answer = api.invoke(event).await.unwrap();
    // What rings the alarm ApiAnswers, and what health checks understand.
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(answer["statusCode"], 503, "{answer}");
    assert_eq!(body, json!({ "status": "unhealthy", "code": "installation_secret_missing" }));
    assert!(
        api.log().contains("installation_secret_missing") && !api.log().contains("panicked"),
        "{}",
        api.log()
    );
}
