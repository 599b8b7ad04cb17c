//! Whose mail host it is: what one vendor means by its words is not what everybody means by them.

use crate::types::{host::MailHost, integration::Provider};

/// A vendor whose words have a cause of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vendor {
    /// Gmail and Google Workspace.
    Google,
    /// Exchange Online and outlook.com, national clouds too. An Exchange Server of one's own is no such host.
    Microsoft,
}

impl Vendor {
    fn domains(self) -> &'static [&'static str] {
        match self {
            Self::Google => &["gmail.com", "googlemail.com", "google.com"],
            Self::Microsoft => &[
                "office365.com",
                "outlook.com",
                "office.com",
                "hotmail.com",
                "live.com",
                "office365.us",
                "apps.mil",
                "outlook.cn",
            ],
        }
    }

    /// Whether the host is one of its.
    pub(super) fn owns(self, host: &MailHost) -> bool {
        host.is_within(self.domains())
    }
}

/// The provider whose mail host it is.
pub fn provider_of(host: &MailHost) -> Option<Provider> {
    let owners = [(Vendor::Google, Provider::Google), (Vendor::Microsoft, Provider::Microsoft)];
    owners.into_iter().find(|(vendor, _)| vendor.owns(host)).map(|(_, provider)| provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendor_owns_the_hosts_below_its_domains() {
        let owns = |vendor: Vendor, host: &str| vendor.owns(&MailHost::new(host).unwrap());
        for host in ["imap.gmail.com", "IMAP.Gmail.com.", "pop.googlemail.com", "gmail.com"] {
            assert!(owns(Vendor::Google, host) && !owns(Vendor::Microsoft, host), "{host}");
        }
        for host in [
            "outlook.office365.com",
            "imap-mail.outlook.com",
            "outlook.office365.us",
            "outlook-dod.office365.us",
            "webmail.apps.mil",
            "partner.outlook.cn",
        ] {
            assert!(owns(Vendor::Microsoft, host) && !owns(Vendor::Google, host), "{host}");
        }
        for host in ["imap.notgmail.com", "gmail.com.example.org", "mail.example.org", "127.0.0.1"] {
            assert!(!owns(Vendor::Google, host) && !owns(Vendor::Microsoft, host), "{host}");
        }
    }
}
