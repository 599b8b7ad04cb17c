//! The tests and the lints.

use std::{fs, path::Path, process::Command, thread};

use crate::{
    run::{FUNCTIONS, Outcome, cargo, command, release_functions, root, step, target},
    setup::{self, Installed},
};

/// The functions' packages, and how the template calls them.
const DEPLOYED: [(&str, &str); 3] =
    [("api", "ApiFunction"), ("refresher", "RefresherFunction"), ("poller", "PollerFunction")];

/// Sets up, builds once, and runs every test of the workspace. The functions are those of the same build: one for
/// release takes as long as all tests, and `cloud_test` makes it.
pub(crate) fn test(filter: Option<&str>) -> Outcome {
    let installed = set_up_and_build()?;
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--all-targets", "--no-fail-fast"]);
    tell(&mut tests, &installed, &target().join("debug"));
    tests.args(filter);
    if installed.mail_servers.is_none() {
        // What is missing was said by the setup.
        let left_out = ["other_servers", "docs::proxies", "package::installed", "package::container"];
        tests.arg("--").args(left_out.map(|name| format!("--skip={name}::")));
    }
    step("test", &mut tests)
}

/// Draws the pictures of the README: a test draws them of the demo, and they are kept where the README shows them.
pub(crate) fn readme() -> Outcome {
    test(Some("readme::the_pictures"))?;
    keep("readme", "docs/pictures")
}

/// Keeps a data folder as this version writes it: a test writes one, and all later versions are tried on it.
pub(crate) fn keep_data() -> Outcome {
    // Of an earlier version, which is kept already.
    let _ = fs::remove_dir_all(target().join("upgrade"));
    test(Some("upgrade::write"))?;
    keep("upgrade", "tests/fixtures/upgrade")
}

/// Copies what a test made in `target` to where it is kept.
fn keep(made: &str, kept: &str) -> Outcome {
    let kept = root().join(kept);
    let copied = fs::create_dir_all(&kept).and_then(|()| {
        fs::read_dir(target().join(made))?.try_for_each(|file| {
            let file = file?;
            fs::copy(file.path(), kept.join(file.file_name())).map(|_| ())
        })
    });
    copied.map_err(|error| format!("What the test made cannot be copied to {}: {error}", kept.display()))
}

/// Writes anew what the guides in `docs` quote of the product.
pub(crate) fn docs() -> Outcome {
    let installed = setup::run()?;
    let mut tests = cargo();
    tests.args(["test", "--package=tests", "--test=it", "--", "docs::sections::"]);
    tell(&mut tests, &installed, &target().join("debug"));
    step("docs", tests.env("MAILDOCKET_TEST_WRITE_DOCS", "1"))
}

/// Both at once: downloads wait for the network, and the build for the processor.
fn set_up_and_build() -> Outcome<Installed> {
    let told_at_once = || setup::run().inspect_err(|sentence| eprintln!("error: {sentence}"));
    thread::scope(|scope| {
        let setup = scope.spawn(told_at_once);
        let built = step("build", cargo().args(["build", "--workspace", "--all-targets"]));
        let installed = setup.join().map_err(|_| "The setup ended by a panic, see above.".to_owned())?;
        built.and(installed)
    })
}

/// The part of `test` that is about the cloud: the lints of the template, its comparison with the sources, and the stack
/// deployed to a stand-in for AWS, built for release. `sam_build` lets the SAM CLI build it.
pub(crate) fn cloud_test(sam_build: bool) -> Outcome {
    let installed = setup::run()?;
    step("build", cargo().args(["build", "--package=local"]))?;
    let functions = if sam_build {
        sam_built(&installed)?
    } else {
        release_functions("build the functions for release", &FUNCTIONS)?;
        target().join("release")
    };
    let mut tests = cargo();
    tests.args(["test", "--package=tests", "--test=it", "--", "deployed::", "template::"]);
    tell(&mut tests, &installed, &functions);
    step("cloud-test", &mut tests)
}

/// Says to tests where everything is.
fn tell(tests: &mut Command, installed: &Installed, functions: &Path) {
    tests.env("MAILDOCKET_TEST_NPM", &installed.npm).env("MAILDOCKET_TEST_VENV", &installed.venv);
    tests.env("MAILDOCKET_TEST_SAM", &installed.sam).env("MAILDOCKET_TEST_MINISTACK", &installed.ministack);
    tests.env("MAILDOCKET_TEST_CHECKOV", &installed.checkov);
    tests.env("MAILDOCKET_TEST_CLIENTS", &installed.clients);
    if let Some(folder) = &installed.mail_servers {
        tests.env("MAILDOCKET_TEST_MAIL_SERVERS", folder);
    }
    tests.env("MAILDOCKET_TEST_BIN", target().join("debug/maildocket"));
    tests.env("MAILDOCKET_TEST_FUNCTIONS", functions);
}

/// Runs `sam build` as the guide says it; the folder in which each function's bootstrap then has its package's name.
fn sam_built(installed: &Installed) -> Outcome<std::path::PathBuf> {
    let cargo_lambda = setup::cargo_lambda()?.join("bin");
    let mut path = std::ffi::OsString::from(cargo_lambda);
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let mut build = command(installed.sam.join("bin/sam"));
    build.arg("build").env("PATH", path).env("SAM_CLI_TELEMETRY", "0").env("CARGO_TARGET_DIR", target());
    step("sam build", build.env("AWS_DEFAULT_REGION", "us-east-1"))?;
    let folder = target().join("dev/sam-built");
    let copied = fs::create_dir_all(&folder).and_then(|()| {
        DEPLOYED.iter().try_for_each(|(package, resource)| {
            let built = root().join(".aws-sam/build").join(resource).join("bootstrap");
            fs::copy(built, folder.join(package)).map(|_| ())
        })
    });
    copied.map_err(|error| format!("What `sam build` made cannot be copied: {error}"))?;
    Ok(folder)
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
