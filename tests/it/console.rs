//! The pages of the console, each in both languages, both colour schemes and three widths: what a person sees is kept as a
//! picture in `target/screens`, and what nobody may see is looked for.

use std::{collections::BTreeSet, path::Path};

use fantoccini::Locator;
use serde_json::Value;
use tests::{Chromium, process::told};

use crate::browser::{Demo, LINK, origin};

/// Phone, tablet, desk.
const WIDTHS: [u32; 3] = [360, 820, 1280];
/// The most bytes of a page.
const MAX_PAGE: u64 = 100 * 1000;
/// Findings that keep people from using a page.
const SERIOUS: [&str; 2] = ["serious", "critical"];

/// The pages that have a name of their own; links of theirs lead to one page of each other kind.
const PAGES: [&str; 14] = [
    "/",
    "/setup",
    "/mailboxes",
    "/integrations",
    "/accounts",
    "/messages",
    "/held",
    "/projects",
    "/audit",
    "/settings",
    "/help",
    "/help/handlers",
    "/components",
    "/sign-in",
];

/// `/mailboxes/mbx_01…/edit` → `/mailboxes/*/edit`: pages of one kind.
fn kind(path: &str) -> String {
    let is_name =
        |part: &str| part.contains('_') || part.chars().any(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if path.starts_with("/help/") {
        return "/help/*".to_owned();
    }
    path.split('/').map(|part| if is_name(part) { "*" } else { part }).collect::<Vec<_>>().join("/")
}

/// One page of each kind that links of the console lead to.
async fn pages(browser: &Chromium, base: &str) -> Vec<String> {
    const LINKS: &str =
        "return [...document.querySelectorAll('main a[href]')].map(a => a.getAttribute('href'))";
    let mut found: Vec<String> = PAGES.map(str::to_owned).into();
    let mut kinds: BTreeSet<String> = found.iter().map(|path| kind(path)).collect();
    let mut at = 0;
    while let Some(path) = found.get(at).cloned() {
        at += 1;
        browser.window.goto(&format!("{base}{path}")).await.unwrap();
        let links = browser.run(LINKS).await;
        for link in links.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let path = link.split(['?', '#']).next().unwrap_or_default();
            let is_page =
                path.starts_with('/') && !path.starts_with("/api/") && !path.starts_with("/oauth2/");
            // What saves a file shows no page.
            let saves = ["/raw", "/download", "/sign-out"].iter().any(|end| path.ends_with(end));
            if is_page && !saves && kinds.insert(kind(path)) {
                found.push(path.to_owned());
            }
        }
        assert!(found.len() < 80, "{found:?}");
    }
    found
}

/// What the checker of accessibility finds that is serious.
async fn serious(browser: &Chromium, axe: &str) -> Vec<String> {
    const RUN: &str = "const end = arguments[arguments.length - 1]; axe.run({ resultTypes: ['violations'] })
        .then(found => end(found.passes.length ? found.violations.map(v => [v.impact, v.id + ': ' + v.nodes.map(n => n.html).slice(0, 3).join(' ')]) : [['critical', 'nothing was checked']]))
        .catch(error => end([['critical', String(error)]]))";
    // Devtools run it beside the page: its policy lets in no script of ours.
    let wanted = serde_json::json!({ "expression": axe });
    browser.tell("Runtime.evaluate", wanted).await;
    let found = browser.run_async(RUN).await;
    let rows = found.as_array().cloned().unwrap_or_default();
    let rows = rows.iter().filter(|row| row[0].as_str().is_some_and(|impact| SERIOUS.contains(&impact)));
    rows.map(|row| row[1].as_str().unwrap_or_default().to_owned()).collect()
}

/// From now on, as somebody who has chosen this language.
async fn read_in(browser: &Chromium, language: &str) {
    browser.run(&format!("document.cookie = 'maildocket-language={language}; Path=/'")).await;
}

/// A page as a picture, with what is wrong with it.
async fn look(browser: &Chromium, page: &str, shape: (&str, &str, u32), axe: Option<&str>) -> Vec<String> {
    let (language, scheme, width) = shape;
    let mut wrong = Vec::new();
    let told = browser
        .run(
            "return { lang: document.documentElement.lang, headings: document.querySelectorAll('h1').length,
                wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
                bytes: new Blob([document.documentElement.outerHTML]).size }",
        )
        .await;
    if told["lang"] != language {
        wrong.push(format!("it says it is in {}", told["lang"]));
    }
    if told["headings"] != 1 {
        wrong.push(format!("it has {} headings of the first order", told["headings"]));
    }
    if told["wide"].as_i64() != Some(0) {
        wrong.push(format!("it is {} pixels wider than the screen", told["wide"]));
    }
    if told["bytes"].as_u64().is_none_or(|bytes| bytes > MAX_PAGE) {
        wrong.push(format!("it has {} bytes", told["bytes"]));
    }
    if let Some(axe) = axe {
        wrong.extend(serious(browser, axe).await);
    }
    let name = if page == "/" {
        "overview".to_owned()
    } else {
        kind(page).trim_matches('/').replace('*', "one").replace('/', "-")
    };
    let file = format!("screens/{name}-{language}-{scheme}-{width}.png");
    browser.whole_picture(Path::new(&file)).await;
    wrong.into_iter().map(|what| format!("{page} ({language}, {scheme}, {width}): {what}")).collect()
}

#[tokio::test]
async fn every_page_is_right_in_both_languages_both_schemes_and_three_widths() {
    let axe = std::fs::read_to_string(told("MAILDOCKET_TEST_NPM").join("node_modules/axe-core/axe.min.js"))
        .unwrap();
    let demo = Demo::start(&["--yes"]);
    let browser = Chromium::open(1280, 900).await;
    let link = demo.url(LINK);
    demo.line("The showroom is ready");
    browser.window.goto(&link).await.unwrap();
    browser.press(Locator::Css("form button"), "Overview").await;
    let base = origin(&link);
    let pages = pages(&browser, &base).await;
    let mut wrong = Vec::new();
    let mut pictures = 0;
    for language in ["en", "ja"] {
        read_in(&browser, language).await;
        for page in &pages {
            for (scheme, width) in ["light", "dark"].into_iter().flat_map(|s| WIDTHS.map(|width| (s, width)))
            {
                browser.shape((width, 900), scheme).await;
                if (scheme, width) == ("light", WIDTHS[0]) {
                    browser.window.goto(&format!("{base}{page}")).await.unwrap();
                }
                // What it finds does not depend on the width.
                let axe = (width == WIDTHS[2]).then_some(axe.as_str());
                wrong.extend(look(&browser, page, (language, scheme, width), axe).await);
                pictures += 1;
            }
        }
    }
    println!("{} pages, {pictures} pictures: {pages:?}", pages.len());
    browser.window.find(Locator::Css("h1")).await.unwrap();
    browser.close().await;
    demo.end();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
