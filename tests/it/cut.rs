//! Answers of the mail server that end early never look like an empty folder.

use intake::types::{ids::MailboxId, mailbox::MailboxStatus};
use playground::{Act, MailFault, Options, Reply, Step};
use tests::{Scene, scene::ACCOUNT};

/// A folder so wide that it is searched before it is listed.
const WIDE: u32 = 2000;

fn endings(step: &Step) -> Vec<(&'static str, MailFault)> {
    let silent = Reply { close: true, ..Reply::default() };
    vec![
        ("a drop", MailFault::drops(step.clone())),
        ("an end without a word", MailFault::new(step.clone(), Act::Say(silent))),
        ("BYE", MailFault::bye(step.clone(), "Connection closed. 14")),
        ("an expired session", MailFault::exchange_session_expired(step.clone())),
        ("NO", MailFault::exchange_busy(step.clone())),
    ]
}

async fn imports_after(scene: &Scene, mailbox: MailboxId, step: &Step, subject: &str, fault: MailFault) {
    scene.playground.deliver(ACCOUNT, format!("Subject: {subject}, {step:?}\r\n\r\nHello.\r\n"));
    let before = scene.shown(mailbox).await.run;
    // What ends behind an introduction is tried once more without it.
    let twice = *step == Step::Command("EXAMINE".to_owned()) && subject != "NO";
    let times = if twice { 2 } else { 1 };
    (0..times).for_each(|_| scene.script().mail_fault(fault.clone()));
    let cut = scene.poll(mailbox).await.expect_err(subject);
    assert!(scene.script().is_used_up(), "{step:?}, {subject}");
    assert!(cut.is_temporary(), "{step:?}, {subject}: {cut:?}");
    let shown = scene.shown(mailbox).await;
    assert_eq!(shown.status, MailboxStatus::Failing, "{step:?}, {subject}");
    assert_eq!((shown.run.epoch, shown.run.cursor), (before.epoch, before.cursor), "{step:?}, {subject}");
    let report = scene.poll(mailbox).await.expect("a whole answer");
    assert_eq!((report.created, report.skipped), (1, 0), "{step:?}, {subject}");
}

#[tokio::test]
async fn an_answer_that_was_cut_off_loses_no_mail() {
    let scene = Scene::new(Options::default()).await;
    let (mailbox, _) = scene.mailbox().await;
    scene.poll(mailbox).await.expect("the first contact");
    for command in ["EXAMINE", "UID SEARCH", "UID FETCH"] {
        let step = Step::Command(command.to_owned());
        for (ending, fault) in endings(&step) {
            if command == "UID SEARCH" {
                scene.script().skip_uids(ACCOUNT, WIDE);
            }
            imports_after(&scene, mailbox, &step, ending, fault).await;
        }
    }
}
