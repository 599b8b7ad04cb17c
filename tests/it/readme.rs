//! The pictures of the README: drawn of the demo into `target/readme`, from where `cargo xtask screens --readme` takes them.

use std::path::{Path, PathBuf};

use fantoccini::Locator;
use tests::Chromium;

use crate::browser::{Demo, LINK, origin};

/// What a reader of the README loads for each picture, at most, bytes.
const MAX: u64 = 150 * 1000;
/// Wide.
const WIDTH: u32 = 1280;
/// The pictures, the pages that they show, and how much of them.
const PICTURES: [(&str, &str, u32); 3] =
    [("overview", "/", 1100), ("issue", "/issues/HELP-1", 1000), ("mailbox", "/mailboxes/*", 1060)];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[tokio::test]
async fn the_pictures_of_the_readme_can_be_drawn() {
    let demo = Demo::start(&["--yes"]);
    let link = demo.url(LINK);
    demo.line("The showroom is ready");
    let browser = Chromium::open(WIDTH, 1000).await;
    browser.window.goto(&link).await.unwrap();
    browser.press(Locator::Css("form button"), "Overview").await;
    browser.tell("Emulation.setScrollbarsHidden", serde_json::json!({ "hidden": true })).await;
    let base = origin(&link);
    browser.window.goto(&format!("{base}/mailboxes")).await.unwrap();
    let shop = browser.window.find(Locator::LinkText("Web shop")).await.unwrap();
    let shop = shop.attr("href").await.unwrap().unwrap();
    for (name, page, height) in PICTURES {
        browser.shape((WIDTH, height), "light").await;
        let page = page.replace("/mailboxes/*", &shop);
        browser.window.goto(&format!("{base}{page}")).await.unwrap();
        let file = format!("readme/{name}.png");
        browser.part_of_picture(Path::new(&file), (WIDTH, height)).await;
        let bytes = std::fs::metadata(root().join("target").join(&file)).unwrap().len();
        assert!(bytes < MAX, "{name} has {bytes} bytes");
    }
    browser.close().await;
    demo.end();
}

#[test]
fn the_readme_shows_them() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for (name, ..) in PICTURES {
        let file = format!("docs/pictures/{name}.png");
        assert!(readme.contains(&format!("({file})")), "the README shows {file}");
        let about = std::fs::metadata(root().join(&file))
            .expect("a picture; `cargo xtask screens --readme` draws it");
        assert!(about.len() < MAX, "{file} has {} bytes", about.len());
    }
}
