#![doc = include_str!("../README.md")]

mod connector;
pub mod disk;
mod dispatch;
mod faults;
#[cfg(test)]
mod tests;
mod trouble;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig},
};
use dynoxide::Database;

pub use dispatch::Operation;
pub use faults::{Fault, Faults};
pub use trouble::{Trouble, Watch};

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
    /// What is in the way.
    pub trouble: Trouble,
}

/// An embedded database.
#[derive(Debug, Clone)]
pub struct Embedded {
    engine: Arc<connector::Engine>,
    path: PathBuf,
}

impl Embedded {
    /// Opens or creates a database file. One process at a time: the caller holds a lock. A file that is something else is
    /// refused, and not changed.
    pub fn open(path: &Path) -> Result<Self, EmbeddedError> {
        Self::open_watched(path, Arc::new(|_| ()))
    }

    /// The same, and tells from then on what keeps calls from being carried out.
    pub fn open_watched(path: &Path, watch: Watch) -> Result<Self, EmbeddedError> {
        let refused = |trouble, reason| EmbeddedError { path: path.display().to_string(), reason, trouble };
        trouble::may_be_opened(path).map_err(|(trouble, reason)| refused(trouble, reason))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let database = Database::new(&path.to_string_lossy())
            .map_err(|error| refused(Trouble::of(&error, folder), error.to_string()))?;
        let engine = connector::Engine::new(database, THREADS, folder.to_owned(), watch);
        Ok(Self { engine: Arc::new(engine), path: path.to_owned() })
    }

    /// A database that ends with the process: for tests.
    pub fn in_memory() -> Result<Self, EmbeddedError> {
        let path = PathBuf::from("in memory");
        let database = Database::memory().map_err(|error| Self::failed(&path, &error))?;
        let engine = connector::Engine::new(database, THREADS, std::env::temp_dir(), Arc::new(|_| ()));
        Ok(Self { engine: Arc::new(engine), path })
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
        swept.map_err(|error| Self::failed(&self.path, &error))
    }

    fn failed(path: &Path, error: &dynoxide::DynoxideError) -> EmbeddedError {
        let trouble = Trouble::of(error, path.parent().unwrap_or(Path::new(".")));
        EmbeddedError { path: path.display().to_string(), reason: error.to_string(), trouble }
    }
}
