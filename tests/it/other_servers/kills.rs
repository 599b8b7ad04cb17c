//! The server is killed while mails are imported: none is lost, none is doubled.

use tests::{process::until, unpacked::Unpacked};

use super::scene::{By, LATER, Scene};

/// Mails of the import.
const MAILS: usize = 150;

async fn killed_in_mid_import(name: &'static str, by: By) {
    let server = Unpacked::start(name).await;
    let scene = Scene::new(&server, by).await;
    scene.deliver(0..MAILS);
    let kill = async {
        // As soon as something was imported.
        until("the first mails", async || (!scene.messages().await.is_empty()).then_some(())).await;
        server.crash().await;
    };
    let (first, ()) = tokio::join!(scene.try_poll(), kill);
    println!("{name}: {first:?}, {} imported", scene.messages().await.len());
    scene.inside.clock.advance(LATER);
    scene.poll().await;
    scene.expect_issues(0..MAILS).await;
}

#[tokio::test]
async fn a_killed_server_loses_and_doubles_nothing_by_imap() {
    tokio::join!(killed_in_mid_import("courier", By::Imap), killed_in_mid_import("cyrus", By::Imap));
}

#[tokio::test]
async fn a_killed_server_loses_and_doubles_nothing_by_pop3() {
    tokio::join!(killed_in_mid_import("courier", By::Pop3), killed_in_mid_import("cyrus", By::Pop3));
}
