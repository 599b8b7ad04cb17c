//! How sure it is that a mail is of a kind, and by what.

use serde::Serialize;

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Words, a subject or a file suggest it, which people write and send too.
    Likely,
    /// The envelope, header fields or the MIME form that only machines write say so.
    Certain,
}

/// A mail is of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// How sure that is.
    pub certainty: Certainty,
    /// What was seen, as `header: value` or a sentence; at least one.
    pub evidence: Vec<String>,
}

impl Verdict {
    pub(super) fn certain(sign: impl Into<String>) -> Self {
        Self { certainty: Certainty::Certain, evidence: vec![sign.into()] }
    }

    pub(super) fn likely(sign: impl Into<String>) -> Self {
        Self { certainty: Certainty::Likely, evidence: vec![sign.into()] }
    }

    /// Certain if that holds.
    pub(super) fn certain_if(holds: bool, sign: impl Into<String>) -> Self {
        if holds { Self::certain(sign) } else { Self::likely(sign) }
    }

    /// Whether only words, a subject or a file suggest it.
    pub fn is_likely(&self) -> bool {
        self.certainty == Certainty::Likely
    }

    /// Takes what another one saw too; the surer one counts.
    fn join(&mut self, other: Self) {
        self.certainty = self.certainty.max(other.certainty);
        self.evidence.extend(other.evidence);
    }
}

/// Adds what was seen to what was seen before.
pub(super) fn add(into: &mut Option<Verdict>, verdict: Verdict) {
    match into {
        Some(known) => known.join(verdict),
        None => *into = Some(verdict),
    }
}
