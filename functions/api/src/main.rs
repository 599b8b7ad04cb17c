#![doc = include_str!("../README.md")]

mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    cloud::run(async {
        let settings = cloud::Settings::read()?;
        let service = wire::service(settings);
        lambda_http::run(service).await.map_err(intake::Error::internal)
    })
}
