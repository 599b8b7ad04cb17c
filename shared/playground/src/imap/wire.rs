//! Lines and literals, with limits on what is read and for how long.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::line::Io;
use crate::script::Oddity;
use crate::world::World;

/// Bytes of one line; access tokens make long ones.
const MAX_LINE: usize = 16 * 1024;
/// Bytes of one literal.
const MAX_LITERAL: usize = 8 * 1024;
/// Bytes of one command, literals included.
const MAX_COMMAND: usize = 64 * 1024;
/// A silent client is dropped after this time, and one that does not read after the other.
const READ_LIMIT: Duration = Duration::from_secs(10 * 60);
const WRITE_LIMIT: Duration = Duration::from_secs(60);
/// Bytes written at once, so that the time limit is one for each piece.
const PIECE: usize = 64 * 1024;

/// Why a session is over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The client left, or was told to.
    Closed,
    /// A line, literal or command was too long.
    TooLong,
    /// The script cut the connection.
    Cut,
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Closed
    }
}

/// One client's connection.
pub(crate) struct Wire {
    io: BufReader<BufWriter<Io>>,
    world: Arc<World>,
    scissors: CancellationToken,
    /// The part of a line that has arrived.
    partial: Vec<u8>,
    /// Bytes until the script's cut.
    left: Option<usize>,
}

impl Wire {
    pub(crate) fn new(io: Io, world: Arc<World>) -> Self {
        let scissors = io.scissors();
        Self { io: BufReader::new(BufWriter::new(io)), world, scissors, partial: Vec::new(), left: None }
    }

    /// The next line without its end. Nothing is lost if this future is dropped.
    pub(crate) async fn line(&mut self) -> Result<Vec<u8>, End> {
        if self.io.buffer().is_empty() {
            self.flush().await?;
        }
        timeout(READ_LIMIT, self.read_line()).await.map_err(|_| End::Closed)?
    }

    /// Whether more came along with the last line.
    pub(crate) fn has_more(&self) -> bool {
        !self.io.buffer().is_empty()
    }

    /// Throws away what came along with the last line.
    pub(crate) fn forget_more(&mut self) {
        let length = self.io.buffer().len();
        self.io.consume(length);
    }

    async fn read_line(&mut self) -> Result<Vec<u8>, End> {
        loop {
            let available = self.io.fill_buf().await?;
            if available.is_empty() {
                return Err(End::Closed);
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(available.len(), |at| at + 1);
            if self.partial.len() + used > MAX_LINE {
                return Err(End::TooLong);
            }
            self.partial.extend_from_slice(&available[..used]);
            self.io.consume(used);
            if end.is_some() {
                let mut line = std::mem::take(&mut self.partial);
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
        }
    }

    /// The next command. A literal stands in it as `{n}`, CRLF and its bytes.
    pub(crate) async fn command(&mut self) -> Result<Vec<u8>, End> {
        let mut command = self.line().await?;
        while let Some((length, waits)) = announced_literal(&command) {
            if length > MAX_LITERAL || command.len() + length > MAX_COMMAND {
                return Err(End::TooLong);
            }
            if waits {
                self.send(b"+ Ready for the literal\r\n").await?;
                self.flush().await?;
            }
            command.extend_from_slice(b"\r\n");
            let start = command.len();
            command.resize(start + length, 0);
            let read = timeout(READ_LIMIT, self.io.read_exact(&mut command[start..])).await;
            read.map_err(|_| End::Closed)??;
            let rest = self.line().await?;
            command.extend_from_slice(&rest);
        }
        Ok(command)
    }

    /// Queues bytes; they leave with the next flush, or when they are many.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<(), End> {
        let allowed = self.left.map_or(bytes.len(), |left| left.min(bytes.len()));
        for piece in bytes[..allowed].chunks(PIECE) {
            timeout(WRITE_LIMIT, self.io.write_all(piece)).await.map_err(|_| End::Closed)??;
        }
        self.world.count(|counters| counters.mail_bytes_out += allowed as u64);
        if let Some(left) = &mut self.left {
            *left -= allowed;
            if allowed < bytes.len() {
                return Err(self.cut_off().await);
            }
        }
        Ok(())
    }

    /// Queues a line.
    pub(crate) async fn say(&mut self, line: &str) -> Result<(), End> {
        let line = written(self.world.oddity(), line);
        self.send(line.as_bytes()).await
    }

    pub(crate) async fn flush(&mut self) -> Result<(), End> {
        Ok(timeout(WRITE_LIMIT, self.io.flush()).await.map_err(|_| End::Closed)??)
    }

    /// A clean end, TLS included.
    pub(crate) async fn close(&mut self) {
        let _ = timeout(WRITE_LIMIT, self.io.shutdown()).await;
    }

    /// An end without a goodbye.
    pub(crate) fn cut(&mut self) -> End {
        self.scissors.cancel();
        End::Cut
    }

    /// The same, after all that was said has left.
    pub(crate) async fn cut_off(&mut self) -> End {
        match self.flush().await {
            Ok(()) => self.cut(),
            Err(end) => end,
        }
    }

    /// Waits, after all that was said has left.
    pub(crate) async fn wait(&mut self, time: Duration) -> Result<(), End> {
        self.flush().await?;
        sleep(time).await;
        Ok(())
    }

    pub(crate) fn cut_after(&mut self, bytes: usize) {
        self.left = Some(bytes);
    }

    /// Says nothing more until the client leaves or the playground closes.
    pub(crate) async fn hang(&mut self) -> End {
        if let Err(end) = self.flush().await {
            return end;
        }
        let closing = self.world.closing.clone();
        let listen = async { while self.line().await.is_ok() {} };
        tokio::select! {
            () = closing.cancelled() => {}
            () = listen => {}
        }
        End::Closed
    }
}

/// `{n}` or `{n+}` at the end of a line: its length, and whether the client waits for a go-ahead.
fn announced_literal(command: &[u8]) -> Option<(usize, bool)> {
    let inner = command.strip_suffix(b"}")?;
    let open = inner.iter().rposition(|byte| *byte == b'{')?;
    let number = &inner[open + 1..];
    let (digits, waits) = number.strip_suffix(b"+").map_or((number, true), |digits| (digits, false));
    if digits.is_empty() || digits.len() > 10 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, waits))
}

/// A line as an odd server ends and sets it. Literals are no lines.
fn written(oddity: Option<Oddity>, line: &str) -> String {
    match oddity {
        Some(Oddity::BareLf) => format!("{line}\n"),
        Some(Oddity::WideBlanks) if line.starts_with("* ") && !line.contains('"') => {
            format!("{}  \r\n", line.replace(' ', "  "))
        }
        Some(Oddity::LowerCase) if !line.contains('[') && !line.starts_with('+') => {
            format!("{}\r\n", line.to_ascii_lowercase())
        }
        _ => format!("{line}\r\n"),
    }
}
