#![doc = include_str!("../README.md")]

mod event;
mod queue;
mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    cloud::run(async {
        let poller = wire::Poller::new(&cloud::Settings::read()?)?;
        let run = lambda_runtime::service_fn(|event| poller.answer(event));
        lambda_runtime::run(run).await.map_err(intake::Error::internal)
    })
}
