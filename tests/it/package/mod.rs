//! What people install: the Debian package, made of the program that the tests run.

mod container;
mod installed;
mod unit;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use tests::process::{told, until};

use crate::workspace::root;

/// The package, made once by the script that makes those for people, only packed less tightly.
fn package() -> &'static Path {
    static PACKAGE: LazyLock<PathBuf> = LazyLock::new(|| {
        let mut make = Command::new("sh");
        make.arg(root().join("infra/package/deb.sh")).arg(told("MAILDOCKET_TEST_BIN"));
        make.arg(root().join("target/package/tests")).args(["-Zgzip", "-z1"]);
        run(&mut make).lines().last().map(PathBuf::from).expect("the package's name")
    });
    &PACKAGE
}

/// What a command prints, which must succeed.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("a program that starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{command:?} ended with {}: {out}{err}", output.status);
    out
}

/// The package, unpacked as it is, without its scripts.
fn unpacked() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    run(Command::new("dpkg-deb").arg("--extract").arg(package()).arg(folder.path()));
    folder
}

/// A file of the package that is packed by itself.
fn unzipped(path: PathBuf) -> String {
    run(Command::new("gzip").arg("-dc").arg(path))
}

#[test]
fn each_file_lies_where_debian_wants_it() {
    let listed = run(Command::new("dpkg-deb").arg("--contents").arg(package()));
    let files = listed.lines().filter(|line| !line.starts_with('d'));
    let words = files.map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut pages = 0;
    let mut others = Vec::new();
    for words in words {
        let [mode, owner, .., path] = words[..] else { panic!("{listed}") };
        assert_eq!(owner, "root/root", "{path}");
        match path.starts_with("./usr/share/man/man1/maildocket") && path.ends_with(".1.gz") {
            true => pages += 1,
            false => others.push(format!("{mode} {}", path.trim_start_matches('.'))),
        }
    }
    assert!(pages > 20, "{pages} pages of the manual");
    assert_eq!(
        others,
        [
            "-rw-r----- /etc/maildocket/maildocket.env",
            "-rwxr-xr-x /usr/bin/maildocket",
            "-rw-r--r-- /usr/lib/systemd/system/maildocket.service",
            "-rw-r--r-- /usr/share/bash-completion/completions/maildocket",
            "-rw-r--r-- /usr/share/doc/maildocket/CHANGELOG.md.gz",
            "-rw-r--r-- /usr/share/doc/maildocket/changelog.gz",
            "-rw-r--r-- /usr/share/doc/maildocket/copyright",
            "-rw-r--r-- /usr/share/doc/maildocket/third-party.gz",
            "-rw-r--r-- /usr/share/fish/vendor_completions.d/maildocket.fish",
            "-rw-r--r-- /usr/share/zsh/vendor-completions/_maildocket",
        ]
    );
}

#[test]
fn the_package_says_what_it_is_and_needs() {
    let field = |name| run(Command::new("dpkg-deb").arg("--field").arg(package()).arg(name));
    assert_eq!(field("Package").trim(), "maildocket");
    assert_eq!(field("Version").trim(), env!("CARGO_PKG_VERSION"));
    let needs = field("Depends");
    // Of the linker's libraries nothing else: TLS, database and allocator are inside.
    let names: Vec<_> = needs.split(", ").filter_map(|need| need.split_whitespace().next()).collect();
    assert!(names.iter().all(|name| name.starts_with("lib") || ["ca-certificates", "passwd"].contains(name)));
    assert!(names.len() <= 4 && names.contains(&"libc6"), "{needs}");
    let control = tempfile::tempdir().unwrap();
    run(Command::new("dpkg-deb").arg("--control").arg(package()).arg(control.path()));
    let conffiles = fs::read_to_string(control.path().join("conffiles")).unwrap();
    assert_eq!(conffiles, "/etc/maildocket/maildocket.env\n");
    for script in ["postinst", "prerm", "postrm"] {
        run(Command::new("sh").arg("-n").arg(control.path().join(script)));
    }
    let unpacked = unpacked();
    let sums = control.path().join("md5sums");
    run(Command::new("md5sum").args(["--check", "--strict"]).arg(sums).current_dir(unpacked.path()));
}

#[test]
fn what_comes_beside_the_program_is_of_it() {
    let unpacked = unpacked();
    let share = unpacked.path().join("usr/share");
    let page = unzipped(share.join("man/man1/maildocket-mailbox-test.1.gz"));
    assert!(page.contains("Tries a mailbox out"), "{page}");
    for shell in [
        "bash-completion/completions/maildocket",
        "zsh/vendor-completions/_maildocket",
        "fish/vendor_completions.d/maildocket.fish",
    ] {
        assert!(fs::read_to_string(share.join(shell)).unwrap().contains("backfill"), "{shell}");
    }
    let doc = share.join("doc/maildocket");
    let changes = unzipped(doc.join("CHANGELOG.md.gz"));
    let version = concat!("\n## ", env!("CARGO_PKG_VERSION"), "\n");
    assert!(changes.contains("\n## Unreleased\n") && changes.contains(version), "CHANGELOG.md has{version}");
    let copyright = fs::read_to_string(doc.join("copyright")).unwrap();
    for part in [
        "Copyright: 2026 The Maildocket authors",
        "\nLicense: Expat\n Permission is hereby granted",
        "\n .\n",
    ] {
        assert!(copyright.contains(part), "{copyright}");
    }
    // Those of libraries are to be passed on with a program that they are in.
    let others = unzipped(doc.join("third-party.gz"));
    for library in ["\ntokio 1.", "\nrustls 0.", "\nencoding_rs 0.", "\ntikv-jemalloc-sys 0."] {
        assert!(others.contains(library), "the licence of{library}");
    }
    let told = others.lines().filter(|line| line.ends_with(", with its text below")).count();
    assert!(told > 250, "{told} libraries with their licence");
}

#[tokio::test]
async fn what_is_unpacked_serves() {
    let unpacked = unpacked();
    let program = unpacked.path().join("usr/bin/maildocket");
    assert!(
        run(Command::new(&program).arg("--version"))
            .starts_with(concat!("maildocket ", env!("CARGO_PKG_VERSION")))
    );
    let data = unpacked.path().join("var/lib/maildocket");
    let with = |word: &str| {
        let mut command = Command::new(&program);
        command.arg(word).env("MAILDOCKET_DATA_DIR", &data).env("MAILDOCKET_LISTEN", "0");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    };
    assert!(!with("health").stderr(Stdio::null()).status().unwrap().success(), "nothing runs yet");
    let mut serving = with("serve").spawn().unwrap();
    until("the start", async || {
        with("health").stderr(Stdio::null()).status().is_ok_and(|status| status.success()).then_some(())
    })
    .await;
    assert!(data.join("setup-link").exists() && data.join("admin-token").exists());
    run(Command::new("kill").arg(serving.id().to_string()));
    assert!(serving.wait().unwrap().success());
}
