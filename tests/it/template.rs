//! `infra/template.yaml` against the sources: it sets what the functions read, allows what they ask and no more, and makes
//! the table that the store expects.

mod identity;
mod lints;
pub(crate) mod roles;
mod used;

use std::{collections::BTreeSet, fs};

use embedded::Embedded;
use serde_json::{Map, Value, json};

use crate::workspace::root;

/// Logical id, and folder below `functions/`.
const FUNCTIONS: [(&str, &str); 3] =
    [("ApiFunction", "api"), ("RefresherFunction", "refresher"), ("PollerFunction", "poller")];
/// Read by the functions, but of no use in Lambda, where they refuse it.
const NEVER_SET: &str = "MAILDOCKET_ALLOW_PRIVATE_NETWORK";

/// The template, with `!Sub x` as `{"!Sub": x}`.
fn template() -> Value {
    let text = fs::read_to_string(root().join("infra/template.yaml")).unwrap();
    plain(serde_norway::from_str(&text).unwrap())
}

fn plain(value: serde_norway::Value) -> Value {
    use serde_norway::Value as Yaml;
    match value {
        Yaml::Sequence(items) => items.into_iter().map(plain).collect(),
        Yaml::Mapping(pairs) => {
            let pair = |(key, value): (Yaml, Yaml)| (key.as_str().unwrap().to_owned(), plain(value));
            Value::Object(pairs.into_iter().map(pair).collect::<Map<_, _>>())
        }
        Yaml::Tagged(tagged) => json!({ (tagged.tag.to_string()): plain(tagged.value) }),
        other => serde_json::to_value(other).unwrap(),
    }
}

fn resources() -> Map<String, Value> {
    template()["Resources"].as_object().unwrap().clone()
}

fn properties(name: &str) -> Value {
    resources().get(name).unwrap_or_else(|| panic!("there is no {name}"))["Properties"].clone()
}

fn of_type<'a>(all: &'a Map<String, Value>, kind: &str) -> Vec<(&'a String, &'a Value)> {
    let found: Vec<_> = all.iter().filter(|(_, resource)| resource["Type"] == kind).collect();
    assert!(!found.is_empty(), "there is no {kind}");
    found
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap().to_owned()).collect(),
        one => vec![one.as_str().unwrap().to_owned()],
    }
}

#[test]
fn each_function_is_its_package() {
    let all = resources();
    assert_eq!(of_type(&all, "AWS::Serverless::Function").len(), FUNCTIONS.len());
    for (id, folder) in FUNCTIONS {
        let function = &all[id];
        assert_eq!(function["Properties"]["CodeUri"], format!("../functions/{folder}"), "{id}");
        assert_eq!(function["Metadata"]["BuildMethod"], "rust-cargolambda", "{id}");
        assert_eq!(function["Metadata"]["BuildProperties"]["Binary"], folder, "{id}");
        assert!(root().join("functions").join(folder).join("Cargo.toml").exists(), "{folder} is no package");
    }
}

#[test]
fn the_environment_is_what_the_functions_read() {
    let read = used::shipped("shared/cloud/src")
        .into_iter()
        .flat_map(|(_, code)| quoted(&code))
        .filter(|text| text.starts_with("MAILDOCKET_") && !text.contains(' '))
        .collect::<BTreeSet<_>>();
    assert!(read.contains(NEVER_SET) && read.len() > 5, "the names were not found: {read:?}");
    let common = template()["Globals"]["Function"]["Environment"]["Variables"].clone();
    for (id, folder) in FUNCTIONS {
        let own = properties(id)["Environment"]["Variables"].clone();
        let set = [&common, &own].into_iter().filter_map(Value::as_object).flat_map(Map::keys);
        let set: BTreeSet<String> = set.cloned().collect();
        let uses_queue = used::shipped(&format!("functions/{folder}/src"))
            .iter()
            .any(|(_, code)| code.contains("queue_url()"));
        let mut wanted = read.clone();
        wanted.remove(NEVER_SET);
        if !uses_queue {
            wanted.remove("MAILDOCKET_QUEUE_URL");
        }
        if folder == "api" {
            wanted.extend(identity::SETTINGS.map(|name| format!("MAILDOCKET_OIDC_{name}")));
        }
        assert_eq!(set, wanted, "the environment of {id}");
    }
}

fn quoted(code: &str) -> Vec<String> {
    code.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The statements by which something is allowed to the roles of these names.
fn allowed(of: impl Fn(&str) -> bool) -> Vec<Value> {
    let all = resources();
    let roles = of_type(&all, "AWS::IAM::Role").into_iter().filter(|(name, _)| of(name));
    let policies = roles.flat_map(|(name, role)| {
        assert!(
            role["Properties"]["ManagedPolicyArns"].is_null(),
            "{name} has a policy that is not in the template"
        );
        role["Properties"]["Policies"].as_array().unwrap().clone()
    });
    let statements = policies.flat_map(|p| p["PolicyDocument"]["Statement"].as_array().unwrap().clone());
    let statements = statements.map(|statement| match statement["!If"].as_array() {
        // By a condition, or not at all.
        Some(choice) => {
            assert_eq!(choice[2], json!({ "!Ref": "AWS::NoValue" }));
            choice[1].clone()
        }
        None => statement,
    });
    statements.filter(|statement| statement["Effect"] == "Allow").collect()
}

fn actions(statements: &[Value]) -> BTreeSet<String> {
    statements.iter().flat_map(|statement| texts(&statement["Action"])).collect()
}

#[test]
fn what_is_asked_is_allowed_and_what_is_allowed_is_asked() {
    let functions = allowed(|role| role != "SchedulerRole");
    assert_eq!(actions(&functions), used::actions());
    assert_eq!(
        actions(&allowed(|role| role == "SchedulerRole")),
        ["lambda:InvokeFunction".to_owned()].into()
    );
    for (id, _) in FUNCTIONS {
        let function = properties(id);
        assert_eq!(function["Role"], json!({ "!GetAtt": id.replace("Function", "Role.Arn") }));
        assert!(
            function["Policies"].is_null() && function["Events"].is_null(),
            "{id}: SAM would add permissions"
        );
    }
}

#[test]
fn no_permission_is_wider_than_its_need() {
    for statement in allowed(|_| true) {
        for action in texts(&statement["Action"]) {
            assert!(!action.contains('*'), "{action}");
        }
        if statement["Resource"].as_array().unwrap().contains(&json!("*")) {
            // It has no resources of its own, and gives nothing that GetSecretValue does not.
            assert_eq!(statement["Action"], json!(["secretsmanager:BatchGetSecretValue"]));
        }
    }
    // Each process that decides has the installation's key; the administrator's token is the API's.
    for (role, administers) in [("ApiRole", true), ("RefresherRole", false), ("PollerRole", false)] {
        let text = properties(role).to_string();
        assert!(text.contains("secret:${Prefix}/key-??????"), "{role}");
        assert_eq!(text.contains("admin-token"), administers, "{role}");
        assert_eq!(text.contains("oidc-client-secret"), administers, "{role}");
        assert!(!text.contains(":secret:${Prefix}/*"), "{role}");
    }
}

#[tokio::test]
async fn the_table_is_the_one_of_the_local_process() {
    let embedded = Embedded::in_memory().unwrap();
    let client = embedded.client();
    store::ensure_table(&client, "maildocket").await.unwrap();
    let made = client.describe_table().table_name("maildocket").send().await.unwrap().table.unwrap();
    let ttl = client.describe_time_to_live().table_name("maildocket").send().await.unwrap();
    let table = properties("Table");
    assert_eq!(table["TimeToLiveSpecification"]["Enabled"], true);
    assert_eq!(
        table["TimeToLiveSpecification"]["AttributeName"].as_str(),
        ttl.time_to_live_description().and_then(|ttl| ttl.attribute_name())
    );
    let attributes: BTreeSet<_> = made
        .attribute_definitions()
        .iter()
        .map(|a| {
            json!({ "AttributeName": a.attribute_name(), "AttributeType": a.attribute_type().as_str() })
                .to_string()
        })
        .collect();
    let wanted: BTreeSet<_> =
        table["AttributeDefinitions"].as_array().unwrap().iter().map(Value::to_string).collect();
    assert_eq!(wanted, attributes);
    macro_rules! keys {
        ($schema:expr) => {
            $schema
                .iter()
                .map(|k| json!({ "AttributeName": k.attribute_name(), "KeyType": k.key_type().as_str() }))
                .collect::<Value>()
        };
    }
    assert_eq!(table["KeySchema"], keys!(made.key_schema()));
    let mut indexes: Vec<Value> = made
        .global_secondary_indexes()
        .iter()
        .map(|index| {
            let projection = index.projection().and_then(|p| p.projection_type()).unwrap().as_str();
            json!({
                "IndexName": index.index_name(),
                "KeySchema": keys!(index.key_schema()),
                "Projection": { "ProjectionType": projection },
            })
        })
        .collect();
    indexes.sort_by_key(|index| index["IndexName"].to_string());
    assert_eq!(table["GlobalSecondaryIndexes"], Value::from(indexes));
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
}

#[test]
fn what_people_would_miss_outlives_the_stack() {
    let all = resources();
    // A roll-back of a first deployment takes all of them along but the table, whose protection would stop it.
    for (name, policy) in [
        ("Table", "Retain"),
        ("Bucket", "RetainExceptOnCreate"),
        ("BucketPolicy", "RetainExceptOnCreate"),
        ("KeySecret", "RetainExceptOnCreate"),
        ("AdminTokenSecret", "RetainExceptOnCreate"),
    ] {
        assert_eq!(all[name]["DeletionPolicy"], policy, "{name}");
        assert_eq!(all[name]["UpdateReplacePolicy"], "Retain", "{name}");
    }
    let table = properties("Table");
    assert_eq!(table["DeletionProtectionEnabled"], true);
    assert_eq!(table["SSESpecification"]["SSEEnabled"], true);
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
}

#[test]
fn no_concurrency_is_reserved_unless_it_is_asked_for() {
    let template = template();
    assert_eq!(template["Parameters"]["ReservedConcurrency"]["Default"], "");
    assert!(template["Globals"]["Function"]["ReservedConcurrentExecutions"].is_null());
    let by_choice = json!({ "!If": ["HasReservedConcurrency", { "!Ref": "ReservedConcurrency" }, { "!Ref": "AWS::NoValue" }] });
    for (id, _) in FUNCTIONS {
        let reserved = properties(id)["ReservedConcurrentExecutions"].clone();
        assert!(reserved.is_null() || reserved == by_choice, "{id}: {reserved}");
    }
}

#[test]
fn times_fit_together() {
    let (queue, dead) = (properties("Queue"), properties("DeadLetterQueue"));
    let timeout = properties("PollerFunction")["Timeout"].as_u64().unwrap();
    let visible = queue["VisibilityTimeout"].as_u64().unwrap();
    let tries = queue["RedrivePolicy"]["maxReceiveCount"].as_u64().unwrap();
    let kept = queue["MessageRetentionPeriod"].as_u64().unwrap();
    assert!(visible >= 6 * timeout && tries >= 5 && kept > tries * visible);
    assert!(dead["MessageRetentionPeriod"].as_u64().unwrap() > kept);
    assert_eq!(properties("PollerMapping")["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    // An HTTP API waits no longer.
    assert!(properties("ApiFunction")["Timeout"].as_u64().unwrap() <= 30);
    for (_, group) in of_type(&resources(), "AWS::Logs::LogGroup") {
        assert_eq!(group["Properties"]["RetentionInDays"], json!({ "!Ref": "LogRetentionDays" }));
    }
}

#[test]
fn words_of_schedules_and_logs_are_those_of_the_sources() {
    let code: String = ["functions/poller/src", "functions/refresher/src", "shared/intake/src"]
        .into_iter()
        .flat_map(used::shipped)
        .map(|(_, code)| code)
        .collect();
    let all = resources();
    for (name, filter) in of_type(&all, "AWS::Logs::MetricFilter") {
        let pattern = filter["Properties"]["FilterPattern"].as_str().unwrap();
        let words = quoted(pattern);
        assert_eq!(words.len(), 1, "{name}: {pattern}");
        assert!(code.contains(&format!("\"{}\"", words[0])), "{name}: no log line says {}", words[0]);
    }
    for (schedule, event) in [("PlanSchedule", "Plan"), ("PurgeSchedule", "Purge")] {
        let input = properties(schedule)["Target"]["Input"].as_str().unwrap().to_owned();
        let input: Value = serde_json::from_str(&input).unwrap();
        let kind = input["detail-type"].as_str().unwrap();
        assert!(
            code.contains(&format!("Some(\"{kind}\") => Ok(Self::{event})")),
            "the poller knows no {kind}"
        );
    }
}

/// What a stack kept is put back into service by its name: the functions are told it, and their roles allow it.
#[test]
fn kept_data_is_used_wherever_the_own_would_be() {
    let template = template();
    let own_prefix = json!({ "!Sub": "maildocket/${AWS::StackName}" });
    let used = [
        ("MAILDOCKET_TABLE", "Name", "UseTable", json!({ "!Ref": "Table" })),
        ("MAILDOCKET_BUCKET", "Name", "UseBucket", json!({ "!Ref": "Bucket" })),
        ("MAILDOCKET_SECRET_PREFIX", "Prefix", "UseSecretPrefix", own_prefix),
    ];
    let choice = |parameter: &str, own: &Value| json!({ "!If": [format!("Has{parameter}"), { "!Ref": parameter }, own] });
    for (variable, _, parameter, own) in &used {
        assert_eq!(template["Parameters"][parameter]["Default"], "", "{parameter}");
        let condition = json!({ "!Not": [{ "!Equals": [{ "!Ref": parameter }, ""] }] });
        assert_eq!(template["Conditions"][format!("Has{parameter}")], condition);
        let told = &template["Globals"]["Function"]["Environment"]["Variables"][variable];
        assert_eq!(*told, choice(parameter, own), "{variable}");
    }
    let of_data = [(":dynamodb:", 0), (":s3:::", 1), (":secretsmanager:", 2)];
    let mut seen = 0;
    for statement in allowed(|role| role != "SchedulerRole") {
        for resource in statement["Resource"].as_array().unwrap() {
            let Some(arn) = resource["!Sub"][0].as_str() else { continue };
            let (_, which) =
                of_data.iter().find(|(mark, _)| arn.contains(mark)).unwrap_or_else(|| panic!("{arn}"));
            let (_, place, parameter, own) = &used[*which];
            assert_eq!(resource["!Sub"][1], json!({ (*place): choice(parameter, own) }), "{arn}");
            seen += 1;
        }
    }
    assert!(seen > 20, "the resources were not found: {seen}");
    // Kept secrets of the same names would be in the way of new ones.
    assert_eq!(
        template["Conditions"]["MakesSecrets"],
        json!({ "!Equals": [{ "!Ref": "UseSecretPrefix" }, ""] })
    );
    for secret in ["KeySecret", "AdminTokenSecret"] {
        assert_eq!(resources()[secret]["Condition"], "MakesSecrets", "{secret}");
    }
}

#[test]
fn each_alarm_and_parameter_is_in_the_guide() {
    let guide = fs::read_to_string(root().join("infra/README.md")).unwrap();
    let rows: String = guide.lines().filter(|line| line.starts_with('|')).collect::<Vec<_>>().join("\n");
    let has = |word: &str| rows.split(|c: char| !c.is_ascii_alphanumeric()).any(|there| there == word);
    let all = resources();
    for (name, alarm) in of_type(&all, "AWS::CloudWatch::Alarm") {
        let short = name.strip_suffix("Alarm").unwrap();
        assert!(has(short), "infra/README.md does not say what to do at {short}");
        assert!(!alarm["Properties"]["TreatMissingData"].is_null(), "{name}");
        // A sum with a function that nobody calls is no sum.
        for metric in alarm["Properties"]["Metrics"].as_array().into_iter().flatten() {
            if let Some(sum) = metric["Expression"].as_str() {
                assert!(sum.split(" + ").all(|part| part.starts_with("FILL(")), "{name}: {sum}");
            }
        }
    }
    for name in template()["Parameters"].as_object().unwrap().keys() {
        assert!(has(name), "infra/README.md does not tell {name}");
    }
}

/// A consent may be found lost by each of the functions.
#[test]
fn what_each_function_says_of_an_ended_consent_is_counted() {
    let all = resources();
    let counted = |name: &str| {
        let filters = of_type(&all, "AWS::Logs::MetricFilter").into_iter();
        let logs = filters
            .filter(|(_, filter)| filter["Properties"]["MetricTransformations"][0]["MetricName"] == name)
            .map(|(_, filter)| filter["Properties"]["LogGroupName"]["!Ref"].as_str().unwrap().to_owned());
        logs.collect::<BTreeSet<_>>()
    };
    assert_eq!(
        counted("ConsentNeeded"),
        ["ApiLogs", "PollerLogs", "RefresherLogs"].map(str::to_owned).into()
    );
}

/// cargo-lambda sets thin LTO and `panic = "abort"` where Cargo.toml says nothing, over what `functions/.cargo` says: a mail
/// that panics the parser would end the function. SAM hands no flag on that would keep it from that.
#[test]
fn what_cargo_lambda_would_set_is_said_in_the_manifest() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let profile = manifest.split("[profile.release]\n").nth(1).unwrap();
    let profile = profile.split("\n[").next().unwrap();
    for line in ["lto = ", "codegen-units = ", "panic = \"unwind\"", "strip = "] {
        assert!(profile.lines().any(|said| said.starts_with(line)), "[profile.release] does not say {line}");
    }
    for (name, folder) in FUNCTIONS {
        let metadata = resources()[name]["Metadata"].clone();
        assert_eq!(metadata["BuildMethod"], "rust-cargolambda", "{name}");
        assert_eq!(metadata["BuildProperties"], json!({ "Binary": folder }), "{name}");
    }
}
