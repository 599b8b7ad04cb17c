//! The guides of the repository, for whoever runs this installation: those of this version, without a way to the network.

use axum::{extract::Path, response::Response};
use maud::{PreEscaped, html};

use super::frame::{console::console, page::PageResult, visitor::Reader};
use crate::error::ApiError;

/// A guide, as the build made it of its Markdown.
struct Guide {
    /// Its file without the ending.
    name: &'static str,
    title: &'static str,
    html: &'static str,
}

const GUIDES: &[Guide] = &include!(concat!(env!("OUT_DIR"), "/guides.rs"));
/// The one that lists the others.
const INDEX: &str = "index";

/// The list of all.
pub(super) async fn index(visitor: Reader) -> PageResult {
    show(visitor, INDEX)
}

/// One of them.
pub(super) async fn page(visitor: Reader, Path(name): Path<String>) -> PageResult {
    show(visitor, &name)
}

fn show(Reader(visitor): Reader, name: &str) -> PageResult {
    let guide = GUIDES.iter().find(|guide| guide.name == name).ok_or_else(ApiError::no_such_path)?;
    // They are written in English alone.
    let content = html! { article.manual lang="en" { (PreEscaped(guide.html)) } };
    Ok::<Response, _>(console(&visitor, guide.title, content))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::GUIDES;

    #[test]
    fn guides_lead_to_guides_and_hold_nothing_that_runs() {
        let mut ways: BTreeSet<String> = GUIDES.iter().map(|guide| format!("/help/{}", guide.name)).collect();
        ways.insert("/help".to_owned());
        for guide in GUIDES {
            assert!(!guide.title.is_empty() && guide.html.len() > 500, "{}", guide.name);
            assert!(!guide.html.contains("<script") && !guide.html.contains("<!--"), "{}", guide.name);
            for link in guide.html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let way = link.split('#').next().unwrap_or_default();
                let is_known = way.is_empty() || link.starts_with("https://") || ways.contains(way);
                assert!(is_known, "{}: {link}", guide.name);
            }
        }
        assert!(GUIDES.len() > 10, "the guides were not made into pages");
    }
}
