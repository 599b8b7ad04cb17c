//! What the receiving server found out about a sender, in words.

use mail::auth::Sign;

use crate::{Sentence, types::message::TraceStep};

/// The step of a trace.
pub(super) fn step(sentence: impl Into<Sentence>) -> TraceStep {
    TraceStep::told("sender", sentence)
}

pub(super) fn told(sign: Sign) -> Sentence {
    match sign {
        Sign::NotOneFrom => "trace.sender.not_one_from".into(),
        Sign::NotOneAddress => "trace.sender.not_one_address".into(),
        Sign::NoDomain => "trace.sender.no_domain".into(),
        Sign::NothingReported => "trace.sender.nothing_reported".into(),
        Sign::DmarcPass { domain } => Sentence::new("trace.sender.dmarc_pass").with("domain", domain),
        Sign::DmarcOfAnother { domain, author } => {
            Sentence::new("trace.sender.dmarc_of_another").with("domain", domain).with("author", author)
        }
        Sign::DmarcFail { author } => Sentence::new("trace.sender.dmarc_fail").with("author", author),
        Sign::ArcPass { sealer, author } => {
            Sentence::new("trace.sender.arc_pass").with("sealer", sealer).with("author", author)
        }
        Sign::DkimPass { signer } => Sentence::new("trace.sender.dkim_pass").with("signer", signer),
        Sign::NothingPassed { author } => Sentence::new("trace.sender.nothing_passed").with("author", author),
    }
}
