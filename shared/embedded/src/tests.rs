//! The SDK itself against the embedded database, in peace and disturbed.

use std::{sync::Arc, time::SystemTime};

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, ConditionCheck, GlobalSecondaryIndex,
        KeySchemaElement, KeyType, KeysAndAttributes, Projection, ProjectionType, Put,
        ReturnValuesOnConditionCheckFailure, ScalarAttributeType, TimeToLiveSpecification, TransactWriteItem,
    },
};

use crate::{Embedded, Fault, Faults, Operation};

const TABLE: &str = "maildocket";

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

async fn create(client: &Client) {
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    };
    let key =
        |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let index = GlobalSecondaryIndex::builder()
        .index_name("gsi1")
        .key_schema(key("gsi1pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .unwrap();
    let table = client.create_table().table_name(TABLE).billing_mode(BillingMode::PayPerRequest);
    let table =
        table.set_attribute_definitions(Some(vec![attribute("pk"), attribute("sk"), attribute("gsi1pk")]));
    let table = table.key_schema(key("pk", KeyType::Hash)).key_schema(key("sk", KeyType::Range));
    table.global_secondary_indexes(index).send().await.unwrap();
}

fn put(pk: &str) -> Put {
    Put::builder()
        .table_name(TABLE)
        .item("pk", s(pk))
        .item("sk", s("#"))
        .item("gsi1pk", s("ALL"))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap()
}

async fn transact(client: &Client, puts: &[&str]) -> Result<(), aws_sdk_dynamodb::Error> {
    let items = puts.iter().map(|pk| TransactWriteItem::builder().put(put(pk)).build()).collect();
    client.transact_write_items().set_transact_items(Some(items)).send().await?;
    Ok(())
}

async fn all(client: &Client) -> Vec<String> {
    let query = client.query().table_name(TABLE).index_name("gsi1").key_condition_expression("gsi1pk = :a");
    let page = query.expression_attribute_values(":a", s("ALL")).send().await.unwrap();
    page.items().iter().map(|item| item["pk"].as_s().unwrap().clone()).collect()
}

async fn database() -> (Embedded, Client) {
    let embedded = Embedded::in_memory().unwrap();
    let client = embedded.client();
    create(&client).await;
    (embedded, client)
}

#[tokio::test]
async fn a_refused_transaction_names_reasons_and_items_and_writes_nothing() {
    let (embedded, client) = database().await;
    transact(&client, &["a"]).await.unwrap();
    let error = transact(&client, &["b", "a"]).await.unwrap_err();
    let aws_sdk_dynamodb::Error::TransactionCanceledException(cancelled) = error else { panic!("{error:?}") };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|r| r.code().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert_eq!(cancelled.cancellation_reasons()[1].item().unwrap()["pk"], s("a"));
    assert_eq!(all(&client).await, ["a"]);
    assert!(embedded.counts()[&Operation::TransactWriteItems] >= 2);
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("database");
    let first = Embedded::open(&path).unwrap();
    create(&first.client()).await;
    transact(&first.client(), &["a", "b"]).await.unwrap();
    drop(first);
    assert_eq!(all(&Embedded::open(&path).unwrap().client()).await, ["a", "b"]);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the database has no other clock")]
async fn expired_items_go_with_the_sweep() {
    let (embedded, client) = database().await;
    let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name("ttl").build().unwrap();
    client.update_time_to_live().table_name(TABLE).time_to_live_specification(ttl).send().await.unwrap();
    let past = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() - 60;
    let put =
        client.put_item().table_name(TABLE).item("pk", s("old")).item("sk", s("#")).item("gsi1pk", s("ALL"));
    put.item("ttl", AttributeValue::N(past.to_string())).send().await.unwrap();
    transact(&client, &["new"]).await.unwrap();
    let swept = tokio::task::spawn_blocking(move || embedded.sweep_ttl().unwrap()).await.unwrap();
    assert_eq!((swept, all(&client).await), (1, vec!["new".to_owned()]));
}

#[tokio::test]
async fn a_scan_is_refused() {
    let (_embedded, client) = database().await;
    assert!(client.scan().table_name(TABLE).send().await.is_err());
}

#[tokio::test]
async fn a_lost_answer_is_a_transaction_that_happened_once() {
    let (embedded, _) = database().await;
    let faults = Faults::new().fail(Operation::TransactWriteItems, 1, Fault::AnswerLost);
    // The SDK repeats it with the same ClientRequestToken.
    transact(&embedded.client_with_faults(Arc::new(faults)), &["a"]).await.unwrap();
    assert_eq!(all(&embedded.client()).await, ["a"]);
}

#[tokio::test]
async fn a_conflict_is_told_by_its_reason() {
    let (embedded, _) = database().await;
    let faults =
        (1..9).fold(Faults::new(), |f, nth| f.fail(Operation::TransactWriteItems, nth, Fault::Conflict));
    let error = transact(&embedded.client_with_faults(Arc::new(faults)), &["a"]).await.unwrap_err();
    let aws_sdk_dynamodb::Error::TransactionCanceledException(cancelled) = error else { panic!("{error:?}") };
    assert_eq!(cancelled.cancellation_reasons()[0].code(), Some("TransactionConflict"));
    assert!(all(&embedded.client()).await.is_empty());
}

#[tokio::test]
async fn indexes_lag_and_catch_up() {
    let (embedded, client) = database().await;
    let disturbed = embedded.client_with_faults(Arc::new(Faults::new().stale_indexes(1)));
    transact(&disturbed, &["a"]).await.unwrap();
    assert!(all(&disturbed).await.is_empty());
    transact(&disturbed, &["b"]).await.unwrap();
    assert_eq!(all(&disturbed).await, ["a"]);
    assert_eq!(all(&client).await, ["a", "b"]);
}

#[tokio::test]
async fn a_batch_names_what_it_left_out() {
    let (embedded, client) = database().await;
    transact(&client, &["a", "b"]).await.unwrap();
    let faults = Faults::new().fail(Operation::BatchGetItem, 1, Fault::Unprocessed);
    let key = |pk: &str| [("pk".to_owned(), s(pk)), ("sk".to_owned(), s("#"))].into();
    let keys = KeysAndAttributes::builder().keys(key("a")).keys(key("b")).build().unwrap();
    let disturbed = embedded.client_with_faults(Arc::new(faults));
    let batch = disturbed.batch_get_item().request_items(TABLE, keys).send().await.unwrap();
    assert_eq!(batch.responses().unwrap()[TABLE].len(), 1);
    assert_eq!(batch.unprocessed_keys().unwrap()[TABLE].keys().len(), 1);
}

#[tokio::test]
async fn condition_checks_are_not_counted_as_writes() {
    let (embedded, client) = database().await;
    transact(&client, &["a"]).await.unwrap();
    let before = embedded.items_written();
    let check = ConditionCheck::builder().table_name(TABLE).key("pk", s("a")).key("sk", s("#"));
    let check = check.condition_expression("attribute_exists(pk)").build().unwrap();
    let items = vec![
        TransactWriteItem::builder().condition_check(check).build(),
        TransactWriteItem::builder().put(put("b")).build(),
    ];
    client.transact_write_items().set_transact_items(Some(items)).send().await.unwrap();
    assert_eq!(embedded.items_written() - before, 1);
}
