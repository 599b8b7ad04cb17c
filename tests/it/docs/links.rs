//! Links between pages of the repository.

use std::{collections::BTreeSet, path::Path};

use super::{Page, guides};
use crate::workspace::root;

#[test]
fn every_link_leads_somewhere() {
    let mut pages = guides();
    pages.extend(["README.md", "infra/README.md"].map(|name| Page::read(root().join(name))));
    let mut links = 0;
    for page in &pages {
        for link in targets(&page.text).filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            links += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = match file {
                "" => page.path.clone(),
                file => page.path.parent().unwrap().join(file),
            };
            assert!(path.exists(), "{}: {link} leads nowhere", page.name());
            assert!(
                anchor.is_empty() || anchors(&path).contains(anchor),
                "{}: {link} has no such heading",
                page.name()
            );
        }
    }
    assert!(links > 50, "the links were not found: {links}");
}

/// What stands in brackets behind a link's words.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next())
}

/// The anchors of a page's headings, as forges make them.
fn anchors(path: &Path) -> BTreeSet<String> {
    let anchor = |heading: &str| {
        let kept = heading.trim().to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    let page = Page::read(path.to_owned());
    page.text
        .lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')))
        .map(anchor)
        .collect()
}
