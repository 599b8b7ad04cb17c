//! What a source may say, and where.

use std::{collections::BTreeSet, fs};

use super::{all_sources, code::Code, root, shipped_sources};

/// The most lines of a file: as much as one reads in one go.
const MOST_LINES: usize = 400;

/// Who looks at the machine's clock, dice and environment, and hands on what it saw; see clippy.toml.
const OWNERS: [&str; 4] = [
    "functions/local/src/config/variables.rs",
    "shared/cloud/src/config.rs",
    "shared/machine/src/lib.rs",
    "shared/playground/src/clock.rs",
];

#[test]
fn mains_are_lists_files_are_short_and_no_module_is_called_util() {
    for source in all_sources() {
        let (path, lines) = (&source.path, source.text.lines().count());
        if path.starts_with("functions/") && path.ends_with("src/main.rs") {
            assert!(lines <= 40, "{path} has more than 40 lines");
        }
        assert!(lines <= MOST_LINES, "{path} has {lines} lines, and may have {MOST_LINES}: part it");
        assert!(!path.ends_with("/util.rs") && !path.contains("/util/"), "{path}: say what is in it");
    }
}

/// clippy finds who goes past a port; this finds who tells clippy to look away.
#[test]
fn ports_are_passed_by_their_owners_only() {
    for source in shipped_sources().filter(|source| !OWNERS.contains(&source.path.as_str())) {
        assert!(!source.code.has("disallowed_methods"), "{} goes past a port: see clippy.toml", source.path);
    }
    for owner in OWNERS {
        let owner =
            shipped_sources().find(|source| source.path == owner).unwrap_or_else(|| panic!("no {owner}"));
        assert!(owner.code.has("clippy::disallowed_methods"), "{} is no owner any more", owner.path);
    }
    for source in all_sources().iter().filter(|source| source.path.contains("/src/")) {
        assert!(
            !source.whole.has("clippy::unwrap_used"),
            "{}: clippy.toml allows it in tests, and elsewhere it is wrong",
            source.path
        );
    }
}

/// What implements a port of the core.
fn adapters() -> BTreeSet<String> {
    let core = shipped_sources().filter(|source| source.path.starts_with("shared/intake/src/ports/"));
    let ports: BTreeSet<&str> = core.flat_map(|source| after(&source.code, &["pub", "trait"])).collect();
    let mut found = BTreeSet::new();
    for port in ports {
        let adapters = shipped_sources().filter(|source| !source.path.starts_with("shared/intake/"));
        let own: BTreeSet<&str> =
            adapters.flat_map(|source| after(&source.code, &["impl", port, "for"])).collect();
        assert!(!own.is_empty(), "nothing implements the port {port}");
        found.extend(own.into_iter().map(str::to_owned));
    }
    found
}

/// The names that stand behind these words.
fn after<'a>(code: &'a Code, words: &[&str]) -> Vec<&'a str> {
    let places = code.0.windows(words.len() + 1).filter(|there| there.iter().zip(words).all(|(a, b)| a == b));
    places.map(|there| there[words.len()].as_str()).collect()
}

#[test]
fn adapters_are_named_in_wire_only() {
    let adapters = adapters();
    for known in
        ["DynamoStore", "ObjectBlobs", "SealedVault", "SecretsManagerVault", "MailServers", "HttpProvider"]
    {
        assert!(adapters.contains(known), "{known} is no adapter any more, of {adapters:?}");
    }
    for source in shipped_sources().filter(|source| source.path.starts_with("functions/")) {
        let named = adapters.iter().find(|adapter| source.code.has(adapter));
        assert!(
            source.path.ends_with("/wire.rs") || named.is_none(),
            "{} names {}",
            source.path,
            named.map(String::as_str).unwrap_or_default()
        );
    }
}

#[test]
fn status_codes_of_errors_are_made_in_one_place() {
    let successes = ["OK", "CREATED", "ACCEPTED", "NO_CONTENT", "SEE_OTHER", "FOUND"];
    let own = |path: &str| path.starts_with("shared/web/src/") && !path.ends_with("/error.rs");
    for source in shipped_sources().filter(|source| own(&source.path)) {
        for code in after(&source.code, &["StatusCode", "::"]) {
            let constant = code.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            assert!(
                !constant || successes.contains(&code),
                "{}: status codes of errors belong to error.rs: {code}",
                source.path
            );
        }
    }
}

/// `println!` panics where nobody reads any more, as behind `| head`.
#[test]
fn programs_print_in_one_place_that_does_not_panic() {
    // `parse` writes much, and treats a closed output itself.
    let owners = ["functions/local/src/process/out.rs", "functions/local/src/commands/parse.rs"];
    for source in shipped_sources().filter(|source| !owners.contains(&source.path.as_str())) {
        for word in ["print!", "println!", "eprint!", "eprintln!"] {
            assert!(!source.code.has(word), "{} prints by {word}", source.path);
        }
        // To ask whether somebody sits there is not to print.
        let prints = |there: &[String]| {
            ["stdout", "stderr"].contains(&there[0].as_str()) && there[1] == "(" && there[4] != "is_terminal"
        };
        assert!(!source.code.0.windows(5).any(prints), "{} writes past `out`", source.path);
    }
    assert!(fs::exists(root().join(owners[0])).expect("a readable folder"), "where programs print");
}
