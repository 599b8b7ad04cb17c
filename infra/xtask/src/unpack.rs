//! Servers that the tests start and that are not installed. Debian lets no two mail servers be, and starts a web server that
//! is: their packages are unpacked into folders of their own, and started from there (mail servers by `infra/dev/*/run.sh`).

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use crate::run::{Outcome, answers, command, is_root, step, target, write};

/// Folders and packages.
const SERVERS: [(&str, &[&str]); 3] = [
    ("courier", &["courier-imap", "courier-pop", "courier-authlib-userdb"]),
    ("cyrus", &["cyrus-imapd", "cyrus-pop3d", "sasl2-bin"]),
    ("proxies", &["caddy", "nginx-light"]),
];
/// What Debian knows to be installed.
const STATUS: &str = "/var/lib/dpkg/status";
/// Of which there may be one on a machine.
const CONFLICTS: [&str; 2] = ["imap-server", "pop3-server"];
/// Arguments: a package's file, and a folder in which `lib` leads to `usr/lib`, as on the machine itself.
const UNPACK: &str =
    r#"dpkg-deb --fsys-tarfile "$0" | tar --extract --keep-directory-symlink --directory "$1""#;

/// Arguments: two folders for what is written over a folder of the machine's.
const LAY_OVER: &str =
    r#"mount -t overlay none -o "lowerdir=/etc,upperdir=$0,workdir=$1" /etc && mount -t tmpfs none /run"#;

/// Unpacks what is missing; the folder with a folder of each server. Nothing, with a sentence, where this user could not
/// run them: they see their packages laid over the machine's files, which only root can do.
pub(crate) fn mail_servers() -> Outcome<Option<PathBuf>> {
    let folder = target().join("dev/mail-servers");
    if !is_root() || !may_lay_over(&folder) {
        println!(
            "Tests against Courier, Cyrus, Caddy and nginx, of the installed package and the container are left out: they need root that may mount, and unshare of util-linux."
        );
        return Ok(None);
    }
    let missing: Vec<_> =
        SERVERS.iter().filter(|(name, _)| !folder.join(name).join("unpacked").exists()).collect();
    if missing.is_empty() {
        return Ok(Some(folder));
    }
    if !answers("apt-get", "--version") || !fs::exists(STATUS).unwrap_or(false) {
        let names: Vec<_> = SERVERS.iter().flat_map(|(_, packages)| packages.iter().copied()).collect();
        println!(
            "Tests against Courier, Cyrus, Caddy and nginx are left out: they need a Debian with these packages: {}.",
            names.join(" ")
        );
        return Ok(None);
    }
    step("apt-get update", command("apt-get").args(["-q", "update"]).stdout(Stdio::null()))?;
    let status = folder.join("status");
    write(&status, &without_mail_servers()?)?;
    for (name, packages) in missing {
        unpack(&folder.join(name), packages, &status)?;
    }
    Ok(Some(folder))
}

/// Whether this machine lets root do what the servers' scripts do: containers often do not.
fn may_lay_over(folder: &Path) -> bool {
    let (upper, work) = (folder.join("try/upper"), folder.join("try/work"));
    if fs::create_dir_all(&upper).and_then(|()| fs::create_dir_all(&work)).is_err() {
        return false;
    }
    let mut mount = command("unshare");
    mount.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", LAY_OVER]).arg(upper).arg(work);
    mount.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Downloads these packages and those that they need, and unpacks them all.
fn unpack(folder: &Path, packages: &[&str], status: &Path) -> Outcome {
    let told = |error| format!("{}: {error}", folder.display());
    let archives = folder.join("packages");
    for name in ["packages/partial", "usr/bin", "usr/sbin", "usr/lib"] {
        fs::create_dir_all(folder.join(name)).map_err(told)?;
    }
    for name in ["bin", "sbin", "lib"] {
        if !folder.join(name).exists() {
            std::os::unix::fs::symlink(format!("usr/{name}"), folder.join(name)).map_err(told)?;
        }
    }
    let mut download = command("apt-get");
    download.args(["-q", "-y", "--no-install-recommends", "--download-only"]);
    download.arg("-o").arg(format!("Dir::State::status={}", status.display()));
    download.arg("-o").arg(format!("Dir::Cache::archives={}", archives.display()));
    download.arg("install").args(packages).stdout(Stdio::null());
    let names = packages.join(" ");
    step(&format!("apt-get --download-only install {names}"), &mut download)?;
    for entry in fs::read_dir(&archives).map_err(told)?.flatten() {
        let package = entry.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            let unpacked = command("sh").args(["-c", UNPACK]).arg(&package).arg(folder).status();
            if !unpacked.is_ok_and(|status| status.success()) {
                return Err(format!("{} cannot be unpacked.", package.display()));
            }
        }
    }
    write(&folder.join("unpacked"), &names)
}

/// What is installed, but for mail servers.
fn without_mail_servers() -> Outcome<String> {
    let status = fs::read_to_string(STATUS).map_err(|error| format!("cannot read {STATUS}: {error}"))?;
    let provides = |package: &str| {
        let mut lines = package.lines().filter_map(|line| line.strip_prefix("Provides:"));
        lines.any(|line| CONFLICTS.iter().any(|name| line.contains(name)))
    };
    let kept: Vec<&str> = status.split("\n\n").filter(|package| !provides(package)).collect();
    Ok(kept.join("\n\n"))
}
