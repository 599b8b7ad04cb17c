//! The way to the provider's consent page and back.

mod endpoints;
