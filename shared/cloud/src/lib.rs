#![doc = include_str!("../README.md")]

mod config;
mod https;
mod log;
mod wire;

use std::process::ExitCode;

pub use aws_config::SdkConfig;
pub use config::Settings;
pub use log::invocation;
pub use wire::Cloud;

/// Runs a function on one thread, with its log, and ends with one clear line where it cannot start.
pub fn run(function: impl Future<Output = intake::Result<()>>) -> ExitCode {
    log::start();
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let outcome = match builder.enable_all().thread_stack_size(intake::app::STACK).build() {
        Ok(runtime) => runtime.block_on(function),
        Err(error) => Err(intake::Error::internal(error)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            intake::failed!(error, error, "The function cannot start.");
            ExitCode::FAILURE
        }
    }
}
