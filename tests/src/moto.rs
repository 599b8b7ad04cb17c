//! moto: Secrets Manager, SQS, S3 and DynamoDB as a program of this machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use aws_sdk_secretsmanager::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
};
use tempfile::TempDir;

use crate::process::{answers, told, until};

/// A moto server of one test; it holds everything in memory.
pub struct Moto {
    /// Where it listens.
    pub port: u16,
    process: Child,
    // What it says; kept until it ended.
    _folder: TempDir,
}

impl Moto {
    /// Starts it on a port that it chooses itself.
    pub async fn start() -> Self {
        let program = told("MAILDOCKET_TEST_VENV").join("bin/moto_server");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (out, err) = (folder.path().join("stdout"), folder.path().join("stderr"));
        let file = |path: &Path| Stdio::from(fs::File::create(path).expect("a file"));
        let process = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdin(Stdio::null())
            .stdout(file(&out))
            .stderr(file(&err))
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
        let mut moto = Self { port: 0, process, _folder: folder };
        moto.port = until("moto's start", async || moto.look(&err)).await;
        moto
    }

    /// Its port, once it listens there.
    fn look(&mut self, said: &PathBuf) -> Option<u16> {
        let text = fs::read_to_string(said).unwrap_or_default();
        let ended = self.process.try_wait().expect("a child of ours");
        assert!(ended.is_none(), "moto ended at its start: {text}");
        let (_, rest) = text.split_once("Running on http://127.0.0.1:")?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        rest.contains('\n').then(|| digits.parse().ok())?.filter(|port| answers(*port))
    }

    /// A client of its Secrets Manager.
    pub fn secrets_manager(&self) -> Client {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-central-1"))
            .endpoint_url(format!("http://127.0.0.1:{}", self.port))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .build();
        Client::from_conf(config)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // By its own process id; it may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
