#![doc = include_str!("../README.md")]

mod manager;
mod master_key;
mod sealed;

pub use manager::{Installation, SecretsManagerVault};
pub use master_key::MasterKey;
pub use sealed::SealedVault;

use intake::{Error, Kind, Sentence};

/// The largest secret, bytes: Secrets Manager's own limit.
const MAX_SECRET: usize = 64 * 1024;

fn too_large() -> Error {
    Error::told(Kind::TooLarge, "secret_too_large")
}

fn other_value() -> Error {
    Error::told(Kind::Conflict, "secret_version_conflict")
}

fn missing() -> Error {
    Error::told(Kind::NotFound, Sentence::new("secret_missing"))
}
