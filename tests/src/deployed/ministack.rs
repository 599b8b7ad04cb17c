//! The stand-in for AWS that a stack can be deployed to: it runs the functions, and checks their roles on each call.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::process::{free_port, told, until};

/// Starts it, and ends it by its process id when standard input ends.
const KEEPER: &str =
    r#""$1" "$2" >"$0/log" 2>&1 & pid=$!; cat >/dev/null; kill $pid; wait $pid; rm -rf "$0""#;
/// Another program may take a free port before it does.
const STARTS: u32 = 5;
/// The region of every stack.
pub(crate) const REGION: &str = "eu-central-1";

/// A running ministack, with everything in memory.
pub struct Ministack {
    /// Where it listens, in clear text; everybody else comes over [`super::Front`].
    pub(super) port: u16,
    folder: PathBuf,
    // Its standard input ends with this process, and so does ministack.
    _keeper: Child,
}

impl Ministack {
    /// Starts it. Functions call AWS at `endpoint`, and trust this authority (a PEM file) alone: nobody beyond this machine.
    pub(super) async fn start(port: u16, endpoint: &str, ca_file: &Path) -> Option<Self> {
        // Removed by the keeper, which outlives us.
        let folder =
            tempfile::Builder::new().prefix("maildocket-ministack-").tempdir().expect("a folder").keep();
        let python = told("MAILDOCKET_TEST_MINISTACK").join("bin/python");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/dev/ministack/serve.py");
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER]).arg(&folder).arg(python).arg(script).env_clear();
        for (name, value) in settings(port, endpoint, &folder, ca_file) {
            command.env(name, value);
        }
        let keeper = command.stdin(Stdio::piped()).spawn().expect("a shell");
        let this = Self { port, folder, _keeper: keeper };
        let up = until("ministack's start", async || {
            let log = this.log();
            let failed = log.contains("Traceback") || log.contains("ERROR:");
            (failed || log.contains("Running on http")).then_some(!failed)
        });
        let up = up.await;
        if !up {
            println!("ministack did not start: {}", this.log());
        }
        up.then_some(this)
    }

    /// Tries free ports.
    pub(super) async fn on_a_free_port(endpoint: &str, ca_file: &Path) -> Self {
        for _ in 0..STARTS {
            if let Some(started) = Self::start(free_port(), endpoint, ca_file).await {
                return started;
            }
        }
        panic!("ministack does not start; run `cargo xtask test`, which installs it");
    }

    /// All that it has said, failures of functions with their logs included.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

/// Its environment, which functions inherit.
fn settings(port: u16, endpoint: &str, folder: &Path, ca_file: &Path) -> Vec<(&'static str, String)> {
    let folder = folder.display().to_string();
    [
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("HOME", folder.clone()),
        ("TMPDIR", folder),
        // Signatures, our roles and the bucket's policy are checked on each call.
        ("AUTH", "true".to_owned()),
        ("BIND_HOST", "127.0.0.1".to_owned()),
        ("GATEWAY_PORT", port.to_string()),
        // A name: an address makes lambda_http panic.
        ("MINISTACK_HOST", "localhost".to_owned()),
        ("MINISTACK_REGION", REGION.to_owned()),
        // Services that would listen on ports of their own.
        ("IOT_MTLS_ENABLED", "0".to_owned()),
        ("SFTP_ENABLED", "0".to_owned()),
        // For the functions.
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("SSL_CERT_FILE", ca_file.display().to_string()),
        ("MAILDOCKET_ALLOW_PRIVATE_NETWORK", "true".to_owned()),
    ]
    .into()
}
