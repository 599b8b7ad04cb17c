//! The contract of the vault port, over sealed items and over Secrets Manager.

use std::sync::Arc;

use embedded::Embedded;
use futures::future::join_all;
use intake::{
    Kind,
    ports::Vault,
    types::{
        ids::{GrantId, IntegrationId, MailboxId},
        secret::{SecretName, SecretVersion},
    },
};
use secrecy::{ExposeSecret, SecretString};
use store::{DynamoStore, ensure_table};
use tests::moto::Moto;
use vault::{MasterKey, SealedVault, SecretsManagerVault};

/// The largest secret, bytes.
const LARGEST: usize = 64 * 1024;

async fn sealed() -> (Embedded, Arc<dyn Vault>) {
    let embedded = Embedded::in_memory().expect("a database");
    ensure_table(&embedded.client(), "maildocket").await.expect("a table");
    let items = Arc::new(DynamoStore::new(
        embedded.client(),
        "maildocket",
        Arc::new(machine::SystemEntropy),
        Arc::new(machine::SystemClock),
    ));
    let vault = SealedVault::new(items, &MasterKey::new([3; 32])).expect("a vault");
    (embedded, Arc::new(vault))
}

async fn secrets_manager() -> (Moto, Arc<dyn Vault>) {
    let moto = Moto::start().await;
    let vault = SecretsManagerVault::new(moto.secrets_manager(), "maildocket/test");
    (moto, Arc::new(vault))
}

macro_rules! cases {
    ($($name:ident)*) => {
        mod sealed_items {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let (_embedded, vault) = super::sealed().await;
                super::case::$name(vault).await;
            })*
        }

        /// One server for all of them: names do not mix, so each case has names of its own.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn secrets_manager_keeps_the_contract() {
            let (_moto, vault) = secrets_manager().await;
            $(
                println!("case: {}", stringify!($name));
                case::$name(vault.clone()).await;
            )*
            // It outlives its table.
            let (name, first, second) = (name(), version(), version());
            assert_eq!(settled(&*vault, name).await, None);
            vault.put(name, &first, &value("one")).await.expect("a version");
            vault.settle(name, &first, &[]).await.expect("the outcome");
            vault.put(name, &second, &value("two")).await.expect("a version");
            assert_eq!(settled(&*vault, name).await, Some(first.clone()), "nothing names the other one yet");
            vault.settle(name, &second, &[]).await.expect("the outcome");
            assert_eq!(settled(&*vault, name).await, Some(second));
        }
    };
}

cases! {
    what_was_put_is_read
    the_same_again_is_nothing
    a_version_never_changes
    every_version_stays_until_told_otherwise
    what_is_gone_takes_nothing_along
    a_refused_version_takes_nothing_along
    fifty_successions_end_with_one_that_counts
    a_discarded_only_version_makes_room
    a_deleted_secret_is_gone_and_may_come_again
    many_large_versions_are_all_known_and_all_deleted
    secrets_have_at_most_64_kib
    names_do_not_mix
    concurrent_versions_are_all_accepted
    of_concurrent_values_of_one_version_one_wins
    a_repeated_concurrent_write_is_one
    it_can_be_written
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("random bytes");
    bytes
}

fn name() -> SecretName {
    SecretName::Grant(GrantId::from_parts(intake::Timestamp::now(), u128::from_be_bytes(random()) >> 48))
}

fn version() -> SecretVersion {
    SecretVersion::random(&random())
}

fn value(text: &str) -> SecretString {
    SecretString::from(text)
}

async fn settled(vault: &dyn Vault, name: SecretName) -> Option<SecretVersion> {
    vault.settled(name).await.expect("a readable vault").map(|(version, _)| version)
}

async fn read(vault: &dyn Vault, name: SecretName, version: &SecretVersion) -> Result<String, Kind> {
    let found = vault.get(name, version).await;
    found.map(|value| value.expose_secret().to_owned()).map_err(|error| error.kind)
}

mod case {
    use super::*;

    pub(super) async fn what_was_put_is_read(vault: Arc<dyn Vault>) {
        let (name, first) = (name(), version());
        assert_eq!(read(&*vault, name, &first).await, Err(Kind::NotFound));
        let text = "{\"a\": \"quotes \\\" and \u{65e5}\u{672c}\u{8a9e} and\nlines\"}";
        assert_eq!(vault.put(name, &first, &value(text)).await, Ok(vec![]));
        assert_eq!(read(&*vault, name, &first).await.as_deref(), Ok(text));
        assert_eq!(read(&*vault, name, &version()).await, Err(Kind::NotFound));
    }

    pub(super) async fn the_same_again_is_nothing(vault: Arc<dyn Vault>) {
        let (name, first, second) = (name(), version(), version());
        for _ in 0..2 {
            assert_eq!(vault.put(name, &first, &value("one")).await, Ok(vec![]));
        }
        assert_eq!(vault.put(name, &second, &value("two")).await, Ok(vec![first.clone()]));
        assert_eq!(
            vault.put(name, &first, &value("one")).await,
            Ok(vec![second.clone()]),
            "a late repetition"
        );
        assert_eq!(read(&*vault, name, &first).await.as_deref(), Ok("one"));
        assert_eq!(read(&*vault, name, &second).await.as_deref(), Ok("two"));
    }

    pub(super) async fn a_version_never_changes(vault: Arc<dyn Vault>) {
        let (name, first, second) = (name(), version(), version());
        vault.put(name, &first, &value("one")).await.expect("a first version");
        vault.put(name, &second, &value("two")).await.expect("a second version");
        for version in [&first, &second] {
            let refused = vault.put(name, version, &value("CANARY")).await.expect_err("a used version");
            assert_eq!(refused.kind, Kind::Conflict);
            assert!(!format!("{refused} {refused:?}").contains("CANARY"));
        }
        assert_eq!(read(&*vault, name, &first).await.as_deref(), Ok("one"));
        assert_eq!(read(&*vault, name, &second).await.as_deref(), Ok("two"));
    }

    pub(super) async fn every_version_stays_until_told_otherwise(vault: Arc<dyn Vault>) {
        let name = name();
        let mut written: Vec<SecretVersion> = Vec::new();
        for n in 0..12 {
            let version = version();
            let mut beside = vault.put(name, &version, &value(&n.to_string())).await.expect("a version");
            beside.sort();
            let mut known = written.clone();
            known.sort();
            assert_eq!(beside, known, "all that were there before");
            written.push(version);
        }
        for (n, version) in written.iter().enumerate() {
            assert_eq!(read(&*vault, name, version).await, Ok(n.to_string()));
        }
    }

    pub(super) async fn what_is_gone_takes_nothing_along(vault: Arc<dyn Vault>) {
        let (name, before, lost, now, later) = (name(), version(), version(), version(), version());
        vault.put(name, &before, &value("before")).await.expect("a version");
        vault.settle(name, &before, &[]).await.expect("a first one that counts");
        vault.put(name, &lost, &value("lost")).await.expect("a version");
        vault.put(name, &now, &value("now")).await.expect("a version");
        vault.put(name, &later, &value("later")).await.expect("a version");
        for _ in 0..2 {
            vault.settle(name, &now, &[lost.clone(), version()]).await.expect("the outcome");
        }
        for (version, text) in [(&before, "before"), (&now, "now"), (&later, "later")] {
            assert_eq!(read(&*vault, name, version).await.as_deref(), Ok(text));
        }
        let beside = vault.put(name, &version(), &value("another")).await.expect("a version");
        assert!(!beside.contains(&lost), "{beside:?}");
        for version in [before, now, later] {
            assert!(beside.contains(&version), "{beside:?}");
        }
    }

    pub(super) async fn a_refused_version_takes_nothing_along(vault: Arc<dyn Vault>) {
        let (name, counts) = (name(), version());
        vault.put(name, &counts, &value("counts")).await.expect("a version");
        for _ in 0..30 {
            let refused = version();
            let beside = vault.put(name, &refused, &value("refused")).await.expect("a version");
            assert_eq!(beside, std::slice::from_ref(&counts));
            for _ in 0..2 {
                vault.discard(name, &refused).await.expect("a refusal");
            }
        }
        assert_eq!(read(&*vault, name, &counts).await.as_deref(), Ok("counts"));
    }

    pub(super) async fn fifty_successions_end_with_one_that_counts(vault: Arc<dyn Vault>) {
        let name = name();
        let mut counts: Option<SecretVersion> = None;
        for n in 0..50 {
            let next = version();
            let mut beside = vault.put(name, &next, &value(&n.to_string())).await.expect("a version");
            assert!(beside.len() <= 2, "{beside:?}");
            beside.retain(|there| Some(there) != counts.as_ref());
            vault.settle(name, &next, &beside).await.expect("the outcome");
            assert_eq!(read(&*vault, name, &next).await, Ok(n.to_string()));
            if let Some(before) = &counts {
                assert_eq!(read(&*vault, name, before).await, Ok((n - 1).to_string()), "for late readers");
            }
            counts = Some(next);
        }
    }

    pub(super) async fn a_discarded_only_version_makes_room(vault: Arc<dyn Vault>) {
        let (name, first, second) = (name(), version(), version());
        vault.discard(name, &first).await.expect("nothing to discard is no error");
        vault.put(name, &first, &value("one")).await.expect("a version");
        vault.settle(name, &first, &[]).await.expect("the outcome");
        vault.discard(name, &first).await.expect("a record that names nothing any more");
        let beside = vault.put(name, &second, &value("two")).await.expect("a version");
        assert!(!beside.contains(&first), "{beside:?}");
        vault.settle(name, &second, &beside).await.expect("the outcome");
        assert_eq!(read(&*vault, name, &second).await.as_deref(), Ok("two"));
    }

    pub(super) async fn a_deleted_secret_is_gone_and_may_come_again(vault: Arc<dyn Vault>) {
        let (name, first, second) = (name(), version(), version());
        vault.delete(name).await.expect("nothing to delete is no error");
        vault.put(name, &first, &value("one")).await.expect("a version");
        vault.put(name, &second, &value("two")).await.expect("a version");
        vault.delete(name).await.expect("a deletion");
        vault.delete(name).await.expect("a second deletion");
        for version in [&first, &second] {
            assert_eq!(read(&*vault, name, version).await, Err(Kind::NotFound));
            vault.settle(name, version, &[]).await.expect("too late is no error");
            vault.discard(name, version).await.expect("too late is no error");
        }
        assert_eq!(vault.put(name, &first, &value("again")).await, Ok(vec![]), "the version was forgotten");
        assert_eq!(read(&*vault, name, &first).await.as_deref(), Ok("again"));
    }

    /// More than one answer to a query holds.
    pub(super) async fn many_large_versions_are_all_known_and_all_deleted(vault: Arc<dyn Vault>) {
        let (name, large) = (name(), "x".repeat(LARGEST));
        let versions: Vec<SecretVersion> = (0..18).map(|_| version()).collect();
        for (n, version) in versions.iter().enumerate() {
            assert_eq!(vault.put(name, version, &value(&large)).await.map(|beside| beside.len()), Ok(n));
        }
        vault.delete(name).await.expect("a deletion");
        for version in &versions {
            assert_eq!(read(&*vault, name, version).await, Err(Kind::NotFound));
        }
    }

    pub(super) async fn secrets_have_at_most_64_kib(vault: Arc<dyn Vault>) {
        let (name, first, second) = (name(), version(), version());
        let largest = "x".repeat(LARGEST);
        vault.put(name, &first, &value(&largest)).await.expect("64 KiB");
        assert_eq!(read(&*vault, name, &first).await.as_deref(), Ok(largest.as_str()));
        let refused = vault.put(name, &second, &value(&format!("{largest}x"))).await;
        assert_eq!(refused.expect_err("one byte more").kind, Kind::TooLarge);
        assert_eq!(read(&*vault, name, &second).await, Err(Kind::NotFound));
    }

    pub(super) async fn names_do_not_mix(vault: Arc<dyn Vault>) {
        let (at, bits) = (intake::Timestamp::now(), u128::from_be_bytes(random()) >> 48);
        let names = [
            SecretName::Grant(GrantId::from_parts(at, bits)),
            SecretName::Integration(IntegrationId::from_parts(at, bits)),
            SecretName::Mailbox(MailboxId::from_parts(at, bits)),
            SecretName::Grant(GrantId::from_parts(at, bits ^ 1)),
        ];
        let same = version();
        for name in names {
            assert_eq!(vault.put(name, &same, &value(&name.to_string())).await, Ok(vec![]));
        }
        vault.delete(names[0]).await.expect("a deletion");
        assert_eq!(read(&*vault, names[0], &same).await, Err(Kind::NotFound));
        for name in &names[1..] {
            assert_eq!(read(&*vault, *name, &same).await, Ok(name.to_string()));
        }
    }

    pub(super) async fn concurrent_versions_are_all_accepted(vault: Arc<dyn Vault>) {
        let name = name();
        let versions: Vec<SecretVersion> = (0..8).map(|_| version()).collect();
        let writes = versions.iter().map(|version| {
            let (vault, version) = (vault.clone(), version.clone());
            tokio::spawn(async move { vault.put(name, &version, &value(version.as_str())).await })
        });
        for written in join_all(writes).await {
            written.expect("no panic").expect("a version");
        }
        for version in &versions {
            assert_eq!(read(&*vault, name, version).await.as_deref(), Ok(version.as_str()));
        }
    }

    pub(super) async fn of_concurrent_values_of_one_version_one_wins(vault: Arc<dyn Vault>) {
        let (name, one) = (name(), version());
        // Both ways: as the first version of a name, and as a further one.
        for one in [one, version()] {
            let writes = (0..6).map(|n| {
                let (vault, one) = (vault.clone(), one.clone());
                tokio::spawn(async move { vault.put(name, &one, &value(&n.to_string())).await })
            });
            let written: Vec<_> = join_all(writes).await.into_iter().map(|w| w.expect("no panic")).collect();
            let won = written.iter().position(Result::is_ok).expect("a winner");
            for lost in written.iter().filter_map(|w| w.as_ref().err()) {
                assert_eq!(lost.kind, Kind::Conflict, "{lost:?}");
            }
            assert_eq!(written.iter().filter(|w| w.is_ok()).count(), 1);
            assert_eq!(read(&*vault, name, &one).await, Ok(won.to_string()));
        }
    }

    pub(super) async fn a_repeated_concurrent_write_is_one(vault: Arc<dyn Vault>) {
        let (name, first, second) = (name(), version(), version());
        for version in [first, second] {
            let writes = (0..6).map(|_| {
                let (vault, version) = (vault.clone(), version.clone());
                tokio::spawn(async move { vault.put(name, &version, &value("same")).await })
            });
            for written in join_all(writes).await {
                written.expect("no panic").expect("the same value");
            }
            assert_eq!(read(&*vault, name, &version).await.as_deref(), Ok("same"));
        }
    }

    pub(super) async fn it_can_be_written(vault: Arc<dyn Vault>) {
        vault.writable().await.expect("a vault that can be written");
    }
}
