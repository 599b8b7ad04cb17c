use std::{fmt, sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    operation::{
        delete_item::builders::DeleteItemFluentBuilder, update_item::builders::UpdateItemFluentBuilder,
    },
};
use intake::{
    Result, Timestamp,
    ports::{Clock, Entropy},
    types::back_off::BackOff,
};

use crate::{
    fault,
    item::{Item, text},
    keys::Key,
};

/// The records of Maildocket in one DynamoDB table.
#[derive(Clone)]
pub struct DynamoStore {
    pub(crate) client: Client,
    pub(crate) table: Arc<str>,
    dice: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
}

impl DynamoStore {
    /// The store in this table of AWS, which must exist: the template makes it.
    pub fn from_config(
        config: &aws_config::SdkConfig,
        table: &str,
        dice: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::new(Client::new(config), table, dice, clock)
    }

    /// The store in this table, which must exist: see [`crate::ensure_table`]. Who meets others in it waits by dice; what
    /// is written carries the time.
    pub fn new(client: Client, table: &str, dice: Arc<dyn Entropy>, clock: Arc<dyn Clock>) -> Self {
        Self { client, table: table.into(), dice, clock }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
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

    /// A pause before the next try.
    pub(crate) fn pause(&self, tries: u32) -> Duration {
        let mut thrown = [0];
        self.dice.fill(&mut thrown);
        BACK_OFF.spread(tries, thrown[0])
    }
}

/// The pauses of what met others at an item.
const BACK_OFF: BackOff = BackOff { first: Duration::from_millis(10), longest: Duration::from_millis(320) };

impl fmt::Debug for DynamoStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamoStore").field("table", &self.table).finish_non_exhaustive()
    }
}
