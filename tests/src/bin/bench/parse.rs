//! `maildocket parse --jsonl`: one process, one core.

use std::{
    fs::{self, File},
    process::{Command, Stdio},
};

use serde_json::json;
use tests::process::told;

use crate::{Plan, corpus, measure, report::Report};

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
}
