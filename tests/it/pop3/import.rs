//! What is imported, and what is not: start rules, mails that others take away, servers that name their mails anew.

use intake::{
    Timestamp,
    flows::{
        change::Expect,
        mailboxes::{self, StartInput},
        poll::PollReport,
    },
    ports::{IssueFilter, MessageFilter},
    types::{
        PageRequest, ids::MailboxId, issue::BlobKey, mailbox::Run, message::Message, project::ProjectKey,
    },
};
use playground::{Act, MailFault, Options, Spoilt, Step};
use tests::{
    Inside, Scene, Servers,
    inside::{PROJECT, actor, text},
    mails::{mail, with_attachment},
    scene::ACCOUNT,
};

use super::{inside, mailbox, poll, start};

async fn run(inside: &Inside, mailbox: MailboxId) -> Run {
    inside.app.store.run(mailbox).await.unwrap().unwrap()
}

async fn messages(inside: &Inside, mailbox: MailboxId) -> Vec<Message> {
    let filter = MessageFilter { mailbox_id: mailbox, state: None };
    inside.app.store.messages(&filter, &PageRequest::first(200)).await.unwrap().items
}

async fn summaries(inside: &Inside) -> Vec<String> {
    let project = IssueFilter::Project(ProjectKey::new(PROJECT).unwrap(), None);
    let issues = inside.app.store.issues(&project, &PageRequest::first(200)).await.unwrap().items;
    let mut summaries: Vec<_> = issues.into_iter().map(|issue| issue.summary).collect();
    summaries.sort();
    summaries
}

/// A header line that says when the mail was received.
fn received(at: Timestamp) -> String {
    // RFC 3339 is understood in place of RFC 5322's form.
    format!("Received: from a.example by b.example;\r\n\t{at}\r\n")
}

fn days_ago(days: i64) -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second() - days * 86_400).unwrap()
}

#[tokio::test]
async fn a_first_import_takes_what_its_start_says_and_later_mails_all() {
    let servers = Servers::get().await;
    let since = StartInput { mode: text("since"), since: text(&days_ago(5).to_string()) };
    for (start, wanted) in [
        (start("all"), &["new", "old", "soon", "undated"][..]),
        (since, &["new", "soon", "undated"]),
        (start("new_only"), &["soon", "undated"]),
    ] {
        let inside = inside(servers).await;
        let account = servers.dovecot.account();
        account.deliver(&mail("old", "old", &received(days_ago(9)), "text"));
        account.deliver(&mail("new", "new", &received(days_ago(2)), "text"));
        let mailbox = mailbox(&inside, &account, servers.dovecot.pop3s, start).await;
        // After it was connected, and before its first poll.
        let soon = Timestamp::from_second(Timestamp::now().as_second() + 1).unwrap();
        account.deliver(&mail("soon", "soon", &received(soon), "text"));
        account.deliver(b"Subject: undated\r\n\r\nNobody knows when.\r\n");
        poll(&inside, mailbox).await;
        assert_eq!(summaries(&inside).await, wanted);
        // What comes later is new, whatever its date says.
        account.deliver(&mail("late", "late", &received(days_ago(30)), "text"));
        assert_eq!(poll(&inside, mailbox).await.created, 1);
        assert!(summaries(&inside).await.contains(&"late".to_owned()));
        assert_eq!(messages(&inside, mailbox).await.len(), wanted.len() + 1, "others leave no record");
        let written = inside.embedded.items_written();
        assert_eq!(poll(&inside, mailbox).await, PollReport::default());
        assert_eq!(inside.embedded.items_written(), written);
    }
}

#[tokio::test]
async fn mails_that_others_take_away_are_no_trouble() {
    let servers = Servers::get().await;
    let inside = inside(servers).await;
    let account = servers.dovecot.account();
    for n in 0..30 {
        account.deliver(&mail(&n.to_string(), &format!("Mail {n}"), "", "text"));
    }
    let mailbox = mailbox(&inside, &account, servers.dovecot.pop3s, start("all")).await;
    assert_eq!(poll(&inside, mailbox).await.created, 30);
    for n in [0, 7, 29] {
        account.remove(n);
    }
    assert_eq!(poll(&inside, mailbox).await, PollReport::default());
    account.deliver(&mail("more", "One more", "", "text"));
    assert_eq!(poll(&inside, mailbox).await.created, 1);
    for n in (1..29).filter(|n| *n != 7) {
        account.remove(n);
    }
    account.remove(30);
    assert_eq!(poll(&inside, mailbox).await, PollReport::default());
    account.deliver(&mail("last", "The last one", "", "text"));
    assert_eq!(poll(&inside, mailbox).await.created, 1);
    assert_eq!((messages(&inside, mailbox).await.len(), run(&inside, mailbox).await.epoch), (32, 1));
}

#[tokio::test]
async fn a_large_mail_comes_whole() {
    let servers = Servers::get().await;
    let inside = inside(servers).await;
    let account = servers.dovecot.account();
    let file: Vec<u8> = (0..5_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let raw = with_attachment("large", "A large one", &file);
    account.deliver(&raw);
    account.deliver(&mail("small", "A small one", "", "text"));
    let mailbox = mailbox(&inside, &account, servers.dovecot.pop3s, start("all")).await;
    assert_eq!(poll(&inside, mailbox).await.created, 2);
    let all = messages(&inside, mailbox).await;
    let large = all.iter().find(|message| message.subject == "A large one").unwrap();
    let blob = inside.app.blobs.read(&BlobKey::raw(large.id)).await.unwrap();
    assert!(blob.bytes(raw.len() as u64).await.unwrap() == raw);
}

/// A scene whose mailbox is the playground's, read by POP3.
async fn scene() -> (Scene, MailboxId) {
    let scene = Scene::new(Options::default()).await;
    let (mailbox, _) = scene.mailbox().await;
    let change = mailboxes::MailboxInput {
        protocol: text("pop3"),
        port: intake::types::given::Given::Value(scene.playground.pop3_address().port().into()),
        ..Default::default()
    };
    mailboxes::patch(scene.app(), &actor(), mailbox, &Expect::any(), change).await.expect("a change");
    (scene, mailbox)
}

fn letter(n: usize) -> String {
    format!(
        "From: ann@example.test\r\nSubject: Letter {n}\r\nMessage-ID: <{n}@example.test>\r\n\
         Date: Mon, 5 Jan 2026 12:00:00 +0100\r\n\r\nDear all,\r\n"
    )
}

#[tokio::test]
async fn a_server_that_names_its_mails_anew_brings_none_twice() {
    let (scene, mailbox) = scene().await;
    for n in 0..25 {
        scene.playground.deliver(ACCOUNT, letter(n)).unwrap();
    }
    assert_eq!(scene.poll(mailbox).await.unwrap().created, 25);
    scene.script().renumber(ACCOUNT);
    let now = received(Timestamp::now());
    scene.playground.deliver(ACCOUNT, format!("{now}{}", letter(99))).unwrap();
    let report = scene.poll(mailbox).await.unwrap();
    assert_eq!((report.created, report.skipped), (1, 0), "{report:?}");
    assert_eq!(run(&scene.inside, mailbox).await.epoch, 3);
    assert_eq!(summaries(&scene.inside).await.len(), 26);
    assert_eq!(scene.poll(mailbox).await.unwrap(), PollReport::default());
}

/// The roll only saves work: without it, mails are recognised by what they say.
#[tokio::test]
async fn a_roll_that_is_lost_brings_no_mail_twice() {
    let (scene, mailbox) = scene().await;
    for n in 0..5 {
        scene.playground.deliver(ACCOUNT, letter(n)).unwrap();
    }
    assert_eq!(scene.poll(mailbox).await.unwrap().created, 5);
    scene.app().blobs.delete_prefix("rolls/").await.unwrap();
    let now = received(Timestamp::now());
    scene.playground.deliver(ACCOUNT, format!("{now}{}", letter(99))).unwrap();
    let report = scene.poll(mailbox).await.unwrap();
    assert_eq!((report.created, report.skipped), (1, 0), "{report:?}");
    assert_eq!(scene.poll(mailbox).await.unwrap(), PollReport::default());
}

#[tokio::test]
async fn a_mail_that_cannot_be_read_stops_no_other() {
    let refused = Spoilt::Refused("Message is corrupt".to_owned());
    for how in [refused, Spoilt::NoData, Spoilt::Drops, Spoilt::Garbled, Spoilt::Huge(9 * 1024 * 1024)] {
        let (scene, mailbox) = scene().await;
        for n in 0..5 {
            scene.playground.deliver(ACCOUNT, letter(n)).unwrap();
        }
        scene.script().spoil(ACCOUNT, 3, how.clone());
        let mut polls = 0;
        while scene.poll(mailbox).await.is_err() {
            polls += 1;
            assert!(polls < 8, "{how:?}: it never fails");
        }
        let all = messages(&scene.inside, mailbox).await;
        assert_eq!((all.len(), summaries(&scene.inside).await.len()), (5, 4), "{how:?}");
        let reason = intake::types::message::Reason::UnreadableOnServer;
        let unreadable: Vec<_> = all.iter().filter(|message| message.reason == reason).collect();
        assert_eq!(unreadable.len(), 1, "{how:?}");
        assert_eq!(scene.poll(mailbox).await.unwrap(), PollReport::default(), "{how:?}");
        // An hourly look finds it mended.
        scene.script().mend(ACCOUNT, 3);
        let hint =
            intake::flows::poll::Hint { mailbox_id: mailbox, planned_at: Timestamp::now(), rescan: true };
        let report = intake::flows::poll::poll_hint(scene.app(), &hint, super::PATIENCE).await.unwrap();
        assert_eq!(report.created, 1, "{how:?}: {report:?}");
        let written = scene.inside.embedded.items_written();
        intake::flows::poll::poll_hint(scene.app(), &hint, super::PATIENCE).await.unwrap();
        assert_eq!(scene.inside.embedded.items_written(), written, "{how:?}: there is nothing to look at");
    }
}

/// No QUIT, and with it no note on the server that mails were read, before all of them are kept.
#[tokio::test]
async fn the_good_bye_is_said_only_when_all_is_kept() {
    let (scene, mailbox) = scene().await;
    scene.playground.deliver(ACCOUNT, letter(1)).unwrap();
    scene.script().reset_counters();
    scene.script().mail_fault(MailFault::new(Step::Command("RETR".to_owned()), Act::CutAfter(40)));
    let poll = scene.poll(mailbox).await.unwrap();
    assert_eq!(poll.created, 1);
    let counters = scene.script().counters();
    assert_eq!((counters.command("RETR"), counters.command("QUIT"), counters.command("DELE")), (2, 1, 0));
}
