//! Automation of this repository. `cargo xtask --help` lists it.
#![allow(clippy::disallowed_methods, reason = "cargo tells its programs by the environment")]

mod bench;
mod fuzz;
mod package;
mod run;
mod setup;
mod test;
mod unpack;

use clap::{Parser, Subcommand};

/// Automation of this repository.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    after_help = "Examples:\n  cargo xtask test              install what the tests need, then run them all\n  cargo xtask test poll::       only the tests whose name contains poll::\n  cargo xtask cloud-test        deploy the stack to a stand-in for AWS, and walk the whole road over it\n  cargo xtask bench             measure, and write BENCHMARKS.md\n  cargo xtask fuzz html 600    look for ten minutes for HTML that is not handled\n  cargo xtask package           a Debian package, in target/package; --static for any machine\n  cargo xtask lint              formatting, clippy, documentation, workspace rules"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs what the tests need: Debian packages where that is allowed, Python and npm packages into target/dev.
    Setup,
    /// Sets up, builds, and runs every test (or those whose name contains FILTER).
    Test {
        /// Part of a test's name.
        filter: Option<String>,
    },
    /// The part of `test` that is about AWS, over functions built for release: lints of the template, and the stack
    /// deployed to a stand-in with every role enforced.
    CloudTest {
        /// Deploy what `sam build` makes; installs cargo-lambda, and builds everything once more.
        #[arg(long)]
        sam_build: bool,
    },
    /// Measures release builds beside mbsync and an empty Lambda, and writes BENCHMARKS.md.
    Bench {
        /// `--quick` for short runs, and parts: road, idle, parse, store, functions. With any of them nothing is written.
        #[arg(allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Feeds the mail parser with what libFuzzer thinks of. Needs a C++ compiler.
    Fuzz {
        /// mail, reply, header, container, bounce or html; all in turn without it.
        target: Option<String>,
        /// For each target.
        #[arg(default_value_t = 60)]
        seconds: u32,
    },
    /// Keeps a picture of each page of the console in target/screens, in both languages, both schemes and three widths, and
    /// checks each page on the way.
    Screens {
        /// Draw the pictures of the README instead, into docs/pictures.
        #[arg(long)]
        readme: bool,
    },
    /// Writes anew what the guides in `docs` quote of the product: steps at providers, and codes.
    Docs,
    /// Builds the program for release, and makes a Debian package of it in target/package.
    Package {
        /// Of a program that is linked with nothing of the machine that it runs on (musl).
        #[arg(long = "static")]
        is_static: bool,
    },
    /// Writes a data folder as this version does, and keeps it in tests/fixtures/upgrade: once for each version that is
    /// given away.
    KeepData,
    /// Formatting, clippy with warnings denied, and documentation.
    Lint,
}

fn main() -> std::process::ExitCode {
    let result = match Arguments::parse().command {
        Command::Setup => setup::run().map(|_| ()),
        Command::Test { filter } => test::test(filter.as_deref()),
        Command::CloudTest { sam_build } => test::cloud_test(sam_build),
        Command::Bench { arguments } => bench::bench(&arguments),
        Command::Fuzz { target, seconds } => fuzz::fuzz(target.as_deref(), seconds),
        Command::Screens { readme: false } => test::test(Some("console::")),
        Command::Screens { readme: true } => test::readme(),
        Command::Docs => test::docs(),
        Command::KeepData => test::keep_data(),
        Command::Package { is_static } => package::package(is_static),
        Command::Lint => test::lint(),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("error: {sentence}");
            std::process::ExitCode::FAILURE
        }
    }
}
