//! The harness and the integration tests.
