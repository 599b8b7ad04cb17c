//! Rows about incoming mail servers: protocols and ways to sign in.
