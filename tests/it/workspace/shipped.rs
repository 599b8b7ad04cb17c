//! What is built into the program and the functions: licences, sources, versions.

use std::collections::BTreeSet;

use super::{ours, root};

/// Second copies of a job, or crates with a better successor in the tree.
const BANNED: [(&str, &str); 5] = [
    ("openssl-sys", "TLS is rustls"),
    ("native-tls", "TLS is rustls"),
    ("ring", "cryptography is aws-lc-rs"),
    ("async-std", "the runtime is tokio"),
    ("chrono-tz", "times are jiff's"),
];

/// Licences that a product may be shipped with. MPL-2.0 binds only changes of its own files, and we change none.
const LICENCES: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "OpenSSL",
    "Zlib",
];

/// A package of a tree.
struct Shipped {
    name: String,
    version: String,
    licence: String,
    source: String,
}

/// What is compiled into a package: `cargo metadata` also lists optional packages that no feature asks for.
fn tree(of: &str) -> Vec<Shipped> {
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo.args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none", "--no-dedupe"]);
    let tree = cargo
        .args(["--format", "{p}|{l}", "--package", of])
        .current_dir(root())
        .output()
        .expect("cargo tree answers");
    assert!(tree.status.success(), "cargo tree: {}", String::from_utf8_lossy(&tree.stderr));
    let lines: BTreeSet<String> = String::from_utf8_lossy(&tree.stdout).lines().map(str::to_owned).collect();
    let package = |line: &String| {
        let (package, licence) = line.split_once('|')?;
        let mut words = package.split(' ');
        let (name, version) = (words.next()?.to_owned(), words.next()?.to_owned());
        Some(Shipped { name, version, licence: licence.to_owned(), source: words.collect() })
    };
    lines.iter().filter_map(package).collect()
}

#[test]
fn only_functions_and_tests_contain_the_playground_and_the_embedded_database() {
    for package in ours() {
        let lambda =
            package.manifest_path.as_str().contains("/functions/") && package.name.as_str() != "local";
        if lambda {
            let forbidden = ["playground", "embedded", "tests"];
            let found = tree(&package.name).into_iter().find(|p| forbidden.contains(&p.name.as_str()));
            assert!(
                found.is_none(),
                "{} contains {}",
                package.name,
                found.map(|p| p.name).unwrap_or_default()
            );
        }
    }
}

/// Known holes (RUSTSEC) are not among this: cargo-audit and cargo-deny take them from a git repository, no package of a
/// registry carries them, and CI reaches registries alone. `cargo audit` asks where there is a way to that repository.
#[test]
fn what_is_shipped_is_licensed_and_from_the_registry_and_not_banned() {
    let shipped = tree("local");
    assert!(shipped.len() > 100, "the tree was not read");
    for Shipped { name, licence, source, .. } in &shipped {
        if let Some((_, why)) = BANNED.iter().find(|(banned, _)| banned == name) {
            panic!("{name} is in the tree: {why}");
        }
        assert!(!source.contains("git"), "{name} does not come from the registry");
        assert!(may_be_shipped(licence), "{name} has the licence {licence}");
    }
}

/// One of the alternatives must consist of allowed licences only.
fn may_be_shipped(expression: &str) -> bool {
    let expression = expression.replace(['(', ')'], "").replace('/', " OR ");
    expression
        .split(" OR ")
        .any(|choice| choice.split(" AND ").all(|licence| LICENCES.contains(&licence.trim())))
}

#[test]
fn one_version_of_what_is_heavy() {
    let shipped = tree("local");
    for name in ["rustls", "reqwest", "hyper", "axum", "tokio"] {
        let versions: BTreeSet<&str> =
            shipped.iter().filter(|p| p.name == name).map(|p| p.version.as_str()).collect();
        assert_eq!(versions.len(), 1, "{name}: {versions:?}");
    }
}
