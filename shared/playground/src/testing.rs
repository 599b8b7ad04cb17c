//! Small clients for the protocol tests: plain sockets over TLS, no client library.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::Url;

use crate::{Options, Playground};

pub(crate) const USER: &str = "support@example.test";
pub(crate) const CLIENT: &str = "maildocket";
pub(crate) const SECRET: &str = "a secret with & and +";
pub(crate) const CALLBACK: &str = "http://localhost:8025/oauth2/callback/custom?x=1";
/// PKCE of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A test that waits longer than this for an answer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A playground with one registered client.
pub(crate) async fn start() -> Playground {
    start_with(Options::default()).await
}

pub(crate) async fn start_with(options: Options) -> Playground {
    let playground = Playground::start(options).await.unwrap();
    playground.register_client(CLIENT, SECRET, CALLBACK);
    playground
}

/// An access token that opens the mailbox.
pub(crate) fn token(playground: &Playground) -> String {
    playground.script().issue_tokens(CLIENT, USER).unwrap().access_token
}

async fn tls(playground: &Playground, tcp: TcpStream, name: &str) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(playground.ca_pem().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, tcp).await
}

/// An IMAP client that sees lines and literals.
pub(crate) struct Imap {
    io: BufReader<TlsStream<TcpStream>>,
    tags: u32,
}

impl Imap {
    /// Connects and reads the greeting.
    pub(crate) async fn connect(playground: &Playground) -> (Self, String) {
        let mut imap = Self::connect_silently(playground).await;
        let greeting = imap.line().await.unwrap();
        (imap, greeting)
    }

    pub(crate) async fn connect_silently(playground: &Playground) -> Self {
        let tcp = TcpStream::connect(playground.imap_address()).await.unwrap();
        Self { io: BufReader::new(tls(playground, tcp, "localhost").await.unwrap()), tags: 0 }
    }

    /// Connected and signed in with a new token.
    pub(crate) async fn signed_in(playground: &Playground) -> Self {
        let (mut imap, _) = Self::connect(playground).await;
        let line = format!("AUTHENTICATE XOAUTH2 {}", xoauth2(USER, &token(playground)));
        let (_, tagged) = imap.command(&line).await.unwrap();
        assert!(tagged.starts_with("OK"), "{tagged}");
        imap
    }

    /// A line with the literals in it, without the last line end.
    pub(crate) async fn line(&mut self) -> io::Result<String> {
        timeout(PATIENCE, self.read_line()).await.expect("the server answers in time")
    }

    async fn read_line(&mut self) -> io::Result<String> {
        let mut bytes = Vec::new();
        loop {
            if self.io.read_until(b'\n', &mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let Some(length) = literal_length(&bytes) else { break };
            let start = bytes.len();
            bytes.resize(start + length, 0);
            self.io.read_exact(&mut bytes[start..]).await?;
        }
        Ok(String::from_utf8_lossy(&bytes).trim_end_matches("\r\n").to_owned())
    }

    /// The next bytes as text, whatever they announce.
    pub(crate) async fn start_of_line(&mut self, length: usize) -> String {
        let mut bytes = vec![0; length];
        timeout(PATIENCE, self.io.read_exact(&mut bytes)).await.expect("the server answers in time").unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.io.write_all(text.as_bytes()).await.unwrap();
        self.io.flush().await.unwrap();
    }

    /// Untagged lines, and the tagged one without its tag.
    pub(crate) async fn command(&mut self, command: &str) -> io::Result<(Vec<String>, String)> {
        self.tags += 1;
        let tag = format!("t{}", self.tags);
        self.send(&format!("{tag} {command}\r\n")).await;
        let mut untagged = Vec::new();
        loop {
            let line = self.line().await?;
            match line.strip_prefix(&format!("{tag} ")) {
                Some(tagged) => return Ok((untagged, tagged.to_owned())),
                None => untagged.push(line),
            }
        }
    }
}

/// A POP3 client that sees lines.
pub(crate) struct Pop3 {
    io: BufReader<TlsStream<TcpStream>>,
}

impl Pop3 {
    /// Connects and reads the greeting.
    pub(crate) async fn connect(playground: &Playground) -> Self {
        let tcp = TcpStream::connect(playground.pop3_address()).await.unwrap();
        let mut pop3 = Self { io: BufReader::new(tls(playground, tcp, "localhost").await.unwrap()) };
        assert!(pop3.line().await.starts_with("+OK"));
        pop3
    }

    /// Connected and signed in with a new token.
    pub(crate) async fn signed_in(playground: &Playground) -> Self {
        let mut pop3 = Self::connect(playground).await;
        assert_eq!(pop3.ask("AUTH XOAUTH2").await, "+ ");
        assert!(pop3.ask(&xoauth2(USER, &token(playground))).await.starts_with("+OK"));
        pop3
    }

    /// Sends a line; the first line of the answer.
    pub(crate) async fn ask(&mut self, line: &str) -> String {
        self.io.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        self.line().await
    }

    /// The next line.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = String::new();
        timeout(PATIENCE, self.io.read_line(&mut line)).await.expect("an answer in time").unwrap();
        line.trim_end_matches("\r\n").to_owned()
    }
}

fn literal_length(line: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(line);
    text.strip_suffix("}\r\n")?.rsplit_once('{')?.1.parse().ok()
}

pub(crate) fn xoauth2(user: &str, token: &str) -> String {
    STANDARD.encode(format!("user={user}\x01auth=Bearer {token}\x01\x01"))
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Http {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Http {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn location(&self) -> Url {
        Url::parse(&self.headers["location"]).unwrap()
    }
}

/// One request on a connection of its own.
pub(crate) async fn http(
    playground: &Playground,
    url: &Url,
    headers: &[(&str, &str)],
    form: Option<&[(&str, &str)]>,
) -> io::Result<Http> {
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let method = if form.is_some() { "POST" } else { "GET" };
    let mut request =
        format!("{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", url.authority());
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let body =
        form.map(|form| url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish());
    if let Some(body) = &body {
        let length = body.len();
        request.push_str(&format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n"
        ));
    }
    request.push_str("\r\n");
    request.push_str(&body.unwrap_or_default());
    let tcp = TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).await?;
    let answer = async {
        if url.scheme() == "https" {
            exchange(tls(playground, tcp, "127.0.0.1").await?, &request).await
        } else {
            exchange(tcp, &request).await
        }
    };
    timeout(PATIENCE, answer).await.expect("the provider answers in time")
}

async fn exchange(mut io: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> io::Result<Http> {
    io.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    io.read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Ok(Http { status, headers, body: body.to_owned() })
}

/// The authorization request of a well-behaved client.
pub(crate) fn authorize_url(endpoint: &Url) -> Url {
    let mut url = endpoint.clone();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", CLIENT)
        .append_pair("redirect_uri", CALLBACK)
        .append_pair("scope", "openid email profile offline_access mail")
        .append_pair("state", "state-1")
        .append_pair("nonce", "nonce-1")
        .append_pair("code_challenge", CHALLENGE)
        .append_pair("code_challenge_method", "S256");
    url
}

/// The same request with one field changed, or left out.
pub(crate) fn changed(url: &Url, name: &str, value: Option<&str>) -> Url {
    let kept: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(field, _)| field != name).collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(kept).extend_pairs(value.map(|value| (name, value)));
    url
}

pub(crate) fn field(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
}
