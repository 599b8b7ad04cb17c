//! Code that panics, wherever it is called: the poll or refresh ends as failed, in the state, and the next one goes on.

use std::collections::BTreeSet;

use intake::{
    flows::refresh::{Reason, refresh_grant},
    types::mailbox::MailboxStatus,
};
use tests::{Breaker, Call};

use super::scene::{PATIENCE, Scene};

const CODE: &str = "internal_error";
/// Calls of which nothing is noted: before it is known whose poll it is, and when all is said.
const UNNOTED: [&str; 3] = ["store.mailbox_and_run", "mail.close", "store.token_used"];

#[tokio::test]
async fn a_panic_at_any_call_of_an_import_ends_as_a_failed_poll() {
    let scene = Scene::with_special().await;
    let watching = Breaker::watching();
    let whole = scene.template.copy().await;
    scene.poll(&watching.process(&whole.app)).await.unwrap();
    let whole = scene.ledger(&whole).await;
    let names: BTreeSet<&'static str> = watching.calls().into_iter().map(|call| call.name).collect();
    assert!(names.contains("mail.fetch_piece") && names.contains("store.commit"), "{names:?}");
    for name in names {
        let inside = scene.template.copy().await;
        let breaker = Breaker::panicking(Call { name, nth: 1 });
        let app = breaker.process(&inside.app);
        let done = scene.poll(&app).await;
        assert!(breaker.has_failed(), "{name} did not come");
        if name != "mail.close" {
            assert_eq!(done.as_ref().unwrap_err().code, CODE, "{name}");
        }
        let run = scene.run(&inside).await;
        if !UNNOTED.contains(&name) {
            assert_eq!(run.consecutive_failures, 1, "{name}: {run:?}");
            let problem = run.last_error.unwrap();
            assert_eq!((problem.code.as_str(), run.status), (CODE, MailboxStatus::NeedsAttention), "{name}");
            assert!(!problem.action.is_empty() && !problem.message.contains("quotes"), "{name}: {problem:?}");
        }
        if name.ends_with("_lease") {
            super::scene::let_lease_end(&inside);
        } else {
            assert!(!run.leased, "{name}: the lease was not given back");
        }
        let report = scene.poll(&app).await.unwrap();
        assert!(!report.more && !report.busy, "{name}: {report:?}");
        assert!(scene.ledger(&inside).await == whole, "{name}");
        assert_eq!(scene.run(&inside).await.consecutive_failures, 0, "{name}");
    }
}

#[tokio::test]
async fn a_panic_of_a_refresh_is_noted_at_its_grant() {
    let scene = Scene::empty().await;
    let inside = scene.template.copy().await;
    let (mailbox, _) = inside.app.store.mailbox_and_run(scene.mailbox).await.unwrap().unwrap();
    let grant = mailbox.grant_id().unwrap();
    let app = Breaker::panicking(Call { name: "vault.writable", nth: 1 }).process(&inside.app);
    let error = refresh_grant(&app, grant, Reason::OnDemand).await.unwrap_err();
    assert_eq!(error.code, CODE);
    let noted = inside.app.store.grant(grant).await.unwrap().unwrap();
    assert_eq!((noted.consecutive_failures, noted.last_error.unwrap().code.as_str()), (1, CODE));
    // The lease is free: the next one need not wait.
    let begun = std::time::Instant::now();
    refresh_grant(&app, grant, Reason::OnDemand).await.unwrap();
    assert!(begun.elapsed() < PATIENCE / 4);
}
