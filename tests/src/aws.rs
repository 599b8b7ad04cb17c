//! AWS as a program of this machine: an installation's table, bucket, queue and secrets in moto.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider};
use reqwest::{Method, header};
use store::ensure_table;

use crate::{maildocket::TOKEN, moto::Moto, servers::http};

/// The region of every test.
const REGION: &str = "eu-central-1";
/// The table.
pub const TABLE: &str = "maildocket-test";
/// The bucket.
pub const BUCKET: &str = "maildocket-test-blobs";
/// How the names of secrets begin.
pub const PREFIX: &str = "maildocket/test";

/// By this moto knows that S3 is meant; it checks no signature.
fn signed_by_nobody() -> String {
    format!("AWS4-HMAC-SHA256 Credential=test/20261125/{REGION}/s3/aws4_request")
}

fn http_plain() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("an HTTP client")
}

/// What the template would have made.
pub struct Aws {
    /// For clients.
    pub sdk: SdkConfig,
    /// The queue of hints.
    pub queue_url: String,
    moto: Moto,
}

impl Aws {
    /// Starts it and makes everything that an installation needs. `ca_pem` is whatever HTTP clients of tests trust.
    pub async fn start(ca_pem: &str) -> Self {
        let moto = Moto::start().await;
        let endpoint = format!("http://127.0.0.1:{}", moto.port);
        let credentials = Credentials::new("test", "test", None, None, "tests");
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .endpoint_url(&endpoint)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        ensure_table(&aws_sdk_dynamodb::Client::new(&sdk), TABLE).await.expect("a table");
        let secrets = aws_sdk_secretsmanager::Client::new(&sdk);
        for (name, value) in [("key", "the-key-of-keyed-hashes-of-the-tests"), ("admin-token", TOKEN)] {
            let make = secrets.create_secret().name(format!("{PREFIX}/{name}")).secret_string(value);
            make.send().await.expect("a secret");
        }
        let queue = aws_sdk_sqs::Client::new(&sdk).create_queue().queue_name("hints").send().await;
        let queue_url = queue.expect("a queue").queue_url.expect("its URL");
        let bucket = http(ca_pem)
            .request(Method::PUT, format!("{endpoint}/{BUCKET}"))
            .header(header::AUTHORIZATION, signed_by_nobody())
            .body(format!("<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"));
        let made = bucket.send().await.expect("moto answers");
        assert!(made.status().is_success(), "no bucket: {}", made.status());
        Self { sdk, queue_url, moto }
    }

    /// The environment that a function has, but for the runtime's own part.
    pub fn environment(&self, base_url: &str, ca_file: &str) -> Vec<(&'static str, String)> {
        let endpoint = self.endpoint();
        [
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", &endpoint),
            ("MAILDOCKET_TABLE", TABLE),
            ("MAILDOCKET_BUCKET", BUCKET),
            ("MAILDOCKET_SECRET_PREFIX", PREFIX),
            ("MAILDOCKET_QUEUE_URL", &self.queue_url),
            ("MAILDOCKET_BASE_URL", base_url),
            ("MAILDOCKET_EXTRA_CA_FILE", ca_file),
            ("MAILDOCKET_ALLOW_PRIVATE_NETWORK", "true"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
    }

    /// Where all of its services are.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.moto.port)
    }

    /// A client of the table.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.sdk)
    }

    /// A client of the secrets.
    pub fn secrets_manager(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.sdk)
    }

    /// Puts a file into the bucket.
    pub async fn put_file(&self, key: &str, text: &str) {
        let put = http_plain().put(format!("{}/{BUCKET}/{key}", self.endpoint()));
        let put = put.header(header::AUTHORIZATION, signed_by_nobody()).body(text.to_owned());
        let answer = put.send().await.expect("moto answers");
        assert!(answer.status().is_success(), "no file: {}", answer.status());
    }

    /// The names of all files of the bucket.
    pub async fn files(&self) -> Vec<String> {
        let list = http_plain().get(format!("{}/{BUCKET}?list-type=2", self.endpoint()));
        let answer =
            list.header(header::AUTHORIZATION, signed_by_nobody()).send().await.expect("moto answers");
        let text = answer.text().await.expect("a list");
        let names = text.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
        names.map(str::to_owned).collect()
    }

    /// Takes what lies in the queue, as the records of an event.
    pub async fn take_messages(&self) -> Vec<serde_json::Value> {
        let client = aws_sdk_sqs::Client::new(&self.sdk);
        let taken =
            client.receive_message().queue_url(&self.queue_url).max_number_of_messages(10).send().await;
        let messages = taken.expect("the queue answers").messages.unwrap_or_default();
        let mut records = Vec::new();
        for message in messages {
            let receipt = message.receipt_handle.clone().expect("a receipt");
            client
                .delete_message()
                .queue_url(&self.queue_url)
                .receipt_handle(receipt)
                .send()
                .await
                .expect("a deletion");
            records.push(serde_json::json!({
                "messageId": message.message_id, "body": message.body,
                "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:hints",
            }));
        }
        records
    }
}
