//! What the tests need besides Rust: real mail servers, a certified OAuth server, stand-ins for AWS, Chromium and the lints
//! of AWS.

use std::{fs, path::PathBuf, process::Stdio};

use crate::{
    run::{Outcome, answers, command, is_root, root, step, target, write},
    unpack,
};

/// Debian packages and a program by which each is known to be there.
const DEBIAN: [(&str, &str); 8] = [
    ("dovecot-imapd", "/usr/lib/dovecot/imap"),
    ("dovecot-pop3d", "/usr/lib/dovecot/pop3"),
    ("dnsmasq-base", "/usr/sbin/dnsmasq"),
    ("chromium", "/usr/bin/chromium"),
    ("chromium-driver", "/usr/bin/chromedriver"),
    ("buildah", "/usr/bin/buildah"),
    ("dpkg-dev", "/usr/bin/dpkg-shlibdeps"),
    ("systemd", "/usr/bin/systemd-analyze"),
];
/// What the benchmarks compare with.
const MBSYNC: (&str, &str) = ("isync", "/usr/bin/mbsync");
/// Python packages, in a virtual environment of their own.
const PYTHON: [&str; 1] = ["moto[server,dynamodb,s3,secretsmanager,sqs]==5.2.5"];
/// The SAM CLI and the lint of templates: apart, since they demand other versions of what moto needs, too.
const SAM: [&str; 2] = ["aws-sam-cli==1.170.0", "cfn-lint==1.58.0"];
/// What the stack is deployed to: apart again, since its botocore is another than the SAM CLI's.
const MINISTACK: [&str; 1] = ["ministack[full]==1.5.33"];
/// Policies for templates: apart, since it pins whatever it uses.
const CHECKOV: [&str; 1] = ["checkov==3.3.30"];
/// What makes a client of the API's description, and what says whether that is valid: apart, with what they pin.
const CLIENTS: [&str; 2] = ["openapi-python-client==0.29.1", "openapi-spec-validator==0.9.0"];
/// What `sam build` calls, where that is asked for.
const CARGO_LAMBDA: [&str; 1] = ["cargo-lambda==1.9.2"];

/// Where the tests find what was installed.
pub(crate) struct Installed {
    /// Holds `node_modules`.
    pub(crate) npm: PathBuf,
    /// A Python virtual environment.
    pub(crate) venv: PathBuf,
    /// Another, with the SAM CLI.
    pub(crate) sam: PathBuf,
    /// Another, with ministack.
    pub(crate) ministack: PathBuf,
    /// Another, with checkov.
    pub(crate) checkov: PathBuf,
    /// Another, with generators of clients.
    pub(crate) clients: PathBuf,
    /// Mail servers beside Dovecot; nothing where this user cannot run them.
    pub(crate) mail_servers: Option<PathBuf>,
}

/// Installs what is missing; says what it may not install.
pub(crate) fn run() -> Outcome<Installed> {
    debian(&DEBIAN)?;
    Ok(Installed {
        npm: npm()?,
        venv: python("venv", &PYTHON)?,
        sam: python("sam-venv", &SAM)?,
        ministack: python("ministack-venv", &MINISTACK)?,
        checkov: python("checkov-venv", &CHECKOV)?,
        clients: python("clients-venv", &CLIENTS)?,
        mail_servers: unpack::mail_servers()?,
    })
}

/// Installs what `sam build` needs besides.
pub(crate) fn cargo_lambda() -> Outcome<PathBuf> {
    python("cargo-lambda-venv", &CARGO_LAMBDA)
}

/// Installs what the benchmarks need besides.
pub(crate) fn mbsync() -> Outcome {
    debian(&[MBSYNC])
}

fn debian(wanted: &[(&'static str, &str)]) -> Outcome {
    let missing: Vec<&str> =
        wanted.iter().filter(|(_, path)| !fs::exists(path).unwrap_or(false)).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let wanted = missing.join(" ");
    if !is_root() || !answers("apt-get", "--version") {
        return Err(format!(
            "The tests need these Debian packages, and this user may not install them: {wanted}. Run: sudo apt-get install {wanted}"
        ));
    }
    step("apt-get update", command("apt-get").args(["-q", "update"]).stdout(Stdio::null()))?;
    let mut install = command("apt-get");
    install.args(["-q", "-y", "--no-install-recommends", "install"]).args(&missing).stdout(Stdio::null());
    step(&format!("apt-get install {wanted}"), install.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn npm() -> Outcome<PathBuf> {
    let folder = target().join("dev/npm");
    let wanted = root().join("infra/dev/package.json");
    if same(&wanted, &folder.join("package.json")) && folder.join("node_modules/.installed").exists() {
        return Ok(folder);
    }
    if !answers("npm", "--version") {
        return Err(
            "The tests need Node.js 20 or newer with npm. Run: sudo apt-get install nodejs npm".to_owned()
        );
    }
    copy(&wanted, &folder.join("package.json"))?;
    let mut install = command("npm");
    install.args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]);
    step("npm install", install.current_dir(&folder))?;
    write(&folder.join("node_modules/.installed"), "")?;
    Ok(folder)
}

fn python(name: &str, packages: &[&str]) -> Outcome<PathBuf> {
    let folder = target().join("dev").join(name);
    let stamp = folder.join("installed");
    let wanted = packages.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == wanted) {
        return Ok(folder);
    }
    let sentence = "The tests need Python 3.10 or newer with venv. Run: sudo apt-get install python3-venv";
    if !answers("python3", "--version") {
        return Err(sentence.to_owned());
    }
    step("python3 -m venv", command("python3").args(["-m", "venv"]).arg(&folder))
        .map_err(|error| format!("{error} {sentence}"))?;
    let mut install = command(folder.join("bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check"]).args(packages);
    step("pip install", &mut install)?;
    write(&stamp, &wanted)?;
    Ok(folder)
}

fn same(a: &PathBuf, b: &PathBuf) -> bool {
    matches!((fs::read(a), fs::read(b)), (Ok(a), Ok(b)) if a == b)
}

fn copy(from: &PathBuf, to: &PathBuf) -> Outcome {
    let text =
        fs::read_to_string(from).map_err(|error| format!("cannot read {}: {error}", from.display()))?;
    write(to, &text)
}
