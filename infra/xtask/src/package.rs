//! What people install.

use crate::run::{Outcome, answers, cargo, command, step, target};

/// Builds the program for release, and makes a Debian package of it in `target/package`.
pub(crate) fn package() -> Outcome {
    for program in ["dpkg-deb", "dpkg-shlibdeps"] {
        if !answers(program, "--version") {
            return Err(format!(
                "A Debian package is made by {program}, which is missing. Run: sudo apt-get install dpkg-dev"
            ));
        }
    }
    step("build", cargo().args(["build", "--release"]))?;
    let mut make = command("sh");
    make.arg("infra/package/deb.sh").arg(target().join("release/maildocket")).arg(target().join("package"));
    let made = make.stderr(std::process::Stdio::inherit()).output();
    let made = made.map_err(|error| format!("sh cannot be started: {error}"))?;
    let told = String::from_utf8_lossy(&made.stdout);
    let path = told.lines().last().filter(|_| made.status.success());
    let path = path.ok_or_else(|| format!("The package cannot be made ({}).", made.status))?;
    let size = std::fs::metadata(path).map_err(|error| format!("{path}: {error}"))?.len();
    println!("{path}: {:.1} MB", size as f64 / 1e6);
    Ok(())
}
