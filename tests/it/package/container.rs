//! The container: built from its file by a builder of Debian's, without a network. The stage that compiles is the one that
//! is not carried out; what it would make comes from the program that the tests run, by the same script.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};
use tests::process::told;

use super::{root, run};

/// A builder whose images all lie in this folder.
struct Builder<'a>(&'a Path);

impl Builder<'_> {
    fn run(&self, arguments: &[&str]) -> String {
        let mut buildah = Command::new("buildah");
        buildah.env("HOME", self.0).args(["--storage-driver", "vfs", "--root"]).arg(self.0.join("images"));
        run(buildah.arg("--runroot").arg(self.0.join("run")).args(arguments)).trim().to_owned()
    }

    /// Builds the image, and says what is set for whoever runs it.
    fn build(&self) -> Value {
        let (made, empty) = (self.0.join("made"), self.0.join("empty"));
        fs::create_dir_all(&empty).unwrap();
        let mut image = Command::new("sh");
        image
            .arg(root().join("infra/package/image.sh"))
            .arg(told("MAILDOCKET_TEST_BIN"))
            .arg(made.join("image"));
        run(&mut image);
        let file = root().join("infra/package/Containerfile");
        let stage = format!("build={}", made.display());
        let words = [
            "build",
            "--isolation",
            "chroot",
            "--format",
            "docker",
            "--build-context",
            &stage,
            "--tag",
            "maildocket",
        ];
        self.run(&[&words[..], &["--file", file.to_str().unwrap(), empty.to_str().unwrap()]].concat());
        fs::remove_dir_all(made).unwrap();
        let told = self.run(&["inspect", "--type", "image", "maildocket"]);
        serde_json::from_str::<Value>(&told).unwrap()["Docker"]["config"].take()
    }
}

#[test]
fn it_is_built_and_runs_over_a_root_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let builder = Builder(folder.path());
    let settings = builder.build();
    for (name, wanted) in [
        ("User", json!("65532:65532")),
        ("Entrypoint", json!(["/usr/bin/maildocket"])),
        ("Cmd", json!(["serve"])),
        ("Volumes", json!({ "/var/lib/maildocket": {} })),
        ("WorkingDir", json!("/var/lib/maildocket")),
        ("StopSignal", json!("SIGTERM")),
    ] {
        assert_eq!(settings[name], wanted, "{name}: {settings}");
    }
    assert_eq!(settings["Healthcheck"]["Test"], json!(["CMD", "/usr/bin/maildocket", "health"]));
    let container = builder.run(&["from", "--pull-never", "maildocket"]);
    let image = builder.run(&["mount", &container]);
    let mut tried = Command::new("unshare");
    // All that is started there ends with the first process.
    tried.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", include_str!("container.sh")]);
    let environment = settings["Env"].as_array().unwrap().iter().map(|set| set.as_str().unwrap());
    let told = run(tried.arg(&image).args(environment));
    println!("{told}");
    assert!(told.ends_with("All is well.\n"), "{told}");
    builder.run(&["rm", &container]);
}

/// What the guide types is what there is.
#[test]
fn the_guide_runs_the_image_as_it_is_built() {
    let guide = fs::read_to_string(root().join("docs/container.md")).unwrap();
    let file = fs::read_to_string(root().join("infra/package/Containerfile")).unwrap();
    for word in ["/var/lib/maildocket", "8025", "65532"] {
        assert!(guide.contains(word) && file.contains(word), "{word}");
    }
    let compose =
        guide.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let compose: Value = serde_norway::from_str(compose).unwrap();
    let service = &compose["services"]["maildocket"];
    assert_eq!(service["read_only"], true, "{service}");
    assert_eq!(service["cap_drop"], json!(["ALL"]), "{service}");
    let settings = service["environment"].as_object().unwrap();
    let help = run(Command::new(told("MAILDOCKET_TEST_BIN")).args(["serve", "--help"]));
    for name in settings.keys().filter(|name| *name != "MAILDOCKET_MASTER_KEY_FILE") {
        assert!(help.contains(name.as_str()), "{name} means nothing");
    }
}
