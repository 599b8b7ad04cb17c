//! The DynamoDB table and the blobs.
//!
//! One table with three generic indexes. Every list is a query, every decision reads the base table with strong
//! consistency, and every write is one conditional transaction: see [`DynamoStore`].

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
pub use store::DynamoStore;
pub use table::ensure_table;
