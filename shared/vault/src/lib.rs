//! Secrets: Secrets Manager or sealed items.
