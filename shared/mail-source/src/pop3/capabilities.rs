//! What a server can do: CAPA (RFC 2449).

use std::{collections::BTreeMap, time::Duration};

use intake::ports::MailError;

use super::wire::{Answer, Wire};

/// Lines of a list of capabilities.
const MAX_LINES: usize = 100;

/// The capabilities with their arguments, in upper case. Unknown where the server does not know CAPA.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Capabilities(Option<BTreeMap<String, Vec<String>>>);

impl Capabilities {
    /// Asks for them.
    pub(crate) async fn ask(wire: &mut Wire) -> Result<Self, MailError> {
        wire.send("CAPA\r\n").await?;
        let Answer::Ok(_) = wire.answer().await? else { return Ok(Self(None)) };
        let mut told = BTreeMap::new();
        let mut note = |line: &[u8]| {
            let line = String::from_utf8_lossy(line).to_ascii_uppercase();
            let mut words = line.split_whitespace().map(str::to_owned);
            if let Some(name) = words.next() {
                told.entry(name).or_insert_with(Vec::new).extend(words);
            }
            true
        };
        wire.lines(MAX_LINES, &mut note).await?;
        Ok(Self(Some(told)))
    }

    /// Whether the server says so.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|told| told.contains_key(name))
    }

    /// Whether it may be so: the server says it, or nothing at all.
    pub(crate) fn may_have(&self, name: &str) -> bool {
        self.0.is_none() || self.has(name)
    }

    /// Whether USER and PASS may lead in: the server says it, or names no way at all, and not because it waits for TLS.
    pub(crate) fn may_take_user(&self) -> bool {
        self.may_have("USER") || (self.sign_ins().is_empty() && !self.has("STLS"))
    }

    /// Whether a SASL mechanism is offered (RFC 5034 section 3).
    pub(crate) fn offers(&self, mechanism: &str) -> bool {
        let sasl = self.0.as_ref().and_then(|told| told.get("SASL"));
        sasl.is_some_and(|mechanisms| mechanisms.iter().any(|offered| offered == mechanism))
    }

    /// The names of all ways to sign in that it tells.
    pub(crate) fn sign_ins(&self) -> Vec<String> {
        let told = self.0.iter().flatten();
        let sasl = told.clone().filter(|(name, _)| *name == "SASL").flat_map(|(_, mechanisms)| mechanisms);
        sasl.chain(told.map(|(name, _)| name).filter(|name| *name == "USER")).cloned().collect()
    }

    /// The seconds that must lie between two sign-ins, where the server says so.
    pub(crate) fn login_delay(&self) -> Option<Duration> {
        let delay = self.0.as_ref()?.get("LOGIN-DELAY")?.first()?.parse().ok()?;
        Some(Duration::from_secs(delay).min(Duration::from_secs(3600)))
    }
}

/// Whether the server takes several commands at once (RFC 2449 section 6.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pipelining {
    /// It does not say so, or does not keep to it.
    No,
    /// It says so.
    Announced,
    /// It did so.
    Kept,
}

/// Whether a header can be asked for alone (TOP, RFC 1939 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Top {
    /// It may be: the first answer tells.
    Untried,
    Works,
    /// Not: a mail begins with its header too.
    No,
}

impl Pipelining {
    pub(crate) fn of(capabilities: &Capabilities) -> Self {
        if capabilities.has("PIPELINING") { Self::Announced } else { Self::No }
    }
}

impl Top {
    pub(crate) fn of(capabilities: &Capabilities) -> Self {
        if capabilities.may_have("TOP") { Self::Untried } else { Self::No }
    }
}
