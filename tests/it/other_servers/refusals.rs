//! What the servers say when they refuse, and what people are told of it.

use tests::inside::text;

use super::scene::{By, Scene, servers};

#[tokio::test]
async fn a_missing_folder_is_told_as_one() {
    for server in servers().await {
        for folder in ["INBOX.Nowhere", "Nowhere"] {
            let scene = Scene::with(server, By::Imap, |input| input.folder = text(folder)).await;
            let error = scene.try_poll().await.unwrap_err();
            assert_eq!(error.code, "folder_missing", "{} {folder}: {error:?}", server.name);
            let report = scene.probe().await;
            let step = report.steps.iter().find(|step| step.name == "folder").unwrap();
            assert_eq!(step.code(), Some("folder_missing"), "{} {folder}: {step:?}", server.name);
        }
    }
}
