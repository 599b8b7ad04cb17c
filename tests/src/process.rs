//! Other programs: started for the tests, and ended with them.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How long a program may take until it answers.
const START_TIME: Duration = Duration::from_secs(30);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// What `cargo xtask test` says about the machine.
///
/// # Panics
/// Without it, with the sentence that helps: a test that needs it must fail, not be left out.
pub fn told(variable: &str) -> PathBuf {
    std::env::var_os(variable).map(PathBuf::from).unwrap_or_else(|| {
        panic!("{variable} is not set: run `cargo xtask test`, which installs what the tests need")
    })
}

/// Looks again and again until something is there.
///
/// # Panics
/// When it takes longer than a program may take to start.
pub async fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(START_TIME, LOOK, what, look).await
}

/// The same within this time, with these pauses between two looks.
///
/// # Panics
/// When it takes longer.
pub async fn within<T>(
    time: Duration,
    pause: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < time, "{what} did not happen within {time:?}");
        tokio::time::sleep(pause).await;
    }
}

/// A port of loopback that nobody listens on at this moment: for programs that cannot choose one themselves.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Whether somebody listens there.
pub fn answers(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// The memory of a process, in bytes: a field of `/proc/PID/status`, such as `VmRSS:`.
pub fn memory(pid: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a running process");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("its memory");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib * 1024
}

/// Whether a file below this folder holds the bytes.
pub fn holds(folder: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(folder).expect("a folder").flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return holds(&path, bytes);
        }
        fs::read(&path).is_ok_and(|text| text.windows(bytes.len()).any(|window| window == bytes))
    })
}

/// How long something takes.
pub async fn timed<T>(what: impl Future<Output = T>) -> (T, Duration) {
    let begun = Instant::now();
    let value = what.await;
    (value, begun.elapsed())
}
