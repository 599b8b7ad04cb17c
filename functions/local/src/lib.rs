#![doc = include_str!("../README.md")]

mod commands;
mod config;
mod control;
mod failure;
mod process;
mod work;

use std::process::ExitCode;

/// Does what the arguments of this process say.
pub fn run() -> ExitCode {
    let arguments = config::Arguments::read();
    config::unknown_variables().iter().for_each(process::out::tell);
    commands::run(arguments).unwrap_or_else(|failure| process::out::fail(&failure))
}
