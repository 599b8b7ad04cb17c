//! What helps to make an integration.

use serde_json::json;

use crate::site::Site;

#[tokio::test]
async fn what_helps_to_make_an_integration_is_for_administrators() {
    let site = Site::new().await;
    let agent = site.token("agent").await;
    for path in ["/presets", "/prerequisites"] {
        site.get(path).await.is(200);
        site.get(path).token(&agent).await.is_problem(403, "role_missing", &[]);
        site.get(&format!("{path}?x=1")).await.is_problem(422, "validation_failed", &["/x"]);
    }
    site.get("/presets?cursor=nonsense").await.is_problem(422, "invalid_cursor", &["/cursor"]);
    let suggested = site.post("/client-credentials", json!({})).await;
    assert_eq!(suggested.header("cache-control"), "no-store");
    site.post("/client-credentials", json!({"x": 1})).await.is_problem(422, "unknown_field", &["/x"]);
    site.post("/client-credentials", json!({})).token(&agent).await.is_problem(403, "role_missing", &[]);
    site.post("/prerequisites", json!({"name": "x"})).await.is_problem(422, "unknown_field", &["/name"]);

    // Nothing answers on this site's network.
    let told = site.get("/prerequisites").await.is(200);
    let status = |name: &str| -> Vec<_> {
        let checks = told["checks"].as_array().unwrap().iter().filter(|check| check["name"] == name);
        checks.map(|check| check["status"].as_str().unwrap()).collect()
    };
    assert_eq!(told["ok"], false);
    assert_eq!((status("https"), status("redirect_url")), (vec!["ok"], vec!["ok", "ok"]));
    assert_eq!((status("reachability"), status("clock")), (vec!["failed", "failed"], vec!["skipped"]));
}
