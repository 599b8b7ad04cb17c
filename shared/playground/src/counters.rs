//! What clients asked for, counted.

use std::collections::BTreeMap;

/// What happened since the start, or since [`crate::Script::reset_counters`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// TCP connections to the mail server, also those whose TLS handshake failed.
    pub mail_connections: u64,
    /// TCP connections to the provider, over https and clear text.
    pub provider_connections: u64,
    /// Sign-ins to the mail server that ended with OK.
    pub sign_ins_accepted: u64,
    /// Sign-ins to the mail server that ended with NO or BAD.
    pub sign_ins_refused: u64,
    /// Answers to a refused token's challenge that were not what the mechanism wants.
    pub bad_challenge_answers: u64,
    /// Commands by name in capitals, such as `STATUS` or `UID FETCH`.
    pub commands: BTreeMap<String, u64>,
    /// Bytes that the mail server sent inside TLS.
    pub mail_bytes_out: u64,
    /// Bytes that the mail server put on the wire, TLS included.
    pub mail_wire_bytes_out: u64,
    /// Token requests by grant type (`authorization_code`, `refresh_token`, `other`), also those that failed.
    pub token_requests: BTreeMap<String, u64>,
    /// Requests to the authorization page.
    pub authorize_requests: u64,
    /// Requests to the revocation endpoint.
    pub revocation_requests: u64,
    /// Requests to the userinfo endpoint.
    pub userinfo_requests: u64,
    /// Requests for the discovery document.
    pub discovery_requests: u64,
}

impl Counters {
    /// How often a command was sent; `name` in capitals.
    pub fn command(&self, name: &str) -> u64 {
        self.commands.get(name).copied().unwrap_or(0)
    }

    /// How many commands were sent in all.
    pub fn all_commands(&self) -> u64 {
        self.commands.values().sum()
    }

    /// How often a grant type was asked for at the token endpoint.
    pub fn token_requests_for(&self, grant_type: &str) -> u64 {
        self.token_requests.get(grant_type).copied().unwrap_or(0)
    }

    pub(crate) fn count_command(&mut self, name: &str) {
        count(&mut self.commands, name);
    }

    pub(crate) fn count_token_request(&mut self, grant_type: &str) {
        count(&mut self.token_requests, grant_type);
    }
}

fn count(of: &mut BTreeMap<String, u64>, name: &str) {
    *of.entry(name.to_owned()).or_insert(0) += 1;
}
