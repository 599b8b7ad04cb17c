//! A clock that was a year ahead for a while: what it wrote keeps nothing from going on.

use std::time::Duration;

use intake::{
    flows::{poll, refresher},
    ports::{LeaseOutcome, LeaseTarget},
    types::mailbox::MailboxStatus,
};
use playground::{MailFault, Step};

use super::{
    mails,
    scene::{PATIENCE, Scene},
};

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

#[tokio::test]
async fn a_mailbox_is_polled_after_the_clock_was_a_year_ahead() {
    for fails in [false, true] {
        let mut scene = Scene::with_letters(2).await;
        let inside = scene.imported().await;
        inside.clock.advance(YEAR);
        if fails {
            scene.playground.script().mail_fault(MailFault::drops(Step::Greeting));
        }
        scene.scheduled(&inside.app).await.unwrap();
        let wrong = scene.run(&inside).await;
        assert_eq!(wrong.status == MailboxStatus::Ok, !fails);
        // A process that died held the lease.
        let target = LeaseTarget::Mailbox(scene.mailbox);
        let left = inside.app.store.take_lease(target, inside.app.now(), Duration::from_secs(90)).await;
        assert!(matches!(left, Ok(LeaseOutcome::Taken(_))), "{left:?}");
        inside.clock.set_back(YEAR);
        scene.deliver(mails::letter("new", "New", "After all that."));
        let app = inside.restarted();
        let planned = poll::plan(&app).await.unwrap();
        let planned: Vec<_> = planned.into_values().flatten().collect();
        assert!(planned.iter().any(|hint| hint.mailbox_id == scene.mailbox), "not planned: {planned:?}");
        assert_eq!(scene.scheduled(&app).await.unwrap().created, 1);
        let run = scene.run(&inside).await;
        assert!(run.status == MailboxStatus::Ok && run.last_poll_at.unwrap() <= app.now(), "{run:?}");
    }
}

#[tokio::test]
async fn a_grant_is_refreshed_after_the_clock_was_a_year_ahead() {
    let scene = Scene::with_letters(1).await;
    let inside = scene.imported().await;
    inside.clock.advance(YEAR);
    let deadline = inside.app.after(PATIENCE);
    assert_eq!(refresher::run(&inside.app, deadline).await.unwrap().refreshed, 1);
    inside.clock.set_back(YEAR);
    let deadline = inside.app.after(PATIENCE);
    assert_eq!(refresher::run(&inside.app, deadline).await.unwrap().refreshed, 1);
    assert_eq!(refresher::run(&inside.app, deadline).await.unwrap().refreshed, 0);
}
