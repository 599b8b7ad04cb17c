#![doc = include_str!("../README.md")]

mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    cloud::run(async {
        let refresher = wire::Refresher::new(&cloud::Settings::read()?)?;
        let run = lambda_runtime::service_fn(|event| refresher.answer(event));
        lambda_runtime::run(run).await.map_err(intake::Error::internal)
    })
}
