//! The configurations of Caddy and nginx in the guide, in front of the program itself: names, ports and certificates are
//! the tests', everything else is as it stands there.

use std::{
    fs,
    net::IpAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use reqwest::{Certificate, Client, StatusCode, header, redirect::Policy};
use serde_json::json;
use tempfile::TempDir;
use tests::{
    Api, Maildocket, Servers,
    maildocket::TOKEN,
    process::{answers, free_port, told, until},
};

use super::{Page, blocks, folder};

/// From where the browser comes: not from where the proxy does.
const CLIENT: [u8; 4] = [127, 9, 9, 9];

/// A running proxy, with a port of its own.
struct Proxy {
    process: Child,
    _folder: TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// The configuration of the guide, with the tests' names.
fn configuration(language: &str, changes: &[(&str, String)]) -> String {
    let page = Page::read(folder().join("reverse-proxy.md"));
    let found = blocks(&page.text, language);
    let [(_, text)] = &found[..] else { panic!("{language} has {} blocks", found.len()) };
    changes.iter().fold(text.clone(), |text, (from, to)| {
        assert!(text.contains(from), "the guide has no {from}:\n{text}");
        text.replace(from, to)
    })
}

/// Starts a program that lies unpacked, and waits until it answers there.
async fn started(mut command: Command, folder: TempDir, port: u16) -> Proxy {
    let root = told("MAILDOCKET_TEST_MAIL_SERVERS").join("proxies");
    command.env("LD_LIBRARY_PATH", root.join("usr/lib/x86_64-linux-gnu")).env("HOME", folder.path());
    let log = fs::File::create(folder.path().join("log")).unwrap();
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    let process = command.spawn().unwrap();
    let log = folder.path().join("log");
    let proxy = Proxy { process, _folder: folder };
    until(&format!("the proxy's start ({})", log.display()), async || answers(port).then_some(())).await;
    proxy
}

fn program(name: &str) -> Command {
    Command::new(told("MAILDOCKET_TEST_MAIL_SERVERS").join("proxies/usr").join(name))
}

fn certificate(servers: &Servers, folder: &Path) -> [String; 2] {
    let identity = &servers.identity;
    [("certificate.pem", identity.certificate_pem()), ("key.pem", identity.key_pem())].map(|(name, text)| {
        fs::write(folder.join(name), text).unwrap();
        folder.join(name).display().to_string()
    })
}

async fn caddy(servers: &Servers, upstream: &str, port: u16) -> Proxy {
    let folder = tempfile::tempdir().unwrap();
    let [certificate, key] = certificate(servers, folder.path());
    let site = format!(
        "{{\n\tadmin off\n\tauto_https disable_redirects\n}}\nhttps://localhost:{port} {{\n\tbind 127.0.0.1\n\ttls {certificate} {key}"
    );
    let text =
        configuration("caddyfile", &[("mail.example.com {", site), ("127.0.0.1:8025", upstream.to_owned())]);
    let file = folder.path().join("Caddyfile");
    fs::write(&file, text).unwrap();
    let mut command = program("bin/caddy");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
    started(command, folder, port).await
}

async fn nginx(servers: &Servers, upstream: &str, port: u16) -> Proxy {
    let folder = tempfile::tempdir().unwrap();
    let [certificate, key] = certificate(servers, folder.path());
    let plain = free_port();
    let servers = configuration(
        "nginx",
        &[
            ("    listen [::]:80;\n", String::new()),
            ("listen 80;", format!("listen 127.0.0.1:{plain};")),
            ("    listen [::]:443 ssl http2;\n", String::new()),
            ("listen 443 ssl", format!("listen 127.0.0.1:{port} ssl")),
            ("/etc/letsencrypt/live/mail.example.com/fullchain.pem", certificate),
            ("/etc/letsencrypt/live/mail.example.com/privkey.pem", key),
            ("mail.example.com", "localhost".to_owned()),
            ("127.0.0.1:8025", upstream.to_owned()),
            // As the guide says for another port than 443.
            ("Host $host;", "Host $http_host;".to_owned()),
        ],
    );
    let place = folder.path().display();
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {place}/{name};"));
    let text = format!(
        "daemon off;\nmaster_process off;\npid {place}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{}\n{servers}\n}}\n",
        paths.join("\n")
    );
    let file = folder.path().join("nginx.conf");
    fs::write(&file, text).unwrap();
    let mut command = program("sbin/nginx");
    command.arg("-p").arg(folder.path()).arg("-c").arg(file).args(["-e", "stderr"]);
    started(command, folder, port).await
}

/// A browser that comes from elsewhere.
fn client(servers: &Servers) -> Client {
    let roots = Certificate::from_pem_bundle(servers.identity.ca_pem.as_bytes()).unwrap();
    let client = Client::builder().redirect(Policy::none()).no_proxy().tls_certs_merge(roots);
    client.local_address(IpAddr::from(CLIENT)).timeout(Duration::from_secs(30)).build().unwrap()
}

/// What must hold behind each of them.
async fn holds(servers: &Servers, base: &str) {
    let client = client(servers);
    let health = client.get(format!("{base}/healthz")).send().await.unwrap();
    assert_eq!(health.text().await.unwrap(), r#"{"status":"ok"}"#);
    // Sign-in as a browser does it, and the client's own network in what is noted of it.
    let form = client.post(format!("{base}/sign-in")).header(header::ORIGIN, base);
    let form = form.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = form.body(format!("token={TOKEN}")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{answer:?}");
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-maildocket="), "{cookie}");
    let page = client.get(format!("{base}/")).header(header::COOKIE, &cookie).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
    let api = Api::new(base, &servers.identity.ca_pem);
    let sessions = api.list("/sessions").await;
    assert!(sessions[0].to_string().contains("127.9.9."), "{sessions:?}");
    // As much as the API takes, and what is more as it refuses it.
    let whole = json!({ "key": "BIG", "name": "x".repeat(1_000_000) });
    assert_eq!(
        api.attempt(reqwest::Method::POST, "/projects", Some(whole)).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let more = client.post(format!("{base}/api/v1/projects")).bearer_auth(TOKEN).body("x".repeat(1_100_000));
    assert_eq!(more.send().await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
}

async fn behind<P: AsyncFnOnce(&'static Servers, String, u16) -> Proxy>(proxy: P) {
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    let port = free_port();
    let base = format!("https://localhost:{port}");
    docket
        .restart_with(&[
            ("MAILDOCKET_BASE_URL", base.clone()),
            ("MAILDOCKET_TRUSTED_PROXY", "true".to_owned()),
        ])
        .await;
    let upstream = docket.api.base.replace("http://localhost", "127.0.0.1");
    let _proxy = proxy(servers, upstream, port).await;
    holds(servers, &base).await;
}

#[tokio::test]
async fn behind_caddy_as_the_guide_has_it() {
    behind(async |servers, upstream, port| caddy(servers, &upstream, port).await).await;
}

#[tokio::test]
async fn behind_nginx_as_the_guide_has_it() {
    behind(async |servers, upstream, port| nginx(servers, &upstream, port).await).await;
}
