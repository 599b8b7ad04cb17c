//! The program, as its user runs it.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// The administrator's token, where a test brings one.
pub(crate) const TOKEN: &str = "an-administrator-of-the-tests-0123456789";

/// A command of the program on this data folder.
pub(crate) fn maildocket(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maildocket"));
    command.args(arguments).arg("--data-dir").arg(data).stdin(Stdio::null());
    command
}

/// The demo, which has a folder of its own.
pub(crate) fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maildocket"));
    command.arg("demo").args(arguments).stdin(Stdio::null());
    command
}

/// Waits for something that happens by itself.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// All that a command printed, and how it ended.
pub(crate) fn ended(output: &Output) -> (Option<i32>, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

/// A running `maildocket serve`, killed when dropped. What it prints goes through a pipe: a file may have no room for it.
pub(crate) struct Serving {
    pub(crate) child: Child,
    address: String,
    printed: Arc<Mutex<Vec<u8>>>,
}

impl Serving {
    /// Starts a command that serves; `data` is where this process finds its data folder.
    pub(crate) fn start(mut command: Command, data: PathBuf) -> Self {
        let _ = fs::remove_file(data.join("listen"));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let printed = Arc::<Mutex<Vec<u8>>>::default();
        let (mut from, into) = (child.stderr.take().unwrap(), printed.clone());
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = from.read(&mut piece) {
                into.lock().unwrap().extend_from_slice(&piece[..read]);
            }
        });
        let mut me = Self { child, address: String::new(), printed };
        me.address = until("the start", || {
            let ended = me.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended with {ended:?}: {}", me.printed());
            fs::read_to_string(data.join("listen")).ok().filter(|text| !text.is_empty())
        });
        me
    }

    pub(crate) fn printed(&self) -> String {
        String::from_utf8_lossy(&self.printed.lock().unwrap()).into_owned()
    }

    /// The answer to a request, with its head.
    pub(crate) fn request(&self, request: &str, token: &str, language: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (address, length) = (&self.address, body.len());
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nAccept-Language: {language}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.request(&format!("GET {path}"), TOKEN, "en", "")
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> String {
        self.request(&format!("POST {path}"), TOKEN, "en", body)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("maildocket said:\n{}", self.printed());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
