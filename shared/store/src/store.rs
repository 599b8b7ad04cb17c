use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    operation::{
        delete_item::builders::DeleteItemFluentBuilder, update_item::builders::UpdateItemFluentBuilder,
    },
};
use intake::Result;

use crate::{
    fault,
    item::{Item, text},
    keys::Key,
};

/// The records of Maildocket in one DynamoDB table.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    pub(crate) client: Client,
    pub(crate) table: Arc<str>,
}

impl DynamoStore {
    /// The store in this table of AWS, which must exist: the template makes it.
    pub fn from_config(config: &aws_config::SdkConfig, table: &str) -> Self {
        Self::new(Client::new(config), table)
    }

    /// The store in this table, which must exist: see [`crate::ensure_table`].
    pub fn new(client: Client, table: &str) -> Self {
        Self { client, table: table.into() }
    }

    /// One item, or nothing.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Item>> {
        let get = self.client.get_item().table_name(&*self.table).consistent_read(true);
        let answer = get.key("pk", text(&key.pk)).key("sk", text(&key.sk)).send().await;
        Ok(answer.map_err(|error| fault::meaning(&error))?.item)
    }

    /// Begins an update of one item.
    pub(crate) fn update(&self, key: &Key) -> UpdateItemFluentBuilder {
        let update = self.client.update_item().table_name(&*self.table);
        update.key("pk", text(&key.pk)).key("sk", text(&key.sk))
    }

    /// Begins a deletion of one item.
    pub(crate) fn delete(&self, key: &Key) -> DeleteItemFluentBuilder {
        let delete = self.client.delete_item().table_name(&*self.table);
        delete.key("pk", text(&key.pk)).key("sk", text(&key.sk))
    }
}

/// A pause before the next try: doubled each time, up to 400 ms, with jitter, so that two who met do not meet again.
pub(crate) fn pause(tries: u32) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let longest = 10u64 << tries.min(5);
    Duration::from_millis(longest / 2 + RandomState::new().hash_one(tries) % (longest / 2 + 1))
}
