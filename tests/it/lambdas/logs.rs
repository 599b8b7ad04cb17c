//! What the functions say: each line of a request and of a call names it, and a failure says what happened and what to do.

use serde_json::{Value, json};
use tests::lambda::Function;

use super::{Cloud, scheduled};

fn lines(log: &str) -> Vec<Value> {
    log.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_and_calls_are_named_in_each_line() {
    let cloud = Cloud::start().await;
    cloud.api.get("/projects").await;
    let lines = lines(&cloud.function.log());
    let request = lines.iter().find(|line| line["message"] == "request").unwrap();
    assert_eq!(request["span"]["request"], "test", "the gateway's name for it: {request}");
    assert!(request["span"]["lambda_request"].as_str().unwrap().starts_with("request-"), "{request}");

    let poller = Function::start("poller", &cloud.environment).await;
    poller.invoke(scheduled()).await.unwrap();
    let log = poller.log();
    let plan: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(plan["message"], "The plan is made.");
    assert!(plan["span"]["lambda_request"].as_str().unwrap().starts_with("request-"), "{plan}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_is_not_there_is_told_in_full_and_in_5xx() {
    let cloud = Cloud::start().await;
    // The function has found its secrets and its table; then the table goes.
    assert!(cloud.api.get("/projects").await["items"].is_array());
    cloud.aws.dynamodb().delete_table().table_name(tests::aws::TABLE).send().await.unwrap();
    let (status, problem) = cloud.api.attempt(reqwest::Method::GET, "/projects", None).await;
    assert_eq!((status.as_u16(), &problem["code"]), (503, &json!("table_missing")), "{problem}");
    let health = reqwest::get(format!("{}/healthz", cloud.base_url)).await.unwrap();
    assert_eq!(health.status().as_u16(), 503);
    let told: Value = serde_json::from_slice(&health.bytes().await.unwrap()).unwrap();
    assert_eq!(told, json!({ "status": "unhealthy", "code": "table_missing" }));
    let lines = lines(&cloud.function.log());
    let failures: Vec<&Value> = lines.iter().filter(|line| line["level"] == "ERROR").collect();
    assert_eq!(failures.len(), 2, "{failures:#?}");
    for line in failures {
        for field in ["code", "kind", "detail", "action"] {
            assert!(line[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {line}");
        }
        assert_eq!(line["span"]["request"], "test");
    }
}
