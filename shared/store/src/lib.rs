#![doc = include_str!("../README.md")]

mod action;
mod batch;
mod blobs;
mod changes;
mod commit;
mod fault;
mod item;
mod keys;
mod lease;
mod page;
mod port;
mod read;
mod sealed;
mod store;
mod table;

pub use blobs::{Bucket, ObjectBlobs};
pub use item::FORMAT;
pub use store::DynamoStore;
pub use table::ensure_table;
