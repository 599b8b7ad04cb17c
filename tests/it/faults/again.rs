//! Mails that are worked on again with other handlers, where each call fails once or is the last of its process: in the
//! end each file and text is there once, and counted once.

use intake::{
    App, Result,
    flows::{
        change::Expect,
        mailboxes::{self, MailboxInput},
        messages,
    },
    types::{given::Given, handler::Handler, ids::MessageId, message::MessageState},
};
use serde_json::{Value, json};
use tests::{Breaker, Call, Inside, Moment, inside::actor};

use super::{ledger::Ledger, mails, scene::Scene};

/// Names that must be among the calls.
const EXPECTED: [&str; 6] =
    ["store.commit", "store.message", "store.attachment", "store.attachments", "blobs.read", "blobs.flush"];

/// An installation whose mails are to be worked on again.
struct Before {
    template: Inside,
    mails: Vec<MessageId>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_are_made_anew_exactly_once() {
    let mut scene = Scene::empty().await;
    mails::with_a_cut().into_iter().for_each(|raw| scene.deliver(raw));
    let template = scene.imported().await;
    let first = scene.ledger(&template).await;
    let mails: Vec<MessageId> = first.messages.values().map(|message| message.id).collect();
    let rules = json!([{"name": "Cut", "then": [{"create_or_comment": {}},
        {"set": {"split_at": ["--cut--"], "attachments": {"leave_out": ["*.pdf"]}}}]}]);
    handlers(&scene, &template, rules).await;
    let less = Before { template, mails: mails.clone() };
    let cut = swept(&scene, &less).await;
    assert_eq!(cut.messages.values().filter(|message| message.state == MessageState::Applied).count(), 3);
    assert_eq!(files(&cut), files(&first) - 2);

    let template = less.template.copy().await;
    again(&template.app, &mails).await.unwrap();
    handlers(&scene, &template, json!([])).await;
    let whole = swept(&scene, &Before { template, mails }).await;
    assert_eq!(files(&whole), files(&first));
}

fn files(ledger: &Ledger) -> usize {
    ledger.issues.values().map(|issue| issue.attachments.len()).sum()
}

async fn handlers(scene: &Scene, inside: &Inside, list: Value) {
    let list: Vec<Handler> = serde_json::from_value(list).unwrap();
    let input = MailboxInput { handlers: Given::Value(list), ..MailboxInput::default() };
    mailboxes::patch(&inside.app, &actor(), scene.mailbox, &Expect::any(), input).await.unwrap();
}

async fn again(app: &App, mails: &[MessageId]) -> Result<()> {
    for id in mails {
        messages::redrive(app, &actor(), *id, None).await?;
    }
    Ok(())
}

/// What comes of it undisturbed, and in every case.
async fn swept(scene: &Scene, before: &Before) -> Ledger {
    let inside = before.template.copy().await;
    let watching = Breaker::watching();
    again(&watching.process(&inside.app), &before.mails).await.unwrap();
    let whole = scene.ledger(&inside).await.untimed();
    let calls = watching.calls();
    for name in EXPECTED {
        assert!(calls.iter().any(|call| call.name == name), "{name} is not called");
    }
    for call in calls {
        for moment in [Moment::Before, Moment::After] {
            stopped(scene, before, &whole, call, moment).await;
            hiccup(scene, before, &whole, call, moment).await;
        }
    }
    whole
}

async fn stopped(scene: &Scene, before: &Before, whole: &Ledger, call: Call, moment: Moment) {
    let inside = before.template.copy().await;
    let breaker = Breaker::at(call, moment);
    // How the first process ends is its own affair.
    let _ = again(&breaker.process(&inside.app), &before.mails).await;
    assert!(breaker.has_failed(), "{call} did not come");
    breaker.lose_unflushed(&inside.app).await;
    finished(scene, before, whole, (&inside, &inside.restarted()), &format!("stopped {moment:?} {call}"))
        .await;
}

async fn hiccup(scene: &Scene, before: &Before, whole: &Ledger, call: Call, moment: Moment) {
    let inside = before.template.copy().await;
    let breaker = Breaker::hiccup(call, moment);
    let app = breaker.process(&inside.app);
    // As above.
    let _ = again(&app, &before.mails).await;
    assert!(breaker.has_failed(), "{call} did not come");
    finished(scene, before, whole, (&inside, &app), &format!("hiccup {moment:?} {call}")).await;
}

async fn finished(
    scene: &Scene,
    before: &Before,
    whole: &Ledger,
    (inside, app): (&Inside, &App),
    case: &str,
) {
    again(app, &before.mails).await.unwrap();
    let ledger = scene.ledger(inside).await.untimed();
    assert!(ledger == *whole, "{case}: {ledger:#?}\nis not\n{whole:#?}");
}
