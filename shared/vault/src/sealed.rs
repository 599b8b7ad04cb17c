//! Secrets as sealed items: AES-256-GCM, bound to the item's name and version.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use intake::{
    Cause, Error, Kind, Result, Sentence,
    ports::{SealedItems, Vault},
    types::secret::{SecretName, SecretVersion},
};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

use crate::{MAX_SECRET, MasterKey, missing, other_value, too_large};

/// What a sealed secret begins with: the format.
const FORMAT: u8 = 1;

/// A vault over sealed items.
pub struct SealedVault {
    items: Arc<dyn SealedItems>,
    key: LessSafeKey,
}

impl SealedVault {
    /// The vault of this installation.
    pub fn new(items: Arc<dyn SealedItems>, key: &MasterKey) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, &*key.sealing_key())
            .map_err(|_| Error::internal("the sealing key has another length"))?;
        Ok(Self { items, key: LessSafeKey::new(key) })
    }

    /// Nonce, sealed bytes and tag. The nonce is random: 96 bits are plenty for the writes of one installation.
    fn seal(&self, name: SecretName, version: &SecretVersion, value: &SecretString) -> Result<Vec<u8>> {
        let failed = |_| Error::internal("a secret could not be sealed");
        let mut nonce = [0; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).map_err(failed)?;
        let mut sealed = value.expose_secret().as_bytes().to_vec();
        let bound = Aad::from(bound_to(name, version));
        let done = self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut sealed);
        if done.is_err() {
            sealed.zeroize();
            return Err(Error::internal("a secret could not be sealed"));
        }
        Ok([&[FORMAT], nonce.as_slice(), &sealed].concat())
    }

    fn open(&self, name: SecretName, version: &SecretVersion, sealed: &[u8]) -> Result<SecretString> {
        let unreadable = || {
            let error = Error::told(Kind::Installation, Sentence::new("secret_unreadable"));
            error.because(Cause::SecretUnreadable)
        };
        let rest = sealed.strip_prefix(&[FORMAT]).ok_or_else(unreadable)?;
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or_else(unreadable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| unreadable())?;
        let mut body = body.to_vec();
        let opened = self.key.open_in_place(nonce, Aad::from(bound_to(name, version)), &mut body);
        let text = opened.ok().and_then(|bytes| std::str::from_utf8(bytes).ok()).map(SecretString::from);
        body.zeroize();
        text.ok_or_else(unreadable)
    }
}

fn bound_to(name: SecretName, version: &SecretVersion) -> Vec<u8> {
    format!("{name}\0{}", version.as_str()).into_bytes()
}

#[async_trait]
impl Vault for SealedVault {
    async fn put(
        &self,
        name: SecretName,
        version: &SecretVersion,
        value: &SecretString,
    ) -> Result<Vec<SecretVersion>> {
        if value.expose_secret().len() > MAX_SECRET {
            return Err(too_large());
        }
        let mut beside = self.items.sealed_versions(name).await?;
        beside.retain(|there| there != version);
        let sealed = self.seal(name, version, value)?;
        match self.items.put_sealed(name, version, &sealed).await {
            Err(error) if error.kind == Kind::Conflict => {
                let there = self.get(name, version).await?;
                if there.expose_secret() == value.expose_secret() { Ok(beside) } else { Err(other_value()) }
            }
            other => other.map(|()| beside),
        }
    }

    async fn get(&self, name: SecretName, version: &SecretVersion) -> Result<SecretString> {
        let sealed = self.items.get_sealed(name, version).await?.ok_or_else(missing)?;
        self.open(name, version, &sealed)
    }

    async fn settled(&self, _name: SecretName) -> Result<Option<(SecretVersion, SecretString)>> {
        Ok(None)
    }

    async fn settle(&self, name: SecretName, _now: &SecretVersion, gone: &[SecretVersion]) -> Result<()> {
        self.items.remove_sealed(name, gone).await
    }

    async fn discard(&self, name: SecretName, version: &SecretVersion) -> Result<()> {
        self.items.remove_sealed(name, std::slice::from_ref(version)).await
    }

    async fn delete(&self, name: SecretName) -> Result<()> {
        self.items.delete_sealed(name).await
    }

    async fn writable(&self) -> Result<()> {
        // The records lie in the same table: where they can be read and leased, secrets can be written.
        Ok(())
    }
}
