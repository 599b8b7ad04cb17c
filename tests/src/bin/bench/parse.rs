//! `maildocket parse --jsonl`: one process, one core.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
};

use serde_json::json;
use tests::process::told;

use crate::{Plan, corpus, measure, report::Report};

/// Bytes of a file that make a mail of 150 MB in Base64.
const LARGE_FILE: usize = 110_000_000;
/// MB.
const MAX_ABOVE: f64 = 64.0;
/// The sets of shared/mail/examples/rate, and the share of the bare crate's rate that is reached at least.
const RATES: [(&str, f64); 2] = [("text", 0.5), ("html", 0.1)];

pub(crate) fn measure(plan: &Plan, report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let mails = corpus::ordinary(plan.mails);
    let bytes: usize = mails.iter().map(Vec::len).sum();
    let mut lines = String::new();
    for (n, mail) in mails.iter().enumerate() {
        let path = folder.path().join(format!("{n}.eml"));
        fs::write(&path, mail).expect("room for a mail");
        lines += &format!("{}\n", json!({ "id": n, "path": path }));
    }
    let list = folder.path().join("list");
    fs::write(&list, lines).expect("room for a list");
    let costs: Vec<_> = (0..plan.runs)
        .map(|_| {
            let mut command = Command::new(told("MAILDOCKET_TEST_BIN"));
            command.args(["parse", "--jsonl"]).stdin(File::open(&list).expect("the list"));
            measure::run(command.stdout(Stdio::null()))
        })
        .collect();
    let middle = measure::middle(&costs);
    report.group(format!("`maildocket parse --jsonl`, {} mails, one process, one core", plan.mails));
    report.row("mails/s", format!("{:.0}", f64::from(plan.mails) / middle.wall));
    report.row("MB/s", format!("{:.0}", bytes as f64 / 1e6 / middle.wall));
    report.row("CPU, memory at most", format!("{:.2} s, {:.0} MB", middle.cpu, middle.memory));
    large(folder.path(), report);
    rate(report);
}

/// What a mail of 150 MB needs above a mail of a few bytes.
fn large(folder: &Path, report: &mut Report) {
    let memory = |name: &str, file: usize| {
        let path = folder.join(name);
        fs::write(&path, corpus::large(0, file)).expect("room for a mail");
        let mut command = Command::new(told("MAILDOCKET_TEST_BIN"));
        command.arg("parse").arg(path).stdin(Stdio::null());
        measure::run(command.stdout(Stdio::null())).memory
    };
    let above = memory("large", LARGE_FILE) - memory("small", 100);
    report.goal("memory of a 150 MB mail above rest", format!("{above:.0} MB"), "< 64 MB", above < MAX_ABOVE);
}

/// Speed beside the bare crate that does the least of the same.
fn rate(report: &mut Report) {
    let out = Command::new(told("MAILDOCKET_BENCH_EXAMPLES").join("rate")).output();
    let out = String::from_utf8(out.expect("the example `rate` starts").stdout).expect("lines of text");
    for (name, goal) in RATES {
        let line = out.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let (speed, ratio) =
            line.and_then(|line| line.rsplit_once("; ratio ")).expect("a line of the example");
        let met = ratio.parse::<f64>().expect("a number") >= goal;
        let value = format!("{ratio} ({speed})");
        report.goal(format!("parse rate against bare mail-parser, {name}"), value, &format!("≥ {goal}"), met);
    }
}
