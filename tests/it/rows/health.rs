//! Rows about tests of connections, refreshes and troubleshooting.
