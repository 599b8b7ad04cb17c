//! A pretend provider and mail server, scriptable to fail like the real ones.
//!
//! [`Playground::start`] opens, on loopback and on free ports, an OAuth 2.0 / OpenID Connect provider (over
//! https and over clear text), an IMAP and a POP3 server over TLS. Both certificates come from a certificate authority
//! made at the start ([`Playground::ca_pem`]). `maildocket demo` and fault tests use it; nothing else may.
//!
//! What the provider grants and the mailbox answers is honest by default. A [`Script`] makes it misbehave, one
//! answer at a time, in the ways that real providers do.

mod account;
mod clock;
mod counters;
mod doors;
mod imap;
mod line;
mod oauth;
mod playground;
mod pop3;
mod samples;
mod script;
mod secrets;
mod tls;
mod world;

#[cfg(test)]
mod playground_tests;
#[cfg(test)]
mod testing;

pub use account::Account;
pub use counters::Counters;
pub use oauth::{ConsentError, Decision, Endpoints, IssuedTokens, MAIL_SCOPE};
pub use playground::{Options, Playground};
pub use samples::{Sample, samples, samples_as_of};
pub use script::{
    Act, Answer, CallbackIssuer, Endpoint, IdTokenTrick, MailFault, Oddity, Pop3Oddity, RefreshTokens, Reply,
    Rotation, Script, Spoilt, Step,
};
pub use tls::Identity;
