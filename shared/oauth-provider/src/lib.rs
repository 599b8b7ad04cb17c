//! Authorization URLs, code exchange, refresh, revocation, discovery.
