//! What `cargo xtask bench` measures our functions beside: the same runtime and the same AWS clients, and nothing else.

use lambda_http::{Body, Error, Request, Response, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let sdk = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let clients = (aws_sdk_dynamodb::Client::new(&sdk), aws_sdk_secretsmanager::Client::new(&sdk));
    let clients = &clients;
    lambda_http::run(service_fn(move |_: Request| async move {
        let regions = (clients.0.config().region(), clients.1.config().region());
        Ok::<_, Error>(Response::new(Body::from(format!("{regions:?}"))))
    }))
    .await
}
