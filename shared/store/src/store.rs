use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::Client;

/// The records of Maildocket in one DynamoDB table.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    pub(crate) client: Client,
    pub(crate) table: Arc<str>,
}

impl DynamoStore {
    /// The store in this table, which must exist: see [`crate::ensure_table`].
    pub fn new(client: Client, table: &str) -> Self {
        Self { client, table: table.into() }
    }
}

/// A pause before the next try: doubled each time, up to 400 ms, with jitter, so that two who met do not meet again.
pub(crate) fn pause(tries: u32) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let longest = 10u64 << tries.min(5);
    Duration::from_millis(longest / 2 + RandomState::new().hash_one(tries) % (longest / 2 + 1))
}
