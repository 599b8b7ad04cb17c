//! The routes, made when the first request needs them.

use std::{convert::Infallible, sync::Arc};

use cloud::{Cloud, Settings};
use lambda_http::{Request, Service, service_fn};
use tokio::sync::OnceCell;
use tower::ServiceExt;
use web::{Body, Response, Router, WebSettings};

/// Answers requests; the start of the process waits for nobody.
pub(crate) fn service(
    settings: Settings,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> {
    let made = Arc::new((settings, OnceCell::new()));
    service_fn(move |request: Request| {
        let made = made.clone();
        async move {
            let (settings, router) = &*made;
            // A failure is not kept: the next request tries again.
            match router.get_or_try_init(|| routes(settings)).await {
                Ok(router) => router.clone().oneshot(request.map(Body::new)).await,
                Err(error) => {
                    cloud::failed(&error, "The API cannot answer.");
                    Ok(web::refusal(error))
                }
            }
        }
    })
}

async fn routes(settings: &Settings) -> intake::Result<Router> {
    let app = Cloud::new(settings).await?.with_installation_key().await?;
    Ok(web::router(app, WebSettings::without_listener()))
}
