//! The hourly look at the newest mails: due by when it was done last, whatever the minute of the poll.

use std::time::Duration;

use intake::flows::poll::PollReport;
use playground::Spoilt;

use super::{
    mails,
    scene::{Scene, USER},
};

const HOUR: Duration = Duration::from_secs(61 * 60);

#[tokio::test]
async fn a_poll_of_the_plan_looks_at_the_newest_mails_where_an_hour_has_passed() {
    let mut scene = Scene::with_letters(3).await;
    let inside = scene.imported().await;
    for n in 4..=5 {
        scene.deliver(mails::letter(&format!("letter-{n}"), &format!("Letter {n}"), "Dear all,"));
    }
    scene.playground.script().spoil(USER, 4, Spoilt::Hidden);
    assert_eq!(scene.scheduled(&inside.app).await.unwrap().created, 1);
    scene.playground.script().mend(USER, 4);
    // EXISTS grew and nothing new came: nobody has to wait for the hour.
    assert_eq!(scene.scheduled(&inside.app).await.unwrap().created, 1);
    inside.clock.advance(HOUR);
    scene.scheduled(&inside.app).await.unwrap();
    let rescanned = scene.run(&inside).await.rescanned_at;
    assert!(rescanned.is_some());
    // Once an hour, and in between an idle poll writes nothing.
    let written = inside.embedded.items_written();
    assert_eq!(scene.scheduled(&inside.app).await.unwrap(), PollReport::default());
    assert_eq!(inside.embedded.items_written(), written);
    inside.clock.advance(HOUR);
    scene.scheduled(&inside.app).await.unwrap();
    assert!(scene.run(&inside).await.rescanned_at > rescanned);
}
