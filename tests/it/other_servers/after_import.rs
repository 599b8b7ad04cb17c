//! What is done to mails after their import, and where they can be moved to.

use intake::flows::mailboxes::MailboxInput;
use tests::unpacked::Unpacked;

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
