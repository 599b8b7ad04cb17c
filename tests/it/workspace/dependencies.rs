//! What a manifest may name: directions, only what is used, and exact versions of what holds data.

use std::{collections::BTreeSet, fs};

use cargo_metadata::{Dependency, DependencyKind, Package};

use super::{all_sources, direct, folder, metadata, ours, root};

/// What each crate of ours may depend on; nothing else of ours.
const DIRECTIONS: [(&str, &[&str]); 19] = [
    ("crc-fast", &[]),
    ("mail", &[]),
    ("intake", &["mail"]),
    ("configuration", &["intake"]),
    ("web", &["configuration", "intake", "mail"]),
    ("mail-source", &["intake"]),
    ("oauth-provider", &["intake"]),
    ("store", &["intake"]),
    ("machine", &["intake"]),
    ("vault", &["intake"]),
    ("embedded", &[]),
    ("playground", &[]),
    ("xtask", &[]),
    ("cloud", &["intake", "machine", "mail", "mail-source", "oauth-provider", "store", "vault"]),
    ("api", &["cloud", "intake", "web"]),
    ("poller", &["cloud", "intake"]),
    ("refresher", &["cloud", "intake"]),
    ("local", &ALL),
    ("tests", &ALL),
];
const ALL: [&str; 11] = [
    "configuration",
    "embedded",
    "intake",
    "machine",
    "mail",
    "mail-source",
    "oauth-provider",
    "playground",
    "store",
    "vault",
    "web",
];

/// Crates whose files people keep: a newer one may write what an older one cannot read, so that each step is taken by a
/// person who read what changed, and never by `cargo update`.
const PINNED: [&str; 3] = ["dynoxide-rs", "object_store", "rusqlite"];

/// How a manifest's line says that a dependency is there for nothing that a source names.
const FOR_FEATURES: &str = "# For its features";

#[test]
fn arrows_point_inward() {
    let names: BTreeSet<&str> = ours().iter().map(|p| p.name.as_str()).collect();
    for package in ours() {
        let line = DIRECTIONS.iter().find(|(name, _)| *name == package.name.as_str());
        let (_, allowed) = line.unwrap_or_else(|| panic!("{} has no line in DIRECTIONS", package.name));
        let wrong: Vec<_> =
            direct(package).filter(|name| names.contains(name) && !allowed.contains(name)).collect();
        assert!(wrong.is_empty(), "{} may not depend on {wrong:?}", package.name);
    }
}

/// cargo-machete looks for the same, and takes minutes to install.
#[test]
fn each_dependency_is_named_by_a_source() {
    let mut wrong = Vec::new();
    for package in ours() {
        let manifest = fs::read_to_string(&package.manifest_path).expect("a manifest");
        for dependency in &package.dependencies {
            let used = is_named(package, dependency);
            let marked = is_marked(&manifest, &dependency.name);
            if used == marked {
                let what =
                    if used { "is named by a source: drop the comment" } else { "is named by no source" };
                wrong.push(format!("{}: {} {what}", folder(package), dependency.name));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "remove these, move what only tests name to dev-dependencies, or end the line with `{FOR_FEATURES}: why`:\n{}",
        wrong.join("\n")
    );
}

fn is_marked(manifest: &str, dependency: &str) -> bool {
    let names = |line: &&str| {
        let rest = line.strip_prefix(dependency);
        rest.is_some_and(|rest| rest.starts_with('.') || rest.trim_start().starts_with('='))
    };
    manifest.lines().filter(names).any(|line| line.contains(FOR_FEATURES))
}

/// What a program is linked with must be named by what is shipped of it; the rest by any file of the package.
fn is_named(package: &Package, dependency: &Dependency) -> bool {
    let name = crate_name(dependency);
    let below = format!("{}/", folder(package));
    let for_fuzzing = dependency.target.as_ref().is_some_and(|target| target.to_string().contains("fuzzing"));
    let by_any = dependency.kind != DependencyKind::Normal || package.name.as_str() == "tests" || for_fuzzing;
    let own = all_sources().iter().filter(|source| source.path.starts_with(&below));
    own.filter(|source| by_any || source.is_shipped() || below.starts_with("infra/")).any(|source| {
        match by_any {
            true => source.whole.names_crate(&name),
            false => source.code.names_crate(&name),
        }
    })
}

/// As sources call it.
fn crate_name(dependency: &Dependency) -> String {
    let package = metadata().packages.iter().find(|package| package.name.as_str() == dependency.name);
    let library = package.and_then(|package| {
        package.targets.iter().find(|target| target.is_lib() || target.is_proc_macro() || target.is_rlib())
    });
    let own = library.map_or(dependency.name.as_str(), |library| library.name.as_str());
    dependency.rename.as_deref().unwrap_or(own).replace('-', "_")
}

#[test]
fn what_holds_data_has_an_exact_version() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace's manifest");
    for name in PINNED {
        assert!(
            manifest.lines().any(|line| line.starts_with(&format!("{name} ="))),
            "{name} is used no more"
        );
    }
    for package in ours() {
        for dependency in package.dependencies.iter().filter(|d| PINNED.contains(&d.name.as_str())) {
            let asked = dependency.req.to_string();
            let exact = asked.strip_prefix('=').is_some_and(|version| version.split('.').count() == 3);
            assert!(exact, "{} asks for {} {asked}: write =MAJOR.MINOR.PATCH", package.name, dependency.name);
        }
    }
}
