//! The rules of ARCHITECTURE.md and CONVENTIONS.md that a machine can check.

mod circles;
mod code;
mod dependencies;
mod map;
mod shipped;
mod sources;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package};

use code::Code;

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_owned()
}

/// All sources in a folder.
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

/// A file of Rust.
struct Source {
    /// From the repository's root.
    path: String,
    text: String,
    /// Without comments.
    whole: Code,
    /// And without what only tests have.
    code: Code,
}

impl Source {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a readable source");
        let path = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
        let whole = Code::of(&text);
        Self { path, text, code: whole.without_tests(), whole }
    }

    /// Whether it is built into what people run. A module of tests has its own file only by these names.
    fn is_shipped(&self) -> bool {
        let apart = ["/tests/", "/examples/"].iter().any(|folder| self.path.contains(folder));
        let tests = ["tests.rs", "/testing.rs", "/fuzzing.rs", "/build.rs"]
            .iter()
            .any(|end| self.path.ends_with(end));
        (self.path.starts_with("functions/") || self.path.starts_with("shared/")) && !apart && !tests
    }
}

/// All of them.
fn all_sources() -> &'static [Source] {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(|| {
        let mut found = Vec::new();
        ["functions", "shared", "infra", "tests"]
            .iter()
            .for_each(|folder| sources(&root().join(folder), &mut found));
        found.sort();
        found.iter().map(|path| Source::read(path)).collect()
    });
    &ALL
}

/// What is shipped of them.
fn shipped_sources() -> impl Iterator<Item = &'static Source> {
    all_sources().iter().filter(|source| source.is_shipped())
}

fn metadata() -> &'static Metadata {
    static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
        // Only this platform's packages were downloaded by the build.
        let options = ["--offline", "--locked", "--filter-platform", &host()];
        let mut command = MetadataCommand::new();
        command
            .manifest_path(root().join("Cargo.toml"))
            .features(CargoOpt::SomeFeatures(Vec::new()))
            .other_options(options.map(str::to_owned));
        command.exec().expect("cargo metadata of the workspace")
    });
    &METADATA
}

fn host() -> String {
    let rustc = std::process::Command::new("rustc").arg("-vV").output().expect("rustc answers");
    let text = String::from_utf8(rustc.stdout).expect("rustc speaks UTF-8");
    text.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host").to_owned()
}

/// The packages of the workspace.
fn ours() -> Vec<&'static Package> {
    metadata().workspace_packages()
}

/// Where a package lies, from the repository's root.
fn folder(package: &Package) -> String {
    let folder = package.manifest_path.parent().expect("a manifest lies in a folder");
    folder.as_std_path().strip_prefix(root()).expect("below the root").to_string_lossy().into_owned()
}

/// What a package's program is linked with, of ours and of others.
fn direct(package: &Package) -> impl Iterator<Item = &str> {
    let normal = package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal);
    normal.map(|d| d.name.as_str())
}
