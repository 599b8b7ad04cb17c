//! The routes, made when the first request needs them.

use std::{convert::Infallible, sync::Arc};

use cloud::{Cloud, Settings};
use lambda_http::{Request, RequestExt, Service, request::RequestContext, service_fn};
use tokio::sync::OnceCell;
use tower::ServiceExt;
use web::{Body, ClientAddress, RequestId, Response, Router, WebSettings};

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
                Ok(router) => {
                    let response = router.clone().oneshot(request.map(Body::new)).await?;
                    Ok(web::within_function(response).await)
                }
                Err(error) => {
                    let call = cloud::invocation(&lambda_id(&request).unwrap_or_default());
                    Ok(call.in_scope(|| web::refusal(request.uri().path(), error)))
                }
            }
        }
    })
}

/// The gateway knows the client, which is the other end of the only connection that there was, and names the request.
fn with_client(mut request: Request) -> Request {
    let (address, gateway) = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            (context.http.source_ip.clone(), context.request_id.clone())
        }
        _ => (None, None),
    };
    let lambda = lambda_id(&request);
    request.extensions_mut().insert(RequestId { gateway, lambda });
    if let Some(address) = address.and_then(|address| address.parse().ok()) {
        request.extensions_mut().insert(ClientAddress(address));
    }
    request
}

/// How Lambda calls this call.
fn lambda_id(request: &Request) -> Option<String> {
    request.lambda_context_ref().map(|context| context.request_id.clone())
}

async fn routes(settings: &Settings) -> intake::Result<Router> {
    let app = Cloud::new(settings)?.administered_app().await?;
    Ok(web::router(app, WebSettings::without_listener()))
}
