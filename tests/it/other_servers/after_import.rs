//! What is done to mails after their import, and where they can be moved to.

use intake::{
    Language,
    flows::{mailboxes::MailboxInput, probe::ProbeReport},
};
use tests::{inside::text, unpacked::Unpacked};

use super::scene::{By, Scene, after, servers};

#[tokio::test]
async fn imported_mails_are_marked_seen() {
    for server in servers().await {
        let scene =
            Scene::with(server, By::Imap, |input| input.after_import = after("mark_seen", None)).await;
        scene.deliver(0..20);
        assert_eq!(scene.poll().await.created, 20, "{}", server.name);
        let mut hand = scene.hand();
        hand.run("EXAMINE INBOX");
        let seen = hand.run("SEARCH SEEN").concat();
        assert_eq!(seen.split_whitespace().skip(2).count(), 20, "{}: {seen}", server.name);
    }
}

#[tokio::test]
async fn imported_mails_are_deleted() {
    for server in servers().await {
        let scene = Scene::with(server, By::Imap, |input| input.after_import = after("delete", None)).await;
        scene.deliver(0..20);
        assert_eq!(scene.poll().await.created, 20, "{}", server.name);
        assert_eq!(scene.hand().count("INBOX"), 0, "{}", server.name);
        scene.deliver(20..21);
        assert_eq!(scene.poll().await.created, 1, "{}", server.name);
        scene.expect_issues(0..21).await;
    }
}

/// Both servers have all folders of an account below its INBOX; not everybody knows.
#[tokio::test]
async fn imported_mails_are_moved_to_a_folder_by_its_whole_name_and_by_its_last_part() {
    for server in servers().await {
        for folder in ["INBOX.Erledigt", "Erledigt"] {
            move_to(server, folder).await;
        }
    }
}

async fn move_to(server: &Unpacked, folder: &str) {
    let set = |input: &mut MailboxInput| {
        input.after_import = after("move", Some(folder));
    };
    let scene = Scene::with(server, By::Imap, set).await;
    scene.deliver(0..20);
    assert_eq!(scene.poll().await.created, 20, "{} {folder}", server.name);
    let mut hand = scene.hand();
    assert_eq!((hand.count("INBOX"), hand.count("INBOX.Erledigt")), (0, 20), "{} {folder}", server.name);
    // New mail goes the same way, now that the folder is there.
    scene.deliver(20..21);
    assert_eq!(scene.poll().await.created, 1, "{}", server.name);
    assert_eq!((hand.count("INBOX"), hand.count("INBOX.Erledigt")), (0, 21), "{} {folder}", server.name);
}

fn detail(tested: &ProbeReport, name: &str) -> String {
    tested.steps.iter().find(|step| step.name == name).unwrap().detail(Language::English)
}

/// Before anything is moved, the test of the connection tells where to, and makes nothing.
#[tokio::test]
async fn a_connection_test_sees_the_folder_below_inbox() {
    for server in servers().await {
        let set = |input: &mut MailboxInput| input.after_import = after("move", Some("Erledigt"));
        let scene = Scene::with(server, By::Imap, set).await;
        scene.deliver(0..1);
        let tested = scene.probe().await;
        assert!(tested.ok(), "{} {:?}", server.name, tested.steps);
        let target = detail(&tested, "target_folder");
        assert!(target.contains("makes it as INBOX.Erledigt"), "{} {target}", server.name);
        let mut hand = scene.hand();
        assert!(!hand.run("LIST \"\" *").concat().contains("Erledigt"), "{}", server.name);
        assert_eq!(scene.poll().await.created, 1, "{}", server.name);
        let target = detail(&scene.probe().await, "target_folder");
        assert_eq!(target, "INBOX.Erledigt is there.", "{}", server.name);
        hand.run("CREATE INBOX.Archiv");
        scene.choose(|input| input.after_import = after("move", Some("Archiv"))).await;
        let target = detail(&scene.probe().await, "target_folder");
        assert_eq!(target, "INBOX.Archiv is there.", "{}", server.name);
    }
}

#[tokio::test]
async fn a_connection_test_names_the_folders_where_one_is_missing() {
    for server in servers().await {
        for (folder, named) in [("Archiv", "The server has INBOX.Archiv"), ("Nowhere", "There are: INBOX")] {
            let scene = Scene::with(server, By::Imap, |input| input.folder = text(folder)).await;
            scene.hand().run("CREATE INBOX.Archiv");
            let tested = scene.probe().await;
            let told = detail(&tested, "folder");
            assert!(!tested.ok() && told.contains(named), "{} {told}", server.name);
        }
    }
}
