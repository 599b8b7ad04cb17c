//! DynamoDB in this process: dynoxide behind the SDK's HTTP connector.
//!
//! The unchanged `aws-sdk-dynamodb` talks to a SQLite file through typed calls, without a port that other users of the
//! machine could reach. Transactions are committed with SQLite's defaults in WAL mode (`synchronous = FULL`): what was
//! acknowledged survives `kill -9` and a power cut. dynoxide's bulk loading is never used, since it weakens that.
//! Expired items are deleted only by [`Embedded::sweep_ttl`].

mod connector;
mod dispatch;
mod faults;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig},
};
use dynoxide::Database;

pub use dispatch::Operation;
pub use faults::{Fault, Faults};

/// The longest that one call may take.
const CALL_TIME: Duration = Duration::from_secs(30);
/// Calls that may run side by side: dynoxide takes one lock, so more threads would only wait.
const THREADS: usize = 4;

/// The database could not be opened or swept.
#[derive(Debug, thiserror::Error)]
#[error("the embedded database {path} cannot be used: {reason}")]
pub struct EmbeddedError {
    path: String,
    reason: String,
}

/// An embedded database.
#[derive(Debug, Clone)]
pub struct Embedded {
    engine: Arc<connector::Engine>,
    path: String,
}

impl Embedded {
    /// Opens or creates a database file. One process at a time: the caller holds a lock.
    pub fn open(path: &Path) -> Result<Self, EmbeddedError> {
        let path = path.to_string_lossy().into_owned();
        let database = Database::new(&path)
            .map_err(|error| EmbeddedError { path: path.clone(), reason: error.to_string() })?;
        Ok(Self { engine: Arc::new(connector::Engine::new(database, THREADS)), path })
    }

    /// A database that ends with the process: for tests.
    pub fn in_memory() -> Result<Self, EmbeddedError> {
        let path = "in memory".to_owned();
        let database = Database::memory()
            .map_err(|error| EmbeddedError { path: path.clone(), reason: error.to_string() })?;
        Ok(Self { engine: Arc::new(connector::Engine::new(database, THREADS)), path })
    }

    /// The SDK's client on this database.
    pub fn client(&self) -> Client {
        self.client_with_faults(Arc::default())
    }

    /// The same, disturbed as AWS would disturb it: for tests.
    pub fn client_with_faults(&self, faults: Arc<Faults>) -> Client {
        let retry =
            RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(10));
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("local"))
            .endpoint_url("http://embedded.invalid")
            .credentials_provider(Credentials::new("local", "local", None, None, "embedded"))
            .retry_config(retry)
            .timeout_config(TimeoutConfig::builder().operation_timeout(CALL_TIME).build())
            .stalled_stream_protection(aws_sdk_dynamodb::config::StalledStreamProtectionConfig::disabled())
            .http_client(connector::Connector::new(self.engine.clone(), faults))
            .build();
        Client::from_conf(config)
    }

    /// How often each operation was called since the database was opened.
    pub fn counts(&self) -> BTreeMap<Operation, u64> {
        self.engine.counts()
    }

    /// How many items were written or deleted since the database was opened, asked for one by one or in transactions.
    pub fn items_written(&self) -> u64 {
        self.engine.items_written()
    }

    /// Deletes expired items; how many. To be called hourly, on a thread that may block.
    pub fn sweep_ttl(&self) -> Result<usize, EmbeddedError> {
        let swept = self.engine.database().sweep_ttl();
        swept.map_err(|error| EmbeddedError { path: self.path.clone(), reason: error.to_string() })
    }
}
