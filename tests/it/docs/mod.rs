//! The guides in `docs/`: what they quote of the product is the product's, what they tell to type works, and every link
//! leads somewhere.

mod examples;
mod links;
mod proxies;
mod sections;

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::workspace::root;

/// A page.
struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        Self { path, text }
    }

    fn name(&self) -> String {
        self.path.strip_prefix(root()).unwrap().display().to_string()
    }
}

fn folder() -> PathBuf {
    root().join("docs")
}

/// All guides, by name.
fn guides() -> Vec<Page> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = files.filter(|path| is_markdown(path)).map(Page::read).collect();
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(pages.len() > 10, "the guides were not found");
    pages
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// The text of each fenced block of this language, with the line above it.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<(&'a str, String)> {
    let (mut found, mut above, mut lines) = (Vec::new(), "", text.lines());
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            if info == language {
                found.push((above, block.join("\n") + "\n"));
            }
        }
        above = line;
    }
    found
}
