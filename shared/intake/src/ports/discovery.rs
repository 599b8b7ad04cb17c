//! What a domain tells everybody of its mail.

use async_trait::async_trait;

use crate::types::{host::MailHost, mailbox::MailServer};

/// Nobody answered in time, or with nothing that can be read: not known, which is not the same as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untold;

/// What a domain tells everybody of its mail, before anybody signs in. Each call is bounded in time and size, and connects
/// only to permitted addresses.
#[async_trait]
pub trait MailDiscovery: Send + Sync {
    /// Hosts that take the domain's mail, the first choice first (RFC 5321 section 5.1).
    async fn mail_exchangers(&self, domain: &MailHost) -> Result<Vec<MailHost>, Untold>;
    /// Servers from which mail programs are to read the domain's mail, the first choice first: its document for them
    /// (Autoconfiguration), else its service records (RFC 6186). Without clear text.
    async fn mail_servers(&self, domain: &MailHost) -> Result<Vec<MailServer>, Untold>;
    /// The id of the domain's tenant at Microsoft; None where Microsoft does not know the domain.
    async fn tenant(&self, domain: &MailHost) -> Result<Option<String>, Untold>;
}
