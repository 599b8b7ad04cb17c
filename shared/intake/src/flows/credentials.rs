//! What mailboxes sign in with, in memory: polling an unchanged mailbox reads no secret.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use secrecy::SecretString;

use crate::types::secret::{SecretName, SecretVersion};

/// The most that are kept; then the ones that came first go.
const MAX_KEPT: usize = 10_000;

/// Access tokens of grants and passwords of mailboxes, and the secret of our client at the company's identity provider. No
/// refresh token and no other client secret: those are needed rarely.
#[derive(Default)]
pub struct CredentialCache(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    by_name: BTreeMap<SecretName, (SecretVersion, SecretString)>,
    order: VecDeque<SecretName>,
    identity: Option<SecretString>,
}

impl CredentialCache {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This version, where it is the one that is kept.
    pub(crate) fn get(&self, name: SecretName, version: &SecretVersion) -> Option<SecretString> {
        self.kept().by_name.get(&name).filter(|(kept, _)| kept == version).map(|(_, secret)| secret.clone())
    }

    /// Keeps a version in place of the one before.
    pub(crate) fn keep(&self, name: SecretName, version: &SecretVersion, secret: &SecretString) {
        let mut kept = self.kept();
        if kept.by_name.insert(name, (version.clone(), secret.clone())).is_none() {
            kept.order.push_back(name);
        }
        if kept.order.len() > MAX_KEPT
            && let Some(first) = kept.order.pop_front()
        {
            kept.by_name.remove(&first);
        }
    }

    /// Our client's secret at the company's identity provider.
    pub(crate) fn identity(&self) -> Option<SecretString> {
        self.kept().identity.clone()
    }

    /// Keeps that.
    pub(crate) fn keep_identity(&self, secret: &SecretString) {
        self.kept().identity = Some(secret.clone());
    }

    /// Forgets that.
    pub(crate) fn forget_identity(&self) {
        self.kept().identity = None;
    }

    /// Forgets what is over.
    pub(crate) fn forget(&self, name: SecretName) {
        let mut kept = self.kept();
        if kept.by_name.remove(&name).is_some() {
            kept.order.retain(|other| *other != name);
        }
    }
}
