//! The calls of a resource, named once: for the router, and for the document.
//!
//! A function that answers needs no code that describes; `described` is called by a test alone, which writes
//! `description/openapi.json` from it.

use axum::{
    Router,
    handler::Handler,
    routing::{MethodFilter, on},
};
use utoipa::{Path, openapi::HttpMethod};

use crate::Web;

/// Routes for these handlers, each of which carries its `utoipa::path`.
macro_rules! calls {
    ($($handler:ident),+ $(,)?) => {
        utoipa_axum::paste! {
            /// The same router with these calls.
            pub(super) fn routes(router: axum::Router<$crate::Web>) -> axum::Router<$crate::Web> {
                $(let router = $crate::api::calls::route::<[<__path_ $handler>], _, _>(router, $handler);)+
                router
            }
        }

        /// The same document with these calls.
        pub(super) fn described(
            all: utoipa_axum::router::OpenApiRouter<$crate::Web>,
        ) -> utoipa_axum::router::OpenApiRouter<$crate::Web> {
            $(let all = all.routes(utoipa_axum::routes!($handler));)+
            all
        }
    };
}
pub(super) use calls;

/// The same router with one call more.
pub(super) fn route<P: Path, H: Handler<T, Web>, T: 'static>(router: Router<Web>, handler: H) -> Router<Web> {
    P::methods()
        .into_iter()
        .fold(router, |router, method| router.route(&P::path(), on(filter(&method), handler.clone())))
}

fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
    }
}
