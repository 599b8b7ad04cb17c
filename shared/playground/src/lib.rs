#![doc = include_str!("../README.md")]

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
mod steering;
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
pub use samples::{Incoming, SHOP, Sample, samples, samples_as_of, shop_history};
pub use script::{
    Act, Answer, CallbackIssuer, Endpoint, IdTokenTrick, MailFault, Oddity, Pop3Oddity, RefreshTokens, Reply,
    Rotation, Spoilt, Step,
};
pub use steering::Script;
pub use tls::Identity;
