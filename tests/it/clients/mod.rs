//! Clients that public generators make of the served description, against the real process; and what a public validator
//! says of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use tests::{Maildocket, Servers, maildocket::TOKEN, process::told};

/// What is generated without Python's formatter, and what kinds of content are bytes.
const PYTHON: &str = "post_hooks: []\ncontent_type_overrides:\n  message/rfc822: application/octet-stream\n  \
    '*/*': application/octet-stream\n";
/// What the types are checked with.
const TYPES: &str = r#"{"compilerOptions": {"strict": true, "target": "es2022", "module": "nodenext", "lib": ["es2022", "dom"],
    "types": [], "skipLibCheck": true}, "files": ["client.ts"]}"#;

/// A process, and a folder with the description that it serves.
struct Desk {
    docket: Maildocket,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let docket = Maildocket::start(Servers::get().await).await;
        let folder = tempfile::tempdir().unwrap();
        let document = docket.api.get("/openapi.json").await;
        fs::write(folder.path().join("openapi.json"), document.to_string()).unwrap();
        Self { docket, folder }
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Runs a program there: what it printed.
    #[track_caller]
    fn run(&self, program: impl AsRef<Path>, arguments: &[&str]) -> String {
        let mut command = Command::new(program.as_ref());
        let output = command.args(arguments).current_dir(self.folder.path()).output().unwrap();
        let both = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success(), "{arguments:?}: {both}");
        both
    }

    /// Runs a client, which says at its end that it did everything.
    #[track_caller]
    fn runs(&self, program: impl AsRef<Path>, client: &str) {
        let said = self.run(program, &[client, &self.docket.api.base, TOKEN]);
        assert!(said.ends_with("done\n"), "{said}");
    }
}

fn python(program: &str) -> PathBuf {
    Path::new(&told("MAILDOCKET_TEST_CLIENTS")).join("bin").join(program)
}

#[tokio::test]
async fn the_description_is_valid() {
    let desk = Desk::new().await;
    let said = desk.run(python("openapi-spec-validator"), &["openapi.json"]);
    assert!(said.contains("OK"), "{said}");
}

#[tokio::test]
async fn a_client_in_python_works() {
    let desk = Desk::new().await;
    desk.put("config.yaml", PYTHON);
    desk.put("client.py", include_str!("client.py"));
    let generate = ["generate", "--path", "openapi.json", "--meta", "none", "--config", "config.yaml"];
    let arguments = [&generate[..], &["--output-path", "maildocket_client", "--fail-on-warning"]].concat();
    desk.run(python("openapi-python-client"), &arguments);
    desk.runs(python("python"), "client.py");
}

#[tokio::test]
async fn a_client_in_typescript_works() {
    let desk = Desk::new().await;
    let modules = Path::new(&told("MAILDOCKET_TEST_NPM")).join("node_modules");
    std::os::unix::fs::symlink(&modules, desk.folder.path().join("node_modules")).unwrap();
    for (name, text) in [
        ("package.json", r#"{"type": "module"}"#),
        ("tsconfig.json", TYPES),
        ("client.ts", include_str!("client.ts")),
    ] {
        desk.put(name, text);
    }
    desk.run(modules.join(".bin/openapi-typescript"), &["openapi.json", "-o", "api.d.ts"]);
    desk.run(modules.join(".bin/tsc"), &["-p", "."]);
    desk.runs("node", "client.js");
}
