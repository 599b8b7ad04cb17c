//! Files: their names and digests.

mod binary;
mod name;

pub(crate) use binary::binary;
pub(crate) use name::{clean, named_after};

/// SHA-256 of bytes, hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes))
}
