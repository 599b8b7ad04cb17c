//! The fuzzer: libFuzzer on the stable toolchain, which counts coverage when the compiler is told so by its flags.

use std::{fs, path::Path};

use crate::run::{Outcome, answers, cargo, command, root, step, target};

/// As `fuzzing::TARGETS` of shared/mail and shared/mail-source.
const TARGETS: [&str; 8] = ["mail", "reply", "header", "container", "bounce", "html", "imap", "pop3"];
/// Of these, what reads what servers say and no mails.
const SESSIONS: [&str; 2] = ["imap", "pop3"];
/// Longer inputs find nothing that shorter ones do not, later.
const MAX_BYTES: u32 = 16 * 1024;
/// An input that takes longer is a find, seconds.
const MAX_SECONDS: u32 = 10;
/// What cargo-fuzz sets too. A target is named, so that programs that build themselves are built without them.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Runs one target, or all in turn, for so many seconds each. New inputs go to `target/fuzz/TARGET`; what is kept of
/// them lies in `tests/corpus`.
pub(crate) fn fuzz(wanted: Option<&str>, seconds: u32) -> Outcome {
    if !["c++", "g++", "clang++"].iter().any(|program| answers(program, "--version")) {
        return Err("libFuzzer is built by a C++ compiler, and there is none: install g++ or clang.".into());
    }
    let targets: Vec<&str> =
        TARGETS.iter().copied().filter(|name| wanted.is_none_or(|wanted| wanted == *name)).collect();
    if targets.is_empty() {
        return Err(format!("There is no such target; there are {}.", TARGETS.join(", ")));
    }
    let host = host()?;
    let mut build = cargo();
    build.args([
        "build",
        "--release",
        "--locked",
        "--manifest-path=infra/fuzz/Cargo.toml",
        "--target",
        &host,
    ]);
    build.env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", target().join("fuzz/build"));
    step("build the fuzzer", &mut build)?;
    let program = target().join("fuzz/build").join(host).join("release/fuzz");
    targets.iter().try_for_each(|name| run(&program, name, seconds))
}

fn run(program: &Path, name: &str, seconds: u32) -> Outcome {
    let found = target().join("fuzz").join(name);
    let finds = target().join("fuzz/finds").join(name);
    for folder in [&found, &finds] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut fuzzer = command(program);
    fuzzer.env("MAILDOCKET_FUZZ", name).args([&found, &root().join("tests/corpus").join(name)]);
    if !SESSIONS.contains(&name) {
        fuzzer.arg(root().join("tests/fixtures/mail"));
    }
    fuzzer.arg(format!("-artifact_prefix={}/", finds.display()));
    fuzzer.arg(format!("-max_total_time={seconds}")).arg(format!("-timeout={MAX_SECONDS}"));
    fuzzer.arg(format!("-max_len={MAX_BYTES}")).arg("-print_final_stats=1");
    step(&format!("fuzz {name}"), &mut fuzzer)
        .map_err(|error| format!("{error} What it found lies in {}.", finds.display()))
}

/// What this machine is called by the compiler.
fn host() -> Outcome<String> {
    let told =
        command("rustc").arg("-vV").output().map_err(|error| format!("rustc does not start: {error}"))?;
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not name its host.".into())
}
