//! What was seen of a sender.

use std::fmt;

/// Why a verdict was reached. Its text is a sentence, or what the receiving server wrote and of which domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// From is there twice or not at all.
    NotOneFrom,
    /// From names nobody, or several.
    NotOneAddress,
    /// The address in From has no domain.
    NoDomain,
    /// No field of the receiving server is there.
    NothingReported,
    /// DMARC passed.
    DmarcPass {
        /// The domain of which that is said.
        domain: String,
    },
    /// DMARC passed for another domain than the author's.
    DmarcOfAnother {
        /// The domain of which that is said.
        domain: String,
        /// The author's domain.
        author: String,
    },
    /// DMARC failed.
    DmarcFail {
        /// The author's domain.
        author: String,
    },
    /// A believed chain of seals (RFC 8617) passed, and its first sealer saw DMARC pass.
    ArcPass {
        /// The domain of the first sealer.
        sealer: String,
        /// The author's domain.
        author: String,
    },
    /// DKIM passed for the author's domain.
    DkimPass {
        /// The domain of the signature.
        signer: String,
    },
    /// No method passed for the author's domain.
    NothingPassed {
        /// The author's domain.
        author: String,
    },
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOneFrom => f.write_str("There is not exactly one From field."),
            Self::NotOneAddress => f.write_str("From has not exactly one address."),
            Self::NoDomain => f.write_str("The address in From has no domain."),
            Self::NothingReported => f.write_str("The receiving server reports nothing."),
            Self::DmarcPass { domain } => write!(f, "dmarc=pass for {domain}"),
            Self::DmarcOfAnother { domain, author } => {
                write!(f, "dmarc=pass is for {domain}, From is of {author}")
            }
            Self::DmarcFail { author } => write!(f, "dmarc=fail for {author}"),
            Self::ArcPass { sealer, author } => {
                write!(f, "arc=pass, and {sealer} saw dmarc=pass for {author}")
            }
            Self::DkimPass { signer } => write!(f, "dkim=pass for {signer}"),
            Self::NothingPassed { author } => write!(f, "nothing passed for {author}"),
        }
    }
}

impl From<Sign> for String {
    fn from(sign: Sign) -> Self {
        sign.to_string()
    }
}
