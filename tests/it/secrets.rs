//! A refused change leaves the stored secret as it is, and what a record names is always there.

use std::sync::Arc;

use futures::future::join_all;
use intake::{
    App, Language, Result,
    flows::{
        change::Expect,
        integrations::{self, IntegrationInput},
        mailboxes::{self, AuthInput, MailboxInput},
        probe,
        refresh::Reason,
        tokens,
    },
    types::{
        Version,
        given::Given,
        ids::{GrantId, IntegrationId, MailboxId},
        secret::{SecretName, SecretVersion},
    },
};
use playground::Options;
use secrecy::{ExposeSecret, SecretString};
use store::DynamoStore;
use tests::{
    Breaker, Call, Inside, Moment, Scene, Servers,
    inside::{CLIENT_SECRET, PROJECT, actor, text},
    scene::ACCOUNT,
};
use vault::{MasterKey, SealedVault};

const PASSWORD: &str = "a-password-that-works";
/// What is tried in a refused change.
const REFUSED: &str = "a-secret-that-nobody-wanted";

/// What has a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Integration(IntegrationId),
    Mailbox(MailboxId),
}

impl Owner {
    fn name(self) -> SecretName {
        match self {
            Self::Integration(id) => SecretName::Integration(id),
            Self::Mailbox(id) => SecretName::Mailbox(id),
        }
    }

    fn first_secret(self) -> &'static str {
        match self {
            Self::Integration(_) => CLIENT_SECRET,
            Self::Mailbox(_) => PASSWORD,
        }
    }

    /// Another secret, and another name where one is given.
    async fn change(self, app: &App, secret: &str, name: Option<&str>, expect: &Expect) -> Result<()> {
        let name = name.map_or(Given::Absent, text);
        let secret = Given::Value(SecretString::from(secret));
        match self {
            Self::Integration(id) => {
                let input = IntegrationInput { name, client_secret: secret, ..IntegrationInput::default() };
                integrations::patch(app, &actor(), id, expect, input).await.map(drop)
            }
            Self::Mailbox(id) => {
                let auth = Given::Value(AuthInput { password: secret, ..AuthInput::default() });
                let input = MailboxInput { name, auth, ..MailboxInput::default() };
                mailboxes::patch(app, &actor(), id, expect, input).await.map(drop)
            }
        }
    }

    /// The version that the record names.
    async fn named(self, app: &App) -> SecretVersion {
        match self {
            Self::Integration(id) => integrations::get(app, id).await.unwrap().client_secret_version,
            Self::Mailbox(id) => {
                let mailbox = mailboxes::get(app, id).await.unwrap().mailbox;
                mailbox.auth.secret_version().expect("a password").clone()
            }
        }
    }

    /// The secret that the record names.
    async fn secret(self, app: &App) -> String {
        let found = app.vault.get(self.name(), &self.named(app).await).await;
        found.expect("what a record names is there").expose_secret().to_owned()
    }
}

/// An installation with an integration and a password mailbox, and others with the names `Taken`.
async fn scene() -> (Scene, [Owner; 2]) {
    let scene = Scene::new(Options::default()).await;
    let app = scene.app();
    let server = |name: &str| MailboxInput {
        name: text(name),
        protocol: text("imap"),
        host: text("localhost"),
        port: Given::Value(993),
        tls: text("implicit"),
        auth: Given::Value(AuthInput {
            method: text("password"),
            username: text(ACCOUNT),
            password: Given::Value(SecretString::from(PASSWORD)),
            ..AuthInput::default()
        }),
        project: text(PROJECT),
        ..MailboxInput::default()
    };
    mailboxes::create(app, &actor(), server("Taken"), None).await.unwrap();
    let mailbox = mailboxes::create(app, &actor(), server("By password"), None).await.unwrap().mailbox.id;
    let other = IntegrationInput {
        provider: text("google"),
        name: text("Taken"),
        client_id: text("another-client"),
        client_secret: Given::Value(SecretString::from("another-secret")),
        ..IntegrationInput::default()
    };
    integrations::create(app, &actor(), other, None).await.unwrap();
    let owners = [Owner::Integration(scene.integration), Owner::Mailbox(mailbox)];
    (scene, owners)
}

async fn refused(app: &App, owner: Owner) {
    let taken = owner.change(app, REFUSED, Some("Taken"), &Expect::any()).await;
    assert_eq!(taken.expect_err("a name that is taken").code, "name_taken");
    let stale = Expect::one_of(vec![Version(99)]);
    let stale = owner.change(app, REFUSED, None, &stale).await;
    assert_eq!(stale.expect_err("a version that nobody saw").code, "version_mismatch");
}

#[tokio::test]
async fn refused_changes_destroy_no_secret() {
    let (scene, owners) = scene().await;
    for owner in owners {
        let named = owner.named(scene.app()).await;
        for n in 1..=30 {
            refused(scene.app(), owner).await;
            assert_eq!(owner.secret(scene.app()).await, owner.first_secret(), "after {n} refusals");
        }
        assert_eq!(owner.named(scene.app()).await, named);
        assert_eq!(scene.inside.versions_of(owner.name()).await, [named], "nothing of them stays");
    }
    // The provider is asked with it.
    let id = scene.consent().await;
    scene.refresh(id, Reason::OnDemand).await.expect("a client secret that is still good");
}

#[tokio::test]
async fn who_read_a_record_before_its_change_still_finds_its_secret() {
    let (scene, owners) = scene().await;
    for owner in owners {
        let before = owner.named(scene.app()).await;
        owner.change(scene.app(), "a-second-secret", None, &Expect::any()).await.unwrap();
        refused(scene.app(), owner).await;
        let late = scene.app().vault.get(owner.name(), &before).await.expect("the secret of before");
        assert_eq!(late.expose_secret(), owner.first_secret());
        assert_eq!(owner.secret(scene.app()).await, "a-second-secret");
        for n in 0..20 {
            let next = format!("secret-number-{n}");
            owner.change(scene.app(), &next, None, &Expect::any()).await.unwrap();
            assert_eq!(owner.secret(scene.app()).await, next);
            assert_eq!(scene.inside.versions_of(owner.name()).await.len(), 2, "and no heap of old ones");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_changes_side_by_side_the_last_one_is_what_counts() {
    let (scene, owners) = scene().await;
    for owner in owners {
        for round in 0..5 {
            let changes = (0..8).map(|n| {
                let app = scene.another_process();
                tokio::spawn(async move {
                    let secret = format!("secret-{round}-{n}");
                    let name = (n % 4 == 3).then_some("Taken");
                    let changed = owner.change(&app, &secret, name, &Expect::any()).await;
                    changed.map(|()| secret)
                })
            });
            let done: Vec<String> =
                join_all(changes).await.into_iter().filter_map(|done| done.expect("no panic").ok()).collect();
            assert!(!done.is_empty(), "one of them was first");
            assert!(done.contains(&owner.secret(scene.app()).await), "{done:?}");
            assert!(scene.inside.versions_of(owner.name()).await.len() <= 2 + done.len());
        }
        owner.change(scene.app(), "the-last-secret", None, &Expect::any()).await.unwrap();
        assert_eq!(owner.secret(scene.app()).await, "the-last-secret");
        assert_eq!(scene.inside.versions_of(owner.name()).await.len(), 2);
    }
}

/// The process dies, or one call of it fails, before and after each of its calls.
#[tokio::test]
async fn a_change_may_end_at_every_call() {
    let (scene, owners) = scene().await;
    for owner in owners {
        for name in [None, Some("Taken")] {
            let watched = scene.inside.copy().await;
            let breaker = Breaker::watching();
            let _ = change_at(&breaker, &watched, owner, name).await;
            for call in breaker.calls() {
                for moment in [Moment::Before, Moment::After] {
                    for breaker in [Breaker::at(call, moment), Breaker::hiccup(call, moment)] {
                        ended(&scene.inside, owner, name, &breaker, call, moment).await;
                    }
                }
            }
        }
    }
}

async fn change_at(breaker: &Arc<Breaker>, to: &Inside, owner: Owner, name: Option<&str>) -> Result<()> {
    owner.change(&breaker.process(&to.app), "a-new-secret", name, &Expect::any()).await
}

async fn ended(
    template: &Inside,
    owner: Owner,
    name: Option<&str>,
    breaker: &Arc<Breaker>,
    call: Call,
    moment: Moment,
) {
    let case = format!("{moment:?} {call}, {owner:?} {name:?}");
    let inside = template.copy().await;
    let changed = change_at(breaker, &inside, owner, name).await;
    assert!(breaker.has_failed(), "{case} did not come");
    let app = inside.restarted();
    let secret = owner.secret(&app).await;
    let wanted = ["a-new-secret", owner.first_secret()];
    assert!(wanted.contains(&secret.as_str()), "{case}: {secret}");
    assert!(changed.is_err() || secret == wanted[0], "{case}");
    assert!(name.is_none() || secret == wanted[1], "{case}: a refused change");
    owner.change(&app, "a-later-secret", None, &Expect::any()).await.expect(&case);
    assert_eq!(owner.secret(&app).await, "a-later-secret", "{case}");
    owner.change(&app, "the-last-secret", None, &Expect::any()).await.expect(&case);
    assert_eq!(owner.secret(&app).await, "the-last-secret", "{case}");
}

#[tokio::test]
async fn a_password_is_forgotten_when_its_mailbox_signs_in_otherwise() {
    let (scene, owners) = scene().await;
    let Owner::Mailbox(id) = owners[1] else { panic!("a mailbox") };
    let auth = AuthInput {
        method: text("oauth2"),
        integration_id: text(&scene.integration.to_string()),
        ..AuthInput::default()
    };
    let other = MailboxInput { auth: Given::Value(auth), ..MailboxInput::default() };
    mailboxes::patch(scene.app(), &actor(), id, &Expect::any(), other).await.unwrap();
    assert!(scene.inside.versions_of(SecretName::Mailbox(id)).await.is_empty());
}

/// The store of an installation before: a version beside a pointer to the newest.
#[tokio::test]
async fn a_secret_of_an_older_maildocket_is_found_and_kept() {
    let (scene, owners) = scene().await;
    let embedded = &scene.inside.embedded;
    for owner in owners {
        let named = owner.named(scene.app()).await;
        let text = |value: &str| aws_sdk_dynamodb::types::AttributeValue::S(value.to_owned());
        embedded
            .client()
            .put_item()
            .table_name(tests::inside::TABLE)
            .item("pk", text(&format!("SECRET#{}", owner.name())))
            .item("sk", text("NEWEST"))
            .item("newest", text(named.as_str()))
            .item("type", text("secret_newest"))
            .send()
            .await
            .unwrap();
        refused(scene.app(), owner).await;
        assert_eq!(owner.secret(scene.app()).await, owner.first_secret());
        owner.change(scene.app(), "a-second-secret", None, &Expect::any()).await.unwrap();
        assert_eq!(owner.secret(scene.app()).await, "a-second-secret");
    }
}

/// Also where this process still remembers what it was.
#[tokio::test]
async fn a_test_tells_that_a_stored_secret_cannot_be_had() {
    let (mut scene, owners) = scene().await;
    let Owner::Mailbox(by_password) = owners[1] else { panic!("a mailbox") };
    let (by_consent, grant) = scene.mailbox().await;
    scene.poll(by_consent).await.expect("a poll");
    let vault = scene.app().vault.clone();
    let store = Arc::new(DynamoStore::new(
        scene.inside.embedded.client(),
        tests::inside::TABLE,
        Arc::new(machine::SystemEntropy),
        Arc::new(machine::SystemClock),
    ));
    let other_key = SealedVault::new(store, &MasterKey::new([8; 32])).unwrap();
    scene.inside.app.vault = Arc::new(other_key);
    all_tell(&scene, by_password, by_consent, grant, "secret_unreadable").await;
    scene.inside.app.vault = vault;
    for name in [
        SecretName::Mailbox(by_password),
        SecretName::Grant(grant),
        SecretName::Integration(scene.integration),
    ] {
        scene.app().vault.delete(name).await.unwrap();
    }
    all_tell(&scene, by_password, by_consent, grant, "secret_missing").await;
}

async fn all_tell(scene: &Scene, by_password: MailboxId, by_consent: MailboxId, grant: GrantId, code: &str) {
    let app = scene.app();
    for report in [
        probe::mailbox(app, by_password).await,
        probe::mailbox(app, by_consent).await,
        probe::grant(app, grant).await,
        probe::integration(app, scene.integration).await,
    ] {
        let report = report.expect("a report");
        assert!(!report.ok(), "{report:?}");
        let failed = report.steps.iter().find(|step| step.code().is_some()).expect("a failed step");
        assert_eq!(failed.code(), Some(code), "{report:?}");
        for language in Language::ALL {
            let action = failed.action(language).expect("what to do");
            assert!(report.summary(language).contains(&action), "{report:?}");
        }
    }
}

#[tokio::test]
async fn processes_that_start_at_once_make_one_token_of_the_administrator() {
    let servers = Servers::get().await;
    let inside = Inside::new(&servers.identity.ca_pem).await;
    let value = SecretString::from("a token of the first start, long enough".to_owned());
    let starts = (0..8).map(|_| tokens::ensure_admin_token(&inside.app, Some(&value)));
    for made in join_all(starts).await {
        made.unwrap();
    }
    assert!(tokens::is_admin_token(&inside.app, &value).await.unwrap());
}
