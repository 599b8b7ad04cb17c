//! What can be wrong with the provider, and with one mail.

/// What a refresh does to the refresh token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    /// The refresh token stays (Google).
    #[default]
    Off,
    /// Each refresh brings a new one; the use of an old one is taken for theft and ends the whole grant.
    Strict,
    /// Each refresh brings a new one; old ones keep working (Microsoft).
    Lenient,
}

/// When the provider gives a refresh token with a code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefreshTokens {
    /// With every code.
    #[default]
    Always,
    /// Only if `offline_access` was asked for and granted.
    WithOfflineScope,
    /// Never.
    Never,
}

/// What is wrong with the next ID tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdTokenTrick {
    /// Nothing: HS256 with the client secret.
    #[default]
    Honest,
    /// No ID token in the answer.
    Missing,
    /// `alg` is `none`, the signature is empty.
    Unsigned,
    /// The signature belongs to another secret.
    WrongSignature,
    /// `nonce` is not the one asked for.
    WrongNonce,
    /// `aud` is another client.
    WrongAudience,
    /// `iss` is another provider.
    WrongIssuer,
    /// `exp` lies an hour back.
    Expired,
    /// No claim tells the address.
    NoAddress,
    /// No `sub`.
    NoSubject,
    /// No `iss`.
    NoIssuer,
    /// `sub` is another account's, the address is the same.
    OtherSubject,
    /// No JSON Web Token at all.
    Garbage,
    /// Twenty thousand characters in one claim.
    TooLarge,
}

/// The `iss` parameter (RFC 9207) of the callback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallbackIssuer {
    /// The provider's issuer.
    #[default]
    Honest,
    /// Left out.
    Absent,
    /// Another provider's.
    Foreign,
}

/// What is wrong with one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoilt {
    /// It is listed, but a FETCH of its text says OK and brings nothing.
    NoData,
    /// A FETCH of its text ends with this status and text, such as `NO FETCH Server error while fetching messages`.
    Refused(String),
    /// A FETCH of its text drops the connection without a word.
    Drops,
    /// A FETCH of its text brings an answer that is not IMAP; by POP3, one that is not POP3.
    Garbled,
    /// A FETCH of its text announces a literal of this many bytes, sends none of it and drops the connection; by POP3, so
    /// many bytes come, and no end.
    Huge(u64),
    /// RFC822.SIZE tells this number of bytes.
    WrongSize(u64),
    /// Commands that know mails by their UIDs do not show it; by POP3, UIDL does not. It is counted.
    OnlyByPlace,
    /// Commands that know mails by their places do not show it; by POP3, LIST does not. It is counted.
    OnlyByUid,
    /// In its place comes a short mail of the server's own, as at Courier where another client has deleted it; IMAP only.
    StandIn,
    /// It is not shown at all, as if it became visible late; [`crate::Script::mend`] shows it.
    Hidden,
}
