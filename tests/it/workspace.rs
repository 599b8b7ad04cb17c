//! The rules of ARCHITECTURE.md that a machine can check: directions, owners, licences, sources, main functions.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package};

/// Crates whose job an owner has: nobody else may depend on them directly.
const OWNERS: [(&str, &[&str]); 17] = [
    ("aho-corasick", &["mail"]),
    ("async-imap", &["mail-source"]),
    ("aws-sdk-dynamodb", &["embedded", "store"]),
    ("aws-sdk-secretsmanager", &["vault"]),
    ("aws-sdk-sqs", &["poller"]),
    ("axum", &["playground", "web"]),
    ("chardetng", &["mail"]),
    ("dynoxide-rs", &["embedded"]),
    ("encoding_rs", &["mail"]),
    ("html5ever", &["mail"]),
    ("lambda_http", &["api"]),
    ("lambda_runtime", &["poller", "refresher"]),
    ("oauth2", &["oauth-provider"]),
    ("object_store", &["store"]),
    ("reqwest", &["cloud", "oauth-provider"]),
    ("tokio-rustls", &["mail-source", "playground"]),
    ("x509-parser", &["mail-source"]),
];

/// What each crate of ours may depend on; nothing else of ours.
const DIRECTIONS: [(&str, &[&str]); 18] = [
    ("crc-fast", &[]),
    ("mail", &[]),
    ("intake", &["mail"]),
    ("web", &["intake", "mail"]),
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
    (
        "local",
        &[
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
        ],
    ),
    (
        "tests",
        &[
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
        ],
    ),
];

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

fn metadata() -> Metadata {
    let manifest = root().join("Cargo.toml");
    // Only this platform's packages were downloaded by the build.
    let options = ["--offline", "--locked", "--filter-platform", &host()];
    let mut command = MetadataCommand::new();
    command
        .manifest_path(manifest)
        .features(CargoOpt::SomeFeatures(Vec::new()))
        .other_options(options.map(str::to_owned));
    command.exec().expect("cargo metadata of the workspace")
}

fn host() -> String {
    let rustc = std::process::Command::new("rustc").arg("-vV").output().expect("rustc answers");
    let text = String::from_utf8(rustc.stdout).expect("rustc speaks UTF-8");
    text.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host").to_owned()
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_owned()
}

fn ours(metadata: &Metadata) -> Vec<&Package> {
    metadata.workspace_packages()
}

fn direct(package: &Package) -> BTreeSet<&str> {
    package
        .dependencies
        .iter()
        .filter(|d| d.kind == DependencyKind::Normal)
        .map(|d| d.name.as_str())
        .collect()
}

#[test]
fn arrows_point_inward() {
    let metadata = metadata();
    let names: BTreeSet<&str> = ours(&metadata).iter().map(|p| p.name.as_str()).collect();
    for package in ours(&metadata) {
        let allowed =
            DIRECTIONS.iter().find(|(name, _)| *name == package.name.as_str()).map(|(_, allowed)| allowed);
        let allowed: BTreeSet<&str> = allowed
            .unwrap_or_else(|| panic!("{} has no line in DIRECTIONS", package.name))
            .iter()
            .copied()
            .collect();
        let used: BTreeSet<&str> = direct(package).intersection(&names).copied().collect();
        let wrong: Vec<_> = used.difference(&allowed).collect();
        assert!(wrong.is_empty(), "{} may not depend on {wrong:?}", package.name);
    }
}

#[test]
fn each_client_library_has_one_owner() {
    let metadata = metadata();
    for package in ours(&metadata).into_iter().filter(|p| p.name.as_str() != "tests") {
        for dependency in direct(package) {
            if let Some((_, owners)) = OWNERS.iter().find(|(name, _)| *name == dependency) {
                assert!(
                    owners.contains(&package.name.as_str()),
                    "{dependency} belongs to {owners:?}, not to {}",
                    package.name
                );
            }
        }
    }
}

#[test]
fn only_functions_and_tests_contain_the_playground_and_the_embedded_database() {
    let metadata = metadata();
    for package in ours(&metadata) {
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

pub(crate) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder").flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|n| n != "target" && n != "node_modules") {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["functions", "shared", "infra", "tests"] {
        sources(&root().join(folder), &mut found);
    }
    let relative =
        |path: &Path| path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
    found.iter().map(|path| (relative(path), fs::read_to_string(path).expect("a readable source"))).collect()
}

#[test]
fn mains_are_lists_and_no_module_is_called_util() {
    for (path, text) in all_sources() {
        if path.starts_with("functions/") && path.ends_with("src/main.rs") {
            assert!(text.lines().count() <= 40, "{path} has more than 40 lines");
        }
        assert!(!path.ends_with("/util.rs") && !path.contains("/util/"), "{path}: say what is in it");
    }
}

#[test]
fn the_environment_is_read_in_config_and_adapters_are_named_in_wire() {
    let adapters =
        ["DynamoStore", "FolderBlobs", "SealedVault", "SecretsManagerVault", "MailServers", "HttpProvider"];
    for (path, text) in all_sources() {
        if path.starts_with("tests/") || path.starts_with("infra/") || path.contains("/tests/") {
            continue;
        }
        let production = text.split("#[cfg(test)]").next().unwrap_or_default();
        if !path.ends_with("/config.rs") {
            assert!(!production.contains("env::var"), "{path} reads the environment");
        }
        if !path.starts_with("shared/") && !path.ends_with("/wire.rs") {
            for adapter in adapters {
                assert!(!production.contains(adapter), "{path} names {adapter}");
            }
        }
        if path.starts_with("shared/web/src/") && !path.ends_with("/error.rs") {
            for line in production.lines().filter(|l| l.contains("StatusCode::")) {
                let success = ["OK", "CREATED", "ACCEPTED", "NO_CONTENT", "SEE_OTHER", "FOUND"];
                assert!(
                    success.iter().any(|s| line.contains(&format!("StatusCode::{s}"))),
                    "{path}: status codes of errors belong to error.rs: {line}"
                );
            }
        }
    }
}

/// `println!` panics where nobody reads any more, as behind `| head`.
#[test]
fn programs_print_in_one_place_that_does_not_panic() {
    for (path, text) in all_sources() {
        let is_program = path.starts_with("functions/") || path.starts_with("shared/");
        let is_apart =
            path.contains("/tests/") || path.contains("/examples/") || path.ends_with("/fuzzing.rs");
        if !is_program || is_apart {
            continue;
        }
        let production = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in ["print!(", "println!(", "io::stdout()", "io::stderr()"] {
            let other = production.lines().find(|line| {
                // To ask whether somebody sits there, and to hand it on, is not to print.
                line.contains(word) && !line.trim_start().starts_with("//") && !line.contains("is_terminal")
            });
            // `parse` writes much, and treats a closed output itself.
            let owner = path.ends_with("local/src/out.rs") || path.ends_with("local/src/parse.rs");
            assert!(owner || other.is_none(), "{path} prints: {}", other.unwrap_or_default());
        }
    }
}
