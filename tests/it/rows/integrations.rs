//! Rows about integrations, providers and redirect URLs.
