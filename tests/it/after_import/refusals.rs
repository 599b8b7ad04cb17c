//! What may not be touched is not touched, and people see why.

use std::{fs, time::Duration};

use intake::{
    App, Language,
    flows::{
        mailboxes::{self, AfterImportInput, MailboxInput},
        poll, probe,
    },
    ports::MessageFilter,
    types::{PageRequest, errand::ErrandStatus, given::Given, message::MessageState},
};
use tests::{
    Breaker, Call, Moment, Servers,
    inside::{actor, text},
    mails::mail,
    traffic::Traffic,
};

use super::scene::{Choice, LATER, Scene};

/// Imports, and ends before anything is done to a mail.
async fn imported_only(scene: &Scene) {
    let breaker = Breaker::at(Call { name: "store.errands", nth: 1 }, Moment::Before);
    poll::poll_now(&breaker.process(scene.app()), scene.mailbox, LATER).await.unwrap_err();
    scene.inside.clock.advance(LATER);
    assert!(scene.shown().await.run.errands.pending);
}

#[tokio::test]
async fn failed_and_held_mails_stay_untouched() {
    const LARGE: usize = 151 * 1024 * 1024;
    let servers = Servers::get().await;
    let mut scene = Scene::new(servers, Choice::Delete).await;
    let parse = mail::Options::poisoned("poison");
    scene.inside.app = App { parse, ..scene.inside.app.clone() };
    scene.account.deliver(&mail("poison", "It ends the parser", "", "text"));
    let mut large = mail("large", "Too large", "", "text");
    large.extend(std::iter::repeat_n(*b"0123456789abcde\n", LARGE / 16).flatten());
    scene.account.deliver(&large);
    scene.account.deliver(&mail("good", "Good", "", "text"));
    let report = scene.poll().await;
    assert_eq!((report.failed, report.held, report.created), (1, 1, 1));
    let messages = scene.messages().await;
    let told: Vec<_> =
        messages.iter().map(|m| (m.state, m.after_import.as_ref().map(|after| after.status))).collect();
    assert_eq!(
        told,
        [
            (MessageState::Failed, None),
            (MessageState::Held, None),
            (MessageState::Applied, Some(ErrandStatus::Done)),
        ]
    );
    assert_eq!(scene.inbox().len(), 2);
    assert_eq!(scene.account.flags(), Vec::<String>::new());
}

#[tokio::test]
async fn a_mail_that_was_replaced_stays_and_one_that_is_gone_is_given_up() {
    let servers = Servers::get().await;
    let scene = Scene::new(servers, Choice::Delete).await;
    for name in ["first", "second", "third"] {
        scene.account.deliver(&mail(name, name, "", "text"));
    }
    imported_only(&scene).await;
    let files = scene.inbox();
    fs::write(&files[0], mail("stranger", "Another mail under the same number", "", "text")).unwrap();
    fs::remove_file(&files[1]).unwrap();
    scene.poll().await;
    let left = scene.inbox();
    assert_eq!(left.len(), 1);
    assert!(String::from_utf8(fs::read(&left[0]).unwrap()).unwrap().contains("Another mail"));
    let outcomes = scene.outcomes().await;
    let told: Vec<_> = outcomes.into_iter().flatten().map(|after| (after.status, after.detail)).collect();
    assert_eq!(told[0], (ErrandStatus::GivenUp, "Another mail lies in its place on the server now.".into()));
    assert_eq!(told[1], (ErrandStatus::GivenUp, "The mail is not there any more.".into()));
    assert_eq!(told[2], (ErrandStatus::Done, String::new()));
}

#[tokio::test]
async fn what_is_to_be_done_follows_a_mail_to_its_new_number() {
    let servers = Servers::get().await;
    let scene = Scene::new(servers, Choice::Move).await;
    for name in ["first", "second"] {
        scene.account.deliver(&mail(name, name, "", "text"));
    }
    imported_only(&scene).await;
    scene.account.renumber(7_654_321);
    let report = scene.poll().await;
    assert_eq!((report.created, report.fetched), (0, 0), "{report:?}");
    assert_eq!(scene.given_up().await, Vec::<String>::new());
    assert_eq!((scene.inbox().len(), scene.done().len()), (0, 2));
    let messages = scene.messages().await;
    assert_eq!(messages.len(), 2);
    assert!(messages.into_iter().all(|m| m.after_import.unwrap().status == ErrandStatus::Done));
}

#[tokio::test]
async fn a_server_that_can_neither_move_nor_delete_is_named_and_nothing_is_marked() {
    let servers = Servers::get().await;
    let traffic = Traffic::hiding(servers, &["MOVE", "UIDPLUS"]).await;
    for choice in [Choice::Move, Choice::Delete] {
        let scene = Scene::at(servers, traffic.port, choice).await;
        scene.account.deliver(&mail("one", "One", "", "text"));
        assert_eq!(scene.poll().await.created, 1);
        let errands = scene.shown().await.run.errands;
        let trouble = errands.trouble.expect("a reason to wait");
        assert_eq!(trouble.problem.code, "mail_server_cannot");
        assert!(trouble.problem.message.contains("UIDPLUS"), "{trouble:?}");
        assert_eq!(scene.account.flags(), Vec::<String>::new());
        let told = intake::flows::status::status(scene.app()).await.unwrap().warnings;
        assert!(told.iter().any(|notice| notice.code == "after_import_waits"), "{told:?}");
        // Another choice mends it, and what was noted under the old one is left alone.
        let after_import = Given::Value(Choice::MarkSeen.input());
        scene.patch(MailboxInput { after_import, ..MailboxInput::default() }).await;
        scene.account.deliver(&mail("two", "Two", "", "text"));
        scene.poll().await;
        assert_eq!(scene.account.flags(), ["S"]);
        let given_up = scene.given_up().await;
        assert!(given_up.len() == 1 && given_up[0].contains("Another action"), "{given_up:?}");
        assert!(!scene.shown().await.run.errands.pending);
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_told_and_its_correction_is_followed() {
    let servers = Servers::get().await;
    let scene = Scene::new(servers, Choice::Move).await;
    let to = |folder: &str| {
        let after = AfterImportInput { action: text("move"), folder: text(folder) };
        MailboxInput { after_import: Given::Value(after), ..MailboxInput::default() }
    };
    scene.patch(to("~nobody/..//Done")).await;
    scene.account.deliver(&mail("one", "One", "", "text"));
    assert_eq!(scene.poll().await.created, 1);
    let trouble = scene.shown().await.run.errands.trouble.expect("a reason to wait");
    assert_eq!(trouble.problem.code, "folder_missing", "{trouble:?}");
    assert_eq!(scene.inbox().len(), 1);
    scene.patch(to("Done")).await;
    scene.poll().await;
    assert_eq!((scene.inbox().len(), scene.done().len()), (0, 1));
    let outcome = scene.outcomes().await.remove(0).unwrap();
    assert_eq!((outcome.status, outcome.action.folder()), (ErrandStatus::Done, Some("Done")));
}

#[tokio::test]
async fn with_nothing_to_do_a_poll_costs_what_it_did() {
    let servers = Servers::get().await;
    let traffic = Traffic::to_dovecot(servers).await;
    let scene = Scene::at(servers, traffic.port, Choice::MarkSeen).await;
    scene.account.deliver(&mail("one", "One", "", "text"));
    scene.poll().await;
    scene.poll().await;
    traffic.take();
    let written = scene.inside.embedded.items_written();
    let watching = Breaker::watching();
    poll::poll_now(&watching.process(scene.app()), scene.mailbox, Duration::from_secs(20)).await.unwrap();
    let counts = traffic.take();
    assert_eq!(counts.commands, ["AUTHENTICATE", "ID", "EXAMINE", "LOGOUT"]);
    assert!(counts.round_trips() <= 5, "{counts:?}");
    assert_eq!(scene.inside.embedded.items_written(), written);
    let reads: Vec<_> = watching.calls().into_iter().filter(|call| call.name.starts_with("store.")).collect();
    assert_eq!(reads.len(), 1, "{reads:?}");
}

/// The playground's mails cannot be changed.
#[tokio::test]
async fn what_the_server_always_refuses_is_given_up_at_last() {
    let scene = tests::Scene::new(playground::Options::default()).await;
    let (mailbox, _) = scene.mailbox().await;
    let choice =
        MailboxInput { after_import: Given::Value(Choice::MarkSeen.input()), ..MailboxInput::default() };
    let any = intake::flows::change::Expect::any();
    mailboxes::patch(scene.app(), &actor(), mailbox, &any, choice).await.unwrap();
    for name in ["one", "two"] {
        let raw = mail(name, name, "", "text");
        scene.playground.deliver_at(tests::scene::ACCOUNT, raw, intake::Timestamp::now()).unwrap();
    }
    assert_eq!(scene.poll(mailbox).await.unwrap().created, 2);
    for failures in 1..5 {
        let trouble = scene.shown(mailbox).await.run.errands.trouble.expect("a reason to wait");
        assert_eq!((trouble.failures, trouble.problem.code.as_str()), (failures, "mail_refused"));
        scene.advance(Duration::from_secs(40 * 60));
        assert_eq!(scene.poll(mailbox).await.unwrap().fetched, 0, "the poll does not suffer");
    }
    let shown = scene.shown(mailbox).await;
    assert!(!shown.run.errands.pending && shown.run.last_error.is_none(), "{:?}", shown.run);
    let filter = MessageFilter { mailbox_id: mailbox, state: None };
    for message in scene.app().store.messages(&filter, &PageRequest::first(5)).await.unwrap().items {
        let after = message.after_import.expect("an outcome");
        assert_eq!(after.status, ErrandStatus::GivenUp);
        assert!(after.detail.contains("refuses"), "{after:?}");
    }
}

/// Nor can the playground's folders: a connection test says so before a mail is imported.
#[tokio::test]
async fn a_connection_test_sees_what_cannot_be_done() {
    let scene = tests::Scene::new(playground::Options::default()).await;
    let (mailbox, _) = scene.mailbox().await;
    for (choice, step, code) in [
        (Choice::MarkSeen, "rights", "after_import_read_only"),
        (Choice::Delete, "means", "after_import_not_offered"),
        (Choice::Move, "means", "after_import_not_offered"),
    ] {
        let choice = MailboxInput { after_import: Given::Value(choice.input()), ..MailboxInput::default() };
        let any = intake::flows::change::Expect::any();
        mailboxes::patch(scene.app(), &actor(), mailbox, &any, choice).await.unwrap();
        let tested = probe::mailbox(scene.app(), mailbox).await.unwrap();
        let failed = tested.steps.iter().find(|step| step.code().is_some()).unwrap();
        assert_eq!((failed.name, failed.code()), (step, Some(code)), "{:?}", tested.steps);
        for language in [Language::English, Language::Japanese] {
            assert!(!failed.detail(language).is_empty() && failed.action(language).is_some(), "{failed:?}");
        }
    }
}

/// What can be done is told, and nothing of it is done.
#[tokio::test]
async fn a_connection_test_tells_how_it_is_done_and_touches_nothing() {
    let servers = Servers::get().await;
    for (choice, means) in [(Choice::MarkSeen, "Seen"), (Choice::Delete, "EXPUNGE"), (Choice::Move, "MOVE")] {
        let scene = Scene::new(servers, choice).await;
        scene.account.deliver(&mail("one", "One", "", "text"));
        let tested = probe::mailbox(scene.app(), scene.mailbox).await.unwrap();
        let detail = |name: &str| {
            let step = tested.steps.iter().find(|step| step.name == name).unwrap();
            step.detail(Language::English)
        };
        assert!(tested.ok(), "{:?}", tested.steps);
        assert!(detail("means").contains(means), "{}", detail("means"));
        assert!(detail("rights").contains("may be changed"), "{}", detail("rights"));
        let target = detail("target_folder");
        let wanted = if choice == Choice::Move { "makes it as Done" } else { "no other folder" };
        assert!(target.contains(wanted), "{target}");
        assert_eq!((scene.account.flags(), scene.inbox().len()), (Vec::new(), 1));
    }
}
