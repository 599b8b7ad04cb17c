//! The Lambda function that reads mailboxes: on a schedule it plans, and on the queue's hints it polls.

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
