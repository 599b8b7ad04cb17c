//! Many refreshers at once: one asks the provider, the others see what came of it.

use std::time::Duration;

use futures::future::{join_all, try_join_all};
use intake::{
    flows::{
        refresh::{Reason, refresh_grant},
        refresher,
    },
    types::{
        PageRequest,
        grant::{Grant, GrantStatus},
        secret::{GrantTokens, SecretName, SecretVersion},
    },
};
use playground::{Options, Rotation};
use secrecy::ExposeSecret;
use tests::{
    Scene,
    faulty::{FaultyVault, PutFault, WatchedClock, WatchedProvider},
    scene::ACCOUNT,
};
use tokio::sync::oneshot;

/// Longer than any access token of these tests lives.
const LIFE: Duration = Duration::from_secs(3600);
/// Longer than the lease of a refresher.
const LEASE: Duration = Duration::from_secs(121);

fn strict() -> Options {
    Options { rotation: Rotation::Strict, access_token_life: LIFE, ..Options::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_refreshers_ask_once_for_each_of_200_grants() {
    let scene = Scene::new(strict()).await;
    let ids = scene.due_grants(200).await;
    let before = scene.app().now();
    scene.advance(Duration::from_secs(60));
    let refreshers = (0..8).map(|_| {
        let app = scene.another_process();
        tokio::spawn(async move { refresher::run(&app, app.after(Duration::from_secs(240))).await })
    });
    let counts = try_join_all(refreshers).await.expect("refreshers that do not panic");
    for count in counts {
        assert_eq!(count.expect("a pass").failed, 0);
    }
    assert_eq!(scene.refreshes(), 200);
    for id in ids {
        let grant = scene.grant(id).await;
        assert_eq!((grant.status, grant.refresh_started), (GrantStatus::Active, None));
        assert!(scene.tokens(id).await.issued_at > before);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_that_need_a_token_one_asks_for_it() {
    let scene = Scene::new(strict()).await;
    let id = scene.consent().await;
    scene.advance(LIFE);
    let version = scene.grant(id).await.secret_version.expect("tokens");
    for reason in [Reason::Expiring, Reason::TokenRefused { version }, Reason::Due] {
        let grants = at_once(&scene, &vec![reason; 16]).await;
        assert_eq!(scene.refreshes(), 1, "the first asked, and what it got is good for all");
        assert!(grants.iter().all(|grant| grant.status == GrantStatus::Active));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_survives_strict_rotation_under_load() {
    let scene = Scene::new(strict()).await;
    let (mailbox, id) = scene.mailbox().await;
    for _ in 0..3 {
        let version = scene.grant(id).await.secret_version.expect("tokens");
        let mut reasons = vec![Reason::OnDemand; 4];
        reasons.extend(vec![Reason::TokenRefused { version }; 4]);
        reasons.extend(vec![Reason::Expiring; 4]);
        at_once(&scene, &reasons).await;
    }
    assert!((12..=15).contains(&scene.refreshes()), "{} refreshes", scene.refreshes());
    scene.playground.deliver(ACCOUNT, "Subject: hello\r\n\r\nStill there.\r\n");
    assert_eq!(scene.poll(mailbox).await.expect("a good token").created, 1);
}

async fn at_once(scene: &Scene, reasons: &[Reason]) -> Vec<Grant> {
    let page = PageRequest::first(1);
    let id = scene.app().store.grants(None, &page).await.expect("a list").items[0].id;
    let all = reasons.iter().cloned().map(|reason| {
        let app = scene.another_process();
        tokio::spawn(async move { refresh_grant(&app, id, reason).await })
    });
    let done = join_all(all).await.into_iter().map(|done| done.expect("no panic").expect("a refresh"));
    done.collect()
}

/// A refresher that was taken for dead still writes what it got.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_the_token_refused_looks_whether_another_one_came() {
    let mut scene = Scene::new(strict()).await;
    let provider = WatchedProvider::new(scene.app().oauth.clone());
    let vault = FaultyVault::new(scene.app().vault.clone());
    scene.inside.app.oauth = provider.clone();
    scene.inside.app.vault = vault.clone();
    let id = scene.consent().await;
    vault.fail_next_put(PutFault::CrashBefore);
    scene.refresh(id, Reason::OnDemand).await.expect_err("a refresher that hangs");
    let hung = scene.grant(id).await.refresh_started.expect("a refresh that began");
    scene.advance(LEASE);
    let won = SecretVersion::of_refresh(id, &hung);
    let (app, version) = (scene.another_process(), won.clone());
    provider.before_next_refresh(async move {
        let tokens = GrantTokens {
            fence: hung.fence,
            access_token: "an-access-token-of-the-winner".into(),
            refresh_token: "a-refresh-token-of-the-winner".into(),
            expires_at: app.after(LIFE),
            issued_at: app.now(),
        };
        app.vault.put(SecretName::Grant(id), &version, &tokens.to_secret()).await.expect("a vault");
    });
    let grant = scene.refresh(id, Reason::OnDemand).await.expect("the winner's tokens");
    assert_eq!((grant.status, grant.secret_version), (GrantStatus::Active, Some(won)));
    assert_eq!(grant.refresh_started, None);
    assert_eq!(scene.tokens(id).await.access_token.expose_secret(), "an-access-token-of-the-winner");
}

/// The old consent's tokens, which come later, must not take the place of the new ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_during_a_refresh_is_what_counts() {
    let mut scene = Scene::new(strict()).await;
    let provider = WatchedProvider::new(scene.app().oauth.clone());
    scene.inside.app.oauth = provider.clone();
    let id = scene.consent().await;
    let (asking, asked) = oneshot::channel::<()>();
    let (go, gone) = oneshot::channel::<()>();
    provider.before_next_refresh(async move {
        let _ = asking.send(());
        let _ = gone.await;
    });
    let app = scene.another_process();
    let refreshing = tokio::spawn(async move { refresh_grant(&app, id, Reason::OnDemand).await });
    asked.await.expect("a refresh on its way");
    let waiting = WatchedClock::new(scene.app().clock.clone());
    scene.inside.app.clock = waiting.clone();
    let mut consent = Box::pin(scene.consent_again(id));
    // The consent waits for the refresh, or does not care.
    let early = tokio::select! {
        consented = &mut consent => Some(consented),
        () = waiting.waits() => None,
    };
    let _ = go.send(());
    let refreshed = refreshing.await.expect("no panic");
    let consented = match early {
        Some(consented) => consented,
        None => consent.await,
    };
    assert_eq!(consented, Ok(id), "mended in place");
    refreshed.expect("a refresh that nobody disturbed");
    let grant = scene.grant(id).await;
    assert_eq!(grant.status, GrantStatus::Active);
    assert_eq!(grant.refreshed_at, Some(grant.consented_at), "its tokens are the consent's");
}
