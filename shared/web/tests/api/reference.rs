//! The description of the API as pages: every call is there, in pages that are small and show nothing of elsewhere.

use std::collections::BTreeSet;

use crate::{
    browser::Browser,
    description::{given, operations},
    site::Site,
};

/// The most bytes of a page.
const MAX_PAGE: usize = 100_000;

#[tokio::test]
async fn every_call_stands_there_with_a_command() {
    let site = Site::new().await;
    let reader = Browser::of(&site, &site.token("reader").await).await;
    let index = reader.read("/api").await;
    let document = given();
    let mut pages = BTreeSet::from(["/api".to_owned()]);
    for (method, path, operation) in operations(&document) {
        let (id, tag) = (operation["operationId"].as_str().unwrap(), operation["tags"][0].as_str().unwrap());
        assert!(index.contains(&format!("href=\"/api/{tag}#{id}\"")), "{id}");
        let page = reader.read(&format!("/api/{tag}")).await;
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
        let name = format!("{} {path}", method.to_uppercase());
        assert!(page.contains(&name), "{name}");
        let command = page.split(&format!("id=\"{id}\"")).nth(1).unwrap().split("</section>").next().unwrap();
        assert!(command.contains("curl -sS") && !command.contains("'http://localhost:8025/api/v1{"), "{id}");
        let whole = command.split("<code aria-label").nth(1).unwrap();
        assert!(!whole.split("</code>").next().unwrap().contains("/{"), "{id} has a path with a hole");
        pages.insert(format!("/api/{tag}"));
    }
    assert!(pages.len() > 8, "{pages:?}");
    for page in pages {
        let text = reader.read(&page).await;
        assert!(text.len() < MAX_PAGE, "{page}: {} bytes", text.len());
        assert_eq!(text.matches("<h1").count(), 1, "{page}");
        for elsewhere in ["src=\"http", "href=\"http", " style=", " onclick="] {
            assert!(!text.contains(elsewhere), "{page}: {elsewhere}");
        }
    }
}

#[tokio::test]
async fn it_is_for_who_has_signed_in_in_their_language() {
    let site = Site::new().await;
    let nobody = site.page("/api").await;
    assert_eq!(nobody.status, 303);
    let browser = Browser::administrator(&site).await;
    let japanese = browser.japanese("/api/projects").await;
    assert!(japanese.contains("すべての呼び出し") && japanese.contains("lang=\"en\""), "{japanese}");
    assert!(browser.read("/settings").await.contains("href=\"/api\""));
    assert_eq!(browser.get("/api/nothing").await.status, 404);
    site.get("/projects").await.is(200);
}
