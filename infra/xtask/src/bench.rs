//! The benchmarks: release builds of everything, and the program that measures them.

use crate::{
    run::{FUNCTIONS, Outcome, cargo, release_functions, step, target},
    setup,
};

/// Builds for release, measures, and writes BENCHMARKS.md (not with `--quick` or for a part).
pub(crate) fn bench(arguments: &[String]) -> Outcome {
    let installed = setup::run()?;
    setup::mbsync()?;
    let build = |what: &str, arguments: &[&str]| step(what, cargo().arg("build").args(arguments));
    build("build for release", &["--release", "--package=local"])?;
    build("build the store's ceiling", &["--release", "--package=store", "--example=ceiling"])?;
    build("build the mail parser's rate", &["--release", "--package=mail", "--example=rate"])?;
    release_functions("build the functions", &FUNCTIONS)?;
    release_functions("build an empty function", &["--package=tests", "--example=empty_lambda"])?;
    let mut bench = cargo();
    bench.args(["run", "--quiet", "--package=tests", "--bin=bench", "--"]).args(arguments);
    bench.env("MAILDOCKET_TEST_NPM", installed.npm).env("MAILDOCKET_TEST_VENV", installed.venv);
    bench.env("MAILDOCKET_TEST_BIN", target().join("release/maildocket"));
    bench.env("MAILDOCKET_TEST_FUNCTIONS", target().join("release"));
    bench.env("MAILDOCKET_BENCH_EXAMPLES", target().join("release/examples"));
    step("measure", &mut bench)
}
