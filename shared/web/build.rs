//! Makes pages of the guides in `docs`, so that the console has them without the work and the weight of reading Markdown.

use std::{
    error::Error,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

#[expect(clippy::disallowed_methods, reason = "cargo tells its scripts by the environment")]
fn main() -> Result<(), Box<dyn Error>> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).ok_or("cargo says where");
    let docs = variable("CARGO_MANIFEST_DIR")?.join("../../docs");
    println!("cargo:rerun-if-changed={}", docs.display());
    let mut files: Vec<_> = fs::read_dir(&docs)?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut list = String::from("[\n");
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "md")) {
        let (name, guide) = (stem(file), guide(&fs::read_to_string(file)?));
        writeln!(list, "    Guide {{ name: {name:?}, title: {:?}, html: {:?} }},", guide.title, guide.html)?;
    }
    fs::write(variable("OUT_DIR")?.join("guides.rs"), list + "]\n")?;
    Ok(())
}

/// A folder's README is its index, as on forges.
fn stem(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    if stem == "README" { "index".to_owned() } else { stem.into_owned() }
}

struct Guide {
    title: String,
    html: String,
}

/// The first heading, and what follows it.
fn guide(markdown: &str) -> Guide {
    let mut links = Vec::new();
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    let events: Vec<_> = parser.filter_map(|event| leading(event, &mut links)).collect();
    let (mut title, mut body, mut at) = (String::new(), Vec::new(), 0);
    while let Some(event) = events.get(at) {
        at += 1;
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let end =
                    events.iter().skip(at).position(|event| matches!(event, Event::End(TagEnd::Heading(_))));
                let words: String = events.iter().skip(at).take(end.unwrap_or(0)).filter_map(words).collect();
                if title.is_empty() {
                    title = words;
                    at += end.unwrap_or(0) + 1;
                } else {
                    body.push(Event::Html(format!("<{level} id=\"{}\">", anchor(&words)).into()));
                }
            }
            // Remarks, which mark what is filled in from the product.
            Event::Html(_) | Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => {}
            other => body.push(other.clone()),
        }
    }
    let mut text = String::new();
    html::push_html(&mut text, body.into_iter());
    Guide { title, html: text }
}

fn words<'a>(event: &'a Event<'_>) -> Option<&'a str> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text),
        _ => None,
    }
}

/// As forges make anchors of headings: links between the guides lead there.
fn anchor(words: &str) -> String {
    let kept = words.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Links to other guides lead to their pages; of those to other files of the repository only the words are left. `open` has
/// whether each link around the event leads somewhere.
fn leading<'a>(event: Event<'a>, open: &mut Vec<bool>) -> Option<Event<'a>> {
    match event {
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let target =
                if link_type == LinkType::Autolink { Some(dest_url.to_string()) } else { target(&dest_url) };
            open.push(target.is_some());
            let dest_url = CowStr::from(target?);
            Some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
        }
        Event::End(TagEnd::Link) => open.pop().unwrap_or_default().then_some(Event::End(TagEnd::Link)),
        other => Some(other),
    }
}

fn target(link: &str) -> Option<String> {
    let (file, anchor) =
        link.split_once('#').map_or((link, String::new()), |(file, at)| (file, format!("#{at}")));
    if link.contains("://") || file.is_empty() {
        return Some(link.to_owned());
    }
    match file.strip_suffix(".md").filter(|name| !name.contains('/'))? {
        "README" => Some("/help".to_owned()),
        name => Some(format!("/help/{name}{anchor}")),
    }
}
