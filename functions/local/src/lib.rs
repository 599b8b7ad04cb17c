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
    commands::run(config::Arguments::read()).unwrap_or_else(|failure| process::out::fail(&failure))
}
