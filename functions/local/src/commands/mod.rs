//! The commands, one file each.

mod apply;
mod authorize;
mod demo;
mod desk;
mod doctor;
mod document;
mod handlers;
mod health;
mod import;
mod issue;
mod mailbox;
mod manual;
mod open;
mod parse;
mod rules;
mod serve;
mod status;
mod token;

use std::process::ExitCode;

use crate::{
    config::{Arguments, Command},
    failure::Outcome,
    process::runtime,
};

/// Does what the arguments say.
pub(crate) fn run(Arguments { command, settings }: Arguments) -> Outcome<ExitCode> {
    // `serve` logs always; the demo tells of its faults alone.
    if settings.talk.verbose && !matches!(command, Command::Serve(_) | Command::Demo(_)) {
        runtime::log(settings.talk);
    }
    match command {
        Command::Demo(options) => runtime::run(demo::run(settings, options)),
        Command::Parse(options) => parse::run(&options),
        Command::Serve(options) => runtime::run(serve::run(settings, options)),
        Command::Doctor(options) => runtime::run(doctor::run(settings, options)),
        Command::Status(options) => runtime::run(status::run(settings, options)),
        Command::Mailbox(command) => runtime::run(mailbox::run(settings, command)),
        Command::RedirectUrl(options) => runtime::run(authorize::redirect_url(settings, options)),
        Command::Authorize(options) => runtime::run(authorize::run(settings, options)),
        Command::Issue(command) => runtime::run(issue::run(settings, command)),
        Command::Health => health::run(&settings).map(|()| ExitCode::SUCCESS),
        Command::Open { page } => open::run(&settings, &page).map(|()| ExitCode::SUCCESS),
        Command::Completions { shell } => manual::completions(shell).map(|()| ExitCode::SUCCESS),
        Command::Man { folder } => manual::pages(&folder).map(|()| ExitCode::SUCCESS),
        Command::Export(options) => runtime::run(apply::export(settings, options)),
        Command::Apply(options) => runtime::on_runtime(apply::run(settings, options)),
        Command::Import(options) => runtime::on_runtime(import::run(settings, options)),
        Command::Rules(command) => runtime::on_runtime(rules::run(settings, command)),
        Command::Token(command) => runtime::run(token::run(settings, command)),
    }
}
