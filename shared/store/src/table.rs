//! The table itself.

use aws_sdk_dynamodb::{
    Client,
    error::ProvideErrorMetadata,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType, TimeToLiveSpecification, TimeToLiveStatus,
    },
};
use intake::{Error, Result};

use crate::fault;

/// The generic indexes, there from the first day: CloudFormation changes one index per update.
pub(crate) const INDEXES: [&str; 3] = ["gsi1", "gsi2", "gsi3"];
/// The attribute with the time after which an item counts as gone, in seconds since 1970.
const TTL: &str = "ttl";

/// Creates the table where it is missing: in the local process and in tests. In the cloud the template makes it.
pub async fn ensure_table(client: &Client, name: &str) -> Result<()> {
    let there = client.describe_table().table_name(name).send().await;
    match there {
        Ok(_) => {}
        Err(error) if error.as_service_error().is_some_and(|e| e.is_resource_not_found_exception()) => {
            create(client, name).await?;
        }
        Err(error) => return Err(fault::meaning(&error)),
    }
    // By itself, because a first start may have ended between the two.
    expire(client, name).await
}

async fn create(client: &Client, name: &str) -> Result<()> {
    let names = ["pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "gsi3pk", "gsi3sk"];
    let attributes = names.iter().map(|name| attribute(name)).collect::<Result<Vec<_>>>()?;
    let indexes = INDEXES.iter().map(|name| index(name)).collect::<Result<Vec<_>>>()?;
    let create = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    let create = create.set_attribute_definitions(Some(attributes)).set_key_schema(Some(schema("pk", "sk")?));
    match create.set_global_secondary_indexes(Some(indexes)).send().await {
        Ok(_) => Ok(()),
        // Another process made it at the same moment.
        Err(error) if error.code() == Some("ResourceInUseException") => Ok(()),
        Err(error) => Err(fault::meaning(&error)),
    }
}

/// Lets items end, where they do not yet.
async fn expire(client: &Client, name: &str) -> Result<()> {
    let told = client.describe_time_to_live().table_name(name).send().await;
    let told = told.map_err(|error| fault::meaning(&error))?;
    let status = told.time_to_live_description.and_then(|about| about.time_to_live_status);
    if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
        return Ok(());
    }
    let ttl =
        TimeToLiveSpecification::builder().enabled(true).attribute_name(TTL).build().map_err(impossible)?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(ttl)
        .send()
        .await
        .map_err(|e| fault::meaning(&e))?;
    Ok(())
}

fn attribute(name: &str) -> Result<AttributeDefinition> {
    let definition =
        AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
    definition.build().map_err(impossible)
}

fn schema(hash: &str, range: &str) -> Result<Vec<KeySchemaElement>> {
    let element = |name: &str, kind| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(impossible)
    };
    Ok(vec![element(hash, KeyType::Hash)?, element(range, KeyType::Range)?])
}

fn index(name: &str) -> Result<GlobalSecondaryIndex> {
    // Its entries say where to look: what a list shows is read from the table.
    let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
    let keys = schema(&format!("{name}pk"), &format!("{name}sk"))?;
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(keys))
        .projection(keys_only)
        .build()
        .map_err(impossible)
}

fn impossible(error: aws_sdk_dynamodb::error::BuildError) -> Error {
    Error::internal(format!("a request to the store could not be built: {error}"))
}
