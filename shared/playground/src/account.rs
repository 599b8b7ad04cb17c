//! The people who have a mailbox here.

/// A person (or a team) with an account at the provider and an INBOX on the mail server.
#[derive(Clone)]
pub struct Account {
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) password: Option<String>,
}

impl Account {
    /// An account that signs in at the provider only.
    pub fn new(address: &str, name: &str) -> Self {
        Self { address: address.to_owned(), name: name.to_owned(), password: None }
    }

    /// The same account, which may also sign in to the mail server with a password.
    pub fn with_password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Compared without regard to ASCII case, as mail servers do.
    pub(crate) fn is(&self, address: &str) -> bool {
        self.address.eq_ignore_ascii_case(address)
    }

    /// The stable name of the account in ID tokens, which does not change with its address's case.
    pub(crate) fn subject(&self) -> String {
        crate::secrets::digest_hex(self.address.to_ascii_lowercase().as_bytes())
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("address", &self.address).finish_non_exhaustive()
    }
}
