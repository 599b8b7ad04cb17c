//! ARCHITECTURE.md against the folders and the manifests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use super::{all_sources, direct, folder, ours, root};

/// A row of the code map: a folder or file, and the libraries that belong to it.
type Map = BTreeMap<String, BTreeSet<String>>;

fn page() -> String {
    fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md")
}

fn code_map() -> Map {
    let page = page();
    let rows = page.split("## Code map").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a map");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, path, _, owns, _] = cells[..] else { return None };
        let owns = owns.split(", ").filter(|name| *name != "–").map(str::to_owned).collect();
        Some((path.strip_prefix('`')?.strip_suffix('`')?.to_owned(), owns))
    };
    let map: Map = rows.lines().filter_map(row).collect();
    assert!(map.len() > 15, "the map was not read: {map:?}");
    map
}

/// The folders of these, as the page names them.
fn folders() -> BTreeSet<String> {
    let below = |parent: &str| {
        let entries = fs::read_dir(root().join(parent)).expect("a readable folder").flatten();
        let names = entries.filter(|entry| entry.path().is_dir());
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| !name.starts_with('.')).map(|name| format!("{parent}/{name}")).collect::<Vec<_>>()
    };
    ["functions", "shared", "infra"]
        .iter()
        .flat_map(|parent| below(parent))
        .chain(["tests".to_owned()])
        .collect()
}

#[test]
fn the_code_map_has_each_folder() {
    let told: BTreeSet<String> = code_map().into_keys().collect();
    let missing: Vec<_> = folders().difference(&told).cloned().collect();
    let gone: Vec<_> = told.iter().filter(|path| !root().join(path).exists()).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "rows without a folder: {gone:?}; folders without a row: {missing:?}"
    );
}

/// A crate says what it is in its README, which is its documentation, too.
#[test]
fn each_crate_has_a_readme_that_is_its_documentation() {
    let says_so = |path: &str| {
        let text = |name: &str| fs::read_to_string(root().join(path).join(name)).unwrap_or_default();
        let sources = [text("src/lib.rs"), text("src/main.rs")];
        let named = sources.iter().any(|s| s.starts_with("#![doc = include_str!(\"../README.md\")]"));
        named && text("README.md").lines().count() > 4
    };
    let silent: Vec<_> = folders()
        .into_iter()
        .filter(|path| root().join(path).join("src").is_dir() && !path.starts_with("infra/"))
        .filter(|path| !says_so(path))
        .collect();
    assert!(silent.is_empty(), "without a README that is their documentation: {silent:?}");
}

/// A library that stands in the column belongs to the rows that name it: nobody else may depend on it directly, and they do.
#[test]
fn each_client_library_has_its_owners() {
    let map = code_map();
    let owned: BTreeSet<&str> = map.values().flatten().map(String::as_str).collect();
    for package in ours().into_iter().filter(|package| package.name.as_str() != "tests") {
        let place = folder(package);
        let told: BTreeSet<&str> = map[&place].iter().map(String::as_str).collect();
        let used: BTreeSet<&str> = direct(package).filter(|name| owned.contains(name)).collect();
        assert_eq!(used, told, "{place} depends on the left, and owns the right by ARCHITECTURE.md");
    }
}

#[test]
fn each_file_that_the_page_names_is_there() {
    let page = page();
    let named =
        page.split('`').skip(1).step_by(2).filter(|text| text.ends_with(".rs") && !text.contains(' '));
    let is_there = |name: &str| {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        all_sources().iter().any(|source| {
            let path = source.path.replace("/src/", "/");
            [&source.path, &path].iter().any(|path| {
                path.rsplit_once('/').is_some_and(|(there, own)| own == file && there.ends_with(folder))
            })
        })
    };
    let gone: Vec<&str> = named.filter(|name| !is_there(name)).collect();
    assert!(gone.is_empty(), "ARCHITECTURE.md names what is not there: {gone:?}");
}
