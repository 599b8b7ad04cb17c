//! The script: what shall go wrong, and when.

mod answer;
mod mail_fault;
mod oddity;
mod plan;
mod pop3_oddity;
mod tricks;

pub use answer::{Answer, Endpoint};
pub use mail_fault::{Act, MailFault, Reply, Step};
pub use oddity::Oddity;
pub use pop3_oddity::Pop3Oddity;
pub use tricks::{CallbackIssuer, IdTokenTrick, RefreshTokens, Rotation, Spoilt};

pub(crate) use plan::Plan;
