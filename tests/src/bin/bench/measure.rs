//! Wall time, processor time and memory of a process, and the middle of several runs.

use std::{
    fs,
    process::{Child, Command},
    thread::sleep,
    time::{Duration, Instant},
};

/// Between two looks at a process; its memory's peak is as old as this at its end.
const LOOK: Duration = Duration::from_millis(2);
/// `/proc/PID/stat` counts in these: the kernel's USER_HZ, on every architecture of ours.
const TICKS_PER_SECOND: f64 = 100.0;
const MB: f64 = 1_000_000.0;

/// What something cost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Seconds by the clock.
    pub(crate) wall: f64,
    /// Seconds of the processor, user and system.
    pub(crate) cpu: f64,
    /// The most memory, MB.
    pub(crate) memory: f64,
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Cost {
    let begun = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
    let mut memory = 0.0;
    // It stays a zombie until it is waited for, and can still be asked.
    while !ended(&child) {
        memory = peak(child.id()).unwrap_or(memory);
        sleep(LOOK);
    }
    let (wall, cpu) = (begun.elapsed().as_secs_f64(), cpu(child.id()));
    let status = child.wait().expect("a child of ours");
    assert!(status.success(), "{:?} ended with {status}", command.get_program());
    Cost { wall, cpu, memory }
}

fn ended(child: &Child) -> bool {
    stat(child.id()).first().is_some_and(|state| state == "Z")
}

/// What follows the name in `/proc/PID/stat`.
fn stat(pid: u32) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    let (_, rest) = text.rsplit_once(") ").expect("a name in brackets");
    rest.split(' ').map(str::to_owned).collect()
}

/// Seconds of the processor so far, user and system.
pub(crate) fn cpu(pid: u32) -> f64 {
    let fields = stat(pid);
    let ticks = |n: usize| fields[n].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}

/// The most memory so far, MB.
pub(crate) fn peak(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? * 1024.0 / MB)
}

/// The one in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The middle of each part.
pub(crate) fn middle(costs: &[Cost]) -> Cost {
    let part = |part: fn(&Cost) -> f64| median(costs.iter().map(part).collect());
    Cost { wall: part(|c| c.wall), cpu: part(|c| c.cpu), memory: part(|c| c.memory) }
}

/// Smallest and largest time by the clock.
pub(crate) fn range(costs: &[Cost]) -> String {
    let walls = || costs.iter().map(|c| c.wall);
    format!("{:.2}–{:.2}", walls().fold(f64::MAX, f64::min), walls().fold(0.0, f64::max))
}
