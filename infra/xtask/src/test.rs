//! The tests and the lints.

use crate::{
    run::{FUNCTIONS, Outcome, cargo, release_functions, step, target},
    setup,
};

/// Sets up, builds once, and runs every test of the workspace.
pub(crate) fn test(filter: Option<&str>) -> Outcome {
    let installed = setup::run()?;
    step("build", cargo().args(["build", "--workspace", "--all-targets"]))?;
    release_functions("build the functions for release", &FUNCTIONS)?;
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--all-targets", "--no-fail-fast"]);
    tests.env("MAILDOCKET_TEST_NPM", installed.npm).env("MAILDOCKET_TEST_VENV", installed.venv);
    tests.env("MAILDOCKET_TEST_SAM", installed.sam);
    tests.env("MAILDOCKET_TEST_BIN", target().join("debug/maildocket"));
    tests.env("MAILDOCKET_TEST_FUNCTIONS", target().join("release"));
    tests.args(filter);
    step("test", &mut tests)
}

/// Formatting, clippy with warnings denied, and documentation with warnings denied.
pub(crate) fn lint() -> Outcome {
    step("fmt", cargo().args(["fmt", "--all", "--check"]))?;
    step("clippy", cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    let mut doc = cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--document-private-items"])
        .env("RUSTDOCFLAGS", "-D warnings");
    step("doc", &mut doc)
}
