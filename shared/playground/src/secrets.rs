//! Tokens and digests. Every token starts with a fixed word, so that a test can search output for leaks.

use aws_lc_rs::{digest, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A new token: `kind`, a dot, and 32 random bytes in base64url.
pub(crate) fn token(kind: &str) -> String {
    let mut bytes = [0_u8; 32];
    rand::fill(&mut bytes).expect("the system's random source answers");
    format!("{kind}.{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The S256 challenge of a PKCE verifier (RFC 7636, section 4.2).
pub(crate) fn pkce_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

/// The first 8 bytes of the SHA-256 in hexadecimal: a name, not a proof.
pub(crate) fn digest_hex(bytes: &[u8]) -> String {
    hex::encode(&digest::digest(&digest::SHA256, bytes).as_ref()[..8])
}

/// HMAC-SHA256, the signature `HS256` of an ID token.
pub(crate) fn hs256(key: &str, message: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, message.as_bytes()))
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
