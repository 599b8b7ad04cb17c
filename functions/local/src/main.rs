//! `maildocket`: every role in one process, over an embedded store. See `maildocket --help`.

mod allocator;
mod apply;
mod config;
mod control;
mod data;
mod demo;
mod doctor;
mod document;
mod failure;
mod parse;
mod process;
mod scheduler;
mod serve;
mod token;
mod wire;

use std::process::ExitCode;

use config::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::read();
    let outcome = match arguments.command {
        Command::Demo(options) => process::on_runtime(demo::run(arguments.settings, options)),
        Command::Parse(files) => parse::run(&files),
        Command::Serve => process::on_runtime(serve::run(arguments.settings)),
        Command::Doctor => process::on_runtime(doctor::run(arguments.settings)),
        Command::Export(options) => process::on_runtime(apply::export(arguments.settings, options)),
        Command::Apply(options) => {
            return process::on_runtime(apply::run(arguments.settings, options))
                .unwrap_or_else(|f| f.report());
        }
        Command::Token(command) => process::on_runtime(token::run(arguments.settings, command)),
    };
    outcome.map_or_else(|failure| failure.report(), |()| ExitCode::SUCCESS)
}
