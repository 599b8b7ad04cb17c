#![doc = include_str!("../README.md")]

mod allocator;
mod apply;
mod config;
mod control;
mod data;
mod demo;
mod disk;
mod doctor;
mod document;
mod failure;
mod handlers;
mod import;
mod out;
mod parse;
mod process;
mod rules;
mod scheduler;
mod serve;
mod token;
mod wire;

use config::{Arguments, Command};

fn main() -> std::process::ExitCode {
    let Arguments { command, settings } = Arguments::read();
    let outcome = match command {
        Command::Demo(options) => process::run(demo::run(settings, options)),
        Command::Parse(options) => parse::run(&options),
        Command::Serve(options) => process::run(serve::run(settings, options)),
        Command::Doctor => process::run(doctor::run(settings)),
        Command::Export(options) => process::run(apply::export(settings, options)),
        Command::Apply(options) => process::on_runtime(apply::run(settings, options)),
        Command::Import(options) => process::on_runtime(import::run(settings, options)),
        Command::Rules(command) => process::on_runtime(rules::run(settings, command)),
        Command::Token(command) => process::run(token::run(settings, command)),
    };
    outcome.unwrap_or_else(|failure| failure.report())
}
