//! When tokens are due.

use std::time::Duration;

use intake::{
    flows::{
        change::Expect,
        mailboxes::{self, MailboxInput},
        refresh::Reason,
        refresher,
    },
    types::{
        given::Given,
        grant::{Grant, GrantStatus},
        mailbox::MailboxStatus,
    },
};
use playground::Options;
use tests::{Scene, inside::actor, scene::ACCOUNT};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn scene(life: Duration) -> Scene {
    Scene::new(Options { access_token_life: life, ..Options::default() }).await
}

/// From the refresh to the next one.
fn rest(grant: &Grant) -> f64 {
    let (at, next) = (grant.refreshed_at.expect("a time"), grant.next_refresh_at.expect("a time"));
    next.duration_since(at).as_secs_f64()
}

#[tokio::test]
async fn a_grant_is_due_at_three_quarters_of_its_tokens_life() {
    let life = 3600.0;
    let scene = scene(Duration::from_secs(3600)).await;
    let id = scene.consent().await;
    let mut rests = vec![rest(&scene.grant(id).await)];
    for _ in 0..4 {
        rests.push(rest(&scene.refresh(id, Reason::OnDemand).await.expect("a refresh")));
    }
    assert!(rests.iter().all(|rest| (0.649..=0.751).contains(&(rest / life))), "{rests:?}");
    assert!(rests.iter().any(|rest| (rest - rests[0]).abs() > 0.5), "they do not come in crowds: {rests:?}");
    let refreshes = scene.refreshes();
    scene.advance(Duration::from_secs(2330));
    refresher::run(scene.app(), scene.app().after(DAY)).await.expect("a pass");
    assert_eq!(scene.refreshes(), refreshes, "not before its time");
    scene.advance(Duration::from_secs(371));
    refresher::run(scene.app(), scene.app().after(DAY)).await.expect("a pass");
    assert_eq!(scene.refreshes(), refreshes + 1);
}

#[tokio::test]
async fn a_paused_mailboxs_grant_is_refreshed_at_least_every_30_days() {
    let scene = scene(90 * DAY).await;
    let (mailbox, id) = scene.mailbox().await;
    let pause = MailboxInput { enabled: Given::Value(false), ..MailboxInput::default() };
    mailboxes::patch(scene.app(), &actor(), mailbox, &Expect::any(), pause).await.expect("a pause");
    assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::Paused);
    for month in 1..=3 {
        scene.advance(30 * DAY);
        let pass = refresher::run(scene.app(), scene.app().after(DAY)).await.expect("a pass");
        assert_eq!((pass.refreshed, scene.refreshes()), (1, month));
        assert!(rest(&scene.grant(id).await) <= (30 * DAY).as_secs_f64());
    }
}

#[tokio::test]
async fn a_short_life_is_refreshed_by_the_poll() {
    let scene = scene(Duration::from_secs(600)).await;
    let (mailbox, id) = scene.mailbox().await;
    for poll in 1..=3 {
        // Less than a minute is left, and no refresher came by.
        scene.advance(Duration::from_secs(545));
        scene.playground.deliver(ACCOUNT, format!("Subject: {poll}\r\n\r\nHello.\r\n"));
        assert_eq!(scene.poll(mailbox).await.expect("a poll").created, 1);
        assert_eq!(scene.refreshes(), poll);
        scene.poll(mailbox).await.expect("a poll");
        assert_eq!(scene.refreshes(), poll, "the fresh one is used again");
    }
    assert_eq!(scene.grant(id).await.status, GrantStatus::Active);
}
