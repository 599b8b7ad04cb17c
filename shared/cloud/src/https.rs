//! AWS's clients over reqwest, which the rest of the program has anyway: the SDK's own client would bring a second copy
//! of HTTP, 2 % of each function.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_smithy_runtime_api::{
    client::{
        http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;

/// For a connection.
const CONNECT_TIME: Duration = Duration::from_millis(3_100);
/// For one answer, whole: the largest is a page of items.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// One pool of connections for all of AWS's clients, made at the first call: reading the platform's roots takes longer
/// than all else in the start of a function.
#[derive(Debug, Clone, Default)]
pub(crate) struct Https(Arc<OnceLock<reqwest::Client>>);

impl HttpClient for Https {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Https {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move { this.send(request).await })
    }
}

impl Https {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let (parts, body) = request.into_parts();
        let body = body.bytes().map(<[u8]>::to_vec);
        let body = body.ok_or_else(|| ConnectorError::user("a streamed request".into()))?;
        let request = http::Request::from_parts(parts, body);
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let answer = self.client()?.execute(request).await.map_err(failed)?;
        let status = StatusCode::from(answer.status());
        let headers = answer.headers().clone();
        let mut response = HttpResponse::new(status, SdkBody::from(answer.bytes().await.map_err(failed)?));
        for (name, value) in &headers {
            // Nothing that is read is other than text.
            if let Ok(value) = value.to_str() {
                response.headers_mut().append(name.as_str().to_owned(), value.to_owned());
            }
        }
        Ok(response)
    }

    fn client(&self) -> Result<&reqwest::Client, ConnectorError> {
        if self.0.get().is_none() {
            let made = reqwest::Client::builder()
                .connect_timeout(CONNECT_TIME)
                .timeout(ANSWER_TIME)
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .map_err(failed)?;
            // Another call may have been faster.
            let _ = self.0.set(made);
        }
        Ok(self.0.get().expect("it was set above, and is never taken out"))
    }
}

/// What the SDK tries again: what was not carried out, or not answered in time.
fn failed(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_did_not_arrive_is_tried_again_and_what_cannot_be_sent_is_not() {
        let https = Https::default();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let ask =
            |url: String| HttpRequest::try_from(http::Request::get(url).body(SdkBody::empty()).unwrap());
        let refused = https.send(ask(format!("http://127.0.0.1:{port}/")).unwrap()).await.unwrap_err();
        assert!(refused.is_io(), "{refused:?}");
        let nowhere = https.send(ask("ftp://127.0.0.1/".to_owned()).unwrap()).await.unwrap_err();
        assert!(nowhere.is_user(), "{nowhere:?}");
    }
}
