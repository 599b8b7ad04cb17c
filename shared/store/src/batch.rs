//! Reading many items at once, consistently, until none is left out.

use aws_sdk_dynamodb::types::KeysAndAttributes;
use intake::{Error, Result};

use crate::{
    DynamoStore, fault,
    item::{Item, text},
    keys::Key,
};

/// DynamoDB's limit for one batch read.
const MAX_KEYS: usize = 100;
/// How often what was left out is asked for again.
const TRIES: u32 = 12;

impl DynamoStore {
    /// Those of these items that are there, in no order.
    pub(crate) async fn get_all(&self, keys: &[Key]) -> Result<Vec<Item>> {
        let mut found = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(MAX_KEYS) {
            let keys = chunk
                .iter()
                .map(|k| [("pk".to_owned(), text(&k.pk)), ("sk".to_owned(), text(&k.sk))].into())
                .collect();
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            let mut wanted = Some(wanted.map_err(Error::internal)?);
            for tries in 0..TRIES {
                let Some(request) = wanted.take() else { break };
                if tries > 0 {
                    tokio::time::sleep(self.pause(tries)).await;
                }
                let answer = self.client.batch_get_item().request_items(&*self.table, request).send().await;
                let answer = answer.map_err(|error| fault::meaning(&error))?;
                found.extend(answer.responses.unwrap_or_default().remove(&*self.table).unwrap_or_default());
                wanted = answer.unprocessed_keys.unwrap_or_default().remove(&*self.table);
            }
            if wanted.is_some() {
                return Err(fault::busy());
            }
        }
        Ok(found)
    }
}
