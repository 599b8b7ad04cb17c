//! What people install.

use std::{fs, path::Path, process::Stdio};

use crate::run::{Outcome, answers, cargo, command, step, target};

/// Links a C library that fits into the program. glibc does not: it loads parts of itself for each name that is resolved.
const STATIC: &str = "x86_64-unknown-linux-musl";
/// What a package is made by, and what the program is compiled by where it is static; a sentence each.
const NEEDED: [(&str, &str); 2] = [("dpkg-deb", "dpkg-dev"), ("dpkg-shlibdeps", "dpkg-dev")];
const NEEDED_STATIC: [(&str, &str); 1] = [("musl-gcc", "musl-tools")];

/// Builds the program for release, and makes a Debian package of it in `target/package`. A static one needs no library of
/// the machine that it runs on.
pub(crate) fn package(is_static: bool) -> Outcome {
    let also = if is_static { &NEEDED_STATIC[..] } else { &[] };
    for (program, package) in NEEDED.iter().chain(also) {
        if !answers(program, "--version") {
            return Err(format!(
                "A package is made by {program}, which is missing. Run: sudo apt-get install {package}"
            ));
        }
    }
    let (mut build, mut built) = (cargo(), target());
    build.args(["build", "--release"]);
    if is_static {
        build.args(["--target", STATIC]);
        built.push(STATIC);
    }
    let failed = |error| {
        let hint = format!(" Rust's part of it: rustup target add {STATIC}");
        format!("{error}{}", if is_static { hint.as_str() } else { "" })
    };
    step("build", &mut build).map_err(failed)?;
    built.push("release/maildocket");
    let folder = target().join(if is_static { "package/static" } else { "package" });
    let made = packed(&built, &folder)?;
    [built.display().to_string(), made].iter().try_for_each(|path| told(path))
}

/// The path of the package of this program.
fn packed(program: &Path, folder: &Path) -> Outcome<String> {
    let mut make = command("sh");
    make.arg("infra/package/deb.sh").args([program, folder]).stderr(Stdio::inherit());
    let made = make.output().map_err(|error| format!("sh cannot be started: {error}"))?;
    let printed = String::from_utf8_lossy(&made.stdout);
    let path = printed.lines().last().filter(|_| made.status.success());
    path.map(str::to_owned).ok_or_else(|| format!("The package cannot be made ({}).", made.status))
}

fn told(path: &str) -> Outcome {
    let size = fs::metadata(path).map_err(|error| format!("{path}: {error}"))?.len();
    println!("{path}: {:.1} MB", size as f64 / 1e6);
    Ok(())
}
