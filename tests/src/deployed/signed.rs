//! Calls of AWS that have no client here: Lambda, CloudFormation, S3.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use reqwest::{Method, StatusCode};

use super::ministack::REGION;

/// The account's owner, who may do everything.
pub(super) const ACCESS_KEY: &str = "test";
/// Its secret.
pub(super) const SECRET_KEY: &str = "test";

/// The same for the SDK.
pub(super) fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "tests")
}

/// Signs calls, and makes them.
pub struct Signed {
    endpoint: String,
    http: reqwest::Client,
}

impl Signed {
    pub(super) fn new(endpoint: &str) -> Self {
        // Each test has a runtime of its own: a connection that another one left would end with it.
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build();
        Self { endpoint: endpoint.to_owned(), http: http.expect("an HTTP client") }
    }

    /// The answer's body.
    ///
    /// # Panics
    /// When the call is refused.
    pub async fn ask(&self, service: &str, method: Method, path: &str, body: &str) -> String {
        let (status, text) = self.attempt(service, method.clone(), path, body).await;
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        text
    }

    /// The answer's status and body.
    pub async fn attempt(
        &self,
        service: &str,
        method: Method,
        path: &str,
        body: &str,
    ) -> (StatusCode, String) {
        let url = format!("{}{path}", self.endpoint);
        let kind = match service {
            "cloudformation" => "application/x-www-form-urlencoded",
            _ => "application/json",
        };
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = credentials().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(service)
            .time(SystemTime::now())
            .settings(settings);
        let parameters = parameters.build().expect("all parameters").into();
        let headers = [("content-type", kind)].into_iter();
        let signable =
            SignableRequest::new(method.as_str(), &url, headers, SignableBody::Bytes(body.as_bytes()));
        let (signature, _) =
            sign(signable.expect("a request"), &parameters).expect("a signature").into_parts();
        let mut request = self.http.request(method, &url).header("content-type", kind);
        for (name, value) in signature.headers() {
            request = request.header(name, value);
        }
        let answer = request.body(body.to_owned()).send().await.expect("an answer");
        (answer.status(), answer.text().await.expect("a whole answer"))
    }
}
