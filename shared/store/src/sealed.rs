//! Sealed secrets in the same table: `SECRET#<name>` with an item a version.

use async_trait::async_trait;
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use intake::{
    Error, Kind, Result,
    ports::{KeyCheck, KeyChecks, SealedItems},
    types::secret::{SecretName, SecretVersion},
};

use crate::{
    DynamoStore, fault,
    item::{self, Item, text, text_of},
    keys::Key,
};

/// What the sort key of a version begins with. Older Maildockets wrote a pointer beside them, which nobody reads now.
const VERSION: &str = "VERSION#";

fn partition(name: SecretName) -> String {
    format!("SECRET#{name}")
}

fn version_key(name: SecretName, version: &SecretVersion) -> Key {
    Key::new(partition(name), format!("{VERSION}{}", version.as_str()))
}

fn sealed_of(item: &Item) -> Option<Vec<u8>> {
    item.get("sealed")?.as_b().ok().map(|blob| blob.as_ref().to_vec())
}

#[async_trait]
impl SealedItems for DynamoStore {
    async fn put_sealed(&self, name: SecretName, version: &SecretVersion, sealed: &[u8]) -> Result<()> {
        let mut item = item::new(&version_key(name, version), "secret");
        item.insert("sealed".to_owned(), AttributeValue::B(Blob::new(sealed)));
        let put = self.client.put_item().table_name(&*self.table).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(pk)").send().await;
        // What is there may be our own write, whose answer was lost.
        if fault::unless_refused(put)?.is_none()
            && self.get_sealed(name, version).await?.as_deref() != Some(sealed)
        {
            return Err(Error::told(Kind::Conflict, "secret_version_exists"));
        }
        Ok(())
    }

    async fn get_sealed(&self, name: SecretName, version: &SecretVersion) -> Result<Option<Vec<u8>>> {
        Ok(self.get(&version_key(name, version)).await?.as_ref().and_then(sealed_of))
    }

    async fn sealed_versions(&self, name: SecretName) -> Result<Vec<SecretVersion>> {
        let keys = self.sort_keys(name).await?;
        let versions = keys.iter().filter_map(|sk| sk.strip_prefix(VERSION));
        Ok(versions.map(|version| SecretVersion::from_stored(version.to_owned())).collect())
    }

    async fn remove_sealed(&self, name: SecretName, versions: &[SecretVersion]) -> Result<()> {
        for version in versions {
            let removed = self.delete(&version_key(name, version)).send().await;
            removed.map_err(|error| fault::meaning(&error))?;
        }
        Ok(())
    }

    async fn delete_sealed(&self, name: SecretName) -> Result<()> {
        let partition = partition(name);
        for sk in self.sort_keys(name).await? {
            let deleted = self.delete(&Key::new(&partition, &sk)).send().await;
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
    /// Of everything that lies under this name.
    async fn sort_keys(&self, name: SecretName) -> Result<Vec<String>> {
        let query = self
            .client
            .query()
            .table_name(&*self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .projection_expression("sk")
            .expression_attribute_values(":pk", text(partition(name)));
        let mut keys = Vec::new();
        let mut start = None;
        loop {
            let asked = query.clone().set_exclusive_start_key(start).send().await;
            let answer = asked.map_err(|error| fault::meaning(&error))?;
            keys.extend(answer.items().iter().filter_map(|item| text_of(item, "sk").map(str::to_owned)));
            match answer.last_evaluated_key {
                Some(key) => start = Some(key),
                None => return Ok(keys),
            }
        }
    }
}
