//! Ends and lost answers at every step: each mail ends up where it belongs, once.

use intake::flows::poll;
use tests::{Breaker, Call, Moment, Servers, traffic::Traffic};

use super::scene::{Choice, LATER, Scene};

/// So many polls show which calls always come, and one of so many comes to each of them.
const POLLS: usize = 5;
/// Calls that belong to what is done after the import.
const CALLS: [&str; 7] = [
    "mail.identify",
    "mail.change",
    "store.errands",
    "store.commit",
    "store.known",
    "store.renew_lease",
    "store.release_lease",
];

/// Everything is as if nothing had happened.
async fn verify(scene: &Scene, choice: Choice, mails: usize, what: &str) {
    let messages = scene.messages().await;
    assert_eq!(messages.len(), mails, "{what}: records");
    assert!(scene.all_done().await, "{what}: {:?}", scene.outcomes().await);
    let errands = scene.shown().await.run.errands;
    assert!(!errands.pending && errands.trouble.is_none(), "{what}: {errands:?}");
    let (inbox, done) = (scene.inbox().len(), scene.done().len());
    match choice {
        Choice::MarkSeen => assert_eq!(scene.account.flags(), vec!["S"; mails], "{what}"),
        Choice::Move => assert_eq!((inbox, done), (0, mails), "{what}: in the inbox, and moved"),
        Choice::Delete => assert_eq!((inbox, done), (0, 0), "{what}: in the inbox, and moved"),
    }
}

/// The calls of a poll that nothing disturbs.
async fn calls(servers: &Servers, port: u16, choice: Choice) -> Vec<Call> {
    let scene = Scene::at(servers, port, choice).await;
    let mails = scene.deliver_hard_ones();
    let breaker = Breaker::watching();
    poll::poll_now(&breaker.process(scene.app()), scene.mailbox, LATER).await.unwrap();
    verify(&scene, choice, mails, "undisturbed").await;
    breaker.calls().into_iter().filter(|call| CALLS.contains(&call.name)).collect()
}

/// How mails fall into batches depends on the moment, and with it how often the store is called: the calls that came each
/// time.
async fn calls_of_each_poll(servers: &Servers, port: u16, choice: Choice) -> Vec<Call> {
    let mut common = calls(servers, port, choice).await;
    for _ in 1..POLLS {
        let others = calls(servers, port, choice).await;
        common.retain(|call| others.contains(call));
    }
    common
}

async fn sweep(servers: &Servers, port: u16, choice: Choice) {
    let calls = calls_of_each_poll(servers, port, choice).await;
    let counted = |name| calls.iter().filter(|call| call.name == name).count();
    for name in CALLS {
        assert!(counted(name) > 0, "{name} is not called: {calls:?}");
    }
    for call in calls {
        for moment in [Moment::Before, Moment::After] {
            let what = format!("{choice:?}, end {moment:?} {call:?}");
            let mut came_to_it = false;
            for _ in 0..POLLS {
                came_to_it = came_to_it || cut_off(servers, port, choice, (call, moment), &what).await;
            }
            assert!(came_to_it, "{what}: it never came to that");
        }
    }
}

/// A process that ends at this call, and the one after it. Whether it came to that call.
async fn cut_off(
    servers: &Servers,
    port: u16,
    choice: Choice,
    (call, moment): (Call, Moment),
    what: &str,
) -> bool {
    let scene = Scene::at(servers, port, choice).await;
    let mails = scene.deliver_hard_ones();
    let breaker = Breaker::at(call, moment);
    // It may have been over before: what counts is what the next process finds and leaves.
    let _ = poll::poll_now(&breaker.process(scene.app()), scene.mailbox, LATER).await;
    scene.inside.clock.advance(LATER);
    scene.poll().await;
    verify(&scene, choice, mails, what).await;
    breaker.has_failed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_at_every_call_leaves_each_mail_moved_once() {
    let servers = Servers::get().await;
    sweep(servers, servers.dovecot.imaps, Choice::Move).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_at_every_call_leaves_each_mail_deleted_and_recorded() {
    let servers = Servers::get().await;
    sweep(servers, servers.dovecot.imaps, Choice::Delete).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_at_every_call_leaves_each_mail_copied_once_where_the_server_cannot_move() {
    let servers = Servers::get().await;
    let traffic = Traffic::hiding(servers, &["MOVE"]).await;
    sweep(servers, traffic.port, Choice::Move).await;
}

/// The answer to a command is lost with the connection; what it did is done.
async fn lost_answer(hidden: &'static [&'static str], choice: Choice, command: &str) {
    let servers = Servers::get().await;
    let traffic = Traffic::hiding(servers, hidden).await;
    let scene = Scene::at(servers, traffic.port, choice).await;
    let mails = scene.deliver_hard_ones();
    traffic.cut_at(command);
    let report = scene.poll().await;
    assert_eq!(report.fetched, mails as u64, "{command}: the import does not suffer");
    let shown = scene.shown().await;
    let trouble = shown.run.errands.trouble.clone().expect("a reason to wait");
    assert_eq!((trouble.failures, trouble.problem.code.as_str()), (1, "mail_server_busy"), "{command}");
    assert!(shown.run.last_error.is_none(), "{command}: the poll itself went well");
    // Not before its time.
    traffic.take();
    scene.poll().await;
    assert_eq!(traffic.take().commands, ["AUTHENTICATE", "ID", "EXAMINE", "LOGOUT"], "{command}");
    scene.inside.clock.advance(LATER);
    scene.poll().await;
    verify(&scene, choice, mails, command).await;
}

#[tokio::test]
async fn a_lost_answer_to_move_is_made_good() {
    lost_answer(&[], Choice::Move, "UID MOVE").await;
}

#[tokio::test]
async fn a_lost_answer_to_copy_does_not_copy_twice() {
    lost_answer(&["MOVE"], Choice::Move, "UID COPY").await;
}

#[tokio::test]
async fn a_lost_answer_to_store_or_expunge_is_made_good() {
    lost_answer(&["MOVE"], Choice::Move, "UID STORE").await;
    lost_answer(&["MOVE"], Choice::Move, "UID EXPUNGE").await;
    lost_answer(&[], Choice::Delete, "UID EXPUNGE").await;
    lost_answer(&[], Choice::MarkSeen, "UID STORE").await;
}

#[tokio::test]
async fn a_lost_answer_before_anything_is_done_is_made_good() {
    lost_answer(&[], Choice::Move, "CREATE").await;
    lost_answer(&[], Choice::Delete, "SELECT").await;
}
