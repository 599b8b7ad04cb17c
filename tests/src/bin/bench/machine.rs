//! What was measured on.

use std::{fs, process::Command};

/// Names and values.
pub(crate) fn facts() -> Vec<(&'static str, String)> {
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory: f64 = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse().ok())
        .unwrap_or_default();
    let folder = std::env::temp_dir().display().to_string();
    vec![
        ("CPU", format!("{cpu}, {cores} cores")),
        ("Memory", format!("{:.0} GiB", memory / 1024.0 / 1024.0)),
        ("Kernel", said("uname", &["-sr"])),
        ("Data folder", format!("{folder} on {}", said("stat", &["-f", "-c", "%T", &folder]))),
        ("rustc", said("rustc", &["-V"])),
        ("mbsync", said("mbsync", &["--version"])),
        ("Date", jiff::Timestamp::now().to_string().chars().take(10).collect()),
        ("Command", "`cargo xtask bench`".to_owned()),
    ]
}

/// The value of a line `name : value`.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn said(program: &str, arguments: &[&str]) -> String {
    let out = Command::new(program).args(arguments).output();
    let text = out.map(|out| String::from_utf8_lossy(&out.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").trim().to_owned()
}
