//! The routes, made when the first request needs them.

use std::{convert::Infallible, sync::Arc};

use cloud::{Cloud, Settings};
use lambda_http::{Request, RequestExt, Service, request::RequestContext, service_fn};
use tokio::sync::OnceCell;
use tower::ServiceExt;
use web::{Body, ClientAddress, Response, Router, WebSettings};

/// Answers requests; the start of the process waits for nobody.
pub(crate) fn service(
    settings: Settings,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> {
    let made = Arc::new((settings, OnceCell::new()));
    service_fn(move |request: Request| {
        let made = made.clone();
        async move {
            let (settings, router) = &*made;
            let request = with_client(request);
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

/// The gateway knows the client: it is the other end of the only connection that there was.
fn with_client(mut request: Request) -> Request {
    let address = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
        _ => None,
    };
    if let Some(address) = address.and_then(|address| address.parse().ok()) {
        request.extensions_mut().insert(ClientAddress(address));
    }
    request
}

async fn routes(settings: &Settings) -> intake::Result<Router> {
    let app = Cloud::new(settings).await?.with_installation_key().await?;
    Ok(web::router(app, WebSettings::without_listener()))
}
