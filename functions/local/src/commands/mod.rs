//! The commands, one file each.

mod apply;
mod demo;
mod doctor;
mod document;
mod handlers;
mod import;
mod parse;
mod rules;
mod serve;
mod token;

use std::process::ExitCode;

use crate::{
    config::{Arguments, Command},
    failure::Outcome,
    process::runtime,
};

/// Does what the arguments say.
pub(crate) fn run(Arguments { command, settings }: Arguments) -> Outcome<ExitCode> {
    match command {
        Command::Demo(options) => runtime::run(demo::run(settings, options)),
        Command::Parse(options) => parse::run(&options),
        Command::Serve(options) => runtime::run(serve::run(settings, options)),
        Command::Doctor => runtime::run(doctor::run(settings)),
        Command::Export(options) => runtime::run(apply::export(settings, options)),
        Command::Apply(options) => runtime::on_runtime(apply::run(settings, options)),
        Command::Import(options) => runtime::on_runtime(import::run(settings, options)),
        Command::Rules(command) => runtime::on_runtime(rules::run(settings, command)),
        Command::Token(command) => runtime::run(token::run(settings, command)),
    }
}
