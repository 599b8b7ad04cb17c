//! A proxy that ends TLS in front of Dovecot's clear-text port and counts what a client does. It may hide what the server
//! can do, and cut a connection at a stated command.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::Servers;

/// The names of commands are no longer than this.
const MAX_NAME: usize = 40;

/// Commands that end a session.
const GOOD_BYES: [&str; 2] = ["LOGOUT", "QUIT"];
/// Commands of POP3, which have no tag.
const POP3: [&str; 9] = ["CAPA", "AUTH", "USER", "PASS", "UIDL", "LIST", "TOP", "RETR", "QUIT"];

/// What clients did.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// TCP connections.
    pub connects: u32,
    /// TLS handshakes that came to an end.
    pub handshakes: u32,
    /// The first words of what was sent, tag left out.
    pub commands: Vec<String>,
    /// How often the client waited for the server: once for the greeting, once for each answer that it needed before it
    /// went on.
    pub waits: u32,
    /// Bytes from the server, within TLS.
    pub bytes_down: u64,
}

impl Counts {
    /// Round trips to the last answer: TCP, TLS 1.3, and the waits.
    pub fn round_trips(&self) -> u32 {
        self.connects + self.handshakes + self.waits
    }
}

/// A counting proxy on a free port of loopback.
pub struct Traffic {
    /// Where it listens.
    pub port: u16,
    counts: Arc<Mutex<Counts>>,
    cut: Arc<Mutex<Option<String>>>,
}

impl Traffic {
    /// In front of the tests' Dovecot.
    pub async fn to_dovecot(servers: &'static Servers) -> Self {
        Self::to(servers, servers.dovecot.imap, &[]).await
    }

    /// The same, as if the server could not do these things, such as `MOVE`.
    pub async fn hiding(servers: &'static Servers, hidden: &'static [&'static str]) -> Self {
        Self::to(servers, servers.dovecot.imap, hidden).await
    }

    /// By POP3.
    pub async fn to_dovecot_by_pop3(servers: &'static Servers) -> Self {
        Self::to(servers, servers.dovecot.pop3, &[]).await
    }

    async fn to(servers: &'static Servers, target: u16, hidden: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let counts = Arc::new(Mutex::new(Counts::default()));
        let cut = Arc::new(Mutex::new(None));
        let (shared, cutting) = (counts.clone(), cut.clone());
        let acceptor = servers.identity.acceptor(None).expect("a certificate");
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                count(&shared, |counts| counts.connects += 1);
                let (acceptor, shared, cutting) = (acceptor.clone(), shared.clone(), cutting.clone());
                tokio::spawn(async move {
                    let Ok(client) = acceptor.accept(tcp).await else { return };
                    count(&shared, |counts| counts.handshakes += 1);
                    let server = TcpStream::connect(("127.0.0.1", target)).await.expect("Dovecot");
                    relay(client, server, Watch { counts: shared, cut: cutting, hidden }).await;
                });
            }
        });
        Self { port, counts, cut }
    }

    /// The next command that holds this text is carried out, and its answer is lost with the connection.
    pub fn cut_at(&self, command: &str) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = Some(command.to_owned());
    }

    /// What was counted since the last time.
    pub fn take(&self) -> Counts {
        std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn count(counts: &Mutex<Counts>, change: impl FnOnce(&mut Counts)) {
    change(&mut counts.lock().unwrap_or_else(PoisonError::into_inner));
}

/// What is done with what passes by.
struct Watch {
    counts: Arc<Mutex<Counts>>,
    cut: Arc<Mutex<Option<String>>>,
    hidden: &'static [&'static str],
}

impl Watch {
    /// Whether the connection ends after this command; once.
    fn cuts(&self, sent: &[u8]) -> bool {
        let mut cut = self.cut.lock().unwrap_or_else(PoisonError::into_inner);
        let hit = cut.as_ref().is_some_and(|text| String::from_utf8_lossy(sent).contains(text));
        if hit {
            *cut = None;
        }
        hit
    }

    /// Overwrites the names of what is hidden.
    fn hide(&self, said: &mut [u8]) {
        for name in self.hidden {
            let name = format!(" {name}");
            while let Some(at) = said.windows(name.len()).position(|window| window == name.as_bytes()) {
                said[at + 1..at + name.len()].fill(b'X');
            }
        }
    }
}

async fn relay(client: tokio_rustls::server::TlsStream<TcpStream>, server: TcpStream, watch: Watch) {
    let counts = &watch.counts;
    let cut = AtomicBool::new(false);
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = server.into_split();
    // The client has said something since the server spoke last; at the beginning it waits for the greeting.
    let waiting = AtomicBool::new(true);
    let up = async {
        let mut buffer = vec![0; 64 * 1024];
        let mut unread = Vec::new();
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            if watch.cuts(&buffer[..read]) {
                cut.store(true, Ordering::SeqCst);
            }
            unread.extend_from_slice(&buffer[..read]);
            let commands = names(&mut unread);
            // Nobody waits for the answer to a good-bye.
            let waits = commands.iter().any(|command| !GOOD_BYES.contains(&command.as_str()));
            if waits || commands.is_empty() {
                waiting.store(true, Ordering::SeqCst);
            }
            count(counts, |counts| counts.commands.extend(commands));
            if to_server.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
        let _ = to_server.shutdown().await;
    };
    let down = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
            let waited = u32::from(waiting.swap(false, Ordering::SeqCst));
            if cut.load(Ordering::SeqCst) {
                break;
            }
            watch.hide(&mut buffer[..read]);
            count(counts, |counts| {
                counts.waits += waited;
                counts.bytes_down += read as u64;
            });
            if to_client.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
        let _ = to_client.shutdown().await;
    };
    tokio::join!(up, down);
}

/// Takes whole lines out of what a client sent, and gives the names of their commands; what else is in them is nobody's
/// business. A line may come in pieces.
fn names(sent: &mut Vec<u8>) -> Vec<String> {
    let end = sent.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let lines: Vec<u8> = sent.drain(..end).collect();
    let name = |line: &str| {
        let mut words = line.split_whitespace();
        // IMAP's commands begin with a tag.
        let word = words.next().filter(|word| POP3.contains(word)).or_else(|| words.next());
        word.unwrap_or_default().chars().take(MAX_NAME).collect::<String>()
    };
    String::from_utf8_lossy(&lines).lines().map(name).collect()
}
