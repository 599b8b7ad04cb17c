//! Tells the program of which commit it is built.

use std::process::Command;

#[expect(clippy::disallowed_methods, reason = "a build has no settings but these")]
fn main() {
    let git = |arguments: &[&str]| {
        let answer =
            Command::new("git").args(arguments).output().ok().filter(|answer| answer.status.success())?;
        Some(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
    };
    // Of a source without its history, a packager says it.
    println!("cargo:rerun-if-env-changed=MAILDOCKET_BUILD_COMMIT");
    let said = std::env::var("MAILDOCKET_BUILD_COMMIT").ok();
    let commit = said.or_else(|| git(&["rev-parse", "--short=12", "HEAD"]));
    println!("cargo:rustc-env=BUILT_OF_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
}
