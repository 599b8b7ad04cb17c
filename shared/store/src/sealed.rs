//! Sealed secrets in the same table: `SECRET#<name>` with an item a version and a pointer to the newest.

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    primitives::Blob,
    types::{AttributeValue, Delete, Put, TransactWriteItem, Update},
};
use intake::{
    Error, Kind, Result,
    ports::{KeyCheck, KeyChecks, SealedItems},
    types::secret::{SecretName, SecretVersion},
};

use crate::{
    DynamoStore, fault,
    item::{self, Item, text, text_of},
    keys::Key,
    store::pause,
};

/// The sort key of the pointer to the newest version.
const NEWEST: &str = "NEWEST";
/// How often a contended write is tried.
const TRIES: u32 = 8;

fn version_key(name: SecretName, version: &str) -> Key {
    Key::new(format!("SECRET#{name}"), format!("VERSION#{version}"))
}

fn newest_key(name: SecretName) -> Key {
    Key::new(format!("SECRET#{name}"), NEWEST)
}

fn sealed_of(item: &Item) -> Option<Vec<u8>> {
    item.get("sealed")?.as_b().ok().map(|blob| blob.as_ref().to_vec())
}

fn impossible(error: aws_sdk_dynamodb::error::BuildError) -> Error {
    Error::internal(format!("a secret's item could not be built ({error})"))
}

#[async_trait]
impl SealedItems for DynamoStore {
    async fn put_sealed(&self, name: SecretName, version: &SecretVersion, sealed: &[u8]) -> Result<()> {
        for tries in 0..TRIES {
            if self.get(&version_key(name, version.as_str())).await?.is_some() {
                return Err(Error::new(
                    Kind::Conflict,
                    "secret_version_exists",
                    "This version of the secret exists already.",
                ));
            }
            if self.try_put(name, version, sealed).await? {
                return Ok(());
            }
            tokio::time::sleep(pause(tries)).await;
        }
        Err(Error::retry("store_busy", "The store is busy."))
    }

    async fn get_sealed(&self, name: SecretName, version: &SecretVersion) -> Result<Option<Vec<u8>>> {
        Ok(self.get(&version_key(name, version.as_str())).await?.as_ref().and_then(sealed_of))
    }

    async fn newest_sealed(&self, name: SecretName) -> Result<Option<(SecretVersion, Vec<u8>)>> {
        let Some(pointer) = self.get(&newest_key(name)).await? else { return Ok(None) };
        let Some(version) = text_of(&pointer, "newest").map(|v| SecretVersion::from_stored(v.to_owned()))
        else {
            return Ok(None);
        };
        Ok(self.get_sealed(name, &version).await?.map(|sealed| (version, sealed)))
    }

    async fn delete_sealed(&self, name: SecretName) -> Result<()> {
        let partition = newest_key(name).pk;
        let query = self
            .client
            .query()
            .table_name(&*self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk");
        let found = query
            .expression_attribute_values(":pk", text(&partition))
            .send()
            .await
            .map_err(|error| fault::meaning(&error))?;
        for item in found.items() {
            let Some(sk) = text_of(item, "sk") else { continue };
            let deleted = self.delete(&Key::new(&partition, sk)).send().await;
            deleted.map_err(|error| fault::meaning(&error))?;
        }
        Ok(())
    }
}

fn check_key() -> Key {
    Key::alone("INSTALLATION", "master-key")
}

#[async_trait]
impl KeyChecks for DynamoStore {
    async fn key_check(&self) -> Result<Option<KeyCheck>> {
        self.get(&check_key()).await?.as_ref().map(item::carried).transpose()
    }

    async fn put_key_check(&self, check: &KeyCheck) -> Result<()> {
        let item = item::carrying(&check_key(), "key_check", check)?;
        let put = self.client.put_item().table_name(&*self.table).set_item(Some(item));
        put.send().await.map_err(|error| fault::meaning(&error))?;
        Ok(())
    }
}

impl DynamoStore {
    /// Writes the version, moves the pointer from what it was, and drops the version before the one before. False where
    /// another writer was there at the same moment.
    async fn try_put(&self, name: SecretName, version: &SecretVersion, sealed: &[u8]) -> Result<bool> {
        let before = self.get(&newest_key(name)).await?.unwrap_or_default();
        let newest = text_of(&before, "newest");
        let key = version_key(name, version.as_str());
        let mut item = item::new(&key, "secret");
        item.insert("sealed".to_owned(), AttributeValue::B(Blob::new(sealed)));
        let put = Put::builder()
            .table_name(&*self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)");
        let pointer = newest_key(name);
        let update = Update::builder()
            .table_name(&*self.table)
            .key("pk", text(&pointer.pk))
            .key("sk", text(&pointer.sk));
        let update = update
            .expression_attribute_names("#type", "type")
            .expression_attribute_values(":new", text(version.as_str()));
        let update = update.expression_attribute_values(":type", text("secret_newest"));
        let update = match newest {
            Some(newest) => update
                .update_expression("SET newest = :new, previous = :old, #type = :type")
                .condition_expression("newest = :old")
                .expression_attribute_values(":old", text(newest)),
            None => update
                .update_expression("SET newest = :new, #type = :type")
                .condition_expression("attribute_not_exists(newest)"),
        };
        let mut actions = vec![
            TransactWriteItem::builder().put(put.build().map_err(impossible)?).build(),
            TransactWriteItem::builder().update(update.build().map_err(impossible)?).build(),
        ];
        if let Some(previous) = text_of(&before, "previous") {
            let old = version_key(name, previous);
            let delete =
                Delete::builder().table_name(&*self.table).key("pk", text(&old.pk)).key("sk", text(&old.sk));
            actions.push(TransactWriteItem::builder().delete(delete.build().map_err(impossible)?).build());
        }
        match self.client.transact_write_items().set_transact_items(Some(actions)).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_transaction_canceled_exception()) => {
                // Our own write, whose answer was lost, looks the same: then the version is there with these bytes.
                Ok(self.get_sealed(name, version).await?.as_deref() == Some(sealed))
            }
            Err(error) => Err(fault::meaning(&error)),
        }
    }
}
