//! What all commands need: other programs, and files for them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

/// A sentence for the person who ran the command.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// What is deployed.
pub(crate) const FUNCTIONS: [&str; 3] = ["--package=api", "--package=refresher", "--package=poller"];

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// Where Cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// A command in the repository's root.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Builds for release as the functions are deployed: with the settings of `functions/.cargo`, which Cargo finds from there.
pub(crate) fn release_functions(name: &str, arguments: &[&str]) -> Outcome {
    let mut build = cargo();
    build.current_dir(root().join("functions")).env("CARGO_TARGET_DIR", target());
    step(name, build.args(["build", "--release"]).args(arguments))
}

/// Runs a step to its end and prints how long it took.
pub(crate) fn step(name: &str, command: &mut Command) -> Outcome {
    println!("== {name}");
    let start = Instant::now();
    let status = command
        .status()
        .map_err(|error| format!("{name}: cannot start {:?}: {error}", command.get_program()))?;
    println!("== {name}: {:.1} min", start.elapsed().as_secs_f64() / 60.0);
    if status.success() { Ok(()) } else { Err(format!("{name} failed ({status}).")) }
}

/// Whether a program answers at all.
pub(crate) fn answers(program: &str, argument: &str) -> bool {
    command(program)
        .arg(argument)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether this user may do everything.
pub(crate) fn is_root() -> bool {
    command("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}

/// Writes a file, and the folders that it lies in.
pub(crate) fn write(path: &PathBuf, text: &str) -> Outcome {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}
