//! What polling an unchanged mailbox costs.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use intake::{
    Result,
    flows::{mailboxes, poll},
    ports::Vault,
    types::secret::{SecretName, SecretVersion},
};
use secrecy::SecretString;
use tests::{
    Inside, Servers,
    inside::{actor, password_mailbox},
    mails::mail,
    traffic::Traffic,
};

/// Counts what is read.
struct CountingVault(Arc<dyn Vault>, AtomicU64);

#[async_trait]
impl Vault for CountingVault {
    async fn put(
        &self,
        name: SecretName,
        version: &SecretVersion,
        value: &SecretString,
    ) -> Result<Vec<SecretVersion>> {
        self.0.put(name, version, value).await
    }

    async fn get(&self, name: SecretName, version: &SecretVersion) -> Result<SecretString> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.get(name, version).await
    }

    async fn settled(&self, name: SecretName) -> Result<Option<(SecretVersion, SecretString)>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.settled(name).await
    }

    async fn settle(&self, name: SecretName, now: &SecretVersion, gone: &[SecretVersion]) -> Result<()> {
        self.0.settle(name, now, gone).await
    }

    async fn discard(&self, name: SecretName, version: &SecretVersion) -> Result<()> {
        self.0.discard(name, version).await
    }

    async fn delete(&self, name: SecretName) -> Result<()> {
        self.0.delete(name).await
    }

    async fn writable(&self) -> Result<()> {
        self.0.writable().await
    }
}

#[tokio::test]
async fn an_unchanged_mailbox_costs_five_round_trips_and_writes_nothing() {
    const TIME: std::time::Duration = std::time::Duration::from_secs(20);
    let servers = Servers::get().await;
    let traffic = Traffic::to_dovecot(servers).await;
    let account = servers.dovecot.account();
    for number in 0..2_000 {
        account.deliver(&mail(&number.to_string(), "Hello", "", "text"));
    }
    let mut inside = Inside::new(&servers.identity.ca_pem).await;
    let vault = Arc::new(CountingVault(inside.app.vault.clone(), AtomicU64::new(0)));
    inside.app.vault = vault.clone();
    let input = password_mailbox(&account, traffic.port);
    let mailbox = mailboxes::create(&inside.app, &actor(), input, None).await.unwrap().mailbox.id;
    let mut imported = 0;
    loop {
        let report = poll::poll_now(&inside.app, mailbox, TIME).await.unwrap();
        imported += report.fetched;
        if !report.more {
            break;
        }
    }
    assert_eq!(imported, 2_000);

    traffic.take();
    let (written, read) = (inside.embedded.items_written(), vault.1.load(Ordering::SeqCst));
    poll::poll_now(&inside.app, mailbox, TIME).await.unwrap();
    let counts = traffic.take();
    println!("idle poll: {} round trips, {counts:?}", counts.round_trips());
    assert_eq!((counts.connects, counts.handshakes), (1, 1));
    // ID rides along with EXAMINE.
    assert_eq!(counts.commands, ["AUTHENTICATE", "ID", "EXAMINE", "LOGOUT"]);
    assert!(counts.bytes_down < 1_500, "{} bytes", counts.bytes_down);
    assert!(counts.round_trips() <= 5, "{counts:?}");
    assert_eq!(inside.embedded.items_written(), written, "an item was written");
    assert_eq!(vault.1.load(Ordering::SeqCst), read, "a secret was read again");
}
