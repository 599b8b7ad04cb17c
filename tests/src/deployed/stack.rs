//! One installation.

use std::{collections::BTreeMap, fs, io::Write, process::Stdio};

use intake::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;
use url::form_urlencoded::Serializer;

use super::{
    ARTIFACTS, Cloud,
    front::Gateway,
    ministack::REGION,
    signed::{ACCESS_KEY, SECRET_KEY},
    template::deployable,
};
use crate::{maildocket::Api, process::told};

/// The event of a schedule.
pub fn scheduled() -> Value {
    json!({ "source": "maildocket.schedule", "detail-type": "Scheduled Event" })
}

/// A deployed stack.
pub struct Stack {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub cloud: &'static Cloud,
    /// Its API, called with the administrator's token out of Secrets Manager.
    pub api: Api,
    /// Its outputs, by name.
    pub outputs: BTreeMap<String, String>,
    /// Its resources: logical and physical ids.
    pub resources: BTreeMap<String, String>,
    gateway: Gateway,
    // The template's copy and the bootstraps.
    folder: TempDir,
}

impl Stack {
    /// Deploys a stack of this name with these parameters, as `samconfig.toml` and the guide say it.
    pub async fn deploy(name: &str, parameters: &[(&str, &str)]) -> Self {
        let cloud = Cloud::get().await;
        let gateway = cloud.front.gateway();
        let folder = tempfile::Builder::new().prefix("maildocket-stack-").tempdir().expect("a folder");
        let built = told("MAILDOCKET_TEST_FUNCTIONS");
        for function in ["api", "refresher", "poller"] {
            let place = folder.path().join(function);
            fs::create_dir(&place).expect("a folder");
            fs::copy(built.join(function), place.join("bootstrap")).expect("a bootstrap that was built");
        }
        fs::write(folder.path().join("template.yaml"), deployable(&super::template())).expect("the copy");
        let api = Api::new(&gateway.base_url, &cloud.servers.identity.ca_pem);
        let mut this = Self {
            name: name.to_owned(),
            cloud,
            api,
            outputs: BTreeMap::new(),
            resources: BTreeMap::new(),
            gateway,
            folder,
        };
        this.update(parameters).await;
        this.gateway.leads_to(&this.resources["Api"]);
        let token = cloud.secrets().get_secret_value().secret_id(&this.outputs["AdminTokenSecretArn"]);
        let token = token.send().await.expect("the administrator's token").secret_string.expect("a text");
        this.api = this.api.with_token(&token);
        this
    }

    /// Deploys it again, with these parameters.
    pub async fn update(&mut self, parameters: &[(&str, &str)]) {
        let base_url = format!("BaseUrl={}", self.gateway.base_url);
        let parameters = parameters.iter().map(|(name, value)| format!("{name}={value}"));
        let mut command = self.sam("deploy");
        command.args(["--template-file", "template.yaml", "--capabilities", "CAPABILITY_IAM"]);
        command.args(["--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"]);
        command.arg("--parameter-overrides").arg(base_url).args(parameters);
        self.carried_out(command).await;
        let told = self.ask("DescribeStackResources").await;
        self.resources = pairs(&told, "LogicalResourceId", "PhysicalResourceId");
        self.outputs = pairs(&self.ask("DescribeStacks").await, "OutputKey", "OutputValue");
    }

    /// The bootstraps are others from the next deployment on: a byte after the end of a program changes nothing else.
    pub fn with_new_code(&self) {
        for function in ["api", "refresher", "poller"] {
            let place = self.folder.path().join(function).join("bootstrap");
            let file = fs::File::options().append(true).open(place);
            file.and_then(|mut file| file.write_all(b"\0")).expect("a bootstrap that can be changed");
        }
    }

    /// Deletes it, as the guide says it.
    pub async fn delete(&self) {
        let mut command = self.sam("delete");
        command.arg("--no-prompts");
        self.carried_out(command).await;
    }

    /// A command of the SAM CLI about this stack.
    fn sam(&self, what: &str) -> Command {
        let mut command = Command::new(told("MAILDOCKET_TEST_SAM").join("bin/sam"));
        command.arg(what).args([
            "--stack-name",
            &self.name,
            "--s3-bucket",
            ARTIFACTS,
            "--s3-prefix",
            &self.name,
        ]);
        command.args(["--region", REGION]).current_dir(self.folder.path());
        command.env("SAM_CLI_TELEMETRY", "0").env("AWS_ENDPOINT_URL", &self.cloud.front.undisturbed);
        command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        command.stdin(Stdio::null());
        command
    }

    async fn carried_out(&self, mut command: Command) {
        let output = command.output().await.expect("the SAM CLI starts");
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            output.status.success(),
            "{}\n{}\n{}",
            said(&output.stdout),
            said(&output.stderr),
            self.cloud.ministack.log()
        );
    }

    /// An answer of CloudFormation about this stack.
    async fn ask(&self, action: &str) -> String {
        let form = Serializer::new(String::new())
            .extend_pairs([("Action", action), ("Version", "2010-05-15"), ("StackName", &self.name)])
            .finish();
        self.cloud.signed.ask("cloudformation", Method::POST, "/", &form).await
    }

    /// Calls a function through Lambda's API: its answer, or the error that it reported.
    pub async fn invoke(&self, function: &str, event: &Value) -> Value {
        let path = format!("/2015-03-31/functions/{}/invocations", self.resources[function]);
        let answer = self.cloud.signed.ask("lambda", Method::POST, &path, &event.to_string()).await;
        serde_json::from_str(&answer).unwrap_or(Value::Null)
    }

    /// Sets how long a function may take, in seconds, as an administrator may.
    pub async fn set_timeout(&self, function: &str, seconds: u32) {
        let path = format!("/2015-03-31/functions/{}/configuration", self.resources[function]);
        let change = json!({ "Timeout": seconds }).to_string();
        self.cloud.signed.ask("lambda", Method::PUT, &path, &change).await;
    }

    /// Puts a hint about a mailbox into the queue, as the plan does.
    pub async fn hint(&self, mailbox: &str) {
        let body = json!({ "mailbox_ids": [mailbox], "planned_at": Timestamp::now(), "rescan": false });
        self.put(&body.to_string()).await;
    }

    /// Puts a message into the queue.
    pub async fn put(&self, body: &str) {
        let message =
            self.cloud.queues().send_message().queue_url(&self.outputs["QueueUrl"]).message_body(body);
        message.send().await.expect("a queue that takes it");
    }

    /// Where a secret of this installation is.
    pub fn secret(&self, name: &str) -> String {
        format!("maildocket/{}/{name}", self.name)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("ministack said:\n{}", self.cloud.ministack.log());
        }
    }
}

/// What two elements of each member of an XML answer say.
fn pairs(xml: &str, name: &str, value: &str) -> BTreeMap<String, String> {
    let element = |member: &str, name: &str| {
        let (_, rest) = member.split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0.replace("&amp;", "&"))
    };
    let members = xml.split("<member>").skip(1);
    members.filter_map(|member| Some((element(member, name)?, element(member, value)?))).collect()
}
