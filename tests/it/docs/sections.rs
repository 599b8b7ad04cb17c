//! What the guides quote: the steps at a provider from the presets, the codes from the catalogue. `cargo xtask docs` writes
//! both anew.

use std::{env, fmt::Write, fs};

use intake::{
    Language, Sentence,
    types::presets::{CATALOGUE, Preset},
};

use super::{Page, folder, guides};
use crate::workspace::root;

/// Set: what differs is written instead of told.
const WRITE: &str = "MAILDOCKET_TEST_WRITE_DOCS";
/// The files of the catalogue that tell what went wrong.
const FILES: [&str; 6] = ["provider", "mail", "health", "people", "requests", "storage"];

#[test]
fn guides_quote_the_product() {
    let mut sections = 0;
    for page in guides() {
        let whole = filled(&page, &mut sections);
        if whole != page.text && env::var_os(WRITE).is_some() {
            fs::write(&page.path, &whole).unwrap();
        } else {
            assert!(
                whole == page.text,
                "{} quotes an older state: `cargo xtask docs` writes it anew",
                page.name()
            );
        }
    }
    assert!(sections >= 6, "the sections were not found: {sections}");
}

/// The page with its sections as they are now.
fn filled(page: &Page, sections: &mut usize) -> String {
    let mut whole = String::new();
    let mut lines = page.text.lines();
    while let Some(line) = lines.next() {
        writeln!(whole, "{line}").unwrap();
        let Some(marker) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) else {
            continue;
        };
        let (section, end) = match marker.split_once(": ") {
            Some(("steps", id)) => (steps(id), "<!-- /steps -->"),
            None if marker == "codes" => (codes(), "<!-- /codes -->"),
            _ => continue,
        };
        *sections += 1;
        assert!(lines.by_ref().any(|line| line == end), "{}: {marker} has no end", page.name());
        write!(whole, "\n{section}\n{end}\n").unwrap();
    }
    whole
}

fn said(key: &'static str) -> String {
    Sentence::new(key).message(Language::English)
}

/// What to do at a provider, what it demands, and where its mail is.
fn steps(id: &str) -> String {
    let preset =
        CATALOGUE.iter().find(|preset| preset.id == id).unwrap_or_else(|| panic!("there is no preset {id}"));
    let mut text = String::new();
    for (n, step) in preset.steps.iter().enumerate() {
        let place = step.url.map_or_else(String::new, |url| format!(" (<{url}>)"));
        writeln!(text, "{}. {}{place}", n + 1, said(step.text)).unwrap();
    }
    if !preset.redirect_url_rules.is_empty() {
        text += "\nWhat it demands of a redirect URL:\n\n";
    }
    for key in preset.redirect_url_rules {
        writeln!(text, "- {}", said(key)).unwrap();
    }
    text + &values(preset)
}

/// What is entered, in a block that can be copied.
fn values(preset: &Preset) -> String {
    let mut lines = Vec::new();
    if !preset.scopes.is_empty() {
        lines.push(format!("scopes: {}", preset.scopes.join(" ")));
    }
    let endpoint = |name: &str, url: Option<&str>| url.map(|url| format!("{name}: {url}"));
    lines.extend(endpoint("authorization_endpoint", preset.authorization_endpoint));
    lines.extend(endpoint("token_endpoint", preset.token_endpoint));
    for server in preset.mail_servers {
        let (protocol, tls) = (server.protocol.as_str(), server.tls.as_str());
        lines.push(format!("{protocol}: {}, port {}, tls {tls}", server.host, server.port));
    }
    if lines.is_empty() { String::new() } else { format!("\n```text\n{}\n```\n", lines.join("\n")) }
}

/// Every code with what it says and what to do, by code.
fn codes() -> String {
    let mut rows: Vec<(String, String)> = FILES.iter().flat_map(|name| entries(name)).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(rows.len() > 100, "the catalogue was not read: {}", rows.len());
    let rows: String = rows.into_iter().map(|(_, row)| row).collect();
    format!("| code | what happened | what to do |\n|---|---|---|\n{rows}")
}

/// The rows of a file: its keys that say what to do. A variant stands below its code.
fn entries(name: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join(format!("shared/intake/src/catalogue/en/{name}.txt"))).unwrap();
    let (mut rows, mut key, mut what) = (Vec::new(), "", "");
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("  ") {
            None => (key, what) = (line, ""),
            Some(line) => match line.strip_prefix("> ") {
                Some(action) => rows.push((key.to_owned(), row(key, what, action))),
                None if what.is_empty() => what = line,
                None => {}
            },
        }
    }
    rows
}

fn row(key: &str, what: &str, action: &str) -> String {
    // As in a table: a bar would begin a cell, and a place is filled in by what it names.
    let cell = |text: &str| text.replace('|', "\\|").replace(['{', '}'], "*");
    let code = key.split('.').next().unwrap_or(key);
    format!("| `{code}` | {} | {} |\n", cell(what), cell(action))
}

#[test]
fn the_codes_that_guides_name_are_those_of_the_product() {
    let mut known = String::new();
    for file in fs::read_dir(root().join("shared/intake/src/catalogue/en")).unwrap().flatten() {
        known += &fs::read_to_string(file.path()).unwrap_or_default();
    }
    let table_of_codes = |line: &&str| line.starts_with("| `");
    for page in guides().iter().filter(|page| page.path == folder().join("troubleshooting.md")) {
        for line in page.text.lines().filter(table_of_codes) {
            let codes = line.split('|').nth(1).unwrap_or_default();
            for code in codes.split('`').skip(1).step_by(2).filter(|code| code.contains('_')) {
                assert!(
                    known.contains(&format!("\n{code}")),
                    "{}: {code} is no code of the catalogue",
                    page.name()
                );
            }
        }
    }
}
