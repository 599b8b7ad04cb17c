//! What the core needs from outside. One call is one round trip or one batch; bulk bytes cross as streams.

mod blobs;
mod change;
mod discovery;
mod gate;
mod lease;
mod listing;
mod mail_fault;
mod mail_source;
mod oauth;
mod refusal;
mod run;
mod sealed;
mod sight;
mod store;
mod vault;

use async_trait::async_trait;

pub use blobs::{BlobRead, BlobWriter, Blobs};
pub use change::{Change, IssueTouch, Remembered, ThreadKey, Write};
pub use discovery::{MailDiscovery, Untold};
pub use gate::{Closed, Gate, Resolve};
pub use lease::{LONGEST_LEASE, Lease, LeaseOutcome, LeaseTarget};
pub use listing::{Count, Fetched, FolderStatus, Identified, Listed, Placed, ToChange, Undated, received_at};
pub use mail_fault::{MailError, MailFault};
pub use mail_source::{
    Credentials, FolderSession, Half, MailSession, MailSource, MailTarget, MaildropSession, OpenedFolder,
};
pub use oauth::{
    AuthorizationRequest, Client, CodeExchange, Discovered, IdToken, OAuthError, OAuthFault, OAuthProvider,
    Obstacle, Reached, TokenAnswer, Unreached, UnreadableIdToken,
};
pub use refusal::{Rejection, StoreError, Why};
pub use run::{CursorMove, RunChange};
pub use sealed::{KeyCheck, KeyChecks, SealedItems};
pub use sight::{Certificate, Follower, Means, Prospect, Rights, Sight, Stage, Target};
pub use store::{
    Access, Consents, IssueFilter, Issues, Leases, Lookup, LookupHits, Mails, MessageFilter, Registry, Store,
    Threaded, Trail,
};
pub use vault::Vault;

use crate::Timestamp;

/// Time. A port, so that expiry and back-off are tested without waiting.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Waits.
    async fn sleep(&self, delay: std::time::Duration);
}

/// Randomness from the operating system.
pub trait Entropy: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, bytes: &mut [u8]);
}
