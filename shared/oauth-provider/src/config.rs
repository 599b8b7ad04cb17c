//! What may be connected to, and how long it may take.

use std::time::Duration;

use intake::ports::Gate;

/// What may be connected to, and how long it may take.
pub struct ProviderConfig {
    /// Which addresses.
    pub gate: Gate,
    /// Trusted beside the platform's roots, PEM.
    pub extra_roots_pem: Option<Vec<u8>>,
    /// For the connection.
    pub connect_time: Duration,
    /// For a whole call.
    pub total_time: Duration,
}

impl ProviderConfig {
    /// The usual limits: 5 seconds to connect, 15 in all.
    pub fn new(gate: Gate, extra_roots_pem: Option<Vec<u8>>) -> Self {
        let (connect_time, total_time) = (Duration::from_secs(5), Duration::from_secs(15));
        Self { gate, extra_roots_pem, connect_time, total_time }
    }
}
