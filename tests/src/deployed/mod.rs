//! The whole of `infra/template.yaml`, deployed: by the SAM CLI, to a stand-in for AWS that runs the functions' bootstraps
//! and checks their roles on each call.
//!
//! [`Cloud`] is shared by all tests; a [`Stack`] is one installation in it.

mod front;
mod ministack;
mod signed;
mod stack;
mod template;

use std::fs;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::config::SharedCredentialsProvider;
use reqwest::Method;
use tokio::sync::OnceCell;

pub use front::{Fault, Front, How};
pub use ministack::Ministack;
pub use signed::Signed;
pub use stack::{Stack, scheduled};
pub use template::{DIFFERENCES, Difference, deployable};

use crate::servers::Servers;

/// Where the SAM CLI puts zips and templates.
const ARTIFACTS: &str = "artifacts";

static CLOUD: OnceCell<Cloud> = OnceCell::const_new();

/// A stand-in for AWS, and what leads to it.
pub struct Cloud {
    /// The mail server and the OAuth server.
    pub servers: &'static Servers,
    /// What leads to it.
    pub front: Front,
    /// The stand-in itself.
    pub ministack: Ministack,
    /// For clients of the tests, who may do everything.
    pub sdk: SdkConfig,
    /// The same for services without a client here.
    pub signed: Signed,
}

impl Cloud {
    /// The one of this test run, started by whoever asks first. It ends when this process ends.
    pub async fn get() -> &'static Self {
        CLOUD.get_or_init(Self::start).await
    }

    async fn start() -> Self {
        let servers = Servers::get().await;
        let front = Front::start(&servers.identity);
        let ministack = Ministack::on_a_free_port(&front.endpoint, &servers.ca_file).await;
        front.leads_to(ministack.port);
        let signed = Signed::new(&front.undisturbed);
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(ministack::REGION))
            .endpoint_url(&front.undisturbed)
            .credentials_provider(SharedCredentialsProvider::new(signed::credentials()))
            .build();
        let place = format!(
            "<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>",
            ministack::REGION
        );
        signed.ask("s3", Method::PUT, &format!("/{ARTIFACTS}"), &place).await;
        Self { servers, front, ministack, sdk, signed }
    }

    /// A client of Secrets Manager.
    pub fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.sdk)
    }

    /// A client of the queues.
    pub fn queues(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.sdk)
    }

    /// A client of the tables.
    pub fn tables(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.sdk)
    }
}

/// `infra/template.yaml` as it is.
pub fn template() -> String {
    let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/template.yaml");
    fs::read_to_string(place).expect("the template")
}
